from datetime import date, datetime, time, timedelta

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..world import RULES, TOUR_AMOUNT


@tagged("post_install", "-at_install")
class TestHistoryTour(HttpCase):
    """A manager reads in the history why a score has changed and opens the customer, in a real browser."""

    def setUp(self):
        super().setUp()
        for model in RULES:
            self.env[model].search([]).active = False
        grade = self.env["grading.grade"].create({"name": "Tour", "sequence": 1})
        self.env["grading.scheme"].create(
            {
                "name": "Tour scheme",
                "domain": "[('partner_id.name', '=', 'Tour Historian')]",
                "criterion_ids": [Command.create(TOUR_AMOUNT)],
                "threshold_ids": [Command.create({"grade_id": grade.id})],
            }
        )
        self.customer = self.env["res.partner"].create({"name": "Tour Historian", "is_company": True})
        for amount in (200, 400):
            self.order(amount)
            self.env["grading.run"]._rescore()

    def order(self, amount):
        product = self.env["product.product"].create({"name": "Tour", "type": "service", "taxes_id": [Command.clear()]})
        self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "state": "sale",
                "date_order": datetime.combine(date.today() - timedelta(days=9), time(12)),
                "order_line": [Command.create({"product_id": product.id, "price_unit": amount, "tax_ids": False})],
            }
        )

    def test_a_line_of_history_says_why_and_opens_the_customer(self):
        self.assertEqual(self.customer.grading_history_ids.mapped("reason"), ["score", "rescore"])
        self.start_tour("/odoo/grading-history", "grading_history_tour", login="admin")
