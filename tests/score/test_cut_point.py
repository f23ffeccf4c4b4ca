import random
from bisect import bisect_right
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from ..common import GradingCase, with_seeds

CUSTOMERS = 300


@tagged("post_install", "-at_install")
class TestKeptCutPoints(GradingCase):
    """A night ranks customers anew only when the ranking has moved: else it writes those alone who have changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.day = cls.today - timedelta(days=20)
        cls.customers = cls.env["res.partner"].create([{"name": f"Ranked {n}"} for n in range(CUSTOMERS)])
        cls.insert_orders([(c.id, cls.day, 100 + 10 * n, 1, "sale") for n, c in enumerate(cls.customers)])
        cls.law = cls.scheme(
            criteria=[cls.rank("order_amount", 50), cls.matching("[('top_12m', '=', '5')]", 5)],
            thresholds=[(cls.gold, 5), (cls.silver, 50), (cls.bronze, 100)],
            threshold_mode="rank",
        )
        cls.rescore()
        cls.Ruler = cls.env["grading.ruler"].sudo()

    def night(self):
        """What the scheduled action does for the company."""
        run = self.env["grading.run"]._open(self.company, keep_cut_points=True)
        run._execute()
        self.assertEqual((run.state, run.message), ("done", False))
        return run

    def marks(self):
        stored = self.Ruler.search([("company_id", "=", self.company.id)])
        self.assertEqual(len(stored), 4, "one rank, one scheme by percent, two classes of the best")
        return {(cuts.criterion_id, cuts.scheme_id, cuts.measure): cuts.marks for cuts in stored}

    def buy(self, places, amount):
        self.insert_orders([(self.customers[place].id, self.day, amount, 1, "sale") for place in places])

    def test_one_order_moves_one_customer(self):
        before = self.marks()
        self.buy([100], 15)
        run = self.night()
        self.assertEqual((run.changed_count, run.fixed_count), (1, 0))
        self.assertEqual(self.marks(), before)
        self.assertEqual(self.rescore(partners=self.customers).changed_count, 0, "incremental equals full")

    def test_rescoring_now_ranks_anew(self):
        self.buy([100], 15)
        self.night()
        before = self.marks()
        self.buy([10], 1500)
        run = self.rescore()
        self.assertGreater(run.changed_count, 100)
        self.assertEqual(run.fixed_count, sum(cuts != before[key] for key, cuts in self.marks().items()))
        self.assertGreater(run.fixed_count, 0)
        self.assertEqual(self.night().changed_count, 0)

    def test_the_ranking_that_has_moved_is_fixed_anew(self):
        self.buy(range(8), 3500)  # 8 of 300 pass all others: these are 2.7 % further back
        run = self.night()
        self.assertGreater(run.changed_count, 250)
        self.assertGreater(run.fixed_count, 0)
        night = self.rows()
        self.assertEqual(self.rescore().changed_count, 0)
        self.assertEqual(self.rows(), night)

    def test_little_by_little_counts_from_when_it_was_fixed(self):
        counts = []
        for place in range(8):
            self.buy([place], 3500)
            counts.append(self.night().fixed_count)
        self.assertFalse(counts[0])
        self.assertTrue(any(counts))

    def test_the_company_says_how_much_and_for_how_long(self):
        for name, value in (("grading_ranking_percent", 0), ("grading_ranking_days", 0)):
            with self.subTest(setting=name):
                self.company.write({"grading_ranking_percent": 1, "grading_ranking_days": 7, name: value})
                self.buy([random.Random(name).randrange(CUSTOMERS)], 1500)
                self.assertGreater(self.night().changed_count, 1)

    def test_after_a_week_it_is_fixed_anew(self):
        self.buy([100], 15)
        self.assertFalse(self.night().fixed_count)
        cuts = self.Ruler.search([("company_id", "=", self.company.id)])
        now = fields.Datetime.now()
        for days, is_fixed in ((6, False), (8, True)):
            cuts.fixed_at = now - timedelta(days=days)
            with self.subTest(days=days):
                self.assertEqual(bool(self.night().fixed_count), is_fixed)

    def rows(self):
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                "SELECT partner_id, score, points_detail, grade_id FROM grading_profile"
                " WHERE company_id = %s ORDER BY partner_id",
                self.company.id,
            )
        )

    # ------------------------------------------------------------
    # How far a ranking has moved
    # ------------------------------------------------------------

    def test_distance_of_two_rankings(self):
        one = [[10, 0], [20, 0.5], [30, 1]]
        for other, distance in (
            (one, 0),
            ([[10, 0], [20, 0.4], [30, 1]], 0.1),
            ([[10, 0], [25, 0.5], [30, 1]], 0.5),  # 20 to 25 had half of them behind, and now none
            ([[5, 0], [30, 1]], 0.5),
            ([[40, 0], [50, 1]], 1),
            ([], 1),
        ):
            with self.subTest(other=other):
                self.assertAlmostEqual(self.Ruler._rank_distance(one, other), distance)
                self.assertAlmostEqual(self.Ruler._rank_distance(other, one), distance)
        self.assertEqual(self.Ruler._rank_distance([], []), 0)

    @with_seeds(20)
    def test_no_rank_moves_by_more_than_the_distance(self, rng):
        def breaks():
            values = sorted(rng.sample(range(60), rng.randint(1, 20)))
            return [[value, rank] for value, rank in zip(values, sorted(rng.random() for _v in values), strict=True)]

        def rank(marks, value):
            place = bisect_right([start for start, _rank in marks], value)
            return marks[place - 1][1] if place else 0

        one, other = breaks(), breaks()
        moved = max(abs(rank(one, value / 2) - rank(other, value / 2)) for value in range(-2, 130))
        self.assertAlmostEqual(self.Ruler._rank_distance(one, other), moved)

    def test_distance_of_two_classes_is_the_share_of_those_between(self):
        ranks = SQL("SELECT n AS value, 2 AS customers FROM GENERATE_SERIES(1, 100) AS n")
        cuts = [["5", 96], ["20", 81]]
        for other, share in (
            (cuts, 0),
            ([["5", 98], ["20", 81]], 0.02),
            ([["5", 98], ["20", 71]], 0.12),
            ([["20", 81]], 1),
        ):
            with self.subTest(other=other):
                self.assertAlmostEqual(self.Ruler._class_distance(cuts, other, ranks), share)
        self.assertEqual(self.Ruler._class_distance([], [], SQL("%s LIMIT 0", ranks)), 0)
