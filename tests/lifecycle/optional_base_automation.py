"""With Odoo's automation rules installed: not collected by the suite, which needs nothing beyond the dependencies."""

from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import LeadCase

LOGGER = "odoo.addons.customer_grading.models.lifecycle.grading_lifecycle_automation"
# What a rule does: one more x in the city of the contact.
MARK = "for line in records.sudo():\n    line.partner_id.write({'city': (line.partner_id.city or '') + 'x'})"


@tagged("post_install", "-at_install")
class TestAutomationRules(LeadCase):
    """A rule on a change of grade starts once for each change, whether a person or a run has made it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme()
        cls.ada, cls.bob = cls.customer("Ada"), cls.customer("Bob")
        for partner in (cls.ada, cls.bob):
            cls.order(partner, 50, cls.today - timedelta(days=20))

    def setUp(self):
        super().setUp()
        self.addCleanup(self.env["base.automation"]._unregister_hook)

    def rule(self, model, trigger="on_create", fields=(), code=MARK, **vals):
        model = self.env["ir.model"]._get(model)
        action = {"name": "Mark", "model_id": model.id, "state": "code", "code": code, "usage": "base_automation"}
        watched = [self.env["ir.model.fields"]._get(model.model, name).id for name in fields]
        return self.env["base.automation"].create(
            {
                "name": "Tell the office",
                "model_id": model.id,
                "trigger": trigger,
                "trigger_field_ids": [Command.set(watched)],
                "action_server_ids": [Command.create(action)],
                **vals,
            }
        )

    def cities(self):
        return self.ada.city or "", self.bob.city or ""

    def buy(self, partner, amount=500):
        self.order(partner, amount, self.today)

    def override(self, partner, grade):
        self.profile(partner)._override(grade, "So be it")
        self.env.flush_all()

    # ------------------------------------------------------------
    # They start
    # ------------------------------------------------------------

    def test_a_new_line_of_history_starts_a_rule_once_by_person_and_by_run(self):
        self.rule("grading.history")
        self.rescore()
        self.assertEqual(self.cities(), ("x", "x"))
        self.override(self.ada, self.gold)
        self.assertEqual(self.cities(), ("xx", "x"))
        self.rescore()
        self.assertEqual(self.cities(), ("xx", "x"), "nothing has changed")
        self.buy(self.bob)
        self.rescore()
        self.assertEqual(self.cities(), ("xx", "xx"))

    def test_a_new_grade_on_the_profile_starts_a_rule_once_by_person_and_by_run(self):
        self.rescore()
        self.rule("grading.profile", "on_create_or_write", ["grade_id"])
        self.override(self.ada, self.gold)
        self.assertEqual(self.cities(), ("x", ""))
        self.buy(self.bob)
        self.rescore()
        self.assertEqual(self.cities(), ("x", "x"))
        self.rescore()
        self.assertEqual(self.cities(), ("x", "x"))

    def test_each_of_two_batches_starts_it_for_its_own(self):
        self.rule("grading.history")
        self.rescore(partners=self.ada)  # it becomes a full one: nothing to compare with
        self.buy(self.ada)
        self.rescore(partners=self.ada)
        self.buy(self.bob)
        self.rescore(partners=self.bob)
        self.assertEqual(self.cities(), ("xx", "xx"))

    def test_another_score_within_the_grade_starts_nothing(self):
        self.rescore()
        self.rule("grading.profile", "on_create_or_write", ["grade_id"])
        self.rule("grading.history")
        self.buy(self.ada, 1)
        self.rescore()
        self.assertEqual(self.profile(self.ada).score, 51)
        self.assertEqual(self.cities(), ("", ""))

    def test_a_new_stage_starts_rules_on_the_stage_and_not_those_on_the_grade(self):
        self.rescore()
        stage = self.env["grading.lifecycle"].create({"name": "Buyer"})
        self.rule("grading.profile", "on_create_or_write", ["grade_id"])
        self.rescore()
        self.assertEqual(self.profile(self.ada).lifecycle_id, stage)
        self.assertEqual(self.cities(), ("", ""))
        stage.name = "Former"
        self.env["grading.lifecycle"].create({"name": "First", "sequence": 1})
        self.rule("grading.profile", "on_create_or_write", ["lifecycle_id"])
        self.rescore()
        self.assertEqual(self.cities(), ("x", "x"))

    def test_a_new_profile_starts_rules_on_creation_and_on_creation_and_edit_once_each(self):
        self.rule("grading.profile", "on_create")
        self.rule("grading.profile", "on_create_or_write", ["grade_id", "lifecycle_id"])
        self.rescore()
        self.assertEqual(self.cities(), ("xx", "xx"))

    def test_a_condition_decides_for_whom_it_starts(self):
        self.rescore()
        self.rule("grading.history", filter_domain=f"[('new_grade_id', '=', {self.gold.id})]")
        self.buy(self.ada)
        self.force(self.env["sale.order"].search([("partner_id", "=", self.bob.id)]), amount_untaxed=5)
        self.rescore()
        self.assertEqual(self.profile(self.bob).grade_id, self.bronze)
        self.assertEqual(self.cities(), ("x", ""))

    def test_leads_start_rules_too(self):
        self.lead_scheme()
        code = "for line in records:\n    line.lead_id.write({'street': (line.lead_id.street or '') + 'x'})"
        self.rule("grading.history", code=code)
        lead = self.lead(willingness="4")
        self.rescore()
        self.assertEqual(self.lead_profile(lead).grade_id, self.gold)
        self.assertEqual(lead.street, "x")

    def test_the_run_starts_it_as_odoobot_in_its_company(self):
        self.rule(
            "grading.history",
            code="for line in records:\n    line.partner_id.write({'city': '%s %s' % (env.uid, env.company.id)})",
        )
        self.rescore()
        self.assertEqual(self.ada.city, f"{self.env.ref('base.user_root').id} {self.company.id}")

    def test_a_run_that_looks_back_and_an_archived_rule_start_nothing(self):
        rule = self.rule("grading.history")
        self.rescore(as_of=self.today - timedelta(days=1))
        self.assertEqual(self.cities(), ("", ""))
        rule.active = False
        self.buy(self.ada)
        self.rescore()
        self.assertEqual(self.cities(), ("", ""))

    @mute_logger(LOGGER)
    def test_a_customer_for_whom_it_fails_keeps_it_from_no_other_and_is_named(self):
        self.rule(
            "grading.history",
            code=MARK + "\n    if line.partner_id.name == 'Ada':\n        raise UserError('No address')",
        )
        run = self.rescore()
        self.assertEqual(self.cities(), ("", "x"))
        for words in ("Tell the office", "Ada", "No address"):
            self.assertIn(words, run.automation_errors)
        self.assertNotIn("Bob", run.automation_errors)
        self.assertEqual(self.profile(self.ada).grade_id, self.silver)

    def test_a_rule_that_is_older_than_the_check_is_named_and_not_started(self):
        rule = self.rule("grading.profile", "on_create_or_write", ["grade_id"])
        self.force(rule, filter_pre_domain="[('score', '>', 1)]")
        run = self.rescore()
        self.assertEqual(self.cities(), ("", ""))
        self.assertEqual(run.automation_errors.count("Tell the office"), 1)

    # ------------------------------------------------------------
    # Or they are refused
    # ------------------------------------------------------------

    def test_what_a_run_does_not_know_is_refused(self):
        for trigger, fields, vals in (
            ("on_create_or_write", [], {}),
            ("on_create_or_write", ["score"], {}),
            ("on_create_or_write", ["grade_id", "order_amount"], {}),
            ("on_create_or_write", ["manual_grade_id"], {}),
            ("on_create_or_write", ["grade_id"], {"filter_pre_domain": "[('score', '>', 10)]"}),
            ("on_write", ["grade_id"], {}),
            ("on_unlink", [], {}),
            ("on_archive", [], {}),
        ):
            with self.subTest(trigger=trigger, fields=fields):
                refused = self.assert_refused("Tell the office", "Grading History", "Stage", error=ValidationError)
                with refused, self.env.cr.savepoint():
                    self.rule("grading.profile", trigger, fields, **vals)
        for trigger in ("on_write", "on_unlink"):
            with self.assert_refused("On create", error=ValidationError), self.env.cr.savepoint():
                self.rule("grading.history", trigger)

    def test_a_rule_that_becomes_one_of_these_is_refused(self):
        rule = self.rule("grading.profile", "on_create_or_write", ["grade_id"])
        with self.assert_refused("Grading History", error=ValidationError):
            rule.filter_pre_domain = "[('score', '>', 10)]"

    def test_a_field_that_contacts_and_leads_only_show_is_refused(self):
        for model in ("res.partner", "crm.lead"):
            with (
                self.subTest(model=model),
                self.assert_refused("Grading History", error=ValidationError),
                self.env.cr.savepoint(),
            ):
                self.rule(model, "on_create_or_write", ["grading_grade_id"])

    def test_rules_on_dates_and_on_other_models_are_kept(self):
        for model, trigger in (("grading.profile", "on_time_created"), ("res.partner", "on_create_or_write")):
            self.assertTrue(self.rule(model, trigger).active)
