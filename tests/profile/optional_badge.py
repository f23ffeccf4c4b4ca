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

    def test_other_forms_are_left_alone(self):
        self.assertEqual(self.badges(self.env.user, "project.project"), [])
