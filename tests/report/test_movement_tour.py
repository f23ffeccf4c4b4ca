from datetime import datetime, time, timedelta

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..memory.memory_case import month_end
from ..world import RULES, TOUR_AMOUNT


@tagged("post_install", "-at_install")
class TestMovementTour(HttpCase):
    """A manager opens those who have fallen from the matrix, and sees when, in a real browser."""

    def setUp(self):
        super().setUp()
        for model in (*RULES, "grading.grade"):
            self.env[model].search([]).active = False
        self.env["grading.snapshot"].search([]).unlink()
        gold, silver = self.env["grading.grade"].create(
            [{"name": name, "sequence": number} for number, name in enumerate(("Tour Gold", "Tour Silver"))]
        )
        scheme = self.env["grading.scheme"].create(
            {
                "name": "Tour scheme",
                "domain": "[('partner_id.name', '=', 'Fallen Fay')]",
                "criterion_ids": [Command.create(TOUR_AMOUNT)],
                "threshold_ids": [
                    Command.create({"grade_id": grade.id, "min_score": score})
                    for grade, score in ((gold, 50), (silver, 0))
                ],
            }
        )
        fay, gus, neo = self.env["res.partner"].create(
            [{"name": name} for name in ("Fallen Fay", "Gone Gus", "New Neo")]
        )
        today = self.env.company._grading_today()
        product = self.env["product.product"].create({"name": "Tour", "type": "service", "taxes_id": [Command.clear()]})
        self.env["sale.order"].create(
            {
                "partner_id": fay.id,
                "state": "sale",
                "date_order": datetime.combine(today - timedelta(days=9), time(12)),
                "order_line": [Command.create({"product_id": product.id, "price_unit": 200, "tax_ids": False})],
            }
        )
        self.env["grading.run"]._rescore()
        profile = fay.grading_profile_id
        self.assertEqual(profile.grade_id, silver)
        own = {"company_id": profile.company_id.id, "scheme_id": scheme.id}
        self.env["grading.snapshot"].create(
            [
                {
                    **own,
                    "partner_id": partner.id,
                    "profile_id": partner.grading_profile_id.id,
                    "date": month_end(today, -months),
                    "grade_id": grade.id,
                    "score": score,
                }
                for partner, months, grade, score in (
                    (fay, 3, gold, 60),
                    (fay, 2, silver, 40),
                    (fay, 1, silver, 30),
                    (gus, 2, silver, 10),
                    (neo, 1, silver, 10),
                )
            ]
        )

    def test_the_matrix_opens_those_who_have_fallen_and_the_line_says_when(self):
        self.start_tour("/odoo/grading-movement", "grading_movement_tour", login="admin")
