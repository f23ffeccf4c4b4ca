from datetime import date, timedelta

import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import LeadCase

AS_OF = date(2025, 3, 10)


@tagged("post_install", "-at_install")
class TestBadLeads(LeadCase):
    """Whatever stands on a lead, it is scored: as bad as it is, and without an error."""

    def scored(self, lead, as_of=AS_OF):
        self.rescore(as_of=as_of, leads=lead)
        return self.lead_profile(lead)

    def test_a_deadline_in_the_past_is_scored_as_overdue(self):
        self.lead_scheme([self.band("date_deadline", [(-30, 25), (1, 8), (31, 0)], points_if_none=5)])
        for days, points in ((-30, 25), (0, 25), (1, 8), (30, 8), (31, 0), (4000, 0)):
            with self.subTest(days=days):
                lead = self.lead(date_deadline=AS_OF - timedelta(days=days))
                self.assertEqual(self.scored(lead).score, points)
        self.assertEqual(self.scored(self.lead()).score, 5)

    def test_a_deadline_far_away_is_scored(self):
        scheme = self.lead_scheme([self.linear("date_deadline", 1, points_min=-10)])
        lead = self.lead(date_deadline=date(9999, 12, 31))
        self.assertEqual(self.scored(lead).score, -10)
        scheme.criterion_ids.date_unit = "months"
        self.assertEqual(self.scored(lead).score, -10)
        lead.date_deadline = date(1, 1, 1)
        self.assertEqual(self.scored(lead).score, 1000)
        self.assertTrue(self.lead_profile(lead).explanation)

    def test_a_team_without_stages_gives_no_progress(self):
        self.lead_scheme([self.linear("stage_progress", 1, points_if_none=7)])
        empty = self.env["crm.team"].create({"name": "Empty", "company_id": self.company.id})
        lead = self.lead()
        self.force(lead, team_id=empty.id)
        self.assertEqual(self.scored(lead).score, 7)
        self.assertTrue(self.lead_profile(lead)._is_unknown("stage_progress"))

    def test_a_lead_without_a_stage_gives_no_progress(self):
        self.lead_scheme([self.linear("stage_progress", 1, points_if_none=7)])
        lead = self.lead()
        self.force(lead, stage_id=None)
        self.assertEqual(self.scored(lead).score, 7)

    def test_a_lead_without_anything_is_scored(self):
        self.lead_scheme([self.linear("willingness", 1, points_if_none=3), self.rank("expected_revenue")])
        lead = self.lead(expected_revenue=False)
        self.force(lead, stage_id=None, team_id=None, expected_revenue=None, automated_probability=None)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.lead_profile(lead).score, 3)

    def test_a_revenue_that_makes_no_sense_is_left_out(self):
        self.lead_scheme([self.linear("expected_revenue", 1, points_if_none=2, points_min=-1000)])
        for revenue in (10**15 + 1, 10**40, -(10**16), "NaN"):
            with self.subTest(revenue=revenue):
                lead = self.lead()
                self.force(lead, expected_revenue=revenue)
                self.assertEqual(self.scored(lead).score, 2)

    def test_a_great_and_a_negative_revenue_are_scored(self):
        self.lead_scheme([self.linear("expected_revenue", 1, points_min=-1000)])
        self.assertEqual(self.scored(self.lead(expected_revenue=10**14)).score, 1000)
        self.assertEqual(self.scored(self.lead(expected_revenue=-5)).score, -5)

    def test_contacts_of_impossible_days_are_scored(self):
        self.lead_scheme([self.linear("engagement", 1), self.linear("last_contact_date", 0, points_max=5)])
        lead = self.lead()
        self.message(lead, date(1, 1, 2))
        self.message(lead, date(9999, 12, 30))
        profile = self.scored(lead)
        self.assertEqual((profile.contact_count_90d, profile.last_contact_date), (0, date(1, 1, 2)))
        self.assertAlmostEqual(self.scored(lead, self.today).engagement, 0)

    def test_a_lead_that_is_deleted_while_queued_does_not_stop_the_run(self):
        self.lead_scheme()
        gone, stays = self.lead(willingness="5"), self.lead(willingness="5")
        leads = gone | stays
        gone.unlink()
        self.rescore(leads=leads)
        self.assertEqual(self.lead_profile(stays).grade_id, self.gold)


