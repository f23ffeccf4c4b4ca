from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..care.care_case import DAY
from .owner_case import OwnerCase


@tagged("post_install", "-at_install")
class TestOwnerAssign(OwnerCase):
    """Customers and leads without a salesperson are given to the members of a team that wants their grade."""

    def wish(self, team=None, grades=None):
        (team or self.team).write({"grading_assign_grade_ids": grades or self.gold, "grading_assign_owners": True})

    def test_nothing_is_assigned_unless_a_team_wants_it(self):
        nora = self.ownerless()
        with self.enter_registry_test_mode():
            self.env.ref("customer_grading.ir_cron_owners").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.assign(), 0)
        self.assertFalse(nora.user_id)
        self.assertFalse(self.moves(nora))

    def test_a_customer_of_the_chosen_grade_gets_an_owner_and_another_does_not(self):
        self.wish()
        nora, poor = self.ownerless(), self.ownerless("Poor", grade_id=self.silver.id)
        self.assertEqual(self.assign(), 1)
        self.assertEqual(nora.user_id, self.ada)
        self.assertFalse(poor.user_id)
        self.assertEqual(self.moves(nora), [("assigned", False, "Ada")])
        self.assertEqual(self.assign(), 0)

    def test_a_customer_with_an_owner_keeps_the_owner(self):
        self.wish()
        anna = self.known()
        self.assertEqual(self.assign(), 0)
        self.assertEqual(anna.user_id, self.seller)

    def test_a_customer_of_a_user_who_has_left_has_no_owner(self):
        self.wish()
        left, lead = self.ownerless("Left"), self.lead(user_id=self.seller.id)
        given = self.ownerless("Given")
        self.measure(lead)
        left.user_id = self.seller
        given.user_id = self.portal()
        self.assertEqual(self.assign(), 1)
        self.seller.action_archive()
        self.assertEqual(self.assign(), 2)
        self.assertLessEqual(left.user_id + lead.user_id + given.user_id, self.ada + self.bob)
        [(reason, old, _new)] = self.moves(lead)
        self.assertEqual((reason, old), ("assigned", "Seller"))

    def test_the_member_with_the_fewest_comes_first_and_the_lowest_id_at_a_tie(self):
        self.wish()
        owned, lead = self.ownerless("Owned"), self.lead(user_id=self.ada.id)
        owned.user_id = self.ada
        self.measure(lead)
        customers = [self.ownerless(f"Customer {number}") for number in range(5)]
        self.assertEqual(self.assign(), 5)
        owners = [customer.user_id for customer in customers]
        self.assertEqual(owners, [self.bob, self.bob, self.ada, self.bob, self.ada])

    def test_what_is_lost_or_archived_is_no_load(self):
        self.wish()
        for lead in (self.lead(user_id=self.ada.id), self.lead(user_id=self.ada.id)):
            self.measure(lead)
            lead.action_set_lost()
        nora = self.ownerless()
        self.assign()
        self.assertEqual(nora.user_id, self.ada)

    def test_only_active_members_who_work_in_the_company_are_assigned_customers(self):
        self.wish()
        self.ada.active = False
        members = self.team.crm_team_member_ids.filtered(lambda member: member.user_id == self.bob)
        members.assignment_optout = True
        nora = self.ownerless()
        self.assertEqual(self.assign(), 0)
        members.assignment_optout = False
        self.assertEqual(self.assign(), 1)
        self.assertEqual(nora.user_id, self.bob)

    def test_a_lead_is_assigned_by_its_own_team_only_while_it_is_open(self):
        self.wish()
        mine, foreign, won = self.lead(), self.lead(team_id=self.foreign_team.id), self.lead("Won")
        for lead in (mine, foreign, won):
            self.measure(lead)
        self.win(won, DAY)
        self.assign()
        self.assertEqual(mine.user_id, self.ada)
        self.assertEqual(mine.team_id, self.team)
        self.assertFalse(foreign.user_id + won.user_id)

    def test_the_team_of_the_last_order_assigns_else_the_first_that_wants_the_grade(self):
        carl = self.salesman("carl", name="Carl")
        second = self.env["crm.team"].create(
            {"name": "Second", "company_id": self.company.id, "sequence": 99, "member_ids": carl.ids}
        )
        self.wish()
        self.wish(second)
        theirs, shared = self.ownerless("Theirs"), self.ownerless("Shared")
        self.order(theirs, 10, DAY - timedelta(days=9), team_id=self.team.id, user_id=False)
        self.order(theirs, 10, DAY - timedelta(days=1), team_id=second.id, user_id=False)
        theirs.user_id = False
        self.assign()
        self.assertEqual(theirs.user_id, carl)
        self.assertEqual(shared.user_id, self.ada)

    def test_no_user_is_assigned_more_in_a_day_than_the_contact_limit_the_best_first(self):
        self.company.grading_contacts_per_day = 2
        self.wish(grades=self.gold + self.silver)
        customers = [self.ownerless(f"Silver {number}", grade_id=self.silver.id) for number in range(3)]
        customers += [self.ownerless(f"Gold {number}") for number in range(3)]
        self.assertEqual(self.assign(limit=3), 3)
        self.assertTrue(all(customer.user_id for customer in customers[3:]))
        self.assertEqual(self.assign(limit=3), 1)
        self.assertEqual(self.assign(limit=3), 0)
        self.assertEqual(self.assign(self.after(1)), 2)

    def test_a_team_that_is_full_for_the_day_leaves_its_customers_to_no_other(self):
        second = self.env["crm.team"].create(
            {"name": "Second", "company_id": self.company.id, "sequence": 99, "member_ids": self.seller.ids}
        )
        self.company.grading_contacts_per_day = 1
        self.wish()
        self.wish(second)
        theirs = [self.ownerless(f"Theirs {number}") for number in range(2)]
        for customer in theirs:
            self.order(customer, 10, DAY - timedelta(days=1), team_id=second.id, user_id=False)
            customer.user_id = False
        self.assertEqual(self.assign(), 1)
        self.assertEqual(self.assign(), 0)
        self.assertFalse(theirs[1].user_id)

    def test_no_limit_a_day_is_none(self):
        self.company.grading_contacts_per_day = 0
        self.wish()
        for number in range(50):
            self.ownerless(f"Customer {number}")
        self.assertEqual(self.assign(), 50)

    def test_a_batch_takes_no_more_than_it_may_and_the_action_takes_all(self):
        self.wish()
        customers = [self.ownerless(f"Customer {number}") for number in range(3)]
        self.assertEqual(self.assign(limit=2), 2)
        with self.enter_registry_test_mode():
            self.env.ref("customer_grading.ir_cron_owners").method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(all(customer.user_id for customer in customers))

    def test_the_new_owner_of_a_customer_gets_one_activity_that_tells_no_figure(self):
        self.wish()
        nora = self.ownerless(last_call_date=DAY - timedelta(days=3))
        order = self.order(nora, 50, DAY - timedelta(days=9), user_id=False)
        nora.user_id = False
        self.assign()
        [activity] = self.owner_activities(nora)
        self.assertEqual(activity.user_id, self.ada)
        self.assertIn("Nora", activity.summary)
        self.assertIn("Grading", activity.note, "where it is read by those who may")
        for words in ("Gold", order.name, "03/01/2026", "50.00"):
            self.assertNotIn(words, activity.note, "each colleague reads it")

    def test_the_new_owner_of_a_lead_gets_one_activity_with_what_is_known_of_the_lead(self):
        self.wish()
        buyer = self.customer("Buyer")
        order = self.order(buyer, 50, DAY - timedelta(days=9))
        lead = self.lead(partner_id=buyer.id)
        self.measure(lead, last_call_date=DAY - timedelta(days=3))
        self.assign()
        [activity] = self.owner_activities(lead)
        for words in ("Gold", lead.stage_id.name, "03/01/2026"):
            self.assertIn(words, activity.note)
        self.assertNotIn(order.name, activity.note, "who sees the lead may not see the order")

    def test_the_contacts_that_are_due_go_over_to_the_new_owner_at_once(self):
        self.wish()
        nora = self.ownerless()
        self.look_after()
        self.assign()
        self.assertEqual(self.care(nora).user_id, self.ada)

    def test_a_prospect_covered_through_a_lead_is_left_to_the_owner_of_the_lead(self):
        self.wish()
        prospect, lead = self.ownerless(order_count=0), self.lead(user_id=self.seller.id)
        self.profile(prospect).best_lead_id = lead
        self.assertEqual(self.assign(), 0)

    def test_companies_are_apart(self):
        self.wish()
        company = self.new_company("Other Company")
        partner = self.customer("Elsewhere", user_id=False)
        values = {"partner_id": partner.id, "company_id": company.id, "grade_id": self.gold.id, "order_count": 1}
        self.env["grading.profile"].create(values)
        self.assertEqual(self.assign(), 0)
        self.assertEqual(self.assign(company=company), 0)
        self.team.company_id = False
        self.assertEqual(self.assign(company=company), 0, "no member of the team works there")
        self.ada.company_ids += company
        self.assertEqual(self.assign(company=company), 1)
        self.assertEqual(partner.user_id, self.ada)

    def test_a_team_that_assigns_must_say_which_grades(self):
        with self.assert_refused("Team", "choose at least one grade", error=ValidationError):
            self.team.grading_assign_owners = True

    def test_the_moves_are_read_by_colleagues_and_written_by_no_user(self):
        self.wish()
        nora, lead = self.ownerless(), self.lead()
        self.measure(lead)
        self.assign()
        rows = self.env["grading.ownership"].with_user(self.seller).search([("company_id", "=", self.company.id)])
        self.assertEqual(rows.partner_id, nora)
        self.assertFalse(rows.lead_id, "the lead is a colleague's")
        with self.assertRaises(AccessError):
            rows.with_user(self.manager()).write({"new_user_id": False})
        with self.assertRaises(AccessError):
            self.env["grading.ownership"].with_user(self.portal()).search([])
