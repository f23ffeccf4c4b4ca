"""The grade beside the customer on forms of apps that the module does not depend on."""

from lxml import etree

from odoo.tests import tagged

from .. import common


@tagged("post_install", "-at_install")
class TestTaskBadge(common.GradingCase):
    def badges(self, user, model="project.task"):
        form = self.env[model].with_user(user).get_views([(False, "form")])["views"]["form"]["arch"]
        return etree.fromstring(form).xpath("//widget[@name='grading_customer']")

    def test_a_task_shows_the_grade_of_its_customer_to_sellers_alone(self):
        worker = self.internal()
        worker.group_ids += self.env.ref("project.group_project_user")
        self.assertEqual(self.badges(worker), [])
        worker.group_ids += self.env.ref("customer_grading.customer_grading_group_user")
        [badge] = self.badges(worker)
        customer, row = badge.getprevious(), badge.getparent()
        self.assertEqual(customer.get("name"), "partner_id")
        label = row.getprevious()
        self.assertEqual((label.tag, label.get("for")), ("label", "partner_id"))
        self.assertTrue(customer.get("invisible"))
        for node in (label, row):
            self.assertEqual(node.get("invisible"), customer.get("invisible"))

    def test_the_badge_knows_the_company_of_the_task_whatever_else_the_form_shows(self):
        seller = self.internal()
        seller.group_ids += self.env.ref("project.group_project_user")
        seller.group_ids += self.env.ref("customer_grading.customer_grading_group_user")
        [badge] = self.badges(seller)
        company = badge.getnext()
        self.assertEqual((company.tag, company.get("name"), company.get("invisible")), ("field", "company_id", "1"))

    def test_a_model_without_a_company_has_the_badge_alone(self):
        arch = etree.fromstring("<form><div><field name='partner_id'/></div></form>")
        self.env["grading.grade"]._grading_add_badge(arch[0][0])
        self.assertEqual([node.tag for node in arch[0][0]], ["field", "widget"])

    def test_other_forms_are_left_alone(self):
        self.assertEqual(self.badges(self.env.user, "project.project"), [])
