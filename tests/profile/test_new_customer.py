from lxml import etree

from odoo.exceptions import AccessError, MissingError, ValidationError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ..common import LeadCase

SELLER = "base.group_user,sales_team.group_sale_salesman,customer_grading.customer_grading_group_user"
SCREENS = ("res_partner_action_grading", "res_partner_action_lifecycle", "res_partner_action_gold")


@tagged("post_install", "-at_install")
class TestNewCustomer(LeadCase):
    """Entered in a screen of customers, in the column of a grade or with *New*."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme()
        cls.seller = cls.user("new_seller", SELLER)

    def screen(self, name="res_partner_action_grading"):
        """The contacts as the client sees them in that screen, and the filter of the screen."""
        action = self.env["ir.actions.act_window"]._for_xml_id(f"customer_grading.{name}")
        values = {"uid": self.seller.id, "allowed_company_ids": self.company.ids}
        context, domain = (safe_eval(action[name], values) for name in ("context", "domain"))
        return self.env["res.partner"].with_user(self.seller).with_context(**context), domain

    def test_it_is_shown_at_once_on_each_screen_that_can_make_one(self):
        for name in SCREENS:
            with self.subTest(screen=name):
                partners, domain = self.screen(name)
                new = partners.create({"name": "New"})
                self.assertTrue((new.is_company, new.customer_rank))
                self.assertIn(new, partners.search(domain))
                self.assertFalse(new.grading_grade_id)
                self.assertTrue(self.env["grading.queue"]._waiting([("partner_id", "=", new.id)]))

    def test_the_column_of_a_grade_gives_it_for_a_reason(self):
        partners, _domain = self.screen()
        partners = partners.with_context(default_grading_grade_id=self.gold.id)
        for reason in (False, "", "  "):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                partners.create({"name": "New", "grading_new_grade_id": self.gold.id, "grading_new_reason": reason})
        gone = self.env["grading.grade"].create({"name": "Gone"})
        gone.unlink()
        with self.assertRaises(MissingError), self.env.cr.savepoint():
            partners.create({"name": "New", "grading_new_grade_id": gone.id, "grading_new_reason": "A reference"})
        number = partners.create({"name": "New", "grading_new_grade_id": self.gold.id, "grading_new_reason": 5})
        self.assertEqual(self.profile(number).manual_reason, "5")
        new = partners.create(
            {"name": "New", "grading_new_grade_id": self.gold.id, "grading_new_reason": "A reference"}
        )
        profile = self.profile(new)
        self.assertEqual((new.grading_grade_id, profile.manual_reason), (self.gold, "A reference"))
        self.assertEqual(profile.manual_user_id, self.seller)
        self.assertEqual(profile.history_ids.mapped("reason"), ["override"])

    def test_a_grade_that_is_taken_out_of_the_form_is_none(self):
        partners, _domain = self.screen()
        new = partners.with_context(default_grading_grade_id=self.gold.id).create(
            {"name": "New", "grading_new_grade_id": False}
        )
        self.assertFalse(new.grading_grade_id)
        self.assertFalse(self.profile(new).manual_grade_id)

    def test_several_at_once_and_their_contacts(self):
        partners, _domain = self.screen()
        child = (0, 0, {"name": "Person", "is_company": False, "type": "contact"})
        rows = [
            {
                "name": "One",
                "child_ids": [child],
                "grading_new_grade_id": self.silver.id,
                "grading_new_reason": "First",
            },
            {"name": "Two"},
            {"name": "Three", "grading_new_grade_id": self.gold.id, "grading_new_reason": "Third"},
        ]
        new = partners.create(rows)
        self.assertEqual([partner.grading_grade_id for partner in new], [self.silver, self.gold.browse(), self.gold])
        self.assertEqual(self.env["grading.profile"].search([("company_id", "=", self.company.id)]).partner_id, new)
        partners.browse(new[0].id).write({"child_ids": [child]})
        self.assertEqual(len(self.env["grading.profile"].search([("company_id", "=", self.company.id)])), 3)

    def test_the_first_order_of_a_new_customer_is_news(self):
        play = self.env["grading.play"].create(
            {
                "name": "Welcome",
                "trigger": "first_order",
                "company_id": self.company.id,
                "category_ids": self.env["res.partner.category"].create({"name": "Welcomed"}).ids,
            }
        )
        self.rescore()
        partners, _domain = self.screen()
        new = partners.create({"name": "New"})
        self.order(new, 50, self.today)
        self.rescore(partners=new)
        self.assertEqual(self.env["grading.play.case"].search([("play_id", "=", play.id)]).partner_id.ids, new.ids)

    def test_a_customer_of_another_company_is_one_there(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.seller.company_ids += other
        partners, _domain = self.screen()
        partners = partners.with_context(allowed_company_ids=[self.company.id, other.id])
        new = partners.create({"name": "New", "company_id": other.id})
        profiles = self.env["grading.profile"].search([("partner_id", "=", new.id)])
        self.assertEqual(profiles.company_id, other)

    def test_the_salesperson_is_proposed_in_a_column_alone(self):
        partners, _domain = self.screen()
        self.assertEqual(partners.default_get(["user_id", "grading_new_grade_id"]), {"user_id": self.seller.id})
        self.assertNotIn("user_id", partners.default_get(["name", "user_id"]))
        self.assertFalse(partners.create({"name": "By New"}).user_id)
        self.assertFalse(self.env["res.partner"].with_user(self.seller).create({"name": "Elsewhere"}).user_id)
        grader = self.user("plain_grader", "base.group_user,customer_grading.customer_grading_group_user")
        self.assertFalse(partners.with_user(grader).default_get(["user_id", "grading_new_grade_id"]))

    def test_who_may_not(self):
        """A user who may grade and not enter contacts is refused; one who may enter them and not grade enters one."""
        grader = self.user("grader", "base.group_user,customer_grading.customer_grading_group_user")
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.env["res.partner"].with_user(grader).with_context(grading_new_customer=True).create({"name": "New"})
        clerk = self.user("clerk", "base.group_user,base.group_partner_manager")
        new = self.env["res.partner"].with_user(clerk).with_context(grading_new_customer=True).create({"name": "New"})
        self.assertFalse(self.profile(new))

    def test_the_form_in_a_column(self):
        partners, _domain = self.screen()
        view = self.env.ref("customer_grading.res_partner_view_form_quick_create")
        arch = etree.fromstring(partners.get_view(view.id, "form")["arch"])
        names = [node.get("name") for node in arch.iter("field")]
        self.assertEqual(len(names), len(set(names)))
        self.assertTrue(
            {"name", "phone", "email", "user_id", "grading_new_grade_id", "grading_new_reason"} <= set(names)
        )
        kanban = self.env.ref("customer_grading.res_partner_view_kanban_grading")
        arch = etree.fromstring(partners.get_view(kanban.id, "kanban")["arch"])
        self.assertEqual(arch.get("quick_create_view"), "customer_grading.res_partner_view_form_quick_create")


@tagged("post_install", "-at_install")
class TestCustomersByTeam(LeadCase):
    def test_customers_are_found_and_counted_by_the_team_of_their_salesperson(self):
        self.scheme()
        seller = self.user("team_seller", SELLER)
        self.team.member_ids += seller
        self.assertEqual(seller.sale_team_id, self.team)
        ours, theirs = self.customer("Ours", user_id=seller.id), self.customer("Theirs")
        for customer in ours + theirs:
            self.order(customer, 50, self.today)
        self.rescore()
        Partner = self.env["res.partner"].with_user(seller)
        domain = [("id", "in", (ours + theirs).ids)]
        panel = Partner.search_panel_select_range("grading_team_id", search_domain=domain, enable_counters=True)
        counts = {value["id"]: value["__count"] for value in panel["values"] if value["__count"]}
        self.assertEqual(counts, {self.team.id: 1})
        self.assertEqual(Partner.search([*domain, ("grading_team_id", "=", self.team.id)]), ours)
        self.assertEqual(Partner.search([*domain, ("grading_team_id", "ilike", self.team.name)]), ours)
        groups = Partner.formatted_read_group(domain, ["grading_team_id"], ["__count"])
        self.assertEqual(
            {group["grading_team_id"] and group["grading_team_id"][0] for group in groups}, {self.team.id, False}
        )
