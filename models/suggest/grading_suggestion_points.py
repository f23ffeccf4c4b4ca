import math

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..backtest.grading_backtest import window_end
from ..base.numbers import logistic
from ..memory.grading_snapshot import month_end
from ..run.grading_run import RESCORE_AT_ONCE
from ..score.grading_criterion_hint import format_number
from .bands import name_field, number_field
from .grading_suggestion_data import CONTACT_TAG, PARTNER_FIELDS
from .judging import NaiveBayes, area, best_limits, calibration_error
from .points import Criterion, Scorecard, learn

# Learned is from the earlier leads, and tried on the later ones.
LEARNED_SHARE = 0.7
# Rows of either kind that are needed: in all to learn from, and among the later ones to try what was learned.
FEWEST, FEWEST_TRIED = 100, 10
LEAD_NUMBERS = ("expected_revenue",)


class GradingSuggestion(models.Model):
    """Points that would have told best who buys or signs: learned from earlier rows, tried on later ones."""

    _inherit = "grading.suggestion"

    def _check_enough(self, hits, misses):
        """
        :raise UserError: too few of either kind to tell chance from rule
        """
        # Revenue is a matter of more or less: who brings none need not be many.
        if hits >= FEWEST and (misses >= FEWEST or self.target == "worth" and hits + misses >= 2 * FEWEST):
            return
        values = {"hits": hits, "misses": misses, "few": FEWEST}
        if self.subject == "lead":
            message = self.env._(
                "There are %(hits)s leads that were won and %(misses)s that were lost in this time. To learn from "
                "them, at least %(few)s of each are needed: choose a longer time, or wait.",
                **values,
            )
        else:
            message = self.env._(
                "%(hits)s customers bought again and %(misses)s did not. To learn from them, at least %(few)s of each "
                "are needed: choose another number of months, or wait.",
                **values,
            )
        raise UserError(self._with_hint(message))

    def _with_hint(self, message):
        """Why there are so few, where it may be the scheme."""
        if not self.scheme_id:
            return message
        hint = self.env._(
            "Only those whom “%s” covers are counted: leave the present scheme empty to learn from all.",
            self.scheme_id.display_name,
        )
        return f"{message} {hint}"

    def _check_enough_early(self, outcomes):
        """The same of the earlier leads: of all there may be enough, and among these hardly one that was won.

        :raise UserError: too few of either kind
        """
        hits, few = sum(outcomes), round(LEARNED_SHARE * FEWEST)
        if min(hits, len(outcomes) - hits) < few:
            message = self.env._(
                "Of the earlier %(count)s leads, which are learned from, %(hits)s were won and %(misses)s were "
                "lost. At least %(few)s of each are needed: choose another time, or wait.",
                count=len(outcomes),
                hits=hits,
                misses=len(outcomes) - hits,
                few=few,
            )
            raise UserError(self._with_hint(message))

    def _can_be_tried(self, outcomes):
        """Whether the rows have enough of either kind to say how well a score tells one from the other."""
        hits = math.fsum(outcomes)
        return min(hits, len(outcomes) - hits) >= FEWEST_TRIED

    # ------------------------------------------------------------
    # From leads
    # ------------------------------------------------------------

    def _learn_from_leads(self):
        ids, days, outcomes, values = self._lead_rows()
        self._check_enough(sum(outcomes), len(outcomes) - sum(outcomes))
        cut = math.floor(LEARNED_SHARE * len(ids))
        self._check_enough_early(outcomes[:cut])
        early = {name: column[:cut] for name, column in values.items()}
        late = {name: column[cut:] for name, column in values.items()}
        fields = self._fields_of(early, LEAD_NUMBERS)
        between = self._between()
        card = learn(fields, early, outcomes[:cut], between)
        between()
        limits = best_limits(card.scores(early), outcomes[:cut], len(self._grades()))
        self._keep(card, limits)
        report = [self._tell_leads(days[cut], cut, outcomes[cut:]), self._tell_covered(values)]
        if self._can_be_tried(outcomes[cut:]):
            report += self._tell(card, limits, late, outcomes[cut:], self._first_scores(ids[cut:]))
            between()
            report.append(self._tell_odoo(fields, (early, outcomes[:cut]), (late, outcomes[cut:])))
        self.write({"state": "done", "report": "\n".join(filter(None, report))})

    def _tell_leads(self, first, count, later):
        """Which leads the points were learned from, and whether they could be tried on the later ones.

        :param datetime.datetime first: when the first of the later leads came
        :param int count: how many were learned from
        :param list later: the outcomes of the later ones
        """
        values = {
            "count": self._number(count),
            "later": self._number(len(later)),
            "day": format_date(self.env, first.date()),
        }
        if self._can_be_tried(later):
            return self.env._(
                "Learned from %(count)s leads, and tried on %(later)s that came later, from %(day)s on.", **values
            )
        return self.env._(
            "Learned from %(count)s leads. How well the points tell could not be tried: of the %(later)s leads that "
            "came later, from %(day)s on, %(hits)s were won and %(misses)s were lost, and at least %(few)s of each are "
            "needed.",
            hits=sum(later),
            misses=len(later) - sum(later),
            few=FEWEST_TRIED,
            **values,
        )

    def _fields_of(self, values, numbers):
        """The fields of the rows, grouped as points can be given to them; those that say nothing are left out."""
        fields = []
        for name, column in values.items():
            field = number_field(name, column) if name in numbers else name_field(name, column)
            if field:
                fields.append(field)
        return fields

    def _first_scores(self, ids):
        """The scores that leads got when they came, by the rules of then; None where none is remembered."""
        self.env["grading.history"].flush_model()
        known = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (line.lead_id) line.lead_id, line.new_score
                      FROM grading_history AS line JOIN crm_lead AS lead ON lead.id = line.lead_id
                     WHERE line.lead_id = ANY(%s) AND line.date < lead.create_date + INTERVAL '2 days'
                  ORDER BY line.lead_id, line.date, line.id
                    """,
                    list(ids),
                )
            )
        )
        return [None if known.get(lead) is None else float(known[lead]) for lead in ids]

    def _tell_odoo(self, fields, learned, tried):
        """How well Odoo's method tells, learned from the same leads."""
        coded = []
        for values, _outcomes in (learned, tried):
            columns = {field.key: values[field.key] for field in fields if not field.bounds}
            columns |= {
                field.key: [None if value is None else field.code(value) for value in values[field.key]]
                for field in fields
                if field.bounds
            }
            coded.append(
                {key: [None if value is False else value for value in column] for key, column in columns.items()}
            )
        if not fields or not 0 < sum(learned[1]) < len(learned[1]):
            return None
        odds = NaiveBayes(coded[0], learned[1]).log_odds(coded[1])
        found = area(odds, tried[1])
        return found and self.env._(
            "By Odoo's method for the probability of a lead, learned from the same leads, it would be %(area)s of 100 "
            "cases, and the expected share off by %(error)s percentage points.",
            area=self._number(100 * found, 1),
            error=self._number(100 * calibration_error([logistic(value) for value in odds], tried[1]), 1),
        )

    # ------------------------------------------------------------
    # From customers, as judged on two days
    # ------------------------------------------------------------

    def _days(self):
        """The day to learn from, and the one to try it on: what follows the first ends with the second. Once begun they
        stay, in whatever month it goes on."""
        if self.learned_date and self.tried_date:
            return self.learned_date, self.tried_date
        last = self._latest_day()
        return month_end(last, -self.months), last

    def _start_judging(self):
        self.learned_date, self.tried_date = self._days()
        # One that is not in use is judged by as if it were, so that it grades whom it covers.
        run = self._open_run(self.learned_date, day_total=2, trial_scheme_id=self.scheme_id.id)
        count = self.env["grading.profile"].search_count([("company_id", "=", self.company_id.id)])
        if 2 * count <= RESCORE_AT_ONCE:
            run._execute()
        else:
            run._trigger_apart()

    def _take_judged(self, table, day):
        """Learn from the customers of the first day, or try what was learned on those of the second.

        :param odoo.tools.SQL table: all customers as judged on the day
        """
        customers, scores, changed, values = self._judged_rows(table, day)
        after = self._bought_since(day)
        bought = [after.get(customer, (0, 0.0)) for customer in customers]
        hits = [int(orders > 0) for orders, _revenue in bought]
        self._check_enough(sum(hits), len(hits) - sum(hits))
        outcomes = hits if self.target == "again" else self._ranks([revenue for _orders, revenue in bought])
        until = [self._end_of(day)] * len(customers)
        if not self.result:
            known = {name: values.pop(name) for name in PARTNER_FIELDS}
            values |= self._kept_of_contacts(known, customers, until, changed, hits)
            card = learn(self._fields_of(values, self._judged_measures()), values, outcomes, self._between())
            self._keep(card, best_limits(card.scores(values), outcomes, len(self._grades())))
            return
        card, limits = self._kept()
        tags = [c.key for c in card.criteria if c.key.startswith(CONTACT_TAG)]
        values |= dict.fromkeys(tags, [False] * len(customers))
        values |= self._contact_tags(customers, until, [int(tag.removeprefix(CONTACT_TAG)) for tag in tags])
        report = [
            self.env._(
                "Learned from the customers of %(first)s by what they bought until %(day)s, and tried on the "
                "%(count)s customers of %(day)s by what they bought until %(until)s.",
                first=format_date(self.env, self._days()[0]),
                day=format_date(self.env, day),
                count=self._number(len(customers)),
                until=format_date(self.env, window_end(day, self.months)),
            ),
            *self._tell(card, limits, values, outcomes, scores),
        ]
        self.write({"state": "done", "report": "\n".join(report), "result": {**self.result, "tried": True}})

    def _ranks(self, amounts):
        """The rank of each amount from 0 to 1; equal amounts share their places."""
        order, ranks = sorted(amounts), {}
        for place, amount in enumerate(order):
            ranks.setdefault(amount, [place, place])[1] = place
        most = max(1, len(amounts) - 1)
        return [sum(ranks[amount]) / 2 / most for amount in amounts]

    # ------------------------------------------------------------
    # What was found
    # ------------------------------------------------------------

    def _number(self, value, digits=0):
        return format_number(self.env, value, digits)

    def _keep(self, card, limits):
        """Keep the points as a result and as lines in words."""
        self.result = {
            "criteria": [criterion._asdict() for criterion in card.criteria],
            "level": card.level,
            "slope": card.slope,
            "limits": limits,
            "grades": self._grades_of(limits).ids,
        }
        self.line_ids = [(5, 0, 0)] + [
            (0, 0, {"sequence": place, "name": self._label(c.key), "points": c.most, "text": self._in_words(c),
                    "values": self._criterion_values(c)})
            for place, c in enumerate(card.criteria, 1)
        ]  # fmt: skip
        if not card.criteria:
            raise UserError(self.env._("Nothing that is known beforehand tells those who do from those who do not."))

    def _kept(self):
        """What :meth:`_keep` has kept.

        :return: ``(Scorecard, limits)``
        """
        criteria = tuple(
            Criterion(**{**kept, "bands": tuple(map(tuple, kept["bands"])),
                         "cases": tuple((tuple(names), points) for names, points in kept["cases"])})
            for kept in self.result["criteria"]
        )  # fmt: skip
        return Scorecard(criteria, self.result["level"], self.result["slope"]), self.result["limits"]

    def _tell(self, card, limits, values, outcomes, present):
        """How well the points tell of the later rows, beside the present scheme."""
        scores = card.scores(values)
        yield self._tell_area(scores, outcomes)
        yield self._tell_present(scores, present, outcomes)
        yield self.env._(
            "The share that the points let expect is off by %s percentage points on average.",
            self._number(100 * calibration_error([card.chance(score) for score in scores], outcomes), 1),
        )
        yield self._tell_grades(limits, scores, outcomes)

    def _tell_area(self, scores, outcomes):
        values = {
            "area": self._number(100 * area(scores, outcomes), 1),
            "count": self._number(len(outcomes)),
        }
        if self.subject == "lead":
            return self.env._(
                "By the suggestion, a lead that was won stands before one that was lost in %(area)s of 100 cases (of "
                "%(count)s leads; 50 would be chance).",
                **values,
            )
        return self.env._(
            "By the suggestion, a customer who bought more stands before one who bought less in %(area)s of 100 cases "
            "(of %(count)s customers; 50 would be chance).",
            **values,
        )

    def _tell_present(self, scores, present, outcomes):
        """The present scheme beside the points, both on the rows of which there is a score by it."""
        rows = [row for row in zip(scores, present, outcomes, strict=True) if row[1] is not None]
        own, other, came = zip(*rows, strict=True) if rows else ((), (), ())
        values = {"count": self._number(len(rows))}
        if len(rows) < FEWEST or not self._can_be_tried(came):
            if self.subject == "lead":
                return self.env._(
                    "There is no comparison with the present scheme yet: the score that a lead had when it came is "
                    "remembered of %(count)s of them, which is too few.",
                    **values,
                )
            return self.env._(
                "There is no comparison with the present scheme: it grades %(count)s of these customers, which is too "
                "few.",
                **values,
            )
        values |= {"own": self._number(100 * area(own, came), 1), "present": self._number(100 * area(other, came), 1)}
        if self.subject == "lead":
            return self.env._(
                "Of the %(count)s leads whose score when they came is remembered, it is %(present)s of 100 cases by "
                "the present scheme, and %(own)s by the suggestion.",
                **values,
            )
        return self.env._(
            "Of the %(count)s customers whom the present rules grade, it is %(present)s of 100 cases by these rules, "
            "and %(own)s by the suggestion.",
            **values,
        )

    def _tell_grades(self, limits, scores, outcomes):
        """The share of each grade, and whether it falls with each."""
        grades, rates, texts = self._grades_of(limits), [], []
        for place, grade in enumerate(grades):
            group = [
                outcome
                for score, outcome in zip(scores, outcomes, strict=True)
                if score >= limits[place] and (not place or score < limits[place - 1])
            ]
            if group:
                rates.append(math.fsum(group) / len(group))
                texts.append(f"{grade.name} {self._number(100 * rates[-1], 1)} % ({self._number(len(group))})")
        falls = all(better > lower for better, lower in zip(rates, rates[1:], strict=False))
        said = self.env._("it falls with each grade") if falls else self.env._("it does not fall with each grade")
        return self.env._("By grade: %(grades)s; %(said)s.", grades=", ".join(texts), said=said)
