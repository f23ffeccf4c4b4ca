from lxml import etree

from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .override_case import OverrideCase


@tagged("post_install", "-at_install")
class TestHistoryLists(OverrideCase):
    """A line of the history names a grade or a stage only where it changed."""

    def lists(self):
        """The lists in which a history is shown: in the menu, on the customer, on the lead and on the profile."""
        history = self.env["grading.history"]
        yield etree.fromstring(history.get_view(view_type="list")["arch"])
        for model, name in (("res.partner", "res_partner_view_form_part"), ("crm.lead", "crm_lead_view_form_part")):
            view = self.env.ref(f"customer_grading.{name}")
            arch = etree.fromstring(self.env[model].get_view(view.id, "form")["arch"])
            [field] = arch.iterfind(".//field[@name='grading_history_ids']")
            yield field.find("list")

    def shown(self, node, line):
        """The columns that show something of ``line``."""
        values = {name: line[name].id for name in line._fields if line._fields[name].type == "many2one"}
        return {
            field.get("name")
            for field in node.iterfind("field")
            if field.get("name") in values and not safe_eval(field.get("invisible") or "False", values)
        }

    def test_what_did_not_change_is_left_blank(self):
        first, second = self.env["grading.lifecycle"].create([{"name": name, "domain": "[]"} for name in "AB"])
        profile = self.profile(self.ada)
        common = {"profile_id": profile.id, "company_id": self.company.id, "date": self.today, "reason": "rescore"}
        stage, grade, note = self.env["grading.history"].create(
            [
                {**common, "old_grade_id": old.id, "new_grade_id": new.id,
                 "old_lifecycle_id": before.id, "new_lifecycle_id": after.id}
                for old, new, before, after in (
                    (self.silver, self.silver, first, second),
                    (self.silver, self.gold, second, second),
                    (self.gold, self.gold, second, second),
                )
            ]
        )  # fmt: skip
        grades, stages = {"old_grade_id", "new_grade_id"}, {"old_lifecycle_id", "new_lifecycle_id"}
        for node in self.lists():
            with self.subTest(arch=etree.tostring(node)[:80]):
                self.assertFalse(self.shown(node, stage) & grades)
                self.assertTrue(grades <= self.shown(node, grade))
                self.assertFalse(self.shown(node, grade) & stages)
                self.assertFalse(self.shown(node, note) & (grades | stages))

        History = self.env["grading.history"]
        three = (stage | grade | note).ids
        for name, lines in (("is_grade_change", grade), ("is_lifecycle_change", stage)):
            self.assertEqual(History.search([("id", "in", three), (name, "=", True)]), lines)
            self.assertEqual(len(History.search([("id", "in", three), (name, "=", False)])), 2)
            self.assertEqual((stage | grade | note).filtered(name), lines)

    def test_the_satisfaction_is_told_by_the_page_alone(self):
        arch = self.env["res.partner"].get_view(self.env.ref("base.view_partner_form").id, "form")["arch"]
        self.assertIn('name="grading_glance"', arch)
        for name in ("grading_satisfaction", "grading_assessment_average"):
            self.assertNotIn(f'name="{name}"', arch)
