from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestAtRiskTour(HttpCase):
    """A salesperson sees the calls of the day, opens the customers at risk and starts a play, in a real browser."""

    def test_from_the_calls_to_a_play(self):
        company = self.env.company
        today = company._grading_today()
        self.env["grading.play"].search([]).active = False
        self.env["grading.profile"].search([]).write({"amount_at_risk": 0, "expected_amount": 0})
        seller = new_test_user(self.env, "risk_seller", "sales_team.group_sale_salesman", name="Risk Seller")
        call = self.env["mail.activity.type"].create({"name": "Ring", "grading_channel": "call"})
        plan = self.env["mail.activity.plan"].create(
            {
                "name": "Call",
                "res_model": "res.partner",
                "company_id": False,
                "template_ids": [Command.create({"activity_type_id": call.id, "summary": "Ring them"})],
            }
        )
        play = self.env["grading.play"].create({"name": "Win them back", "plan_id": plan.id})
        for name, amount in (("Risk Small", 40), ("Risk Large", 900)):
            customer = self.env["res.partner"].create({"name": name, "is_company": True, "user_id": seller.id})
            self.env["grading.profile"].create(
                {
                    "partner_id": customer.id,
                    "company_id": company.id,
                    "order_count": 6,
                    "order_day_count": 6,
                    "first_order_date": today - timedelta(230),
                    "last_order_date": today - timedelta(80),
                    "average_order_interval": 30,
                    "next_order_date": today - timedelta(50),
                    "lost_date": fields.Date.add(today, days=30),
                    "expected_amount": amount,
                    "amount_at_risk": amount,
                }
            )
        self.start_tour("/odoo/grading", "grading_at_risk_tour", login="risk_seller")
        cases = self.env["grading.play.case"].search([("play_id", "=", play.id)])
        self.assertEqual(cases.partner_id.mapped("name"), ["Risk Large"])
