from collections import defaultdict

from odoo import api, fields, models
from odoo.tools.misc import format_date

from ..measure.grading_measure import ENTERED, PREDICTED, TRACKED
from ..score.grading_criterion_hint import format_number
from . import chance

# What filters may ask of contacts and leads that is known from the first day on, and hardly changes.
OF_LEADS = {"source_id", "medium_id", "campaign_id", "create_date", "company_id", "name"}
OF_CONTACTS = {"country_id", "state_id", "industry_id", "lang", "is_company", "create_date", "company_id", "name"}
LASTING = {"partner_id": OF_CONTACTS, "lead_id": OF_LEADS, "best_lead_id": OF_LEADS}


class GradingBacktest(models.Model):
    """What a back-test says in words, of its last day: how well the rules told, and where a lower grade brought more
    than a better one."""

    _inherit = "grading.backtest"

    statements = fields.Text(compute="_compute_statements")
    hindsight = fields.Text(compute="_compute_hindsight")

    @api.depends("line_ids.side", "line_ids.grade_id.is_segment", "scheme_id.is_secondary")
    def _compute_of_segments(self):
        """By what was found; the scheme may be gone, or give something else by now."""
        for test in self:
            grades = test.line_ids.filtered(lambda line: line.side == "own").grade_id
            test.of_segments = any(grades.mapped("is_segment")) if grades else test.scheme_id.is_secondary

    @api.depends("line_ids", "line_ids.revenue_mean", "line_ids.success_rate")
    def _compute_statements(self):
        for test in self:
            last = max(test.total_ids.mapped("date"), default=None)
            total = test.total_ids.filtered(lambda line, last=last: line.date == last and line.side == "own")
            test.statements = "\n".join(test._sentences(total)) if total else False

    @api.depends("scheme_id", "other_scheme_id", "subject", "company_id")
    def _compute_hindsight(self):
        for test in self:
            test.hindsight = "\n".join(test._hindsight_sentences()) or False

    def _hindsight_sentences(self):
        """Which rules read what is not known of the day: it may tell of what came after."""
        names = defaultdict(list)
        for rule_name, kinds in self._past_read():
            for kind in kinds:
                if rule_name not in names[kind]:
                    names[kind].append(rule_name)
        if told := names[ENTERED]:
            yield self.env._(
                "Odoo does not remember what was entered on an earlier day. What these read is taken as it is now, and "
                "may tell of what came after the day: %s.",
                ", ".join(told),
            )
        if told := names[TRACKED]:
            yield self.env._(
                "Stage and expected revenue of a lead are those of the day where Odoo has a record of their changes, "
                "and else those of now: %s.",
                ", ".join(told),
            )
        if told := names[PREDICTED]:
            yield self.env._(
                "Odoo's probability of a lead is not known of an earlier day: where these would read it, they count as "
                "without data: %s.",
                ", ".join(told),
            )

    def _past_read(self):
        """What of an earlier day is known otherwise than by documents, by the rules that read it.

        :return: ``[(name of the criterion or scheme, kinds)]``, see ``past`` of measures
        """
        Measure = self.env["grading.measure"]
        for scheme in self._schemes_tested():
            yield self.env._("the filter of “%s”", scheme.display_name), self._past_of_filters(scheme)
            if scheme.threshold_mode == "filter":
                for threshold in scheme.threshold_ids:
                    yield threshold.grade_id.name, self._past_of_filters(threshold)
            for criterion in scheme.criterion_ids:
                kinds = self._past_of_filters(criterion)
                if criterion.kind == "case":
                    kinds |= self._past_of_filters(criterion.case_ids)
                if criterion._is_measured() and criterion.measure in Measure._catalog():
                    kinds |= Measure._past_of(criterion.measure)
                yield criterion.name, kinds

    def _past_of_filters(self, rules):
        """The same of the filters of some rules. What is filled in on contacts and leads is read as it is now, except
        for what is known from the first day and hardly changes."""
        Measure, kinds = self.env["grading.measure"], set()
        for path in rules._paths_read():
            name, _dot, rest = path.partition(".")
            if name in Measure._catalog():
                kinds |= Measure._past_of(name)
            elif name in LASTING and rest and rest.partition(".")[0] not in LASTING[name]:
                kinds.add(ENTERED)
        return kinds

    def _schemes_tested(self):
        """The schemes that are tested; without one, those in use."""
        return self._schemes_of("own") + self._schemes_of("other")

    # ------------------------------------------------------------
    # Sentences
    # ------------------------------------------------------------

    def _number(self, value, digits=0):
        return format_number(self.env, value, digits)

    def _is_of_leads(self):
        return self.subject == "lead"

    def _sentences(self, total):
        """
        :param grading.backtest.line total: the line of all customers or leads of the day in question
        """
        yield self._sentence_of_all(total)
        if not total.customer_count:
            return
        if self._places_by_filters(total.date):
            yield self.env._("These rules give no points, so there is no order to tell of, and no tenths of the score.")
        if total.best_share is not False:
            yield self._sentence_of_best(total)
        if total.auc is not False:
            yield self._sentence_of_area(total)
        yield from self._sentences_of_grades(total.date)
        yield from self._sentences_of_difference(total)

    def _places_by_filters(self, day):
        """Whether the rules gave segments on the day, and no points."""
        own = self.line_ids.filtered(lambda line: line.date == day and line.side == "own")
        return own.grade_id.filtered("is_segment") and not own.filtered("tenth")

    def _sentence_of_all(self, total):
        values = {
            "day": format_date(self.env, total.date),
            "count": self._number(total.customer_count),
            "months": self.months,
            "orders": self._number(total.order_count),
            "revenue": self._number(total.revenue),
            "rate": self._number(total.success_rate or 0, 1),
        }
        if self._is_of_leads():
            return self.env._(
                "Of %(count)s leads that were open on %(day)s, %(rate)s %% signed within %(months)s months.", **values
            )
        if self.of_segments:
            return self.env._(
                "Of %(count)s customers put into segments as of %(day)s, %(rate)s %% bought again within %(months)s "
                "months: %(orders)s orders, %(revenue)s of revenue.",
                **values,
            )
        return self.env._(
            "Of %(count)s customers graded as of %(day)s, %(rate)s %% bought again within %(months)s months: "
            "%(orders)s orders, %(revenue)s of revenue.",
            **values,
        )

    def _sentence_of_best(self, total):
        share = self._number(total.best_share, 1)
        if not _has_limits(total, "best_share"):
            return self.env._(
                "The 20 %% with the highest score brought %(share)s %% of the revenue. Too few brought the one part or "
                "the other to say how sure that is.",
                share=share,
            )
        return self.env._(
            "The 20 %% with the highest score brought %(share)s %% of the revenue (%(low)s to %(high)s %%).",
            share=share,
            low=self._number(total.best_share_low, 1),
            high=self._number(total.best_share_high, 1),
        )

    def _sentence_of_area(self, total):
        sentence = self._sentence_of_order(total)
        if _has_limits(total, "auc"):
            return sentence
        return self.env._("%s There are too few of either kind to say how sure that is.", sentence)

    def _sentence_of_order(self, total):
        """How often those with the outcome stood before those without."""
        values = {"area": self._number(100 * total.auc), "error": self._number(total.calibration_error or 0, 1)}
        if self._is_of_leads():
            return self.env._(
                "A lead that signed stood before one that did not in %(area)s of 100 cases (50 would be chance). The "
                "share that the score lets expect is off by %(error)s percentage points on average.",
                **values,
            )
        return self.env._(
            "A customer who bought again stood before one who did not in %(area)s of 100 cases (50 would be chance).",
            **values,
        )

    def _sentences_of_grades(self, day):
        """Which grades brought more than a better one, each beside the one of these that brought the least; or that
        none did."""
        lines = self.grade_line_ids.filtered(lambda line: line.date == day and line.side == "own" and line.grade_id)
        lines = lines.sorted("sequence")
        upside_down = []
        for place, lower in enumerate(lines[1:], 1):
            worst = min(lines[:place], key=self._figure)
            if self._figure(lower) > self._figure(worst):
                upside_down.append((worst, lower))
        for better, lower in upside_down:
            yield self._sentence_of_inversion(better, lower)
        if len(lines) > 1 and not upside_down:
            yield self._sentence_of_order_kept(lines.grade_id)

    def _sentence_of_order_kept(self, grades):
        if grades.filtered("is_segment"):
            if self._is_of_leads():
                return self.env._("No segment signed more often than one before it.")
            return self.env._("No segment brought more a head than one before it.")
        if self._is_of_leads():
            return self.env._("No grade signed more often than a better one.")
        return self.env._("No grade brought more a head than a better one.")

    def _figure(self, line):
        return (line.success_rate if self._is_of_leads() else line.revenue_mean) or 0

    def _verdict(self, better, lower):
        """Whether the figures of two grades may well differ by chance alone, in words."""
        if self._is_of_leads():
            sides = [
                (round(line.success_rate * line.customer_count / 100), line.customer_count) for line in (better, lower)
            ]
            is_chance = chance.are_shares_within_chance(*sides)
        else:
            sides = [(line.revenue_mean, line.revenue_error**2, line.customer_count) for line in (better, lower)]
            is_chance = chance.is_within_chance(*sides)
        if is_chance is None:
            return self.env._("there are too few customers to tell the difference from chance")
        if is_chance:
            return self.env._("the difference is within chance")
        return self.env._("the difference is more than chance")

    def _sentence_of_inversion(self, better, lower):
        values = {
            "better": better.grade_id.name,
            "lower": lower.grade_id.name,
            "lower_figure": self._number(self._figure(lower), 1 if self._is_of_leads() else 0),
            "better_figure": self._number(self._figure(better), 1 if self._is_of_leads() else 0),
            "verdict": self._verdict(better, lower),
        }
        if self._is_of_leads():
            return self.env._(
                "%(lower)s signed more often than %(better)s: %(lower_figure)s %% against %(better_figure)s %%; "
                "%(verdict)s.",
                **values,
            )
        return self.env._(
            "%(lower)s brought more than %(better)s: %(lower_figure)s against %(better_figure)s a head; %(verdict)s.",
            **values,
        )

    def _sentences_of_difference(self, total):
        """How the rules compare with the other scheme, among those whom both grade."""
        name = "auc_difference" if self._is_of_leads() else "best_share_difference"
        if not self.other_name or total[name] is False:
            return
        factor = 100 if self._is_of_leads() else 1
        values = {"other": self.other_name, "value": self._number(factor * total[name], 1)}
        if not _has_limits(total, name):
            yield self._sentence_of_unsure_difference(values)
            return
        low, high = (factor * total[name + suffix] for suffix in ("_low", "_high"))
        values |= {
            "low": self._number(low, 1),
            "high": self._number(high, 1),
            "verdict": self.env._("within chance") if low <= 0 <= high else self.env._("more than chance"),
        }
        if self._is_of_leads():
            yield self.env._(
                "Compared with “%(other)s”, the number of cases of 100 in which a lead that signed stands before one "
                "that did not differs by %(value)s (%(low)s to %(high)s): %(verdict)s.",
                **values,
            )
        else:
            yield self.env._(
                "Compared with “%(other)s”, the share of the best 20 %% in the revenue differs by %(value)s percentage "
                "points (%(low)s to %(high)s): %(verdict)s.",
                **values,
            )

    def _sentence_of_unsure_difference(self, values):
        if self._is_of_leads():
            return self.env._(
                "Compared with “%(other)s”, the number of cases of 100 in which a lead that signed stands before one "
                "that did not differs by %(value)s: too few leads stand elsewhere to tell that from chance.",
                **values,
            )
        return self.env._(
            "Compared with “%(other)s”, the share of the best 20 %% in the revenue differs by %(value)s percentage "
            "points: too few customers stand elsewhere to tell that from chance.",
            **values,
        )


def _has_limits(line, name):
    """Whether there is an interval of the figure; one without width was worked out by an earlier release."""
    low, high = line[f"{name}_low"], line[f"{name}_high"]
    return low is not False and high is not False and low < high
