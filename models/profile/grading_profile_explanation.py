import math

from odoo import api, fields, models
from odoo.tools import SQL, float_round
from odoo.tools.misc import format_date, formatLang

from ..purchase.grading_purchase_model import FEW_REPEAT_CUSTOMERS
from ..score.grading_criterion_hint import format_money, format_number

# A change of the amount by at least this percentage is worth a sentence.
CLEAR_CHANGE = 25


class GradingProfile(models.Model):
    """Why this grade, and what is missing for the next one: read from what the run has stored, never recomputed."""

    _inherit = "grading.profile"

    explanation = fields.Html(compute="_compute_explanation", sanitize=False)

    @api.depends(
        *("points_detail", "grade_id", "manual_grade_id", "pending_since", "scheme_id"),
        *("lifecycle_id", "lifecycle_since", "decline_date", "lost_date", "order_amount_change"),
    )
    @api.depends_context("lang", "company", "uid")
    def _compute_explanation(self):
        for profile in self:
            profile.explanation = self.env["ir.qweb"]._render(
                "customer_grading.grading_explanation", profile._explanation()
            )

    def _explanation(self):
        """The values of the template that explains one profile.

        :return: ``sentences`` (the grade, and what is missing for the next one), ``rows`` (one for each criterion:
            name, dimension, value, points, points_max, open, percent, hint), ``number`` (formats points),
            ``stage_sentences`` and ``stage_strategy`` (on the life-cycle stage)
        :rtype: dict
        """
        self.ensure_one()
        profile = self.sudo()
        if not self._are_figures_visible():
            return profile._explanation_without_figures()
        rows = profile._explain_criteria()
        return {
            "profile": profile,
            "scheme": profile.scheme_id,
            "sentences": profile._explain_grade(rows),
            "rows": rows,
            "number": lambda value: format_number(self.env, value),
            "stage_sentences": profile._explain_stage(),
            "stage_strategy": profile.lifecycle_id.strategy,
        }

    def _are_figures_visible(self):
        """Whether the user may see the documents, and the lead, from which the figures come."""
        return self.sudo(False).has_access("read")

    def _explanation_without_figures(self):
        """The explanation for users who may see the grade, the score and the stage alone."""
        hidden = self.env._("The figures behind it are visible to those who see this customer's documents and leads.")
        grade = self.grade_id.name or self.env._("no grade")
        score = format_number(self.env, self.score, digits=1)
        sentences = [self.env._("%(grade)s, %(score)s points.", grade=grade, score=score)] if self.scheme_id else []
        if self.partner_id and self.scheme_id.subject == "lead":
            sentences.append(self._explain_prospect())
        return {
            "profile": self,
            "scheme": self.scheme_id,
            "sentences": [*sentences, hidden],
            "rows": [],
            "number": lambda value: format_number(self.env, value),
            "stage_sentences": list(filter(None, [self.partner_id and self._explain_since()])),
            "stage_strategy": self.lifecycle_id.strategy,
        }

    def _explain_grade(self, rows):
        return [*self._explain_in_force(), *filter(None, [self._explain_missing(rows)])]

    def _explain_in_force(self):
        """Why this grade is in force, in sentences."""
        if not self.scheme_id:
            sentences = [self._explain_ungraded()]
        elif not self.computed_grade_id:
            sentences = [self.env._("Not graded: the score is below the lowest threshold of the scheme.")]
        else:
            sentences = [self._explain_computed()]
        if self.partner_id and self.scheme_id.subject == "lead":
            sentences.append(self._explain_prospect())
        if self.manual_grade_id:
            sentences.append(self._explain_override())
        if self.pending_since:
            sentences.append(self._explain_pending())
        return sentences

    def _explain_pending(self):
        """That the score has fallen to a lower grade, and until when the higher one is kept."""
        values = {
            "grade": self.pending_grade_id.name,
            "since": format_date(self.env, self.pending_since),
            "end": format_date(self.env, fields.Date.add(self.pending_since, days=self.scheme_id.grace_days)),
        }
        if not self.pending_grade_id:
            return self.env._(
                "The score has been below the lowest grade since %(since)s. "
                "If it does not recover, the grade is removed on %(end)s.",
                **values,
            )
        return self.env._(
            "The score has been in the %(grade)s range since %(since)s. "
            "If it does not recover, the grade drops on %(end)s.",
            **values,
        )

    def _explain_ungraded(self):
        if self.lead_id:
            return self.env._("Not graded yet: no active scheme covers this lead.")
        if not self.order_count and not self.best_lead_id and not self.willingness:
            return self.env._(
                "Not graded: there is no order and no open lead, and the contact's willingness is not known."
            )
        return self.env._("Not graded yet: no active scheme covers this customer.")

    def _explain_prospect(self):
        """Through which lead a customer without an order is graded; its name only for users who may see it."""
        if not self.best_lead_id:
            return self.env._("There is no order and no open lead: the contact's own willingness counts.")
        readable = self._is_lead_readable()
        given = self._of_leads(self.best_lead_id)
        name = f"“{self.best_lead_id.name}”" if readable else self.env._("one of another salesperson")
        if self.best_lead_id.won_status == "won":
            sentence = self.env._("There is no order yet: graded through the lead that was won, %s.", name)
        else:
            sentence = self.env._("There is no order yet: graded through the best open lead, %s.", name)
        return f"{sentence} {given._explain_override()}" if given.manual_grade_id and readable else sentence

    def _explain_computed(self):
        """What led to the computed grade: the points, or the override of the lead that a prospect is graded through."""
        values = {
            "score": format_number(self.env, self.score, digits=1),
            "max": format_number(self.env, self.scheme_id.points_max, digits=1),
            "scheme": self.scheme_id.name,
            "grade": self.computed_grade_id.name,
        }
        if self.scheme_id.subject == "lead" and self._of_leads(self.best_lead_id).manual_grade_id:
            return self.env._(
                "Grade %(grade)s, set on the lead by hand; %(score)s of %(max)s points (scheme “%(scheme)s”).", **values
            )
        return self.env._("Grade %(grade)s: %(score)s of %(max)s points (scheme “%(scheme)s”).", **values)

    def _is_lead_readable(self):
        """Whether the user may see the best lead, from which the figures of a prospect come."""
        return self.sudo().best_lead_id.with_user(self.env.user).has_access("read")

    def _explain_override(self):
        until = self.manual_until
        return self.env._(
            "Set to %(grade)s by %(user)s: “%(reason)s” (%(until)s).",
            user=self.manual_user_id.name or self.env._("a deleted user"),
            grade=self.manual_grade_id.name,
            reason=self.manual_reason,
            until=self.env._("until %s", format_date(self.env, until)) if until else self.env._("no end date"),
        )

    def _explain_missing(self, rows):
        """How many points are missing for the next better grade, and which criteria could give the most of them."""
        grade, missing = self._next_grade()
        if not grade:
            return None
        open_points = sorted(((row["open"], row["name"]) for row in rows), reverse=True)
        values = {
            "points": self.scheme_id.criterion_ids[:1]._explain_points(missing, digits=1),
            "grade": grade.name,
            "criteria": ", ".join(name for points, name in open_points[:3] if points > 0),
        }
        if not values["criteria"]:
            return self.env._("Missing for %(grade)s: %(points)s.", **values)
        return self.env._("Missing for %(grade)s: %(points)s; biggest potential: %(criteria)s.", **values)

    def _next_grade(self):
        """The next better grade than that of the score, and how many points are missing for it; none for the best.

        The points are rounded up: so many are enough, and never 0.

        :rtype: tuple[grading.grade, float]
        """
        better = [(grade, start) for grade, start in self._grade_starts() if start is not None and start > self.score]
        if not better:
            return self.env["grading.grade"], 0
        grade, start = better[-1]
        return grade, float_round(start - self.score, 1, rounding_method="UP")

    def _grade_starts(self):
        """``[(grade, score at which it begins)]`` from the best grade down."""
        scheme = self.scheme_id
        starts = scheme._threshold_starts() if scheme else []
        if scheme.threshold_mode != "rank":
            return starts
        cuts = dict(self.env["grading.ruler"].sudo().with_company(self.company_id)._get(scheme).get(scheme, []))
        return [(grade, cuts.get(str(grade.id))) for grade, _start in starts]

    def _explain_criteria(self):
        """A row of the table for each criterion that has given points, see :meth:`_explanation`."""
        detail = self.points_detail or {}
        criteria = self.scheme_id.criterion_ids.with_company(self.company_id)
        criteria = criteria.filtered(lambda criterion: str(criterion.id) in detail)
        dimensions = dict(criteria._fields["dimension"]._description_selection(self.env))
        unknown = self._unknown_measures(criteria.filtered(lambda c: c._is_measured()).mapped("measure"))
        rows, room = [], self._room_by_dimension(criteria)
        for criterion in criteria:
            points, most = detail[str(criterion.id)], criterion._most()
            known = criterion._is_measured() and criterion.measure not in unknown
            rows.append(
                {
                    "criterion": criterion,
                    "name": criterion.name,
                    "dimension": dimensions[criterion.dimension],
                    "value": self._explain_value(criterion, known),
                    "known": known,
                    "points": points,
                    "points_max": most,
                    "open": min(most - points, room[criterion.dimension]) if most else 0,
                    "room": room[criterion.dimension],
                    "percent": round(100 * max(points, 0) / most) if most else 0,
                    "hint": criterion._explain_next(points, known),
                }
            )
        return rows

    def _room_by_dimension(self, criteria):
        """``{dimension: points that may still be added}`` before the most of the dimension is reached.

        :param grading.criterion criteria: that have given points
        """
        room = {}
        for dimension, own in criteria.grouped("dimension").items():
            caps = own._caps(dimension)
            given = sum(self.points_detail[str(criterion.id)] for criterion in own - caps)
            room[dimension] = min([math.inf, *(max(0, cap.points_max - given) for cap in caps)])
        return room

    def _explain_value(self, criterion, known):
        """The measured value with its unit, a choice by its label."""
        if not criterion._is_measured():
            return criterion._explain_met(self.points_detail[str(criterion.id)])
        measure = self.env["grading.measure"]._catalog().get(criterion.measure)
        if not known:
            return self.env._("no data")
        if not self._is_value_visible(criterion.measure):
            return self.env._("not visible to you")
        value = self[criterion.measure]
        if measure["unit"] == "money":
            return format_money(self.env, value, self.currency_id)
        if measure["unit"] == "date":
            return self._explain_day(value)
        if measure["unit"] in ("ratio", "percent"):
            share = 100 * value if measure["unit"] == "ratio" else value
            return self.env._("%s %%", formatLang(self.env, share, digits=0))
        if measure["unit"] == "score" and "source" in measure:
            return self.env._("%s of 10", format_number(self.env, value, 1))
        if measure["unit"] == "choice":
            return dict(self._fields[criterion.measure]._description_selection(self.env))[value]
        is_gap = criterion.measure == "satisfaction_gap"
        return self._explain_gap(value) if is_gap else criterion._explain_value(value, digits=1)

    def _explain_day(self, day):
        """A day, and how far away it is: ``11/17/2026 (12 days ago)``."""
        days, date = (self.company_id._grading_today() - day).days, format_date(self.env, day)
        if not days:
            return self.env._("%s (today)", date)
        if abs(days) == 1:
            return self.env._("%s (yesterday)", date) if days > 0 else self.env._("%s (tomorrow)", date)
        if days < 0:
            return self.env._("%(date)s (in %(days)s days)", date=date, days=-days)
        return self.env._("%(date)s (%(days)s days ago)", date=date, days=days)

    def _is_unknown(self, measure):
        return bool(self._unknown_measures([measure]))

    def _unknown_measures(self, measures):
        """Those of the ``measures`` whose value is unknown: the ORM cannot tell an empty column from 0.

        :rtype: set[str]
        """
        Measure = self.env["grading.measure"]
        catalog = Measure._catalog()
        unknown, asked = set(measures) - catalog.keys(), {}
        for name in set(measures) - unknown:
            column = Measure._column(name)
            if self._fields[column].store and not self[column]:
                asked[name] = SQL("%s IS NULL", SQL.identifier(column))
            elif self[column] is False:
                unknown.add(name)
        if asked:
            select = SQL("SELECT %s FROM grading_profile WHERE id = %s", SQL(", ").join(asked.values()), self.id)
            [found] = self.env.execute_query(select)
            unknown |= {name for name, is_null in zip(asked, found, strict=True) if is_null}
        return unknown

    # ------------------------------------------------------------
    # Life-cycle stage
    # ------------------------------------------------------------

    def _explain_stage(self):
        """Sentences on the customer's stage; a lead has no life cycle."""
        self.ensure_one()
        if not self.partner_id:
            return []
        return [
            sentence
            for sentence in (
                self._explain_since(),
                self._explain_probability(),
                self._explain_method(),
                self._explain_check(),
                self._explain_change(),
            )
            if sentence
        ]

    def _explain_since(self):
        if not self.lifecycle_id:
            return None
        if not self.lifecycle_since:
            return self.env._("In the stage “%s”.", self.lifecycle_id.name)
        return self.env._(
            "In the stage “%(stage)s” since %(date)s.",
            stage=self.lifecycle_id.name,
            date=format_date(self.env, self.lifecycle_since),
        )

    def _explain_probability(self):
        """The probability to buy, and the days on which it falls, or fell, below the company's limits."""
        if not self.decline_date or self.purchase_probability is False:
            return None
        company = self.company_id
        today = company._grading_today()
        values = {
            "percent": formatLang(self.env, 100 * self.purchase_probability, digits=0),
            "days": company.grading_horizon_days,
            "decline": format_date(self.env, self.decline_date),
            "lost": format_date(self.env, self.lost_date),
        }
        if today < self.decline_date:
            return self.env._(
                "An order within %(days)s days has a probability of %(percent)s %%. If no order comes, the customer "
                "counts as overdue from %(decline)s and lost from %(lost)s, judging by its own buying pattern.",
                **values,
            )
        if today < self.lost_date:
            return self.env._(
                "Overdue since %(decline)s, judging by the customer's own buying pattern: an order within %(days)s "
                "days has a probability of only %(percent)s %%. If no order comes, the customer counts as lost from "
                "%(lost)s.",
                **values,
            )
        return self.env._(
            "Lost since %(lost)s, judging by the customer's own buying pattern: an order within %(days)s days has a "
            "probability of %(percent)s %%.",
            **values,
        )

    def _explain_method(self):
        """That the probability does not come from the statistical model, where that is so."""
        model = self._purchase_model()
        if not self.decline_date or model.method != "interval":
            return None
        if model.repeat_count < FEW_REPEAT_CUSTOMERS:
            return self.env._(
                "Too few repeat customers for the statistical model; estimate based on this customer's own orders."
            )
        return self.env._("The orders do not fit the statistical model; estimate based on this customer's own orders.")

    def _explain_check(self):
        """How far the probability can be trusted: what was expected of customers like this one, and what came."""
        model = self._purchase_model()
        if not self.decline_date or self.purchase_probability is False:
            return None
        band = model._check_band(self.purchase_probability)
        if not band:
            return self.env._("The order history is too short to check such probabilities.")
        said, came = band
        return self.env._(
            "On %(date)s we would have said %(said)s %% for customers with a similar probability; %(came)s %% ordered.",
            date=format_date(self.env, model.check_date),
            said=formatLang(self.env, 100 * said, digits=0),
            came=formatLang(self.env, 100 * came, digits=0),
        )

    def _purchase_model(self):
        return self.env["grading.purchase.model"].sudo().with_company(self.company_id)._current()

    def _explain_change(self):
        change = self.order_amount_change
        if change is False or abs(change) < CLEAR_CHANGE:
            return None
        percent = formatLang(self.env, abs(change), digits=0)
        if change < 0:
            return self.env._("Bought %s %% less in the last 12 months than in the 12 before.", percent)
        return self.env._("Bought %s %% more in the last 12 months than in the 12 before.", percent)
