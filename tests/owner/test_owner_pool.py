from odoo.tests import freeze_time, tagged

from ..care.care_case import DAY
from .owner_case import PoolCase


@tagged("post_install", "-at_install")
class TestOwnerPool(PoolCase):
    """Leads and prospects with overdue contacts go back to the pool, after a warning."""

    def test_nothing_happens_unless_the_team_has_a_pool(self):
        self.team.grading_pool = False
        lead, prospect = self.overdue_lead(), self.prospect()
        for days in (0, 30):
            self.assertEqual(self.keep_pool(self.after(days)), 0)
        self.assertEqual(lead.user_id + prospect.user_id, self.ada)
        self.assertFalse(self.moves(lead) + self.moves(prospect))

    def test_the_owner_is_warned_in_time_and_then_loses_it_after_two_intervals(self):
        lead, prospect = self.overdue_lead(), self.prospect()
        self.assertEqual(self.keep_pool(self.after(-3)), 0)
        self.assertEqual(self.keep_pool(self.after(-2)), 2)
        for days in (-2, -1, 0):
            self.assertEqual(self.keep_pool(self.after(days)), 0)
        self.assertEqual(lead.user_id + prospect.user_id, self.ada)
        self.assertEqual(self.keep_pool(self.after(1)), 2)
        self.assertFalse(lead.user_id + prospect.user_id)
        self.assertEqual(lead.team_id, self.team)
        for subject in (lead, prospect):
            self.assertEqual(self.moves(subject), [("warned", "Ada", False), ("pooled", "Ada", False)])

    def test_an_owner_set_by_hand_has_twice_the_interval_and_gets_their_own_warning(self):
        lead = self.overdue_lead()
        self.keep_pool(self.after(-2))
        with freeze_time(f"{DAY} 12:00:00"):
            lead.user_id = self.bob
        self.assertFalse(self.owner_activities(lead), "the warning was for the former owner")
        self.assertEqual(self.keep_pool(self.after(11)), 0)
        self.assertEqual(self.keep_pool(self.after(12)), 1)
        self.assertEqual(self.moves(lead), [("warned", "Ada", False), ("hand", "Ada", "Bob"), ("warned", "Bob", False)])

    def test_a_new_owner_by_claim_has_twice_the_interval_from_then_on(self):
        lead = self.overdue_lead()
        self.env["grading.ownership"].create(
            {
                "lead_id": lead.id,
                "company_id": self.company.id,
                "date": DAY,
                "reason": "claimed",
                "new_user_id": self.ada.id,
            }
        )
        self.assertEqual(self.keep_pool(self.after(11)), 0)
        self.assertEqual(self.keep_pool(self.after(12)), 1)

    def test_what_was_due_before_there_was_a_cadence_is_not_late(self):
        lead = self.overdue_lead(last=None)
        self.force(self.care(lead), start_date=DAY)
        self.assertEqual(self.keep_pool(self.after(11)), 0)
        self.assertEqual(self.keep_pool(self.after(12)), 1)

    def test_the_shortest_interval_of_the_salesperson_counts(self):
        self.weekly.responsible_type = "team_leader"
        monthly = self.cadence("Monthly", number=1, unit="month")
        lead = self.overdue_lead()
        self.force(self.care(lead, monthly), start_date=self.after(-99))
        self.assertEqual(self.keep_pool(self.after(1)), 0)
        self.weekly.responsible_type = "salesperson"
        self.assertEqual(self.keep_pool(self.after(1)), 1)

    def test_a_cadence_that_does_not_count_from_contacts_takes_nothing_away(self):
        daily = self.cadence("Daily Task", unit="day", anchor="activity")
        lead = self.overdue_lead(last=self.after(-7))
        self.force(self.care(lead, daily), start_date=self.after(-99))
        self.assertEqual(self.keep_pool(), 0)

    def test_customers_are_never_taken_away_even_if_they_bought_elsewhere(self):
        customer, abroad = self.prospect("Customer", order_count=1), self.prospect("Abroad")
        company = self.new_company("Other Company")
        self.profile(abroad).create({"partner_id": abroad.id, "company_id": company.id, "order_count": 2})
        self.assertEqual(self.keep_pool(self.after(30)), 0)
        self.assertEqual(customer.user_id + abroad.user_id, self.ada)

    def test_what_is_won_lost_or_not_to_be_disturbed_is_left_alone(self):
        won, lost, quiet = self.overdue_lead("Won"), self.overdue_lead("Lost"), self.prospect("Quiet")
        self.win(won, DAY)
        lost.action_set_lost()
        quiet.grading_do_not_disturb = True
        self.assertEqual(self.keep_pool(self.after(30)), 0)

    def test_a_prospect_goes_to_the_pool_of_a_team_of_the_owner_and_of_no_other(self):
        prospect = self.prospect()
        self.force(prospect, user_id=self.seller.id)
        self.assertEqual(self.keep_pool(self.after(30)), 0)
        self.team.member_ids += self.seller
        self.assertEqual(self.keep_pool(self.after(30)), 1)

    def test_what_a_former_user_owned_goes_back_at_once_without_a_warning(self):
        lead, prospect = self.lead(user_id=self.ada.id), self.customer("Prospect", user_id=self.ada.id)
        for subject in (lead, prospect):
            self.measure(subject, last_online_date=DAY, order_count=0)
        self.assertEqual(self.keep_pool(), 0)
        self.ada.action_archive()
        self.assertEqual(self.keep_pool(), 2)
        for subject in (lead, prospect):
            self.assertFalse(subject.user_id)
            self.assertEqual(self.moves(subject), [("pooled", "Ada", False)])
            self.assertFalse(self.owner_activities(subject))

    def test_what_a_portal_user_owns_goes_back_to_the_first_pool(self):
        prospect = self.customer("Prospect", user_id=self.portal().id)
        self.measure(prospect, order_count=0)
        self.assertEqual(self.keep_pool(), 1)
        self.assertFalse(prospect.user_id)
        row = self.env["grading.ownership"].search([("partner_id", "=", prospect.id)])
        self.assertEqual(row.team_id, self.team)

    def test_no_contact_is_planned_for_what_is_in_the_pool(self):
        lead = self.overdue_lead()
        self.plan()
        self.assertTrue(self.activities(lead))
        self.team.grading_pool_warning_days = 0
        self.keep_pool(self.after(1))
        self.assertFalse(self.activities(lead))
        self.assertFalse(self.care(lead).user_id)
        self.assertEqual(self.plan(self.after(1)), 0)

    def test_the_contact_persons_of_the_same_owner_go_with_the_customer(self):
        self.team.grading_pool_warning_days = 0
        prospect = self.prospect()
        with_bob = self.customer("With Bob", parent_id=prospect.id, user_id=self.ada.id)
        archived = self.customer("Archived", parent_id=with_bob.id, user_id=self.ada.id, active=False)
        bobs = self.customer("Bob's", parent_id=prospect.id, user_id=self.bob.id)
        persons = with_bob + archived
        self.keep_pool(self.after(1))
        self.assertFalse(prospect.user_id + persons.user_id)
        self.env["grading.pool"].with_user(self.bob).search([("partner_id", "=", prospect.id)]).action_claim()
        self.assertEqual(prospect.user_id + with_bob.user_id + archived.user_id, self.bob)
        self.assertEqual(bobs.user_id, self.bob)

    def test_what_the_former_owner_had_planned_waits_in_the_pool_for_the_next_owner(self):
        self.team.grading_pool_warning_days = 0
        lead = self.overdue_lead()
        mine, boss = (
            lead.activity_schedule(activity_type_id=self.call_type.id, user_id=user.id)
            for user in (self.ada, self.manager())
        )
        self.plan()
        self.keep_pool(self.after(1))
        self.assertEqual(self.owner_activities(lead), mine + boss, "contacts that were due are planned no longer")
        self.assertEqual(mine.user_id, self.ada)
        before = self.env["mail.mail"].search_count([])
        self.env["grading.pool"].with_user(self.bob).search([("lead_id", "=", lead.id)]).action_claim()
        self.assertEqual(mine.user_id, self.bob)
        self.assertNotEqual(boss.user_id, self.bob)
        self.assertEqual(self.env["mail.mail"].search_count([]), before)

    def test_what_went_back_to_the_pool_is_not_assigned(self):
        self.team.write({"grading_assign_grade_ids": self.gold, "grading_assign_owners": True})
        self.team.grading_pool_warning_days = 0
        lead = self.overdue_lead()
        self.keep_pool(self.after(1))
        self.assertEqual(self.assign(self.after(1)), 0)
        self.assertFalse(lead.user_id)

    def test_another_company_takes_nothing_away(self):
        self.overdue_lead()
        self.team.company_id = False
        self.assertEqual(self.keep_pool(self.after(30), company=self.new_company("Other Company")), 0)

    def test_a_batch_takes_no_more_than_it_may(self):
        for number in range(3):
            self.overdue_lead(f"Lead {number}")
        self.assertEqual(self.keep_pool(limit=2), 2)
        self.assertEqual(self.keep_pool(limit=2), 1)
        self.assertEqual(self.keep_pool(limit=2), 0)
