from odoo.tests import tagged

from .test_prospect import ProspectCase


@tagged("post_install", "-at_install")
class TestFirstOrder(ProspectCase):
    """The switch at signing."""

    def signed(self, amount=5, **vals):
        """Ada as a Gold prospect, then her first order, which is worth Bronze."""
        lead = self.lead_of_ada("5", **vals)
        self.assert_graded(self.gold, self.before, lead)
        return lead, self.order(self.ada, amount, self.today)

    def test_the_history_says_why_the_grade_falls(self):
        lead, _order = self.signed()
        profile = self.assert_graded(self.bronze, self.service, lead)
        last, first = profile.history_ids
        self.assertRecordValues(
            last,
            [
                {
                    "reason": "first_order",
                    "old_grade_id": self.gold.id,
                    "new_grade_id": self.bronze.id,
                    "old_score": 50,
                    "new_score": 5,
                    "date": self.today,
                    "user_id": False,
                }
            ],
        )
        self.assertRecordValues(first, [{"reason": "rescore", "old_grade_id": False, "new_grade_id": self.gold.id}])
        self.assertEqual(profile.trend, "same", "another scheme is no better or worse")

    def test_only_the_first_order_is_one(self):
        lead, _order = self.signed()
        self.scored()
        self.order(self.ada, 500, self.today)
        profile = self.assert_graded(self.gold, self.service, lead)
        self.assertEqual(profile.history_ids.mapped("reason"), ["rescore", "first_order", "rescore"])

    def test_the_days_of_grace_do_not_hold_it_up(self):
        self.before.grace_days = self.service.grace_days = 30
        lead, _order = self.signed()
        profile = self.assert_graded(self.bronze, self.service, lead)
        self.assertFalse(profile.pending_grade_id)

    def test_the_next_incremental_run_does_it(self):
        self.signed()
        self.assertEqual(self.rescore(partners=self.ada).scope, "incremental")
        self.assertEqual(self.profile(self.ada).grade_id, self.bronze)

    def test_nothing_that_was_gathered_is_lost(self):
        lead, _order = self.signed(expected_revenue=900, date_deadline=self.today)
        self.message(lead, self.today)
        lead.action_set_won()
        self.scored()
        before = self.lead_profile(lead)
        self.assertRecordValues(
            before,
            [
                {
                    "grade_id": self.gold.id,
                    "willingness": "5",
                    "expected_revenue": 900,
                    "contact_count_90d": 1,
                    "date_deadline": self.today,
                    "closed_date": self.today,
                }
            ],
        )
        action = self.ada.action_grading_view_lead_history()
        lines = self.env["grading.history"].search(action["domain"])
        self.assertEqual(lines, before.history_ids)
        self.assertTrue(lines)

    def test_the_history_of_lost_leads_is_reachable_from_the_customer_too(self):
        lead = self.lead_of_ada("5")
        self.scored()
        lead.action_set_lost()
        lines = self.env["grading.history"].search(self.ada.action_grading_view_lead_history()["domain"])
        self.assertEqual(lines.lead_id, lead)

    def test_an_order_that_is_cancelled_again_makes_a_prospect_again(self):
        lead, order = self.signed()
        self.scored()
        self.force(order, state="cancel")
        profile = self.assert_graded(self.gold, self.before, lead)
        self.assertEqual(profile.history_ids[0].reason, "rescore")
        self.force(order, state="sale")
        self.assertEqual(self.assert_graded(self.bronze, self.service, lead).history_ids[0].reason, "first_order")

    def test_the_customers_own_override_survives(self):
        lead, order = self.signed()
        self.force(order, state="draft")
        self.ada.with_context(grading_reason="She decides").grading_grade_id = self.silver
        self.force(order, state="sale")
        profile = self.assert_graded(self.silver, self.service, lead)
        self.assertEqual((profile.computed_grade_id, profile.manual_reason), (self.bronze, "She decides"))

    def test_an_override_of_the_lead_does_not_hold_in_service(self):
        lead, order = self.signed()
        self.force(order, state="draft")
        lead.grading_grade_id = self.silver
        self.force(order, state="sale")
        self.assert_graded(self.bronze, self.service, lead)
        self.assertEqual(self.lead_profile(lead).manual_grade_id, self.silver)

    def test_each_company_has_its_own_first_order(self):
        other = self.new_company("Other Company")
        self.before.company_id = self.service.company_id = False
        self.lead_of_ada("4", company_id=other.id, team_id=False, stage_id=False)
        self.signed()
        self.scored()
        self.rescore(company=other, partners=self.ada)
        there = self.profile(self.ada, other)
        self.assertEqual((there.grade_id, there.scheme_id), (self.gold, self.before))
        self.assertNotIn("first_order", there.history_ids.mapped("reason"))

    def test_an_old_customer_has_no_first_order_when_a_rule_first_asks_for_orders(self):
        """As long as no rule asked for orders, they were not counted."""
        self.service.active = self.before.active = False
        ada = self.scheme([self.matching([("partner_id.name", "=", "Ada")], 500)])
        self.order(self.ada, 5, self.today)
        self.scored()
        ada.active = False
        self.service.active = True
        self.assertEqual(self.scored().history_ids[0].reason, "rescore")
