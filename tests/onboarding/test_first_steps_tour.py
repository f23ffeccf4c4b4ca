from datetime import date, datetime, time

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ...models.onboarding.onboarding_onboarding import FIRST_STEPS


class FirstStepsTour(HttpCase):
    """An administrator of a company that begins: three customers, a scheme, and no first step done."""

    def setUp(self):
        super().setUp()
        for model in ("grading.scheme", "grading.grade", "grading.lifecycle"):
            self.env[model].search([]).active = False
        onboarding = self.env.ref(FIRST_STEPS)
        onboarding.progress_ids.unlink()
        onboarding.step_ids.progress_ids.unlink()
        grades = self.env["grading.grade"].create(
            [{"name": name, "sequence": number} for number, name in enumerate(("Gold", "Silver", "Bronze"))]
        )
        points = {
            "name": "Amount by tour",
            "kind": "linear",
            "measure": "order_amount",
            "points_per_unit": 1,
            "points_max": 1000,
        }
        self.scheme = self.env["grading.scheme"].create(
            {
                "name": "Tour scheme",
                "domain": "[('order_count', '>', 0), ('partner_id.name', '=like', 'Tour Customer%')]",
                "criterion_ids": [Command.create(points)],
                "threshold_ids": [
                    Command.create({"grade_id": grade.id, "min_score": score})
                    for grade, score in zip(grades, (100, 10, 0), strict=True)
                ],
            }
        )
        product = self.env["product.product"].create({"name": "Tour", "type": "service", "taxes_id": [Command.clear()]})
        for number, amount in enumerate((20, 50, 200), 1):
            line = {"product_id": product.id, "price_unit": amount, "tax_ids": False}
            self.env["sale.order"].create(
                {
                    "partner_id": self.env["res.partner"].create({"name": f"Tour Customer {number}"}).id,
                    "state": "sale",
                    "date_order": datetime.combine(date.today(), time(0)),
                    "order_line": [Command.create(line)],
                }
            )
        self.env["grading.run"]._rescore()

    def start(self, name):
        self.start_tour("/odoo/grading", name, login="admin")
        self.env.invalidate_all()
        onboarding = self.env.ref(FIRST_STEPS)
        self.assertTrue(onboarding.is_onboarding_closed)
        done = onboarding.step_ids.filtered(lambda step: step._grading_is_done())
        self.assertTrue(self.env.ref("customer_grading.onboarding_onboarding_step_thresholds") in done)
        self.assertEqual(self.scheme.threshold_ids.mapped("min_score"), [100, 30, 0])


@tagged("post_install", "-at_install")
class TestFirstStepsTour(FirstStepsTour):
    browser_size = "1440x900"

    def test_first_steps_thresholds_rescoring_menus_and_settings(self):
        self.start("grading_first_steps_tour")
        self.assertEqual(self.env["grading.cadence"].search([("name", "=", "Tour cadence")]).channel, "visit")


@tagged("post_install", "-at_install")
class TestFirstStepsPhoneTour(FirstStepsTour):
    browser_size = "390x844"
    touch_enabled = True

    def test_first_steps_thresholds_menus_and_settings(self):
        self.start("grading_first_steps_phone_tour")
