from datetime import datetime, time, timedelta

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.backtest.grading_backtest import latest_day
from ..backtest.backtest_case import BacktestCase, BacktestMixin
from ..common import LeadCase
from .segment_case import SegmentMixin

# What ten customers bought up to the day, and after it.
BOUGHT = ((100, 40), (90, 20), (80, 0), (70, 0), (60, 0), (50, 10), (40, 0), (30, 30), (20, 0), (10, 0))


@tagged("post_install", "-at_install")
class TestSegmentBacktest(SegmentMixin, BacktestCase):
    """What followed an earlier day, by segment: of ten customers, six have bought for 50 or more by then."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_segments()

    def setUp(self):
        super().setUp()
        self.shop(*((f"Customer {before}", before, [after] if after else []) for before, after in BOUGHT))

    def of_grades(self, test, side="own"):
        """``{name: (how many, revenue, % who bought again)}``"""
        return {
            line.display_name: (line.customer_count, line.revenue, round(line.success_rate, 2))
            for line in self.lines(test, "grade", side)
        }

    def test_segments_by_score_show_what_followed_and_so_do_tenths(self):
        test = self.test_of(self.beside("score"))
        self.assertEqual(self.of_grades(test), {"Big": (6, 70, 50), "Small": (4, 30, 25)})
        big, small = self.lines(test, "grade")
        self.assertEqual((big.grade_id, small.grade_id), (self.big, self.small))
        self.assertAlmostEqual(big.revenue_mean, 70 / 6, 2)
        self.assertEqual((small.revenue_mean, small.revenue_share), (7.5, 30))
        tenths = {int(line.tenth): (line.customer_count, line.revenue) for line in self.lines(test, "tenth")}
        self.assertEqual(tenths, {place: (1, after) for place, (_before, after) in enumerate(BOUGHT, 1)})
        [total] = self.lines(test, "all")
        self.assertEqual((total.customer_count, total.order_count, total.revenue), (10, 4, 100))
        self.assertAlmostEqual(total.best_share, 60, 4)
        self.assertAlmostEqual(total.auc, (6 + 6 + 3 + 2) / 24, 3)  # behind each who bought again, those who did not
        self.assertIn("No segment brought more a head than one before it.", test.statements)
        self.assertIn("Of 10 customers put into segments as of", test.statements)
        self.assertNotIn("grade", test.statements)
        self.assertTrue(test.of_segments)

    def test_a_back_test_of_grades_speaks_of_grades(self):
        test = self.test_of(self.rules)
        self.assertIn("Of 10 customers graded as of", test.statements)
        self.assertFalse(test.of_segments)

    def test_segments_by_filter_have_no_tenths_and_that_is_said(self):
        scheme = self.beside("filter")
        scheme.threshold_ids.filtered(lambda row: row.grade_id == self.small).domain = "[('order_amount', '>=', 20)]"
        test = self.test_of(scheme)
        self.assertEqual(self.of_grades(test), {"Big": (6, 70, 50), "Small": (3, 30, 33.33), "No segment": (1, 0, 0)})
        self.assertFalse(self.lines(test, "tenth"))
        [total] = self.lines(test, "all")
        self.assertEqual((total.customer_count, total.best_share, total.auc), (10, False, False))
        self.assertIn("no tenths of the score", test.statements)
        self.assertNotIn("highest score", test.statements)

    def test_segments_by_the_best_percent_are_worked_out_for_the_day(self):
        scheme = self.beside("rank", criterion_ids=[Command.create(self.linear("order_amount"))])
        self.rescore()  # by what is known now, the eighth customer has bought for 60
        self.assertEqual(self.of_grades(self.test_of(scheme)), {"Big": (4, 60, 50), "Small": (6, 40, 33.33)})

    def test_two_schemes_stand_side_by_side(self):
        """The other one takes those of 50 and less, all alike: two of five are among its best 20 %."""
        other = self.beside(
            "score",
            name="Upside down",
            active=False,
            criterion_ids=[Command.create(self.band("order_amount", [(0, 60), (55, 5)]))],
        )
        test = self.test_of(self.beside("score"), other_scheme_id=other.id)
        self.assertEqual(self.of_grades(test), {"Big": (6, 70, 50), "Small": (4, 30, 25)})
        self.assertEqual(self.of_grades(test, "other"), {"Big": (5, 40, 40), "No segment": (5, 60, 40)})
        [total], [compared] = self.lines(test, "all"), self.lines(test, "all", "other")
        self.assertAlmostEqual(compared.best_share, 2 / 5 * 40, 4)
        self.assertAlmostEqual(total.best_share_difference, 60 - 16, 4)
        [big, _small] = self.lines(test, "grade")
        self.assertAlmostEqual(big.difference, 70 / 6 - 40 / 5, 2)

    def test_one_by_filters_has_no_order_to_be_compared_by(self):
        test = self.test_of(self.beside("score"), other_scheme_id=self.beside("filter", name="By filter").id)
        [total] = self.lines(test, "all")
        self.assertEqual((total.best_share_difference, total.auc_difference), (False, False))
        self.assertEqual(self.of_grades(test, "other"), {"Big": (6, 70, 50), "Small": (4, 30, 25)})

    def test_a_draft_stands_beside_its_scheme_and_the_grade_beside_segments(self):
        scheme = self.beside("score")
        draft = scheme._draft()
        draft.threshold_ids.filtered(lambda row: row.grade_id == self.big).min_score = 95
        asked = draft.action_backtest()["context"]
        self.assertEqual((asked["default_scheme_id"], asked["default_other_scheme_id"]), (draft.id, scheme.id))
        test = self.test_of(draft, other_scheme_id=scheme.id)
        self.assertEqual(self.of_grades(test), {"Big": (1, 40, 100), "Small": (9, 60, 33.33)})
        self.assertEqual(self.of_grades(test, "other"), {"Big": (6, 70, 50), "Small": (4, 30, 25)})
        grades = self.of_grades(self.test_of(scheme, other_scheme_id=self.rules.id), "other")
        self.assertEqual(grades, {"Gold": (1, 40, 100), "Silver": (9, 60, 33.33)})

    def test_only_those_whom_the_scheme_covers_are_told_of(self):
        test = self.test_of(self.beside("score", domain="[('order_amount', '<=', 60)]"))
        self.assertEqual(self.of_grades(test), {"Big": (2, 10, 50), "Small": (4, 30, 25)})

    def test_segments_and_grades_stay_as_they_are(self):
        scheme = self.beside("score")
        self.rescore()
        stands = [
            SQL("SELECT TO_JSONB(own) FROM %s AS own ORDER BY id", SQL.identifier(table))
            for table in ("grading_secondary", "grading_profile")
        ]
        self.env.flush_all()
        before = [self.env.execute_query(stand) for stand in stands]
        self.test_of(scheme)
        self.env.flush_all()
        self.assertEqual([self.env.execute_query(stand) for stand in stands], before)

    def test_filters_that_read_what_was_entered_are_named_as_hindsight(self):
        scheme = self.beside("filter")
        self.assertFalse(self.env["grading.backtest"].create({"scheme_id": scheme.id}).hindsight)
        scheme.threshold_ids[0].domain = "[('brand_contribution', '=', 'celebrity')]"
        hindsight = self.env["grading.backtest"].create({"scheme_id": scheme.id}).hindsight
        self.assertIn("may tell of what came after the day: Big.", hindsight)


@tagged("post_install", "-at_install")
class TestSegmentBacktestOfLeads(SegmentMixin, BacktestMixin, LeadCase):
    """Which of the open leads were signed, by their segment."""

    MONTHS = 6

    def test_leads_are_told_by_segment(self):
        self.make_segments()
        self.lead_scheme()
        sources = self.env["utm.source"].create([{"name": "Near"}, {"name": "Far"}])
        day = latest_day(self.today, self.MONTHS)
        leads = self.env["crm.lead"].create(
            [
                self.lead_values(f"Lead {place}", source_id=sources[place % 2].id, expected_revenue=100)
                for place in range(4)
            ]
        )
        self.force(leads, create_date=datetime.combine(day - timedelta(days=7), time(12)))
        leads[0].stage_id = self.won
        self.force(leads[0], date_closed=datetime.combine(day + timedelta(days=9), time(12)))
        points = self.matching([("lead_id.source_id", "=", sources[0].id)], 60, dimension="fit")
        scheme = self.beside("score", subject="lead", criterion_ids=[Command.create(points)])
        test = self.test_of(scheme)
        self.assertEqual(
            [(line.display_name, line.customer_count, line.success_rate) for line in self.lines(test, "grade")],
            [("Big", 2, 50), ("No segment", 2, 0)],
        )
