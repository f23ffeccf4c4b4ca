from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestPlayHandTour(HttpCase):
    """A salesperson starts a play for customers of a list, in a real browser, and sees the next step on their page."""

    def test_a_play_is_started_for_a_selection(self):
        self.env["grading.play"].search([]).active = False
        company = self.env.company
        seller = new_test_user(self.env, "hand_seller", "sales_team.group_sale_salesman", name="Hand Seller")
        call = self.env["mail.activity.type"].create({"name": "Ring", "grading_channel": "call"})
        plan = self.env["mail.activity.plan"].create(
            {
                "name": "Call",
                "res_model": "res.partner",
                "company_id": False,
                "template_ids": [Command.create({"activity_type_id": call.id, "summary": "Ring them"})],
            }
        )
        play = self.env["grading.play"].create({"name": "Ask how it goes", "plan_id": plan.id})
        customers = self.env["res.partner"].create(
            [
                {"name": name, "ref": "Hand Tour", "customer_rank": 1, "user_id": seller.id}
                for name in ("Hand One", "Hand Two", "Hand Three")
            ]
        )
        self.env["grading.profile"].create([{"partner_id": one.id, "company_id": company.id} for one in customers[:2]])
        self.start_tour("/odoo/contacts?view_type=list", "grading_play_hand_tour", login="hand_seller")
        cases = self.env["grading.play.case"].search([("play_id", "=", play.id)])
        self.assertEqual(cases.partner_id, customers[:2])
        while self.env["grading.play.case"]._begin_waiting():
            pass
        self.start_tour(f"/odoo/contacts/{customers[0].id}", "grading_play_hand_next_step_tour", login="hand_seller")
