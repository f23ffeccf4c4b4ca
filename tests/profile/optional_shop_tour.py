"""The grade beside the customer of a ticket in the shop."""

from odoo.tests import tagged

from odoo.addons.point_of_sale.tests.test_frontend import TestPointOfSaleHttpCommon


@tagged("post_install", "-at_install")
class TestShopBadge(TestPointOfSaleHttpCommon):
    """A cashier who may see grades chooses a customer."""

    def test_the_customer_of_the_ticket_has_the_badge(self):
        grade = self.env["grading.grade"].sudo().create({"name": "Tour", "title": "regulars"})
        # The shop loads the first hundred contacts by their names.
        customer = self.env["res.partner"].create({"name": "A Tour Regular"})
        self.env["grading.profile"].sudo()._of_partners(customer, create=True)._override(grade, "Well known")
        self.pos_user.group_ids += self.env.ref("customer_grading.customer_grading_group_user")
        self.main_pos_config.with_user(self.pos_user).open_ui()
        self.start_pos_tour("grading_shop")
