from datetime import date, datetime, time, timedelta

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..world import RULES


@tagged("post_install", "-at_install")
class TestLifeTour(HttpCase):
    """A salesperson looks at the life cycle, takes a rule's tag away and allows it again, in a real browser."""

    def setUp(self):
        super().setUp()
        for model in RULES:
            self.env[model].search([]).active = False
        self.env["grading.lifecycle"].create(
            [
                {"name": "Tour Growth", "sequence": 1, "domain": "[('decline_date', '>', 'today')]"},
                {
                    "name": "Tour Decline",
                    "sequence": 2,
                    "domain": "[('lost_date', '>', 'today')]",
                    "strategy": "<p>Call them</p>",
                },
                {"name": "Tour Lost", "sequence": 3, "domain": "[('partner_id.name', '=', 'Nobody at all')]"},
            ]
        )
        self.tag = self.env["res.partner.category"].create({"name": "Tour Silent"})
        self.env["grading.tag.rule"].create(
            {
                "name": "Who is silent",
                "category_id": self.tag.id,
                "domain": "[('decline_date', '<=', 'today'), ('partner_id.name', '=', 'Silent Sam')]",
            }
        )
        # Bought every fortnight and then no more.
        self.sam = self.env["res.partner"].create({"name": "Silent Sam", "is_company": True})
        product = self.env["product.product"].create({"name": "Tour", "type": "service", "taxes_id": [Command.clear()]})
        for fortnights in range(12):
            day = date.today() - timedelta(days=14 * fortnights + 50)
            self.env["sale.order"].create(
                {
                    "partner_id": self.sam.id,
                    "state": "sale",
                    "date_order": datetime.combine(day, time(12)),
                    "order_line": [Command.create({"product_id": product.id, "price_unit": 200, "tax_ids": False})],
                }
            )
        # A fortnight between orders, whatever other customers there are.
        numbers = {"method": "interval", "r": 2, "alpha": 28, "a": 1, "b": 3}
        company = self.env.company
        self.env["grading.purchase.model"].create(
            {
                **numbers,
                "company_id": company.id,
                "date": company._grading_today(),
                "horizon_days": company.grading_horizon_days,
            }
        )
        self.env["grading.run"]._rescore()

    def test_stage_explained_tag_taken_away_and_allowed_again(self):
        profile = self.sam.grading_profile_id
        self.assertLess(profile.decline_date, date.today())
        self.assertGreater(profile.lost_date, date.today())
        self.assertEqual(self.sam.category_id, self.tag)
        self.start_tour("/odoo/grading-life-cycle", "grading_life_tour", login="admin")
        self.env.invalidate_all()
        self.assertEqual(self.sam.category_id, self.tag)
        origins = self.env["grading.tag.origin"].search([("partner_id", "=", self.sam.id)])
        self.assertEqual(origins.mapped("kind"), ["rule"])
