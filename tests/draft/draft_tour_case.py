from datetime import date, datetime, time, timedelta

from odoo.fields import Command
from odoo.tests import HttpCase

from ..world import RULES, TOUR_AMOUNT


class DraftTourCase(HttpCase):
    """The only scheme in use grades two customers: Big has 60 points, Small 10."""

    def setUp(self):
        super().setUp()
        for model in RULES:
            self.env[model].search([]).active = False
        high, low = self.env["grading.grade"].create(
            [{"name": "Tour high", "sequence": 1}, {"name": "Tour low", "sequence": 2}]
        )
        self.scheme = self.env["grading.scheme"].create(
            {
                "name": "Tour scheme",
                "domain": "[('partner_id.name', 'like', 'Tour ')]",
                "criterion_ids": [Command.create(TOUR_AMOUNT)],
                "threshold_ids": [
                    Command.create({"grade_id": high.id, "min_score": 50}),
                    Command.create({"grade_id": low.id, "min_score": 0}),
                ],
            }
        )
        self.scheme._keep_versions()
        self.big = self.env["res.partner"].create({"name": "Tour Big", "is_company": True})
        small = self.env["res.partner"].create({"name": "Tour Small", "is_company": True})
        for partner, amount in ((self.big, 600), (small, 100)):
            self.order(partner, amount)
        self.env["grading.run"]._rescore()

    def order(self, partner, amount):
        product = self.env["product.product"].create({"name": "Tour", "type": "service", "taxes_id": [Command.clear()]})
        self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "state": "sale",
                "date_order": datetime.combine(date.today() - timedelta(days=9), time(12)),
                "order_line": [Command.create({"product_id": product.id, "price_unit": amount, "tax_ids": False})],
            }
        )
