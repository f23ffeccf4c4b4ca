from odoo.fields import Command
from odoo.tests import HttpCase, tagged


class BasketTourCase(HttpCase):
    """A quotation of bread, and orders that have butter with it."""

    def setUp(self):
        super().setUp()
        company = self.env.ref("base.main_company")
        company.write({"grading_basket_support": 0.0001, "grading_basket_count": 2, "grading_basket_lift": 1})
        values = {"type": "service", "taxes_id": False, "list_price": 7, "invoice_policy": "order"}
        bread, butter = self.env["product.product"].create(
            [{"name": name, **values} for name in ("Tour Bread", "Tour Butter")]
        )
        other, customer = self.env["res.partner"].create([{"name": "Tour Other"}, {"name": "Tour Customer"}])
        for _time in range(3):
            self.order(other, bread | butter).action_confirm()
        self.quotation = self.order(customer, bread)
        self.env["grading.basket.run"].with_company(company)._mine()

    def order(self, partner, products):
        lines = [Command.create({"product_id": product.id}) for product in products]
        return self.env["sale.order"].create({"partner_id": partner.id, "order_line": lines})

    def walk(self, tour):
        self.start_tour(f"/odoo/sales/{self.quotation.id}", tour, login="admin")
        line = self.quotation.order_line[-1]
        self.assertEqual((line.product_id.name, line.price_unit), ("Tour Butter", 7))
        suggestion = self.env["grading.basket.suggestion"].search([("order_id", "=", self.quotation.id)])
        self.assertEqual((suggestion.product_id, suggestion.taken), (line.product_id, 1))
        self.assertTrue(suggestion.date_added)


@tagged("post_install", "-at_install")
class TestBasketTour(BasketTourCase):
    """A salesperson opens a quotation and adds what customers like this also buy, in a real browser."""

    def test_a_click_adds_the_suggested_product(self):
        self.walk("grading_basket")


@tagged("post_install", "-at_install")
class TestBasketTourPhone(BasketTourCase):
    """The same on the width of a phone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_a_tap_adds_the_suggested_product(self):
        self.walk("grading_basket")
