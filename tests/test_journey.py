from odoo.fields import Command
from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestJourney(HttpCase):
    """From the first talk to a content customer, in a real browser."""

    def setUp(self):
        super().setUp()
        for model in ("grading.scheme", "grading.grade", "grading.lifecycle"):
            self.env[model].search([]).active = False
        names = ("Hot", "Warm", "Gold", "Silver", "Bronze")
        self.grades = dict(
            zip(
                names,
                self.env["grading.grade"].create([{"name": name, "sequence": n} for n, name in enumerate(names)]),
                strict=True,
            )
        )
        steps = [Command.create({"lower_bound": step, "points": 25 * (step - 1)}) for step in range(1, 6)]
        willing = {"name": "How willing", "kind": "band", "measure": "willingness", "dimension": "intent"}
        self._scheme("Talks", {**willing, "band_ids": steps}, {"Hot": 60, "Warm": 0}, subject="lead")
        said = {"name": "What she says", "kind": "linear", "measure": "satisfaction", "points_per_unit": 10}
        said |= {"points_max": 100, "points_if_none": 40, "dimension": "loyalty"}
        customers = {"domain": "[('order_count', '>', 0)]"}
        self._scheme("Customers", said, {"Gold": 70, "Silver": 30, "Bronze": 0}, **customers)
        self.jane = self.env["res.partner"].create({"name": "Journey Jane"})
        ticket = {"name": "Moon ticket", "type": "service", "list_price": 500, "taxes_id": [Command.clear()]}
        self.env["product.product"].create(ticket)

    def _scheme(self, name, criterion, thresholds, **vals):
        starts = [{"grade_id": self.grades[grade].id, "min_score": score} for grade, score in thresholds.items()]
        self.env["grading.scheme"].create(
            {
                "name": name,
                "criterion_ids": [Command.create(criterion)],
                "threshold_ids": [Command.create(start) for start in starts],
                **vals,
            }
        )

    def test_talk_drag_win_and_listen(self):
        self.start_tour("/odoo/crm", "grading_journey_lead", login="admin")
        lead = self.env["crm.lead"].search([("name", "=", "Journey to the moon")])
        self.assertEqual((lead.willingness, lead.grading_grade_id.name), ("2", "Warm"))
        self.assertEqual(self.jane.grading_grade_id.name, "Warm", "graded through her lead")

        self.start_tour("/odoo/grading-leads", "grading_journey_drag", login="admin")
        self.env.invalidate_all()
        self.assertEqual((lead.grading_grade_id.name, lead.grading_computed_grade_id.name), ("Hot", "Warm"))
        # What the scheduled action does within a minute.
        lines = self.env["grading.queue"]._waiting([("partner_id", "=", self.jane.id)])
        self.env["grading.run"]._rescore(partners=lines.partner_id)
        self.assertEqual(self.jane.grading_grade_id.name, "Hot")

        self.start_tour("/odoo/crm.lead/%s" % lead.id, "grading_journey_won", login="admin")
        self.env.invalidate_all()
        self.assertEqual((lead.order_ids.state, lead.order_ids.partner_id), ("sale", self.jane))

        self.start_tour("/odoo/contacts/%s" % self.jane.id, "grading_journey_heard", login="admin")
        self.env.invalidate_all()
        self.assertEqual(self.jane.grading_grade_id.name, "Gold")
        changes = [
            (line.old_grade_id.name, line.new_grade_id.name, line.reason)
            for line in self.jane.grading_history_ids.sorted("id")
        ]
        self.assertEqual(
            changes,
            [
                (False, "Warm", "rescore"),
                ("Warm", "Hot", "rescore"),
                ("Hot", "Silver", "first_order"),
                ("Silver", "Gold", "rescore"),
            ],
        )
