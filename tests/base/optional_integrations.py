"""The examples of ``docs/integrations.md`` that need apps beyond the dependencies."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .integrations_case import IntegrationsCase


@tagged("post_install", "-at_install")
class TestOptionalIntegrations(IntegrationsCase):
    def mailing(self, user):
        [domain] = self.examples("A mailing to a grade")
        values = {"name": "News", "subject": "News", "mailing_domain": domain, "mailing_type": "mail"}
        values["mailing_model_id"] = self.env["ir.model"]._get("res.partner").id
        return self.env["mailing.mailing"].with_user(user).create(values)

    def test_a_mailing_reaches_those_of_the_grade(self):
        self.env["grading.lifecycle"].create({"name": "Customer"})
        self.profile(self.ada)._override(self.gold, "Well known")
        self.rescore()
        marketeer = self.salesman()
        marketeer.group_ids += self.env.ref("mass_mailing.group_mass_mailing_user")
        self.assertEqual(self.mailing(marketeer)._get_recipients(), self.ada.ids)
        # A lead has a grade of its own, and a mailing of its own.
        self.assertTrue(self.env["crm.lead"]._mailing_enabled)

    def test_a_mailing_tells_its_author_no_grades_that_they_may_not_see(self):
        marketeer = self.internal()
        marketeer.group_ids += self.env.ref("mass_mailing.group_mass_mailing_user")
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            self.mailing(marketeer)._get_recipients()

    def test_an_automation_rule_answers_a_change_of_grade(self):
        condition, code = self.examples("An automation rule on a change of grade")
        model = self.env["ir.model"]._get("grading.history")
        action = {"name": "Tell", "model_id": model.id, "state": "code", "code": code, "usage": "base_automation"}
        self.addCleanup(self.env["base.automation"]._unregister_hook)
        self.env["base.automation"].create(
            {
                "name": "New Gold customers",
                "model_id": model.id,
                "trigger": "on_create",
                "filter_domain": condition.strip(),
                "action_server_ids": [Command.create(action)],
            }
        )
        told = self.env["mail.message"].search_count([("body", "ilike", "A new Gold customer")])
        self.profile(self.ada)._override(self.gold, "Well known")
        self.order(self.bob, 500, self.today)
        self.rescore()
        now = self.env["mail.message"].search([("body", "ilike", "A new Gold customer")], limit=2)
        self.assertEqual(set(now.mapped("res_id")), {self.ada.id, self.bob.id})
        self.assertEqual(told, 0)
