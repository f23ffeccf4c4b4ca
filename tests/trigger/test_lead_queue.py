from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import tagged

from ..common import LeadCase
from ..queue_case import NIGHTLY_CRON, QueueCase


class LeadQueueCase(QueueCase, LeadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cleo, cls.dan = cls.customer("Cleo"), cls.customer("Dan")
        cls.opportunity = cls.lead("Opportunity")
        cls.hers = cls.lead("Hers", partner_id=cls.cleo.id)
        cls.lead_scheme()
        cls.rescore()
        cls.forget_requests()

    def queued(self):
        lines = self.env["grading.queue"]._waiting([])
        return {(line.lead_id or line.partner_id.commercial_partner_id, line.company_id) for line in lines}


@tagged("post_install", "-at_install")
class TestLeadsAskForRescoring(LeadQueueCase):
    """A lead that changes is queued, and nothing else: its customer is scored with it."""

    def test_a_new_one(self):
        lead = self.lead("Brand new", partner_id=self.cleo.id)
        self.env.flush_all()
        self.assertEqual(self.queued(), {(lead, self.company)})

    def test_a_copy_asks_for_itself_only(self):
        copy = self.hers.copy()
        self.env.flush_all()
        self.assertEqual(self.queued(), {(copy, self.company)})

    def test_what_a_measure_reads(self):
        rivals = self.env["crm.team"].create({"name": "Rivals", "company_id": self.company.id})
        self.forget_requests()
        for values in (
            {"stage_id": self.talks.id},
            {"date_deadline": self.today},
            {"willingness": "4"},
            {"expected_revenue": 500},
            {"probability": 20},
            {"team_id": rivals.id},
            {"type": "lead"},
        ):
            with self.subTest(values=values), self.assert_queues(self.hers):
                self.hers.write(values)

    def test_what_no_measure_reads(self):
        with self.assert_queues():
            self.hers.write({"name": "Other", "description": "Nice people", "priority": "2", "city": "Ghent"})

    def test_winning_losing_and_coming_back(self):
        with self.assert_queues(self.hers):
            self.hers.action_set_won()
        with self.assert_queues(self.hers):
            self.hers.stage_id = self.talks
        with self.assert_queues(self.hers):
            self.hers.action_set_lost()
        with self.assert_queues(self.hers):
            self.hers.action_unarchive()

    def test_another_salesperson_whose_team_goes_another_way(self):
        seller = self.salesman()
        rivals = self.env["crm.team"].create(
            {"name": "Rivals", "company_id": self.company.id, "member_ids": seller.ids, "use_opportunities": True}
        )
        self.forget_requests()
        with self.assert_queues(self.opportunity):
            self.opportunity.user_id = seller
        self.assertEqual(self.opportunity.team_id, rivals)

    def test_odds_that_odoo_works_out_anew(self):
        odds = {self.opportunity.id: 12.5}
        with patch.object(
            self.env.registry["crm.lead"], "_pls_get_naive_bayes_probabilities", lambda *_args, **_kwargs: (odds, {})
        ):
            with self.assert_queues(self.opportunity):
                self.opportunity.email_from = "ada@example.com"
            self.assertEqual(self.opportunity.probability, 12.5)
            with self.assert_queues():
                self.opportunity.email_from = "bob@example.com"

    def test_another_customer_concerns_the_former_one_too(self):
        with self.assert_queues(self.hers, self.cleo):
            self.hers.partner_id = self.dan
        with self.assert_queues(self.hers, self.dan):
            self.hers.partner_id = False

    def test_another_contact_of_the_same_customer_concerns_the_lead_only(self):
        contact = self.customer("Contact", parent_id=self.cleo.id)
        with self.assert_queues(self.hers):
            self.hers.partner_id = contact

    def test_a_lead_that_is_deleted_concerns_its_customer(self):
        with self.assert_queues(self.cleo):
            self.hers.unlink()
        with self.assert_queues():
            self.opportunity.unlink()

    def test_another_company_concerns_the_customer_in_the_former_one(self):
        other = self.new_company("Other Company")
        self.forget_requests()
        self.hers.write({"company_id": other.id, "team_id": False})
        self.env.flush_all()
        self.assertEqual(self.queued(), {(self.hers, other), (self.cleo, self.company)})

    def test_a_lead_of_no_company_is_queued_in_the_first_one(self):
        first = self.env["res.company"].search([], order="id", limit=1)
        lead = self.lead("Shared", company_id=False, team_id=False, stage_id=False)
        self.env.flush_all()
        self.assertFalse(lead.company_id)
        self.assertEqual(self.queued(), {(lead, first)})

    def test_merged_leads_concern_the_one_that_stays_and_the_former_customers(self):
        other = self.lead("Other", partner_id=self.dan.id, stage_id=self.offer.id)
        self.message(self.hers, self.today)
        self.rescore()
        self.forget_requests()
        with self.assert_queues(other, self.cleo):
            self.assertEqual((other | self.hers).merge_opportunity(), other)

    def test_the_scores_of_lead_and_prospect_follow_the_queue(self):
        self.rules.domain = "[('order_count', '>', 0)]"
        self.rescore()
        self.forget_requests()
        self.hers.willingness = "5"
        before = self.last_run
        self.run_cron()
        self.assertEqual((self.lead_profile(self.hers).score, self.profile(self.cleo).score), (50, 50))
        self.assertEqual(self.new_runs(before).mapped("profile_count"), [2])
        self.assertFalse(self.queued())


@tagged("post_install", "-at_install")
class TestRulesAskForRescoring(LeadQueueCase):
    """Fields that only a rule reads."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls.env["utm.source"].create({"name": "Fair"})
        cls.industry = cls.env["res.partner.industry"].create({"name": "Food"})
        cls.picky = cls.lead_scheme(
            [
                cls.matching([("lead_id.source_id.name", "=", "Fair")], 10, dimension="fit"),
                cls.matching([("lead_id.tag_ids", "any", [("name", "=", "Big")])], 10, dimension="fit"),
                cls.matching([("lead_id.partner_id.industry_id", "=", cls.industry.id)], 10, dimension="fit"),
            ],
            domain="[('lead_id.country_id.code', '=', 'BE')]",
        )
        cls.forget_requests()

    def test_a_field_of_the_lead_that_a_rule_reads(self):
        for values in (
            {"country_id": self.env.ref("base.be").id},
            {"source_id": self.source.id},
            {"tag_ids": self.env["crm.tag"].create({"name": "Big"}).ids},
        ):
            with self.subTest(values=values), self.assert_queues(self.hers):
                self.hers.write(values)

    def test_a_rule_that_is_switched_off_asks_for_nothing_any_more(self):
        self.picky.active = False
        with self.assert_queues():
            self.hers.write({"country_id": self.env.ref("base.be").id, "source_id": self.source.id})

    def test_a_field_of_the_leads_customer_that_a_rule_reads(self):
        with self.assert_queues(self.cleo):
            self.cleo.industry_id = self.industry

    def test_a_field_of_the_lead_that_a_stage_of_life_reads(self):
        self.picky.active = False
        self.env["grading.lifecycle"].create(
            {"name": "Met at a fair", "domain": str([("best_lead_id.source_id", "=", self.source.id)])}
        )
        with self.assert_queues(self.hers):
            self.hers.source_id = self.source


@tagged("post_install", "-at_install")
class TestStagesAskForRescoring(LeadQueueCase):
    """Another way to the signature concerns all leads of all companies."""

    @contextmanager
    def assert_opens_full_runs(self, opens=True):
        self.forget_requests()
        with self.capture_triggers(NIGHTLY_CRON) as triggers:
            yield
            self.env.flush_all()
        runs = self.env["grading.run"].search([("state", "=", "running"), ("scope", "=", "full")])
        self.assertEqual(runs.company_id, self.env["res.company"].search([]) if opens else self.env["res.company"])
        self.assertEqual(bool(triggers.records), opens)
        self.assertFalse(self.queued())

    def test_another_order(self):
        with self.assert_opens_full_runs():
            self.talks.sequence = 9

    def test_another_team(self):
        with self.assert_opens_full_runs():
            self.talks.team_ids += self.foreign_team

    def test_another_stage_that_wins(self):
        with self.assert_opens_full_runs():
            self.offer.is_won = True

    def test_a_new_stage_and_one_less(self):
        with self.assert_opens_full_runs():
            stage = self.stage("Demo", 2, self.team)
        with self.assert_opens_full_runs():
            stage.unlink()

    def test_another_name_asks_for_nothing(self):
        with self.assert_opens_full_runs(opens=False):
            self.talks.write({"name": "Talking", "fold": True, "requirements": "Talk"})

    def test_many_changes_open_one_run_for_each_company(self):
        with self.assert_opens_full_runs():
            for sequence, stage in enumerate((self.offer, self.talks, self.new)):
                stage.sequence = sequence

    def test_the_nightly_run_brings_the_new_progress(self):
        self.opportunity.stage_id = self.talks
        self.stage("Demo", 1, self.team)
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual(self.lead_profile(self.opportunity).stage_progress, 50)
