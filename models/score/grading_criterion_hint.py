from odoo import models
from odoo.tools import float_compare, float_is_zero, float_round
from odoo.tools.misc import format_amount, formatLang


def format_number(env, value, digits=2):
    """``value`` in the user's language with as few decimals as say the same as ``digits`` of them: 5, 0.5, 86.67."""
    value = float_round(value, digits)
    fewest = next((d for d in range(digits) if not float_compare(float_round(value, d), value, digits)), digits)
    return formatLang(env, value, digits=fewest)


def format_money(env, amount, currency):
    """``amount`` without decimals where they say nothing: from 100 on, and where there are none: $ 1,234, $ 12.50."""
    amount = float_round(amount, 0 if abs(amount) >= 100 else currency.decimal_places)
    # Where the currency has no decimals, Odoo would take the zeros of 1,000 for some.
    whole = currency.decimal_places and float_is_zero(amount % 1, currency.decimal_places)
    return format_amount(env, amount, currency, trailing_zeroes=not whole)


class GradingCriterion(models.Model):
    """How to gain more points, in a few words next to each criterion of the explanation.

    ``+0.5 points for each further month``, ``3 points when paid less than 1 day late``, ``20 points from “Open” on``,
    ``ahead of 83 % of customers``. Numbers carry the unit of their measure, choices their label.
    """

    _inherit = "grading.criterion"

    def _explain_next(self, points, known):
        """What would bring more points; empty when there is nothing more to gain.

        :param float points: what the criterion gives now
        :param bool known: whether there is a measured value
        :rtype: str
        """
        self.ensure_one()
        if points >= self.points_max:
            return ""
        if self.kind == "band":
            return self._explain_next_step(points)
        if self.kind == "rank" and known:
            return self._explain_rank(points)
        if self.kind == "linear" and self.points_per_unit:
            return self._explain_next_unit()
        return ""

    def _explain_met(self, points):
        """Which filter is met where a criterion of filters gives these points; a dash where none is."""
        if self.kind == "domain":
            return self.env._("filter met") if points == self.points_max else "–"
        cases = self.case_ids.filtered(lambda case: float_compare(case.points, points, 2) == 0)
        return ", ".join(cases.mapped("name")) or "–"

    def _explain_rank(self, points):
        """How many others the customer or lead is ahead of; the best of all are ahead of 99 %, not of themselves.

        :param float points: what the criterion, a rank of a known value, gives
        :rtype: str
        """
        if self.points_max <= self.points_min:
            return ""
        share = 100 * (points - self.points_min) / (self.points_max - self.points_min)
        share = formatLang(self.env, min(99, share), digits=0)
        if self.scheme_id.subject == "lead":
            return self.env._("ahead of %s %% of leads", share)
        return self.env._("ahead of %s %% of customers", share)

    def _can_be_gained(self):
        """Whether people can do something for more points: the place among others cannot be bought, and the points for
        time that has passed come by themselves.

        :rtype: bool
        """
        if not self.is_date:
            return self.kind != "rank"
        steps = self.band_ids.sorted("lower_bound")
        return self.points_per_unit < 0 if self.kind == "linear" else steps[:1].points > steps[-1:].points

    def _explain_points(self, points, digits=2):
        """``1 point``, ``2.5 points``."""
        number = format_number(self.env, points, digits)
        return self.env._("%s point", number) if float_round(points, digits) == 1 else self.env._("%s points", number)

    # ------------------------------------------------------------
    # Points per unit
    # ------------------------------------------------------------

    def _explain_next_unit(self):
        """What one unit more, or less, of the measure brings."""
        unit, gain = self._next_unit(), abs(self.points_per_unit)
        if unit == "money":
            # As much money as brings at least one point: “for each further $ 1,000” rather than 0.001 points.
            size = 1
            while gain * size < 1:
                size *= 10
            each, gain = self._explain_money(size), gain * size
        else:
            each = self._unit_names()[unit][0]
            gain = gain / 100 if unit == "ratio" else gain
        values = {"points": self._explain_points(gain, digits=4), "unit": each}
        if self.is_date:
            # The value is the time that has passed since the date: it grows by itself, and falls with a later date.
            if self.points_per_unit > 0:
                return self.env._("+%(points)s with each %(unit)s that passes", **values)
            return self.env._("+%(points)s for each %(unit)s that the date is later", **values)
        if self.points_per_unit > 0:
            return self.env._("+%(points)s for each further %(unit)s", **values)
        return self.env._("+%(points)s for each %(unit)s less", **values)

    def _explain_money(self, amount):
        """An amount of the company's money."""
        return format_money(self.env, amount, self.env.company.currency_id)

    def _next_unit(self):
        """Key in :meth:`_unit_names` of what the measure is counted in, ``money`` for an amount of money."""
        measure = self.env["grading.measure"]._catalog().get(self.measure, {})
        if self.is_date:
            return self.date_unit
        return self._counted_units().get(self.measure) or measure.get("unit") or "number"

    def _counted_units(self):
        """What the measures of unit *count* and others with a unit of their own count.

        :return: ``{measure: key in :meth:`_unit_names`}``; a measure that is not named here is counted in its unit
        :rtype: dict[str, str]
        """
        return {
            "order_count": "order",
            "order_count_3m": "order",
            "order_count_6m": "order",
            "order_count_12m": "order",
            "order_count_24m": "order",
            "order_months": "months",
            "order_day_count": "days",
            "contact_count_90d": "contact",
            "engagement": "weighted_contact",
            "open_activity_count": "activity",
            "product_category_count": "category",
            "assessment_count": "assessment",
            "open_complaint_count": "complaint",
            "serious_complaint_count": "complaint",
            "complaint_count_12m": "complaint",
            "referral_count": "referral",
            "loyalty_card_count": "card",
            "rfm_recency": "class",
            "rfm_frequency": "class",
            "rfm_monetary": "class",
        }

    def _unit_names(self):
        """The units by key: the name of one, ``1`` of it, and ``%s`` of it, in the user's language.

        :rtype: dict[str, tuple[str, str, str]]
        """
        return {
            "days": (self.env._("day"), self.env._("1 day"), self.env._("%s days")),
            "months": (self.env._("month"), self.env._("1 month"), self.env._("%s months")),
            "order": (self.env._("order"), self.env._("1 order"), self.env._("%s orders")),
            "contact": (self.env._("contact"), self.env._("1 contact"), self.env._("%s contacts")),
            "weighted_contact": (
                self.env._("recency-weighted contact"),
                self.env._("1 recency-weighted contact"),
                self.env._("%s recency-weighted contacts"),
            ),
            "activity": (self.env._("activity"), self.env._("1 activity"), self.env._("%s activities")),
            "category": (
                self.env._("product category"),
                self.env._("1 product category"),
                self.env._("%s product categories"),
            ),
            "assessment": (self.env._("assessment"), self.env._("1 assessment"), self.env._("%s assessments")),
            "complaint": (self.env._("complaint"), self.env._("1 complaint"), self.env._("%s complaints")),
            "referral": (
                self.env._("referred customer"),
                self.env._("1 referred customer"),
                self.env._("%s referred customers"),
            ),
            "card": (self.env._("loyalty card"), self.env._("1 loyalty card"), self.env._("%s loyalty cards")),
            "class": (self.env._("class"), self.env._("class %s", 1), self.env._("class %s")),
            "score": (self.env._("point of the rating"), "1", "%s"),
            "percent": (self.env._("percentage point"), "1 %", "%s %%"),
            "ratio": (self.env._("percentage point"), "1 %", "%s %%"),
            "choice": (self.env._("step"), "1", "%s"),
            "count": (self.env._("unit"), "1", "%s"),
            "number": (self.env._("unit"), "1", "%s"),
        }

    # ------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------

    def _explain_next_step(self, points):
        """The nearest step that gives more, and where it begins or ends."""
        steps = self.band_ids.sorted("lower_bound")
        better = self._nearest_better_step(steps, points)
        if not better:
            return ""
        current = steps.filtered(lambda step: step.points == points)[:1]
        less_is_better = better.lower_bound < current.lower_bound if current else steps[0].points > steps[-1].points
        above = steps.filtered(lambda step: step.lower_bound > better.lower_bound)[:1]
        gain = self._explain_points(better.points)
        if self.is_date:
            return self._explain_date_step(gain, better, above if less_is_better else above.browse())
        if above and less_is_better:
            return self._explain_below(gain, self._explain_value(above.lower_bound))
        bound = self._explain_value(better.lower_bound)
        return self.env._("%(points)s from %(bound)s on", points=gain, bound=bound) if bound else ""

    def _explain_date_step(self, gain, better, above):
        """The step ``better`` of a date, which ends before the step ``above`` where less time is better."""
        if above and above.lower_bound < 0:
            days = self._explain_value(-above.lower_bound)
            return self.env._("%(points)s when more than %(time)s ahead", points=gain, time=days)
        if better.lower_bound < 0:
            return self.env._("%(points)s within %(time)s", points=gain, time=self._explain_value(-better.lower_bound))
        if above:
            time = self._explain_value(above.lower_bound)
            return self.env._("%(points)s when less than %(time)s ago", points=gain, time=time)
        return self.env._("%(points)s after %(time)s", points=gain, time=self._explain_value(better.lower_bound))

    def _explain_below(self, gain, bound):
        if not bound:
            return ""
        if self.measure == "average_days_late":
            return self.env._("%(points)s when paid less than %(time)s late", points=gain, time=bound)
        return self.env._("%(points)s below %(bound)s", points=gain, bound=bound)

    def _explain_value(self, value, digits=2):
        """A value of the measure with its unit: ``3 orders``, ``$ 1,000``, ``40 %``, ``“Open”``.

        :param float value: a number as steps are compared with it; of a date, the time
        :return: empty for a choice that no customer can have
        :rtype: str
        """
        unit = self._next_unit()
        if unit == "choice":
            return self._explain_choice(value)
        if unit == "money":
            return self._explain_money(value)
        number = float_round(100 * value if unit == "ratio" else value, digits)
        _name, one, many = self._unit_names()[unit]
        return one if number == 1 else many.replace("%%", "%").replace("%s", format_number(self.env, number, digits))

    def _explain_choice(self, bound):
        """The label of the first value of a selection that counts as ``bound`` or more, in the quotes of the language.

        Values count as :meth:`grading.measure._value_to_sql` does: by their number, else by their place.
        """
        Measure = self.env["grading.measure"]
        field = self.env["grading.profile"]._fields[Measure._column(self.measure)]
        choices = field._description_selection(self.env)
        numbered = all(key.isdigit() for key, _label in choices)
        for place, (key, label) in sorted(enumerate(choices), key=lambda c: int(c[1][0]) if numbered else c[0]):
            if (int(key) if numbered else place) >= bound:
                return f"“{label}”"
        return ""

    def _nearest_better_step(self, steps, points):
        """Of the ``steps`` that give more than ``points``, the one nearest to the current step.

        Of a date, a step that lies ahead is preferred: a date that has passed cannot be caught up.
        """
        better = steps.filtered(lambda step: step.points > points)
        if self.is_date:
            better = better.filtered(lambda step: step.lower_bound < 0) or better
        places = {step: place for place, step in enumerate(steps)}
        current = steps.filtered(lambda step: step.points == points)[:1]
        distance = {step: abs(places[step] - places[current]) if current else 0 for step in better}
        return min(better, key=lambda step: (distance[step], step.points), default=better)

    # ------------------------------------------------------------
    # What has moved
    # ------------------------------------------------------------

    def _explain_moved(self, points_before, points_after, before, after):
        """What was measured when the points were given, and before: ``12 days late on average (was 2)``.

        :param float before: the number that was scored before; None where it is not known
        :param float after: the number that is scored now; None without data
        :return: empty where there is nothing to say
        :rtype: str
        """
        self.ensure_one()
        if self.kind == "domain":
            met = points_after == self.points_max
            return self.env._("filter met") if met else self.env._("filter no longer met")
        if self.kind == "case":
            values = {"value": self._explain_met(points_after), "former": self._explain_met(points_before)}
            return self.env._("%(value)s (was %(former)s)", **values)
        if self.measure not in self.env["grading.measure"]._catalog():
            return ""
        if self.kind == "rank" and before == after and after is not None:
            return (
                self.env._("others moved ahead") if points_after < points_before else self.env._("others fell behind")
            )
        value = self.env._("no data") if after is None else self._explain_measured(after)
        former = "" if before is None else self._explain_former(before)
        if not former or before == after:
            return value
        return self.env._("%(value)s (was %(former)s)", value=value, former=former)

    def _explain_measured(self, value):
        """A scored number in words: ``12 days late on average``, ``95 days ago``, ``3 orders``."""
        text = self._explain_value(abs(value) if self._is_time() else value, self._moved_digits())
        if self.measure == "average_days_late":
            late, early = self.env._("%s late on average", text), self.env._("%s early on average", text)
            return late if value >= 0 else early
        if self.is_date:
            return self.env._("%s ago", text) if value >= 0 else self.env._("in %s", text)
        return text

    def _explain_former(self, value):
        """The number as it was, in short: its unit has just been said, unless it says more than a unit."""
        if self._next_unit() in ("money", "choice", "percent", "ratio"):
            return self._explain_value(value, self._moved_digits())
        return format_number(self.env, value, self._moved_digits())

    def _is_time(self):
        return self.is_date or self.measure == "average_days_late"

    def _moved_digits(self):
        return 0 if self._next_unit() in ("percent", "ratio") else 1
