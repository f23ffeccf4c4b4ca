import random
from datetime import date, timedelta

from odoo.tests import tagged

from ..common import GradingCase

AS_OF = date(2025, 3, 10)


@tagged("post_install", "-at_install")
class TestLaws(GradingCase):
    """What holds whatever the customers and the rules are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rng = random.Random(7)
        cls.customers = cls.env["res.partner"].create([{"name": "Law %s" % number} for number in range(30)])
        rows = []
        for customer in cls.customers:
            for _order in range(rng.randint(0, 6)):
                day = AS_OF - timedelta(days=rng.randint(0, 900))
                amount = rng.choice((100, 250, round(rng.lognormvariate(5, 1), 2)))
                rows.append((customer.id, day, amount, 1, "sale"))
        cls.insert_orders(rows)
        cls.law = cls.scheme(
            criteria=[
                cls.rank("faded_order_amount", 50),
                cls.rank("average_order_amount", 10, best="low", points_if_none=2),
                cls.linear("order_months", 2.5, points_max=15, dimension="loyalty"),
                cls.band("last_order_date", [(0, 15), (90, 7), (365, -4)], points_if_none=-1),
                cls.matching([("order_count_12m", ">", 2)], 10, dimension="potential"),
            ],
            thresholds=[(cls.gold, 60), (cls.silver, 30), (cls.bronze, -50)],
            domain="[('order_count', '>', 0)]",
        )

    def rows(self, columns="*"):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT %s FROM grading_profile WHERE company_id = %%s ORDER BY partner_id" % columns, [self.company.id]
        )
        return self.env.cr.fetchall()

    def versions(self, company=None):
        """Where each row version lies: an update, even with the same values, would move it."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT id, xmin, cmin, ctid FROM grading_profile WHERE company_id = %s ORDER BY id",
            [(company or self.company).id],
        )
        return self.env.cr.fetchall()

    def test_a_second_run_writes_no_row(self):
        self.rescore(as_of=AS_OF)
        before = self.versions()
        history = self.env["grading.history"].search_count([])
        run = self.rescore(as_of=AS_OF)
        self.assertEqual((run.profile_count > 20, run.changed_count), (True, 0))
        self.assertEqual(self.versions(), before)
        self.assertEqual(self.env["grading.history"].search_count([]), history)

    def test_a_night_that_passes_writes_no_row(self):
        customer = self.customer("Quiet")
        self.order(customer, 10**6, AS_OF - timedelta(days=100))  # among the best, whichever customer drops out
        self.law.criterion_ids.filtered(lambda c: c.kind == "band").unlink()  # it scores days since
        self.rescore(as_of=AS_OF)
        before = {row[0]: row for row in self.rows("partner_id, faded_order_log, score, points_detail, xmin, cmin")}
        self.rescore(as_of=AS_OF + timedelta(days=1))
        after = {row[0]: row for row in self.rows("partner_id, faded_order_log, score, points_detail, xmin, cmin")}
        self.assertEqual(after[customer.id], before[customer.id])
        self.assertEqual([row[1] for row in after.values()], [row[1] for row in before.values()])

    def test_the_books_balance(self):
        self.rescore(as_of=AS_OF)
        self.env.cr.execute(
            """
            SELECT COUNT(*) FILTER (WHERE points_detail IS NOT NULL),
                   COUNT(*) FILTER (WHERE score IS DISTINCT FROM
                       (SELECT SUM(value::numeric) FROM JSONB_EACH_TEXT(points_detail))),
                   COUNT(*) FILTER (WHERE score IS DISTINCT FROM
                       value_score + loyalty_score + potential_score)
              FROM grading_profile WHERE company_id = %s
            """,
            [self.company.id],
        )
        graded, unbalanced, unsplit = self.env.cr.fetchone()
        self.assertGreater(graded, 20)
        self.assertEqual((unbalanced, unsplit), (0, 0))

    def test_an_incremental_run_equals_a_full_run(self):
        self.rescore(as_of=AS_OF)
        full = self.rows()
        self.assertEqual(self.rescore(as_of=AS_OF, partners=self.customers[:9]).changed_count, 0)
        # Forget what is known of some customers: rescoring them alone must bring back every value.
        names = "score = 1, points_detail = NULL, grade_id = NULL, computed_grade_id = NULL, order_amount = 3"
        self.env.cr.execute(
            "UPDATE grading_profile SET %s WHERE partner_id = ANY(%%s)" % names, [self.customers[:9].ids]
        )
        run = self.rescore(as_of=AS_OF, partners=self.customers[:9])
        self.assertEqual((run.scope, run.profile_count, run.changed_count), ("incremental", *[len(self._graded())] * 2))
        self.assertEqual([row[:-1] for row in self._values(self.rows())], [row[:-1] for row in self._values(full)])

    def _graded(self):
        return self.env["grading.profile"].search([("partner_id", "in", self.customers[:9].ids)])

    def _values(self, rows):
        """The rows without the user and time of the last change."""
        names = [column.name for column in self.env.cr.description]
        stamps = {"changed_run", "counted_run", "create_uid", "create_date", "write_uid", "write_date"}
        return [tuple(value for name, value in zip(names, row, strict=True) if name not in stamps) for row in rows]

    def test_changed_customers_scored_alone_equal_a_full_run_by_the_same_cut_points(self):
        self.law.criterion_ids.filtered(lambda c: c.kind == "rank").unlink()
        self.rescore(as_of=AS_OF)
        for customer in self.customers[3:8]:
            self.order(customer, 900, AS_OF - timedelta(days=3))
        self.rescore(as_of=AS_OF, partners=self.customers[3:8])
        alone = self._values(self.rows())
        with self.compared_as_before():
            self.assertEqual(self.rescore(as_of=AS_OF).changed_count, 0)
        self.assertEqual(self._values(self.rows()), alone)

    def test_a_changed_criterion_is_not_scored_by_the_old_cut_points(self):
        self.rescore(as_of=AS_OF)
        rank = self.law.criterion_ids.filtered(lambda c: c.measure == "faded_order_amount")
        rank.measure = "order_months"
        run = self.rescore(as_of=AS_OF, partners=self.customers[:1])
        self.assertEqual(run.scope, "full", "there are no cut points yet, so all customers are measured")
        self.assertEqual(self.rescore(as_of=AS_OF).changed_count, 0)

    def test_equal_customers_get_equal_points(self):
        twins = self.env["res.partner"].create([{"name": "Twin %s" % number} for number in range(4)])
        for twin in twins:
            self.order(twin, 333, AS_OF - timedelta(days=50))
            self.order(twin, 100, AS_OF - timedelta(days=80))
        self.rescore(as_of=AS_OF)
        profiles = [self.profile(twin) for twin in twins]
        self.assertEqual(len({str(profile.points_detail) for profile in profiles}), 1)
        self.assertEqual(len(set(profiles[0].mapped("grade_id.id") + [p.grade_id.id for p in profiles])), 1)

    def test_another_scale_of_money_leaves_ranks_alone(self):
        self.law.criterion_ids.filtered(lambda c: c.kind != "rank").unlink()
        self.rescore(as_of=AS_OF)
        before = self.rows("partner_id, points_detail")
        self.env.cr.execute(
            "UPDATE sale_order SET amount_untaxed = amount_untaxed * 1000 WHERE company_id = %s", [self.company.id]
        )
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.rows("partner_id, points_detail"), before)

    def test_companies_are_apart(self):
        other = self.new_company("Other Company")
        self.scheme(company_id=other.id)
        shared = self.customers[0]
        self.order(shared, 5000, AS_OF, company_id=other.id)
        self.rescore(as_of=AS_OF)
        self.rescore(as_of=AS_OF, company=other)
        theirs = self.versions(other)
        self.assertEqual(len(theirs), 1)
        self.order(self.customers[1], 800, AS_OF)
        self.order(shared, 800, AS_OF)
        self.assertGreater(self.rescore(as_of=AS_OF).changed_count, 0)
        self.assertEqual(self.versions(other), theirs)
        mine = self.profile(shared)
        self.assertNotEqual(mine.order_amount, self.profile(shared, other).order_amount)
        self.assertEqual(self.profile(shared, other).order_amount, 5000)

    def test_the_best_percent_never_splits_a_tie(self):
        self.law.active = False
        tied = self.env["res.partner"].create([{"name": "Tied %s" % number} for number in range(10)])
        for customer in tied:
            self.order(customer, 10000, AS_OF)
        # In the middle of ten equal ones all stand below the best 5 percent, and above the best 50.
        percent = self.scheme(
            criteria=[self.rank("order_amount", 100)],
            thresholds=[(self.gold, 5), (self.silver, 50), (self.bronze, 100)],
            threshold_mode="rank",
            domain="[('order_count', '>', 0)]",
        )
        self.rescore(as_of=AS_OF)
        graded = self.env["grading.profile"].search([("scheme_id", "=", percent.id)])
        self.assertTrue(all(profile.grade_id for profile in graded))
        self.assertLess(len(graded), 90)
        self.assertEqual({self.profile(customer).grade_id for customer in tied}, {self.silver})
        self.assertFalse(graded.filtered(lambda p: p.grade_id == self.gold))
        tied[:8].active = False
        self.rescore(as_of=AS_OF)
        self.assertEqual({self.profile(customer).grade_id for customer in tied[8:]}, {self.gold})
