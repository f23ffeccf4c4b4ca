"""The grade beside the customer on forms of apps that the module does not depend on."""

from odoo.tests import tagged

from .. import common


@tagged("post_install", "-at_install")
class TestTaskBadge(common.GradingCase):
    def form(self, user):
        return self.env["project.task"].with_user(user).get_views([(False, "form")])["views"]["form"]["arch"]

    def test_a_task_shows_the_grade_of_its_customer_to_sellers_alone(self):
        worker = self.internal()
        worker.group_ids += self.env.ref("project.group_project_user")
        self.assertNotIn("grading_customer", self.form(worker))
        worker.group_ids += self.env.ref("customer_grading.customer_grading_group_user")
        self.assertEqual(self.form(worker).count('<widget name="grading_customer"'), 1)

    def test_other_forms_are_left_alone(self):
        [view] = self.env["project.project"].get_views([(False, "form")])["views"].values()
        self.assertNotIn("grading_customer", view["arch"])
