from datetime import date, timedelta

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestPlayTour(HttpCase):
    """A salesperson notes a serious complaint in a real browser: it starts a call, but not in the control group."""

    def setUp(self):
        super().setUp()
        self.env["grading.play"].search([]).active = False
        company = self.env.company
        self.seller = new_test_user(self.env, "play_seller", "sales_team.group_sale_salesman", name="Play Seller")
        self.boss = new_test_user(self.env, "play_boss", "sales_team.group_sale_manager", name="Play Boss")
        call = self.env["mail.activity.type"].create({"name": "Ring", "grading_channel": "call"})
        plan = self.env["mail.activity.plan"].create(
            {
                "name": "Call",
                "res_model": "res.partner",
                "company_id": False,
                "template_ids": [Command.create({"activity_type_id": call.id, "summary": "Ring them"})],
            }
        )
        self.play = self.env["grading.play"].create(
            {
                "name": "Call at once",
                "trigger": "complaint_opened",
                "severity": "serious",
                "plan_id": plan.id,
                "company_id": company.id,
                "control_percent": 50,
                "domain": "[('partner_id.ref', '=', 'Play Tour')]",
            }
        )
        customers = self.env["res.partner"].create(
            [
                {"name": "Somebody", "ref": "Play Tour", "customer_rank": 1, "user_id": self.seller.id}
                for _n in range(30)
            ]
        )
        alone = customers.filtered(lambda customer: self.play._hash(customer) < 50)
        self.control, self.treated = alone[0], (customers - alone)[0]
        self.control.name, self.treated.name = "Tour Control", "Tour Treated"
        self.env["grading.profile"].create(
            [{"partner_id": customer.id, "company_id": company.id} for customer in self.control + self.treated]
        )

    def test_a_complaint_starts_a_call_and_a_control_customer_is_left_alone(self):
        for customer in self.treated + self.control:
            complaint = self.env["grading.complaint"].create({"partner_id": customer.id, "user_id": self.seller.id})
            self.start_tour(
                f"/odoo/grading-complaints/{complaint.id}", "grading_play_complaint_tour", login="play_seller"
            )
        cases = self.env["grading.play.case"].search([("play_id", "=", self.play.id)])
        self.assertEqual(
            {case.partner_id: case.state for case in cases}, {self.treated: "running", self.control: "control"}
        )
        while self.env["grading.play.case"]._begin_waiting():
            pass
        calls = self.env["mail.activity"].search([("summary", "=", "Ring them"), ("res_model", "=", "res.partner")])
        self.assertEqual(calls.mapped("res_id"), self.treated.ids)
        self.assertGreaterEqual(calls.date_deadline, date.today() - timedelta(days=1))
        self.assertEqual(calls.user_id, self.seller)
        self.start_tour(f"/odoo/contacts/{self.control.id}", "grading_play_control_tour", login="play_seller")
        self.start_tour(f"/odoo/contacts/{self.treated.id}", "grading_play_treated_tour", login="play_seller")
        treated = cases.filtered(lambda case: case.partner_id == self.treated)
        self.assertEqual((treated.state, calls.exists().ids), ("stopped", []))

    def test_the_form_says_for_whom_a_play_would_start_today(self):
        for customer in self.treated + self.control:
            self.env["grading.complaint"].with_context(import_file=True).create(
                {"partner_id": customer.id, "severity": "serious"}
            )
        self.start_tour(f"/odoo/grading-plays/{self.play.id}", "grading_play_form_tour", login="play_boss")
