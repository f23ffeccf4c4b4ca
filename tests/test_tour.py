from datetime import date, datetime, time, timedelta

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .world import TOUR_AMOUNT


@tagged("post_install", "-at_install")
class TestTour(HttpCase):
    """A manager walks through the screens in a real browser."""

    def setUp(self):
        super().setUp()
        for model in ("grading.scheme", "grading.grade", "grading.lifecycle"):
            self.env[model].search([]).active = False
        gold, silver, bronze = self.env["grading.grade"].create(
            [{"name": name, "sequence": number} for number, name in enumerate(("Gold", "Silver", "Bronze"))]
        )
        self.env["grading.scheme"].create(
            {
                "name": "Tour scheme",
                "domain": "[('order_count', '>', 0), ('partner_id.name', '=', 'Tour Customer')]",
                "criterion_ids": [Command.create(TOUR_AMOUNT)],
                "threshold_ids": [
                    Command.create({"grade_id": grade.id, "min_score": score})
                    for grade, score in ((gold, 80), (silver, 40), (bronze, 0))
                ],
            }
        )
        self.customer = self.env["res.partner"].create({"name": "Tour Customer", "is_company": True})
        product = self.env["product.product"].create({"name": "Tour", "type": "service", "taxes_id": [Command.clear()]})
        self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "state": "sale",
                "date_order": datetime.combine(date.today() - timedelta(days=9), time(12)),
                "order_line": [Command.create({"product_id": product.id, "price_unit": 200, "tax_ids": False})],
            }
        )
        self.env["grading.run"]._rescore()

    def test_grade_drag_explain_give_back_change_the_rules_and_rescore(self):
        self.assertEqual(self.customer.grading_grade_id.name, "Bronze")
        self.start_tour("/odoo/grading", "customer_grading_tour", login="admin")
        self.env.invalidate_all()
        self.assertEqual(self.customer.grading_grade_id.name, "Silver")
        self.assertEqual(
            self.customer.grading_history_ids.mapped("reason"), ["rescore", "override_end", "override", "rescore"]
        )

    def test_an_assessment_takes_one_click_a_score_and_knows_zero_from_not_asked(self):
        self.start_tour("/odoo/contacts/%s" % self.customer.id, "grading_assessment_tour", login="admin")
        assessment = self.env["grading.assessment"].search([("partner_id", "=", self.customer.id)])
        self.assertIsNot(assessment.satisfaction, False)
        self.assertEqual(assessment.satisfaction, 0)
        self.assertIs(assessment.recommendation, False)
        self.assertIs(assessment.expectation, False)