@tagged("post_install", "-at_install")
class TestBadLeadRules(LeadCase):
    """Bad rules for leads are refused when they are saved; those that go bad later stop no others."""

    def test_a_measure_that_is_not_known_of_leads_is_refused(self):
        with self.assert_refused("Orders", "Lead scheme", "Amount, all time", "not known of leads"):
            self.lead_scheme([self.linear("order_amount", name="Orders")])
        scheme = self.lead_scheme()
        with self.assert_refused("not known of leads", error=ValidationError):
            scheme.criterion_ids.measure = "annual_budget"

    def test_a_scheme_of_customers_does_not_become_one_of_leads_by_measures_that_leads_lack(self):
        scheme = self.scheme(name="For customers")
        with self.assert_refused("For customers", "not known of leads", error=ValidationError):
            scheme.subject = "lead"

    def test_filters_that_cannot_be_used_are_refused(self):
        for domain in (
            "[('lead_id.x_gone', '=', 1)]",
            "[('lead_id.name.x', '=', 1)]",
            "[('lead_id', '=', 1",
            "[('best_lead_id.display', '=', 1)]",
        ):
            with self.subTest(domain=domain), self.assert_refused("Lead scheme", "is invalid"):
                self.lead_scheme(domain=domain)

    def test_a_filter_of_leads_that_goes_bad_leaves_leads_and_prospects_alone(self):
        ada, bob = self.customer("Ada"), self.customer("Bob")
        service = self.scheme(name="Service", domain="[('order_count', '>', 0)]")
        scheme = self.lead_scheme(sequence=1)
        lead = self.lead(willingness="5", partner_id=ada.id)
        order = self.order(bob, 50, self.today)
        self.rescore()
        before = self.profile(ada).read(), self.lead_profile(lead).read()
        self.force(scheme, domain="[('lead_id.x_gone', '=', 1)]")
        self.force(order, amount_untaxed=500)
        lead.willingness = "1"
        with mute_logger("odoo.addons.customer_grading.models.run.grading_run_pipeline"):
            run = self.env["grading.run"]._rescore()
        self.assertEqual(run.state, "failed")
        self.assertIn("Lead scheme", run.message)
        self.assertIn("x_gone", run.message)
        self.assertEqual((self.profile(ada).read(), self.lead_profile(lead).read()), before)
        self.assertEqual((self.profile(bob).grade_id, self.profile(bob).scheme_id), (self.gold, service))

    def test_one_bad_scheme_of_leads_leaves_the_others_working(self):
        bad = self.lead_scheme(name="Bad", domain="[('lead_id.priority', '=', '3')]", sequence=1)
        self.lead_scheme(name="Good", sequence=2)
        theirs, mine = self.lead(priority="3", willingness="5"), self.lead(willingness="1")
        self.rescore()
        self.force(bad, domain="[('lead_id.x_gone', '=', 1)]")
        theirs.willingness = "1"
        mine.willingness = "5"
        with mute_logger("odoo.addons.customer_grading.models.run.grading_run_pipeline"):
            self.env["grading.run"]._rescore()
        self.assertEqual((theirs.grading_grade_id, theirs.grading_scheme_id), (self.gold, bad))
        self.assertEqual(mine.grading_grade_id, self.gold)

    def test_a_bad_rule_of_leads_never_keeps_a_salesperson_from_saving(self):
        scheme = self.lead_scheme()
        lead = self.lead()
        self.rescore()
        self.force(scheme, domain="[('lead_id.")
        self.env.registry.clear_cache()
        lead.write({"willingness": "5", "priority": "3"})
        self.post(lead)
        self.assertEqual(lead.willingness, "5")

    def test_customers_go_on_being_graded_when_there_is_no_scheme_for_leads(self):
        ada = self.customer("Ada")
        lead = self.lead(willingness="5", partner_id=ada.id)
        self.scheme(name="Service", domain="[('order_count', '>', 0)]")
        self.order(ada, 500, self.today)
        self.rescore()
        self.assertEqual((ada.grading_grade_id, lead.grading_grade_id.id), (self.gold, False))


@tagged("post_install", "-at_install")
class TestBadProfiles(LeadCase):
    """What no user should be able to put there by hand."""

    def profile_of(self, **vals):
        with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["grading.profile"].create({"company_id": self.company.id, **vals})
            self.env.flush_all()

    def test_a_profile_is_about_one_customer_or_one_lead(self):
        ada, lead = self.customer("Ada"), self.lead()
        for vals in ({"partner_id": ada.id, "lead_id": lead.id}, {}):
            with self.subTest(vals=vals), self.assertRaises(psycopg2.IntegrityError):
                self.profile_of(**vals)

    def test_a_lead_has_one_profile(self):
        lead = self.lead()
        self.rescore(leads=lead)
        with self.assertRaises(psycopg2.IntegrityError):
            self.profile_of(lead_id=lead.id)

    def test_a_line_of_the_queue_is_about_one_customer_or_one_lead(self):
        ada, lead = self.customer("Ada"), self.lead()
        with (
            self.assertRaises(psycopg2.IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.env["grading.queue"].create({"partner_id": ada.id, "lead_id": lead.id, "company_id": self.company.id})

    def test_a_profile_of_a_lead_is_not_deleted_by_hand(self):
        lead = self.lead()
        self.rescore(leads=lead)
        with self.assertRaises(UserError):
            self.lead_profile(lead).with_user(self.manager()).unlink()
