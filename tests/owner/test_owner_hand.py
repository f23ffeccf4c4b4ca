from odoo.tests import freeze_time, tagged

from ..care.care_case import DAY
from .owner_case import PoolCase


@tagged("post_install", "-at_install")
class TestOwnerHand(PoolCase):
    """People change salespersons themselves: that is noted, and what is in a pool is claimed that way too."""

    def lose(self, subject, user=None, day=DAY):
        name = "lead_id" if subject._name == "crm.lead" else "partner_id"
        move = {name: subject.id, "team_id": self.team.id, "old_user_id": (user or self.ada).id}
        self.run_step("_move", day, reason="pooled", moves=[move])

    def take(self, subject, user=None, owner=None):
        user = user or self.ada
        with freeze_time(f"{DAY} 12:00:00"):
            subject.with_user(user).user_id = owner or user

    def found(self):
        """A lead and a prospect in the pool."""
        return self.lead("Lead in the Pool"), self.ownerless("Prospect in the Pool", order_count=0)

    def test_what_people_change_is_noted_where_a_team_has_rules(self):
        lead, customer = self.lead(user_id=self.ada.id), self.prospect("Customer", order_count=1)
        for subject in (lead, customer):
            self.take(subject, owner=self.bob)
            self.assertEqual(self.moves(subject), [("hand", "Ada", "Bob")])
            self.take(subject, self.bob)
            self.assertEqual(len(self.moves(subject)), 1, "nothing has changed")

    def test_without_rules_nothing_is_noted_and_nothing_asked(self):
        lead, customer = self.lead(user_id=self.ada.id), self.prospect("Customer", order_count=1)
        self.team.grading_pool = False
        self.env["crm.team"]._grading_owner_rules()
        for subject in (lead, customer):
            counts = []
            for rule, owner in ((True, self.bob), (True, self.ada), (False, self.bob), (True, self.ada)):
                self.env.flush_all()
                before = self.env.cr.sql_log_count
                subject.with_context(grading_hand_over=rule).user_id = owner
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(counts[2], counts[3])
            self.assertFalse(self.moves(subject))

    def test_another_teams_leads_are_not_noted_nor_customers_of_a_company_without_rules(self):
        lead = self.lead(user_id=self.ada.id, team_id=self.foreign_team.id)
        customer = self.prospect("Customer", order_count=1)
        lead.user_id = False
        company = self.new_company("Other Company")
        self.bob.company_ids += company
        customer.with_company(company).user_id = self.bob
        self.assertFalse(self.moves(lead) + self.moves(customer))

    def test_a_team_that_assigns_is_enough_and_archived_it_is_none(self):
        self.team.write({"grading_pool": False, "grading_assign_grade_ids": self.gold, "grading_assign_owners": True})
        lead = self.lead(user_id=self.ada.id)
        lead.user_id = self.bob
        self.assertEqual(self.moves(lead), [("hand", "Ada", "Bob")])
        self.team.active = False
        lead.user_id = self.ada
        self.assertEqual(len(self.moves(lead)), 1)

    def test_a_former_owner_who_takes_it_by_hand_is_locked_out(self):
        for subject in self.found():
            self.lose(subject)
            with self.assert_refused("You lost", subject.name, "04/03/2026"):
                self.take(subject)
            with self.assert_refused("Ada lost", subject.name, "04/03/2026", "sales manager"):
                self.take(subject, self.bob, owner=self.ada)
            self.take(subject, self.bob)
            self.assertEqual(subject.user_id, self.bob)
            self.assertEqual(self.moves(subject)[-1], ("claimed", "Ada", "Bob"))

    def test_what_is_taken_by_hand_counts_as_held(self):
        self.team.grading_pool_limit = 2
        for subject in self.found():
            self.take(subject)
        third = self.lead("Third")
        with self.assert_refused("Third", "hold 2", "allows 2"):
            self.take(third)
        with self.assert_refused("Third", "Ada", "holds 2", "another user"):
            self.take(third, self.bob, owner=self.ada)
        row = self.env["grading.pool"].with_user(self.ada).search([("lead_id", "=", third.id)])
        with self.assert_refused("hold 2"):
            row.action_claim()

    def test_several_at_once_do_not_pass_the_limit(self):
        self.team.grading_pool_limit = 2
        leads = self.lead("One") + self.lead("Two") + self.lead("Three")
        with self.assert_refused("hold 2", "allows 2"):
            self.take(leads)
        self.take(leads[:2])
        self.assertEqual(leads[:2].user_id, self.ada)

    def test_the_way_round_by_the_context_is_closed(self):
        lead, _prospect = self.found()
        self.lose(lead)
        with self.assert_refused("You lost"):
            self.take(lead.with_context(grading_hand_over=True))

    def test_sales_managers_and_automations_assign_to_any_user(self):
        self.team.grading_pool_limit = 1
        boss = self.manager()
        for subject, user in zip(self.found(), (boss, self.env.user), strict=True):
            self.lose(subject)
            self.take(subject, user, owner=self.ada)
            self.assertEqual(subject.user_id, self.ada)
            self.assertEqual(self.moves(subject)[-1][0], "hand")
        self.assertEqual(self.team._grading_held(self.ada), 0)

    def test_an_owner_hands_over_without_any_limit(self):
        self.team.grading_pool_limit = 1
        for number in range(2):
            self.take(self.lead(f"Lead {number}", user_id=self.bob.id), self.bob, owner=self.ada)
        self.assertEqual(self.team._grading_held(self.ada), 0)
