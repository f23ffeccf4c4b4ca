from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestPlaysShipped(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shipped = [("module", "=", "customer_grading"), ("model", "=", "grading.play")]
        cls.plays = cls.env["grading.play"].browse(cls.env["ir.model.data"].search(shipped).mapped("res_id"))

    def test_there_are_eight_and_two_are_active(self):
        self.assertEqual(len(self.plays), 8)
        active = [
            self.env.ref(f"customer_grading.grading_play_{n}") for n in ("serious_complaint", "best_grade_falling")
        ]
        self.assertEqual(self.plays.filtered("active"), active[0] + active[1])

    def test_each_is_usable(self):
        self.plays._check_domain()
        self.plays._check_steps()
        self.assertEqual(len(self.plays.plan_id), 8)
        self.assertFalse(self.plays.plan_id.company_id)
        for play in self.plays:
            self.assertEqual(play.plan_id.res_model, play._subject_model())
            self.assertNotIn("none", play.plan_id.template_ids.activity_type_id.mapped("grading_channel"))
            self.assertIsInstance(play.preview_count, int)

    def test_the_events(self):
        by_name = {play.get_external_id()[play.id].partition("grading_play_")[2]: play for play in self.plays}
        self.assertEqual(
            {name: play.trigger for name, play in by_name.items()},
            {
                "serious_complaint": "complaint_opened",
                "best_grade_falling": "grade_falling",
                "first_order": "first_order",
                "win_back": "stage_entered",
                "lead_a": "lead_grade_up",
                "not_content": "satisfaction_low",
                "thank_referrer": "first_order",
                "invoice_overdue": "invoice_overdue",
            },
        )
        self.assertTrue(by_name["serious_complaint"].tells_manager)
        self.assertEqual(by_name["serious_complaint"].plan_id.template_ids.delay_count, 0)
        self.assertEqual(by_name["best_grade_falling"].plan_id.template_ids.delay_count, 3)
        self.assertEqual(by_name["not_content"].number, 4)
