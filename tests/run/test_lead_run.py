from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ...models.run import grading_run_pipeline
from ..common import LeadCase
from ..queue_case import NIGHTLY_CRON, QUEUE_CRON, Killed, QueueCase


@tagged("post_install", "-at_install")
class TestLeadsAtNight(QueueCase, LeadCase):
    """A run goes first through the leads and then through the customers, and survives anything in between."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules.domain = "[('order_count', '>', 0)]"
        cls.cleo = cls.customer("Cleo")
        cls.leads = cls.env["crm.lead"].concat(*(cls.lead(f"Lead {n}", willingness="1") for n in range(4)))
        cls.leads[-1].partner_id = cls.cleo
        cls.leads.write({"company_id": cls.company.id})
        cls.before = cls.lead_scheme(sequence=1)
        cls.rescore()
        cls.forget_requests()

    def killed(self):
        try:
            with self.second_batch(Killed):
                self.run_cron(NIGHTLY_CRON)
        except Killed:
            return True
        return False

    def test_batches_of_leads_and_then_of_customers(self):
        self.leads.willingness = "5"
        self.force(self.ada_order | self.bob_order, amount_untaxed=500)
        with patch.object(grading_run_pipeline, "BATCH_SIZE", 2):
            self.run_cron(NIGHTLY_CRON)
        customers = self.ada | self.bob | self.cleo
        self.assertEqual(
            (self.leads.mapped("grading_score"), customers.mapped("grading_score")), ([50] * 4, [500, 500, 50])
        )
        run = self.env["grading.run"]._last_full(self.company)
        self.assertEqual((run.profile_count, run.changed_count), (7, 7))

    def test_a_worker_killed_among_the_leads_leaves_every_record_whole(self):
        run = self.env["grading.run"]._start(self.company)
        self.leads.willingness = "5"
        self.assertTrue(self.killed())
        self.assertEqual(sorted(self.leads.mapped("grading_score")), [10, 10, 50, 50])
        self.assertEqual((self.profile(self.cleo).score, run.state), (10, "running"))
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual((self.leads.mapped("grading_score"), self.profile(self.cleo).score), ([50] * 4, 50))
        self.assertEqual((run.state, run.profile_count, run.changed_count), ("done", 7, 5))

    def test_a_run_killed_among_the_leads_still_measures_the_ranks_of_customers(self):
        """They would be ranked by the cut points of the night before."""
        self.rules.criterion_ids = [(5,), (0, 0, self.rank("order_amount"))]
        self.force(self.bob_order, amount_untaxed=60)
        self.rescore()
        self.assertEqual((self.profile(self.ada).score, self.profile(self.bob).score), (0, 100))
        run = self.env["grading.run"]._start(self.company)
        self.leads.willingness = "5"
        self.force(self.ada_order, amount_untaxed=700)
        self.force(self.bob_order, amount_untaxed=600)
        self.assertTrue(self.killed())
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual(run.state, "done")
        self.assertEqual((self.profile(self.ada).score, self.profile(self.bob).score), (100, 0))

    def test_a_lead_overridden_meanwhile_keeps_the_override_and_is_rescored(self):
        lead = self.leads[-1]
        lead.willingness = "3"
        self.forget_requests()
        worktable = self.env.registry["grading.worktable"]
        write_batch = worktable._write_profile_batch

        def overridden_first(table, rules, *args):
            profile = self.lead_profile(lead)
            if rules.subject == "lead" and not profile.manual_grade_id:
                profile._override(self.gold, "Meanwhile")
                self.force(profile, write_date=profile.write_date + timedelta(seconds=1))
            return write_batch(table, rules, *args)

        with patch.object(worktable, "_write_profile_batch", overridden_first):
            self.rescore()
        self.assertEqual((self.lead_profile(lead).grade_id, self.lead_profile(lead).score), (self.gold, 10))
        self.assertIn(lead, self.env["grading.queue"]._waiting([]).lead_id)
        self.run_cron(QUEUE_CRON)
        profile = self.lead_profile(lead)
        self.assertEqual((profile.grade_id, profile.score, profile.computed_grade_id), (self.gold, 30, self.silver))
        self.assertEqual(self.profile(self.cleo).grade_id, self.gold)
