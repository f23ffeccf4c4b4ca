from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .tag_case import TagCase


@tagged("post_install", "-at_install")
class TestTagRuleRefused(TagCase):
    """What a rule may be, and what may be done to its tag."""

    def test_a_rule_gives_exactly_one_tag(self):
        for vals in ({"category_id": None}, {"lead_tag_id": self.hot.id}):
            with self.assert_refused("Rule VIP", "one tag", error=ValidationError):
                self.rule.write(vals)
            with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.force(self.rule, **{"category_id": self.vip.id, "lead_tag_id": None, **vals})
        with self.assert_refused("Both", error=ValidationError):
            self.tag_rule(self.new_tag, name="Both", lead_tag_id=self.hot.id)
        with self.assert_refused("None", error=ValidationError):
            self.env["grading.tag.rule"].create({"name": "None"})

    def test_a_tag_is_of_the_subject_of_the_rule(self):
        with self.assert_refused("Rule VIP", "“VIP”", error=ValidationError):
            self.rule.subject = "lead"
        with self.assert_refused("Mixed", "Newcomer", error=ValidationError):
            self.tag_rule(self.new_tag, name="Mixed", subject="lead")
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.force(self.rule, subject="lead")

    def test_of_a_group_no_tag_is_kept(self):
        group = self.env["grading.tag.group"].create({"name": "Size"})
        kept = {"keep": True, "group_id": group.id}
        with self.assert_refused("Rule VIP", "Size", error=ValidationError):
            self.rule.write(kept)
        with self.assert_refused("Rule Newcomer", "Size", error=ValidationError):
            self.tag_rule(self.new_tag, **kept)
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.force(self.rule, **kept)

    def test_a_bad_filter_is_refused(self):
        with self.assert_refused("Rule VIP", error=ValidationError):
            self.rule.domain = "[('no_such_field', '=', 1)]"

    def test_a_filter_that_asks_for_a_tag_of_a_rule_is_refused(self):
        asking = (
            f"[('partner_id.category_id', 'in', [{self.vip.id}])]",
            f"[('partner_id.category_id', 'not in', [{self.vip.id}])]",
            "[('partner_id.category_id', '=', 'VIP')]",
            "[('partner_id.category_id', '=', False)]",
            "[('partner_id.category_id.name', 'ilike', 'vi')]",
            f"[('partner_id', 'any', [('category_id', 'child_of', [{self.vip.id}])])]",
            "[('partner_id.category_id', 'not any', [('name', '=', 'VIP')])]",
            "[('lead_id.partner_id.category_id', '=', 'VIP')]",
        )
        for domain in asking:
            with self.subTest(domain), self.assert_refused("Rule Newcomer", "Rule VIP", error=ValidationError):
                self.tag_rule(self.new_tag, domain)

    def test_a_filter_that_asks_for_its_own_tag_is_refused(self):
        with self.assert_refused("“Rule VIP”", "“VIP”", error=ValidationError):
            self.rule.domain = "[('partner_id.category_id', '!=', 'VIP')]"

    def test_a_filter_may_ask_for_static_tags(self):
        self.anna.category_id = self.static
        self.tag_rule(self.new_tag, "[('partner_id.category_id', '=', 'Static')]")
        self.apply()
        self.assert_tags(self.anna, self.static | self.vip | self.new_tag)

    def test_a_rule_for_a_tag_that_a_filter_asks_for_is_refused(self):
        self.tag_rule(self.new_tag, "[('partner_id.category_id', '=', 'Static')]")
        with self.assert_refused("Rule Newcomer", "Rule Static", error=ValidationError):
            self.tag_rule(self.static)
        archived = self.tag_rule(self.static, active=False)
        with self.assert_refused("Rule Newcomer", "Rule Static", error=ValidationError):
            archived.active = True

    def test_a_tag_that_a_rule_gives_is_not_deleted(self):
        self.rule.active = False
        with self.assert_refused("VIP", "Rule VIP", error=UserError):
            self.vip.unlink()
        self.tag_rule(self.hot)
        with self.assert_refused("Hot", "Rule Hot", error=UserError):
            self.hot.unlink()

    def test_a_tag_above_one_that_a_rule_gives_is_not_deleted(self):
        above = self.env["res.partner.category"].create({"name": "Above"})
        self.vip.parent_id = self.env["res.partner.category"].create({"name": "Between", "parent_id": above.id})
        self.rule.active = False
        with self.assert_refused("VIP", "Rule VIP", error=UserError):
            above.unlink()
        self.assertTrue(self.vip.exists())

    def test_a_tag_that_a_rule_gives_is_not_archived(self):
        with self.assert_refused("VIP", "Rule VIP", error=UserError):
            self.vip.active = False
        self.rule.active = False
        self.vip.active = False
        with self.assert_refused("VIP", "Rule VIP", error=ValidationError):
            self.rule.active = True
        self.rule.write({"active": True, "category_id": self.static.id})
        self.assertTrue(self.rule.active)

    def test_a_rule_of_another_company_is_not_named(self):
        keeper = self.user("keeper", "base.group_user,base.group_partner_manager")
        self.rule.company_id = self.new_company("Second Company")
        with self.assertRaises(UserError) as caught:
            self.vip.with_user(keeper).unlink()
        self.assertNotIn("Rule VIP", str(caught.exception))
        self.assertIn("another company", str(caught.exception))

    def test_a_copy_waits_to_be_changed(self):
        copy = self.rule.copy()
        self.assertEqual((copy.name, copy.active, copy.category_id), ("Rule VIP (copy)", False, self.vip))
        named = self.rule.copy({"name": "Named", "active": True})
        self.assertEqual((named.name, named.active), ("Named", True))

    def test_the_form_makes_a_rule_for_leads(self):
        form = Form(self.env["grading.tag.rule"])
        form.name = "Hot leads"
        form.subject = "lead"
        form.lead_tag_id = self.hot
        rule = form.save()
        self.assertEqual((rule.subject, rule.lead_tag_id), ("lead", self.hot))
        self.assertFalse(rule.category_id)
