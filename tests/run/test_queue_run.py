from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..queue_case import QueueCase


@tagged("post_install", "-at_install")
class TestQueueRun(QueueCase):
    def enqueue(self, *pairs):
        self.env["grading.queue"]._enqueue(pairs)

    def test_the_cron_rescores_the_customers_in_the_queue_and_no_other(self):
        self.force(self.ada_order | self.bob_order, amount_untaxed=500)
        self.enqueue((self.ada, self.company))
        before = self.last_run
        self.run_cron()
        self.assertEqual((self.ada.grading_score, self.bob.grading_score), (500, 50))
        self.assertFalse(self.env["grading.queue"]._waiting([]))
        self.assertRecordValues(
            self.new_runs(before),
            [
                {
                    "company_id": self.company.id,
                    "scope": "incremental",
                    "state": "done",
                    "profile_count": 1,
                    "changed_count": 1,
                }
            ],
        )

    def test_an_empty_queue_runs_nothing(self):
        before = self.last_run
        self.run_cron()
        self.assertFalse(self.new_runs(before))

    def test_a_customer_queued_many_times_is_rescored_once(self):
        self.enqueue((self.ada, self.company))
        self.enqueue((self.ada, self.company))
        before = self.last_run
        self.run_cron()
        self.assertEqual(self.new_runs(before).mapped("profile_count"), [1])

    def test_a_contact_in_the_queue_stands_for_the_customer(self):
        firm = self.customer("Firm", is_company=True)
        contact = self.customer("Contact", parent_id=firm.id)
        self.order(contact, 200, self.today)
        self.enqueue((contact, self.company))
        self.run_cron()
        self.assertEqual(self.profile(firm).score, 200)
        self.assertFalse(self.env["grading.profile"].search([("partner_id", "=", contact.id)]))

    def test_each_company_is_rescored_for_its_own_lines(self):
        other = self.new_company("Other Company")
        self.scheme(company_id=other.id)
        self.rescore(company=other)  # a first run over a few would become one over all
        self.order(self.ada, 200, self.today, company_id=other.id)
        self.order(self.bob, 300, self.today, company_id=other.id)
        self.force(self.ada_order | self.bob_order, amount_untaxed=500)
        self.enqueue((self.ada, self.company), (self.bob, other))
        before = self.last_run
        self.run_cron()
        self.assertEqual((self.profile(self.ada).score, self.profile(self.bob).score), (500, 50))
        self.assertEqual(self.profile(self.bob, other).score, 300)
        self.assertFalse(self.profile(self.ada, other))
        self.assertEqual(self.new_runs(before).company_id, self.company | other)
        self.assertFalse(self.env["grading.queue"]._waiting([]))

    def test_more_customers_than_a_batch_are_all_rescored(self):
        partners = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(7)])
        for partner in partners:
            self.order(partner, 200, self.today)
        self.enqueue(*((partner, self.company) for partner in partners))
        with patch("odoo.addons.customer_grading.models.run.grading_run.QUEUE_BATCH", 3):
            self.run_cron()
        self.assertEqual(partners.mapped("grading_score"), [200] * 7)
        self.assertFalse(self.env["grading.queue"]._waiting([]))

    def test_a_deleted_customer_leaves_the_queue(self):
        gone = self.customer("Gone")
        self.enqueue((gone, self.company), (self.ada, self.company))
        self.force(self.ada_order, amount_untaxed=500)
        gone.unlink()
        self.run_cron()
        self.assertEqual(self.ada.grading_score, 500)
        self.assertFalse(self.env["grading.queue"]._waiting([]))

    def test_a_profile_goes_with_its_customer(self):
        gone = self.customer("Gone", customer_rank=1)
        self.rescore()
        profile = self.profile(gone)
        lines = profile.history_ids
        self.assertTrue(lines)
        gone.unlink()
        self.assertFalse(profile.exists() or lines.exists())
        self.rescore()

    def test_a_failing_run_does_not_block_the_queue(self):
        self.scheme(name="Gone bad", sequence=1)
        self.force(self.env["grading.scheme"].search([("name", "=", "Gone bad")]), domain="[('x_gone', '=', 1)]")
        self.enqueue((self.ada, self.company))
        with mute_logger("odoo.addons.customer_grading.models.run.grading_run"):
            self.run_cron()
        self.assertEqual(self.last_run.state, "failed")
        self.assertFalse(self.env["grading.queue"]._waiting([]))
