from lxml import etree

from odoo.tests import tagged

from ..common import LeadCase

# Rows that count something open what they count.
COUNTING = {
    "grading.effort.plan": "action_view_contacts",
    "grading.effort.share": "action_view_contacts",
    "grading.play.effect": "action_view_cases",
}


@tagged("post_install", "-at_install")
class TestRows(LeadCase):
    """A click on a row of a list opens what the row is about, and not a form of the row's own columns."""

    def list_action(self, model, view=None):
        arch = etree.fromstring(self.env[model].get_view(view and view.id, "list")["arch"])
        return arch.get("action"), arch.get("type")

    def test_rows_about_a_customer_or_lead_open_it(self):
        mixin = self.env.registry["grading.lead.access.mixin"]
        models = [name for name, model in self.env.registry.items() if issubclass(model, mixin) and not model._abstract]
        self.assertGreater(len(models), 9)
        for name in models:
            views = self.env["ir.ui.view"].search([("model", "=", name), ("type", "=", "list")])
            for view in views or [None]:
                with self.subTest(model=name, view=view and view.name):
                    action, kind = self.list_action(name, view)
                    self.assertIn(action, ("action_open", "action_open_subject"))
                    self.assertEqual(kind, "object")
                    self.assertTrue(getattr(self.env.registry[name], action).__wrapped__, "guarded")

    def test_cards_open_what_they_are_about(self):
        """On a phone a window shows cards in the place of its list: with neither a form nor an action they are dead."""
        windows = self.env["ir.actions.act_window"].search([("res_model", "=like", "grading.%")])
        dead, opening = [], 0
        for window in windows:
            kinds = {kind: view_id for view_id, kind in window.views}
            if "kanban" not in kinds or "form" in kinds:
                continue
            arch = etree.fromstring(self.env[window.res_model].get_view(kinds["kanban"], "kanban")["arch"])
            if arch.get("action") or arch.get("js_class") == "grading_due_kanban":  # which opens the subject itself
                opening += 1
            else:
                dead.append(window.name)
        self.assertEqual(dead, [])
        self.assertGreater(opening, 5)

    def test_rows_that_count_open_what_they_count(self):
        for name, action in COUNTING.items():
            with self.subTest(model=name):
                self.assertEqual(self.list_action(name), (action, "object"))

    def test_the_profile_of_a_lead_opens_the_lead_and_that_of_a_customer_the_customer(self):
        self.scheme()
        self.lead_scheme()
        customer = self.customer("Anna")
        self.order(customer, 50, self.today)
        lead = self.lead("Talk", willingness="3")
        self.rescore()
        for profile, subject in ((self.profile(customer), customer), (self.lead_profile(lead), lead)):
            action = profile.action_open()
            self.assertEqual((action["res_model"], action["res_id"]), (subject._name, subject.id))

    def test_a_row_of_another_company_than_the_first_names_it(self):
        self.scheme()
        customer = self.customer("Anna")
        self.order(customer, 50, self.today)
        self.rescore()
        other = self.new_company("Other")
        for companies, named in (([self.company.id, other.id], None), ([other.id, self.company.id], self.company.id)):
            action = self.profile(customer).with_context(allowed_company_ids=companies).action_open()
            self.assertEqual(action["context"].get("grading_company_id"), named)

    def test_a_user_who_may_not_see_the_row_cannot_open_it(self):
        lead = self.lead("Hidden", user_id=self.manager().id, willingness="3")
        self.lead_scheme()
        self.rescore()
        profile = self.lead_profile(lead)
        for user in (self.salesman(), self.portal()):
            with self.subTest(user=user.login), self.assert_refused():
                profile.with_user(user).action_open()
