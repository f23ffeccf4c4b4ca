from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .tag_case import TagCase


@tagged("post_install", "-at_install")
class TestTagSecurity(TagCase):
    """Which users see why a customer has a tag, and which decide on the rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag_rule(cls.hot)
        cls.seller, cls.employee, cls.boss, cls.guest = cls.salesman(), cls.internal(), cls.manager(), cls.portal()
        cls.own_lead, cls.foreign_lead = cls.lead(user_id=cls.seller.id), cls.lead(user_id=cls.boss.id)
        for lead in (cls.own_lead, cls.foreign_lead):
            cls.measure(lead, order_count=9)
        cls.apply()
        cls.origins = cls.env["grading.tag.origin"].search([("company_id", "=", cls.company.id)])

    def visible(self, user):
        return self.env["grading.tag.origin"].with_user(user).search([("id", "in", self.origins.ids)]).sudo()

    def test_a_portal_customer_reads_nothing_of_their_own_tags(self):
        self.anna.user_ids = self.guest
        self.guest.partner_id = self.anna
        for read in (
            lambda: self.visible(self.guest),
            lambda: self.anna.with_user(self.guest).read(["grading_tag_origins"]),
            lambda: self.anna.with_user(self.guest).read(["grading_tag_origin_ids"]),
            lambda: self.env["grading.tag.rule"].with_user(self.guest).search([]),
        ):
            with self.assertRaises(AccessError):
                read()

    def test_salespeople_read_the_lines_of_customers_and_other_employees_none(self):
        self.assertEqual(self.visible(self.seller).partner_id, self.anna)
        self.assertIn("Rule VIP", self.anna.with_user(self.seller).grading_tag_origins[str(self.vip.id)])
        with self.assertRaises(AccessError):
            self.visible(self.employee)
        with self.assertRaises(AccessError):
            self.anna.with_user(self.employee).read(["grading_tag_origins"])

    def test_lines_of_leads_are_for_users_who_see_the_lead(self):
        self.assertEqual(self.visible(self.seller).lead_id, self.own_lead)
        self.assertEqual(self.visible(self.boss).lead_id, self.own_lead | self.foreign_lead)

    def test_the_manager_decides_on_the_rules(self):
        rule = self.rule.with_user(self.boss)
        rule.name = "Renamed"
        rule.copy().unlink()
        for user in (self.employee, self.seller):
            with self.assertRaises(AccessError):
                self.rule.with_user(user).name = "Mine"
            with self.assertRaises(AccessError):
                self.env["grading.tag.rule.removal"].with_user(user).create({"rule_ids": self.rule.ids})

    def test_the_manager_archives_a_rule_with_leads_out_of_sight(self):
        self.rule.with_user(self.boss).action_archive()
        self.assert_tags(self.anna, self.env["res.partner.category"])

    def test_a_user_who_may_change_the_customer_allows_a_tag_again(self):
        self.anna.category_id = False
        never = self.anna.grading_tag_origin_ids
        with self.assertRaises(AccessError):
            never.with_user(self.employee).action_allow_again()
        never.with_user(self.seller).action_allow_again()
        self.assertFalse(never.exists())

    def test_a_user_who_cannot_change_the_lead_does_not_allow_a_tag_again(self):
        self.foreign_lead.tag_ids = False
        never = self.foreign_lead.grading_tag_origin_ids
        with self.assertRaises(AccessError):
            never.with_user(self.seller).action_allow_again()
        never.with_user(self.boss).action_allow_again()
        self.assertFalse(never.exists())

    def test_each_user_who_edits_a_contact_tags_it(self):
        """The lines are written for a user who may not write them."""
        self.bert.with_user(self.seller).category_id = [Command.link(self.vip.id)]
        self.bert.with_user(self.seller).category_id = [Command.clear()]
        self.assertFalse(self.bert.grading_tag_origin_ids)

    def test_companies_are_apart(self):
        company = self.new_company("Second Company")
        stranger = self.user(
            "stranger", "sales_team.group_sale_manager", company_id=company.id, company_ids=company.ids
        )
        ours = self.customer("Ours", company_id=self.company.id)
        ours.category_id = self.static
        Origin = self.env["grading.tag.origin"].with_user(stranger).with_context(allowed_company_ids=company.ids)
        self.assertFalse(Origin.search([("id", "in", self.origins.ids)]))
        self.assertFalse(Origin.search([("id", "in", ours.grading_tag_origin_ids.ids)]))
        self.bert.category_id = self.static
        self.assertEqual(Origin.search([("partner_id", "=", self.bert.id)]).sudo(), self.bert.grading_tag_origin_ids)
        text = (
            self.anna.with_user(stranger)
            .with_context(allowed_company_ids=company.ids)
            .grading_tag_origins[str(self.vip.id)]
        )
        self.assertNotIn("Rule VIP", text)
        self.assertIn("another company", text)

    def test_the_tooltip_names_the_rules_and_says_nothing_of_other_tags(self):
        self.anna.category_id = [Command.link(self.static.id)]
        self.tag_rule(self.vip, name="Second rule")
        self.apply()
        texts = self.anna.grading_tag_origins
        self.assertEqual(set(texts), {str(self.vip.id)})
        self.assertIn("“Rule VIP”", texts[str(self.vip.id)])
        self.assertIn("“Second rule”", texts[str(self.vip.id)])
        self.assertFalse(self.bert.grading_tag_origins)
