from unittest import SkipTest

from odoo.tests import TransactionCase, tagged

from ..models.memory.grading_snapshot import BACKFILLED_MONTHS, month_end


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """What a user who has a look finds on the first screens, without waiting for the night."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env.ref("customer_grading.res_partner_aurora_hotels", raise_if_not_found=False)
        if not cls.customer:
            raise SkipTest("a database without demo data")
        cls.env = cls.env(user=cls.env.ref("base.user_demo"))

    def test_the_salesperson_has_contacts_due_and_overdue(self):
        lines = self.env["grading.care"].search([("user_id", "=", self.env.uid), ("is_line", "=", True)])
        today = self.env.company._grading_today()
        self.assertGreater(len(lines.filtered(lambda line: line.next_date and line.next_date <= today)), 5)
        self.assertTrue(lines.filtered(lambda line: line.next_date and line.next_date < today))
        self.assertTrue(lines.filtered(lambda line: len(line.reason_ids) > 1), "of several reasons")

    def test_the_salesperson_can_claim_from_the_pool(self):
        rows = self.env["grading.pool"].search([])
        self.assertGreater(len(rows), 1)
        self.assertTrue(all(rows.mapped("can_claim")))

    def test_the_salesperson_has_lost_customers_and_such_in_each_stage(self):
        own = self.env["res.partner"].search([("user_id", "=", self.env.uid), ("grading_profile_id", "!=", False)])
        stages = own.grading_lifecycle_id
        self.assertGreaterEqual(len(stages), 4)
        self.assertIn(self.env.ref("customer_grading.grading_lifecycle_lost"), stages)
        self.assertGreater(len(set(own.mapped("grading_lifecycle_since"))), 3)

    def test_two_years_are_remembered(self):
        mine = [("partner_id", "=", self.customer.id), ("company_id", "=", self.env.company.id)]
        today = self.env.company._grading_today()
        ends = [month_end(today, -back) for back in range(1, BACKFILLED_MONTHS + 1)]
        # A database that is older than a month remembers more.
        self.assertLessEqual(set(ends[1:-1]), set(self.env["grading.snapshot"].search(mine).mapped("date")))
        points = self.customer.with_env(self.env).grading_score_line["points"]
        self.assertGreaterEqual(len(points), BACKFILLED_MONTHS - 1)
