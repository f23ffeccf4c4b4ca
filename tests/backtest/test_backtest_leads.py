from datetime import datetime, time, timedelta

import pandas
from sklearn.metrics import roc_auc_score

from odoo.tests import tagged

from ...models.backtest.grading_backtest import latest_day, window_end
from ..common import LeadCase, with_seeds
from .backtest_case import BacktestMixin


@tagged("post_install", "-at_install")
class TestBacktestOfLeads(BacktestMixin, LeadCase):
    """Which of the leads that were open on the day were signed."""

    MONTHS = 6

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What customers of a source ask for is known from the first day.
        sources = cls.env["utm.source"].create([{"name": f"Source {number}"} for number in range(3)])
        cls.sources = sources
        cls.rules = cls.lead_scheme(
            [
                cls.matching([("lead_id.source_id", "=", source.id)], 15 * place, dimension="fit")
                for place, source in enumerate(sources)
            ]  # fmt: skip
        )
        cls.day = latest_day(cls.today, cls.MONTHS)
        cls.until = window_end(cls.day, cls.MONTHS)

    def leads(self, *rows):
        """Leads that were there a week before the day: ``[(place of the source, days until it closed, how)]``."""
        leads = self.env["crm.lead"].create(
            [
                self.lead_values(f"Lead {n}", source_id=self.sources[s].id, expected_revenue=100)
                for n, (s, _d, _h) in enumerate(rows)
            ]
        )
        self.force(leads, create_date=datetime.combine(self.day - timedelta(days=7), time(12)))
        for how in ("won", "lost"):
            closed = leads.browse(lead.id for lead, row in zip(leads, rows, strict=True) if row[2] == how)
            if closed and how == "won":
                closed.stage_id = self.won
            elif closed:
                closed.action_archive()
        for lead, (_source, days, how) in zip(leads, rows, strict=True):
            if how:
                self.force(lead, date_closed=datetime.combine(self.day + timedelta(days=days), time(12)))
        return leads

    def test_open_leads_count_and_those_that_signed_in_time(self):
        self.leads((2, 9, "won"), (2, 400, None), (2, 3, "lost"), (1, -2, "won"), (1, -2, "lost"), (0, 0, None))
        test = self.test_of(subject="lead")
        [total] = self.lines(test, "all")
        self.assertEqual((total.customer_count, total.order_count, total.revenue), (4, 1, 100))
        self.assertAlmostEqual(total.success_rate, 25, 3)
        self.assertIn("Of 4 leads", test.statements)

    def test_a_lead_that_signed_after_the_months_did_not_sign_in_them(self):
        days = (self.until - self.day).days
        self.leads((2, days, "won"), (2, days + 1, "won"))
        self.assertEqual(self.lines(self.test_of(subject="lead"), "all").order_count, 1)

    @with_seeds(2)
    def test_area_conversion_and_calibration_are_those_of_an_independent_computation(self, rng):
        with self.env.cr.savepoint() as savepoint:
            rows = []
            for _lead in range(150):
                source = rng.randrange(3)
                how = "won" if rng.random() < (0.1, 0.3, 0.6)[source] else rng.choice((None, "lost"))
                rows.append((source, rng.randint(1, 100), how))
            self.leads(*rows)
            test = self.test_of(subject="lead")
            frame = pandas.DataFrame(rows, columns=["source", "days", "how"])
            frame["hit"] = frame.how == "won"
            [total] = self.lines(test, "all")
            self.assertAlmostEqual(total.auc, roc_auc_score(frame.hit, frame.source), 3)
            self.assertLess(total.auc_low, total.auc)
            rates = dict(100 * frame.groupby("source").hit.mean())
            found = {line.grade_id: line.success_rate for line in self.lines(test, "grade")}
            self.assertAlmostEqual(found[self.silver], rates[2], 6)  # 30 points
            bronze = frame[frame.source < 2]
            self.assertAlmostEqual(found[self.bronze], 100 * bronze.hit.mean(), 6)
            self.assertLess(total.calibration_error, 20)
            savepoint.rollback()
        self.env.invalidate_all()

    def test_what_was_entered_on_a_lead_is_named_as_hindsight(self):
        plain = self.env["grading.backtest"].create({"scheme_id": self.rules.id, "months": 6})
        self.assertFalse(plain.hindsight)
        self.rules.active = False
        told = self.lead_scheme([self.linear("stage_progress", 1, dimension="intent", name="How far")])
        test = self.env["grading.backtest"].create({"scheme_id": told.id, "months": 6})
        self.assertIn("where Odoo has a record of their changes, and else those of now: How far.", test.hindsight)

    def test_filters_and_cases_that_read_a_lead_as_it_is_now_are_named_as_hindsight(self):
        self.rules.active = False
        told = self.lead_scheme(
            [
                self.matching([("lead_id.stage_id.is_won", "=", True)], 1, dimension="fit", name="In the last stage"),
                self.cases([("Hot", [("lead_id.priority", "=", "3")], 1)], dimension="fit", name="By priority"),
                self.matching([("lead_id.source_id", "=", self.sources[0].id)], 1, dimension="fit", name="By source"),
                self.linear("readiness", 1, dimension="intent", name="How ready"),
            ],
            name="Of mail",
            domain="[('lead_id.email_from', '!=', False)]",
        )
        test = self.env["grading.backtest"].create({"scheme_id": told.id, "months": 6})
        entered, predicted = test.hindsight.splitlines()
        self.assertIn("the filter of “Of mail”, In the last stage, By priority, How ready.", entered)
        self.assertIn("count as without data: How ready.", predicted)
        self.assertNotIn("By source", test.hindsight)

    def test_lower_grades_that_signed_more_often_are_named(self):
        self.leads(*[(2, 9, "won"), (2, 9, None)] * 3, *[(1, 9, "won")] * 3, (1, 9, None))
        said = self.test_of(subject="lead").statements
        self.assertIn("Bronze signed more often than Silver: 75 % against 50 %; the difference is within chance.", said)
