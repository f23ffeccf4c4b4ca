from datetime import timedelta

from odoo.tests import tagged

from ..common import LeadCase


class ProspectCase(LeadCase):
    """Ada has not ordered yet. In service, orders make a customer; before that, willingness makes a prospect."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.customer("Ada")
        cls.before = cls.lead_scheme(name="Before", sequence=1)
        cls.service = cls.scheme(name="Service", sequence=2, domain="[('order_count', '>', 0)]")

    def lead_of_ada(self, willingness="5", **vals):
        return self.lead("Of Ada", **{"partner_id": self.ada.id, "willingness": willingness, **vals})

    def scored(self, **kwargs):
        """Ada, scored alone."""
        self.rescore(partners=self.ada, **kwargs)
        return self.profile(self.ada)

    def measures_of_prospects(self):
        return [name for name in self.env["grading.measure"]._measures_of_leads() if name != "closed_date"]

    def assert_graded(self, grade, scheme, best_lead=None, **kwargs):
        profile = self.scored(**kwargs)
        self.assertEqual((profile.grade_id, profile.scheme_id), (grade, scheme))
        self.assertEqual(profile.best_lead_id, best_lead or self.env["crm.lead"])
        return profile


@tagged("post_install", "-at_install")
class TestProspect(ProspectCase):
    def test_a_prospect_is_graded_as_the_best_lead_is(self):
        lead = self.lead_of_ada("5", expected_revenue=900, date_deadline=self.today)
        self.message(lead, self.today)
        profile = self.assert_graded(self.gold, self.before, lead)
        theirs = self.lead_profile(lead)
        for name in (*self.measures_of_prospects(), "engagement_log", "score", "intent_score"):
            with self.subTest(field=name):
                self.assertEqual(profile[name], theirs[name])
        self.assertEqual(profile.points_detail, theirs.points_detail)

    def test_the_best_grade_goes_before_the_score_and_the_score_before_what_is_at_stake(self):
        self.before.write({"criterion_ids": [(0, 0, self.linear("stage_progress", 0.01, points_max=1))]})
        self.lead_of_ada("2", stage_id=self.offer.id, expected_revenue=9999)
        best = self.lead_of_ada("4", expected_revenue=10)
        self.assert_graded(self.gold, self.before, best)
        further = self.lead_of_ada("4", stage_id=self.talks.id, expected_revenue=1)
        self.assert_graded(self.gold, self.before, further)

    def test_of_leads_that_tie_the_greater_then_the_sooner_then_the_older_counts(self):
        first = self.lead_of_ada("4", expected_revenue=100)
        self.lead_of_ada("4", expected_revenue=100)
        self.assert_graded(self.gold, self.before, first)
        sooner = self.lead_of_ada("4", expected_revenue=100, date_deadline=self.today)
        self.lead_of_ada("4", expected_revenue=100, date_deadline=self.today + timedelta(days=1))
        self.assert_graded(self.gold, self.before, sooner)
        greater = self.lead_of_ada("4", expected_revenue=101)
        self.assert_graded(self.gold, self.before, greater)

    def test_a_lead_without_a_grade_is_the_worst(self):
        self.before.domain = "[('lead_id.priority', '!=', '3')]"
        self.lead_of_ada("5", priority="3")
        graded = self.lead_of_ada("1")
        self.assert_graded(self.bronze, self.before, graded)

    def test_leads_of_all_contacts_of_the_prospect_count(self):
        contact = self.customer("Contact", parent_id=self.ada.id)
        lead = self.lead("Of the contact", partner_id=contact.id, willingness="3")
        self.assert_graded(self.silver, self.before, lead)
        self.assertEqual(contact.grading_grade_id, self.silver)

    def test_lost_won_archived_and_deleted_leads_let_the_next_best_count(self):
        lost, won, archived, deleted, last = (self.lead_of_ada("5", expected_revenue=n) for n in (5, 4, 3, 2, 1))
        self.assert_graded(self.gold, self.before, lost)
        lost.action_set_lost()
        self.assert_graded(self.gold, self.before, won)
        won.action_set_won()
        self.assert_graded(self.gold, self.before, archived)
        archived.active = False
        self.assert_graded(self.gold, self.before, deleted)
        deleted.unlink()
        self.assert_graded(self.gold, self.before, last)

    def test_between_winning_and_the_first_order_the_won_lead_grades_the_prospect(self):
        lead = self.lead_of_ada("5")
        lead.action_set_won()
        self.assert_graded(self.gold, self.before, lead)
        self.assertIn("the lead that was won", str(self.profile(self.ada).explanation))
        still_open = self.lead_of_ada("1")
        self.assert_graded(self.bronze, self.before, still_open)

    def test_without_a_lead_the_willingness_of_the_prospect_decides(self):
        self.ada.willingness = "2"
        profile = self.assert_graded(self.silver, self.before)
        self.assertEqual((profile.willingness, profile.score), ("2", 20))
        lead = self.lead_of_ada("4")
        self.assert_graded(self.gold, self.before, lead)

    def test_the_leads_willingness_counts_where_there_is_a_lead_even_if_unknown(self):
        self.ada.willingness = "5"
        lead = self.lead_of_ada(False)
        profile = self.assert_graded(self.bronze, self.before, lead)
        self.assertFalse(profile.willingness)

    def test_without_a_lead_and_without_willingness_the_prospect_is_not_graded(self):
        self.ada.customer_rank = 1
        profile = self.assert_graded(self.env["grading.grade"], self.env["grading.scheme"])
        self.assertTrue(profile)
        self.assertFalse(profile.points_detail)

    def test_when_the_last_lead_goes_the_prospect_is_not_graded_any_more(self):
        lead = self.lead_of_ada("5")
        self.assert_graded(self.gold, self.before, lead)
        lead.action_set_lost()
        profile = self.assert_graded(self.env["grading.grade"], self.env["grading.scheme"])
        self.assertEqual(profile.history_ids[0].old_grade_id, self.gold)
        self.assertEqual(self.lead_profile(lead).grade_id, self.gold, "a lost lead keeps its grade")

    def test_a_filter_on_the_lead_reads_the_best_lead_of_the_prospect(self):
        belgium = self.env.ref("base.be")
        self.before.criterion_ids = [
            (0, 0, self.matching([("lead_id.country_id", "=", belgium.id)], 7, dimension="fit"))
        ]
        lead = self.lead_of_ada("3", country_id=belgium.id)
        profile = self.assert_graded(self.silver, self.before, lead)
        self.assertEqual((profile.score, profile.fit_score, self.lead_profile(lead).score), (37, 7, 37))

    def test_a_scheme_of_customers_goes_before(self):
        self.lead_of_ada("5")
        general = self.scheme(name="General", sequence=9)
        self.assertEqual(self.scored().scheme_id, general)

    def test_each_company_looks_at_its_own_leads(self):
        other = self.new_company("Other Company")
        self.before.company_id = self.service.company_id = False
        here = self.lead_of_ada("2")
        there = self.lead_of_ada("5", company_id=other.id, team_id=False, stage_id=False)
        self.assert_graded(self.silver, self.before, here)
        self.rescore(company=other, partners=self.ada)
        profile = self.profile(self.ada, other)
        self.assertEqual((profile.grade_id, profile.best_lead_id), (self.gold, there))

    def test_a_lead_that_went_to_another_company_counts_there_only(self):
        other = self.new_company("Other Company")
        lead = self.lead_of_ada("5")
        self.assert_graded(self.gold, self.before, lead)
        lead.write({"company_id": other.id, "team_id": False})
        self.assert_graded(self.env["grading.grade"], self.env["grading.scheme"])

    def test_a_lead_that_changes_the_customer_counts_for_the_new_one(self):
        bob = self.customer("Bob")
        lead = self.lead_of_ada("5")
        self.assert_graded(self.gold, self.before, lead)
        lead.partner_id = bob
        self.rescore(partners=self.ada, leads=lead)
        self.assertFalse(self.profile(self.ada).grade_id)
        self.assertEqual((self.profile(bob).grade_id, self.profile(bob).best_lead_id), (self.gold, lead))


@tagged("post_install", "-at_install")
class TestOverriddenLead(ProspectCase):
    """A person's word on the lead is that person's word on the prospect."""

    def test_it_carries_to_the_prospect(self):
        lead = self.lead_of_ada("1")
        self.scored()
        lead.with_context(grading_reason="Knows us").grading_grade_id = self.gold
        profile = self.assert_graded(self.gold, self.before, lead)
        self.assertFalse(profile.manual_grade_id, "the customer was not overridden")
        self.assertIn("Knows us", profile.explanation)

    def test_it_is_queued_for_the_prospect(self):
        lead = self.lead_of_ada("1")
        self.scored()
        self.forget_requests()
        lead.grading_grade_id = self.gold
        self.assertIn(self.ada, self.env["grading.queue"]._waiting([]).partner_id)

    def test_the_explanation_does_not_say_that_points_made_the_grade(self):
        lead = self.lead_of_ada("1")
        self.scored()
        lead.with_context(grading_reason="Knows us").grading_grade_id = self.gold
        explanation = self.scored().explanation
        self.assertNotIn("Grade Gold: ", explanation)
        self.assertIn("Grade Gold, set on the lead by hand", explanation)

    def test_a_better_grade_given_by_hand_makes_the_lead_the_best(self):
        self.lead_of_ada("3")
        lead = self.lead_of_ada("1")
        self.scored()
        lead.grading_grade_id = self.gold
        self.assert_graded(self.gold, self.before, lead)

    def test_a_worse_one_lets_another_lead_count(self):
        first, second = self.lead_of_ada("5"), self.lead_of_ada("3")
        self.assert_graded(self.gold, self.before, first)
        first.grading_grade_id = self.bronze
        self.assert_graded(self.silver, self.before, second)

    def test_it_ends_with_the_override(self):
        lead = self.lead_of_ada("1")
        self.scored()
        self.lead_profile(lead)._override(self.gold, "Until tonight", self.today)
        self.assert_graded(self.gold, self.before, lead)
        self.assert_graded(self.bronze, self.before, lead, as_of=self.today + timedelta(days=1))

    def test_an_override_of_the_prospect_goes_before(self):
        lead = self.lead_of_ada("1")
        self.scored()
        lead.grading_grade_id = self.gold
        self.ada.grading_grade_id = self.silver
        profile = self.assert_graded(self.silver, self.before, lead)
        self.assertEqual(profile.computed_grade_id, self.gold)
