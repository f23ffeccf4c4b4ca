from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from ...models.base.context import ByServer
from ..care.care_case import DAY
from .owner_case import OwnerCase


@tagged("post_install", "-at_install")
class TestOwnerClaim(OwnerCase):
    """What is in the pool of a team is claimed by its members."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.grading_pool = True
        cls.found = cls.lead("Found")

    def pool(self, subject=None, user=None):
        rows = self.env["grading.pool"].with_user(user or self.ada).search([("company_id", "=", self.company.id)])
        return rows.filtered(lambda row: subject in (row.lead_id, row.partner_id)) if subject else rows

    def test_what_is_in_the_pool_is_found_by_customer_and_topic(self):
        known = self.lead("Machines", partner_id=self.customer("Cleo", user_id=False).id)
        new = self.lead("Tools", partner_name="Nora & Sons", email_from="nora@example.com")
        for text, subject in (("cleo", known), ("machines", known), ("nora &", new), ("nora@", new)):
            self.assertEqual(self.typed("grading_pool_view_search", text, self.ada).lead_id, subject, text)

    def claim(self, subject, user=None, day=DAY):
        with freeze_time(f"{day} 12:00:00"):
            self.pool(subject, user).action_claim()

    def lose(self, subject, user, day=DAY):
        name = "lead_id" if subject._name == "crm.lead" else "partner_id"
        subject.with_context(grading_hand_over=ByServer.YES).user_id = user
        move = {name: subject.id, "team_id": self.team.id, "old_user_id": user.id}
        self.run_step("_move", day, reason="pooled", moves=[move])

    def test_without_a_pool_there_is_nothing_to_claim(self):
        self.assertIn(self.found, self.pool().lead_id)
        self.team.grading_pool = False
        self.assertFalse(self.pool())

    def test_the_menu_of_the_pool_stands_only_where_a_team_has_one(self):
        self.env["crm.team"].with_context(active_test=False).search([]).grading_pool = False
        menu = self.env.ref("customer_grading.customer_grading_menu_pool")
        Menu = self.env["ir.ui.menu"].with_user(self.ada)
        self.assertNotIn(menu.id, Menu.load_menus(False))
        self.team.grading_pool = True
        self.assertIn(menu.id, Menu.load_menus(False))
        self.team.active = False
        self.assertNotIn(menu.id, Menu.load_menus(False))

    def test_the_pool_holds_open_leads_and_prospects_without_an_owner(self):
        owned, lost, won = self.lead(user_id=self.ada.id), self.lead("Lost"), self.lead("Won")
        lost.action_set_lost()
        self.win(won, DAY)
        prospect, customer = self.ownerless("Prospect", order_count=0), self.ownerless("Customer", order_count=1)
        through_lead = self.ownerless("Through", order_count=0)
        self.profile(through_lead).best_lead_id = self.found
        rows = self.pool()
        self.assertEqual(rows.lead_id, self.found)
        self.assertEqual(rows.partner_id, prospect)
        self.assertFalse((owned + lost + won) & rows.lead_id)
        self.assertFalse((customer + through_lead) & rows.partner_id)

    def test_a_card_shows_what_is_known_of_the_lead_or_prospect(self):
        belgium = self.env.ref("base.be")
        place = {"city": "Ghent", "country_id": belgium.id}
        self.found.write({**place, "contact_name": "Fay", "expected_revenue": 500, "type": "opportunity"})
        prospect = self.ownerless("Prospect", order_count=0)
        prospect.write({**place, "is_company": True})
        self.customer("Invoices", parent_id=prospect.id, type="invoice")
        self.customer("Paul", parent_id=prospect.id)
        names = ("kind", "city", "country_id", "contact_name", "expected_revenue", "currency_id")
        shown = [[self.pool(subject)[name] for name in names] for subject in (self.found, prospect)]
        currency = self.company.currency_id
        self.assertEqual(shown[0], ["opportunity", "Ghent", belgium, "Fay", 500, currency])
        self.assertEqual(shown[1], ["prospect", "Ghent", belgium, "Paul", 0, currency])

    def test_one_click_makes_the_member_the_owner(self):
        prospect = self.ownerless("Prospect", order_count=0)
        for subject in (self.found, prospect):
            self.claim(subject)
            self.assertEqual(subject.user_id, self.ada)
            self.assertEqual(self.moves(subject), [("claimed", False, "Ada")])
            self.assertFalse(self.pool(subject))

    def test_what_was_claimed_is_opened_and_what_to_do_next_is_said(self):
        prospect = self.ownerless("Prospect", order_count=0)
        self.measure(self.found, last_online_date=self.after(-4, DAY))
        self.measure(prospect, last_online_date=self.after(-40, DAY))
        self.look_after()
        third = self.lead("Third")
        for subject, sentence in (
            (self.found, "Found is yours now. Next: Weekly, due on 03/07/2026."),
            (prospect, "Prospect is yours now. Next: Weekly, due today."),
            (third, "Third is yours now. No contact is planned yet: make the first one."),
        ):
            with freeze_time(f"{DAY} 12:00:00"):
                params = self.pool(subject).action_claim()["params"]
            self.assertEqual(params["message"], sentence)
            self.assertEqual((params["next"]["res_model"], params["next"]["res_id"]), (subject._name, subject.id))

    def test_several_are_claimed_at_once_and_none_is_opened(self):
        self.lead("Second")
        with freeze_time(f"{DAY} 12:00:00"):
            self.assertEqual(self.pool().action_claim()["tag"], "soft_reload")

    def test_a_claim_that_comes_too_late_is_refused(self):
        row = self.pool(self.found, self.bob)
        self.claim(self.found)
        with self.assert_refused("no longer in the pool", "choose another"):
            row.action_claim()
        self.assertEqual(self.found.user_id, self.ada)

    def test_no_member_holds_more_than_the_team_allows(self):
        self.team.grading_pool_limit = 1
        second, prospect = self.lead("Second"), self.ownerless("Prospect", order_count=0)
        self.claim(self.found)
        for subject in (second, prospect):
            with self.assert_refused(subject.name, "hold 1", "allows 1", "hand over"):
                self.claim(subject)
        self.claim(second, self.bob)
        self.win(self.found, DAY)
        self.claim(prospect)
        self.profile(prospect).order_count = 1
        self.claim(self.lead("Third"))

    def test_no_limit_is_none(self):
        self.team.grading_pool_limit = 0
        for number in range(3):
            self.claim(self.lead(f"Lead {number}"))
        self.assertEqual(self.pool().lead_id, self.found)

    def test_a_claim_names_the_former_owner(self):
        self.lose(self.found, self.ada)
        self.claim(self.found, self.bob)
        self.assertEqual(self.moves(self.found), [("pooled", "Ada", False), ("claimed", "Ada", "Bob")])

    def test_a_former_owner_is_locked_out_for_the_days_of_the_team_and_a_colleague_is_not(self):
        self.lose(self.found, self.ada)
        with self.assert_refused("Found", "04/03/2026", "colleague"):
            self.claim(self.found, day=self.after(29))
        self.claim(self.found, day=self.after(30))
        self.lose(self.found, self.ada)
        self.claim(self.found, self.bob)
        self.assertEqual(self.found.user_id, self.bob)

    def test_a_merged_lead_keeps_the_locks_of_both(self):
        other = self.lead("Other", expected_revenue=1)
        self.lose(self.found, self.ada)
        self.lose(other, self.bob)
        kept = (self.found + other).merge_opportunity(user_id=False)
        for user in (self.ada, self.bob):
            with self.assert_refused("You lost"):
                self.claim(kept, user)

    def test_a_user_who_cannot_read_the_pool_claims_nothing_from_that_of_another_company(self):
        row = self.pool(self.found)
        company = self.new_company("Other Company")
        self.ada.write({"company_ids": company.ids, "company_id": company.id})
        with self.assertRaises(AccessError):
            row.with_context(allowed_company_ids=company.ids).action_claim()

    def test_what_a_person_does_with_a_claim_is_noted_as_well(self):
        prospect = self.ownerless("Prospect", order_count=0)
        for subject in (self.found, prospect):
            self.claim(subject)
            subject.with_user(self.ada).user_id = self.ada
            subject.with_user(self.ada).user_id = self.bob
            self.assertEqual(self.moves(subject), [("claimed", False, "Ada"), ("hand", "Ada", "Bob")])

    def test_without_days_of_lock_the_former_owner_may_claim_at_once(self):
        self.team.grading_pool_lock_days = 0
        self.lose(self.found, self.ada)
        self.claim(self.found)
        self.assertEqual(self.found.user_id, self.ada)

    def test_a_prospect_is_in_the_pool_of_the_team_that_lost_it_else_of_the_first(self):
        second = self.env["crm.team"].create(
            {"name": "Second", "company_id": self.company.id, "sequence": 99, "grading_pool": True}
        )
        never, back = self.ownerless("Never", order_count=0), self.ownerless("Back", order_count=0)
        self.env["grading.ownership"].with_company(self.company)._move(
            "pooled", [{"partner_id": back.id, "team_id": second.id, "old_user_id": self.bob.id}]
        )
        boss = self.manager()
        self.assertEqual(self.pool(never, boss).team_id, self.team)
        self.assertEqual(self.pool(back, boss).team_id, second)
        self.assertEqual(self.pool(back, boss).old_user_id, self.bob)

    def test_a_pool_is_seen_by_the_members_of_the_team_and_claimed_by_them_alone(self):
        row = self.pool(self.found)
        self.assertFalse(self.pool(user=self.seller))
        with self.assertRaises(AccessError):
            row.with_user(self.seller).action_claim()
        boss = self.manager()
        self.assertEqual(self.pool(user=boss).lead_id, self.found)
        row.with_user(boss).action_claim()
        self.assertEqual(self.found.user_id, boss)
        for user in (self.internal(), self.portal()):
            with self.assertRaises(AccessError):
                self.env["grading.pool"].with_user(user).search([])

    def test_a_user_who_sees_every_pool_claims_from_their_own_teams_and_learns_the_remedy(self):
        grader = self.salesman("grader", name="Grader")
        grader.group_ids += self.env.ref("customer_grading.customer_grading_group_manager")
        row = self.pool(self.found, grader)
        self.assertFalse(row.can_claim)
        self.assertEqual(row.claim_hint, "Only for members of the team")
        with self.assert_refused("Found", "no member of the team “Team”", "sales manager"):
            row.action_claim()
        self.assertFalse(self.found.user_id)

    def test_the_pool_says_which_records_can_be_claimed_and_why_not(self):
        row = self.pool(self.found)
        self.assertTrue(row.can_claim)
        self.assertFalse(row.claim_hint)
        self.lose(self.found, self.ada)
        self.env.invalidate_all()
        with freeze_time(f"{DAY} 12:00:00"):
            [mine, bobs] = [self.pool(self.found, user) for user in (self.ada, self.bob)]
            self.assertFalse(mine.can_claim)
            self.assertIn("locked until 04/03/2026", mine.claim_hint)
            self.assertTrue(bobs.can_claim)
        self.team.grading_pool_limit = 1
        self.claim(self.found, self.bob)
        rest = self.pool(self.lead("Second"), self.bob)
        self.assertFalse(rest.can_claim)
        self.assertEqual(rest.claim_hint, "You hold 1, the team allows 1")

    def test_a_member_no_more_is_refused(self):
        self.team.crm_team_member_ids.filtered(lambda member: member.user_id == self.ada).active = False
        self.assertFalse(self.pool())

    def test_another_companys_pool_is_not_seen(self):
        company = self.new_company("Other Company")
        self.ada.company_ids += company
        rows = self.env["grading.pool"].with_user(self.ada).with_context(allowed_company_ids=company.ids)
        self.assertFalse(rows.search([]))

    def test_the_contacts_that_are_due_go_over_to_the_new_owner(self):
        self.measure(self.found, order_count=0)
        self.look_after()
        self.claim(self.found)
        self.assertEqual(self.care(self.found).user_id, self.ada)
