import psycopg2

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .play_case import PlayCase


@tagged("post_install", "-at_install")
class TestPlayRefused(PlayCase):
    """What could not be carried out is refused when it is saved, with the remedy."""

    def template(self, model):
        return self.env["mail.template"].create({"name": "Mail", "model_id": self.env["ir.model"]._get_id(model)})

    def action(self, model, **vals):
        values = {"name": "Action", "model_id": self.env["ir.model"]._get_id(model), "state": "code", "code": "pass"}
        return self.env["ir.actions.server"].create({**values, **vals})

    def test_what_is_for_the_wrong_model(self):
        lead_plan = self.plan((self.call_type, 0), model="crm.lead")
        with self.assert_refused("Plan", "Play", "choose one for Contact", error=ValidationError):
            self.play(plan_id=lead_plan.id)
        with self.assert_refused("Mail", "Play", "choose one for Contact", error=ValidationError):
            self.play(template_id=self.template("crm.lead").id)
        with self.assert_refused("Action", "Play", "choose one for Contact", error=ValidationError):
            self.play(action_server_id=self.action("crm.lead").id)
        with self.assert_refused("Play", "lead tags for leads", error=ValidationError):
            self.play(subject="lead", category_ids=self.played.ids)
        play = self.play(subject="lead", plan_id=lead_plan.id)
        with self.assert_refused("Plan", "Play", error=ValidationError):
            play.write({"subject": "customer", "lead_tag_ids": [(5,)]})

    def test_an_action_for_some_users_only(self):
        action = self.action("res.partner", group_ids=self.env.ref("base.group_system").ids)
        with self.assert_refused("Action", "without groups", error=ValidationError):
            self.play(action_server_id=action.id)

    def test_a_play_that_does_nothing(self):
        with self.assert_refused("Play", "does nothing", error=ValidationError):
            self.play(category_ids=False)
        with self.assert_refused("has no activities", "add one", error=ValidationError):
            self.play(plan_id=self.plan().id)

    def test_a_plan_of_another_company(self):
        plan = self.plan((self.call_type, 0))
        plan.company_id = self.new_company("Elsewhere")
        with self.assert_refused("Elsewhere", "all companies", error=ValidationError):
            self.play(plan_id=plan.id)

    def test_a_bad_filter(self):
        for domain in ("[('nonsense', '=', 1)]", "[(", "[('order_count', '>', 'many')]"):
            with self.subTest(domain=domain), self.assert_refused("Play", "filter", error=ValidationError):
                self.play(domain=domain)

    def test_numbers_that_make_no_sense(self):
        for trigger, vals in (
            ("probability_below", {"share": 1.5}),
            ("nth_order", {"number": 0}),
            ("satisfaction_low", {"number": 11}),
            ("grade_falling", {"days": -1}),
            ("grade_up", {"cooldown_days": -1}),
            ("grade_up", {"goal_days": 0}),
            ("grade_up", {"control_percent": 100}),
            ("stage_entered", {}),
            ("grade_up", {"subject": "lead"}),
            ("manual", {"responsible_type": "user"}),
        ):
            with (
                self.subTest(trigger=trigger, **vals),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.play(trigger, **vals)
                self.env.flush_all()

    def test_the_subject_follows_the_trigger(self):
        self.assertEqual(self.play("grade_up").subject, "customer")
        self.assertEqual(self.play("lead_grade_up").subject, "lead")
        self.assertEqual(self.play("manual").subject, "customer")
