from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.onboarding.onboarding_onboarding import FIRST_STEPS
from ..common import GradingCase

STEPS = ("source", "scheme", "thresholds", "cadences", "team")


@tagged("post_install", "-at_install")
class TestFirstSteps(GradingCase):
    """A company that begins has a panel of first steps, for its managers, until all are done or it is closed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls.manager()
        cls.env["onboarding.progress"].search([("onboarding_id", "=", cls.env.ref(FIRST_STEPS).id)]).unlink()
        cls.steps = {name: cls.env.ref(f"customer_grading.onboarding_onboarding_step_{name}") for name in STEPS}
        for step in cls.steps.values():
            step.progress_ids.unlink()

    def of(self, user, company=None):
        company = company or self.company
        context = {"allowed_company_ids": company.ids}
        return self.env(user=user, context={**self.env.context, **context})

    def panel(self, user=None, company=None):
        company = company or self.company
        company = company.with_env(self.of(user or self.boss, company))
        company.invalidate_recordset(["grading_first_steps"])
        return company.grading_first_steps

    def done(self, **where):
        ids = {step.id: name for name, step in self.steps.items()}
        return [ids[step["id"]] for step in self.panel(**where) if step["is_done"]]

    def test_a_company_that_begins_has_all_steps_before_it(self):
        self.assertEqual([step["is_done"] for step in self.panel()], [False] * 5)
        self.assertTrue(all(step["title"] and step["description"] for step in self.panel()))

    def test_reading_the_panel_writes_nothing(self):
        self.panel()
        self.assertFalse(self.env["onboarding.progress"].search([("company_id", "=", self.company.id)]))

    def test_saving_what_a_step_is_about_ticks_it(self):
        scheme = self.scheme()
        cadence = self.env["grading.cadence"].create({"name": "Weekly", "company_id": self.company.id})
        self.assertEqual(self.done(), [], "what the server saves by itself says nothing")
        env = self.of(self.boss)
        scheme, cadence = scheme.with_env(env), cadence.with_env(env)
        scheme.threshold_ids = [Command.update(scheme.threshold_ids[0].id, {"min_score": 90})]
        self.assertEqual(self.done(), ["thresholds"])
        scheme.grace_days = 3
        self.assertEqual(self.done(), ["scheme", "thresholds"])
        cadence.interval_number = 2
        self.assertEqual(self.done(), ["scheme", "thresholds", "cadences"])
        env["crm.team"].create({"name": "Sellers", "company_id": self.company.id})
        self.assertEqual(self.done(), ["scheme", "thresholds", "cadences", "team"])

    def test_a_draft_and_a_copy_decide_nothing(self):
        env = self.of(self.boss)
        scheme = self.scheme().with_env(env)
        cadence = self.env["grading.cadence"].create({"name": "Weekly", "company_id": self.company.id}).with_env(env)
        draft = env["grading.scheme"].browse(scheme.action_edit_as_draft()["res_id"])
        draft.grace_days = 9
        scheme.copy()
        cadence.copy()
        self.assertEqual(self.done(), [])
        draft._publish()
        self.assertIn("scheme", self.done())

    def test_other_settings_say_nothing_of_the_source_of_money(self):
        admin = self.user("first_admin", "base.group_system,customer_grading.customer_grading_group_manager")
        self.of(admin)["res.config.settings"].create({"grading_half_life_days": 45}).execute()
        self.assertEqual(self.company.grading_half_life_days, 45)
        self.assertEqual(self.done(), [])

    def test_saving_the_settings_ticks_the_source_of_money_and_then_the_panel_is_gone(self):
        admin = self.user("first_admin", "base.group_system,customer_grading.customer_grading_group_manager")
        env = self.of(admin)
        settings = env["res.config.settings"].create({"grading_amount_source": "invoice"})
        settings.execute()
        self.assertEqual(self.done(), ["source"])
        for name in STEPS[1:]:
            self.assertTrue(self.panel())
            self.steps[name].with_env(self.of(self.boss)).action_grading_done()
        self.assertFalse(self.panel())

    def test_a_closed_panel_stays_closed_for_all_managers_of_the_company(self):
        self.env["onboarding.onboarding"].with_env(self.of(self.boss)).action_close_panel_grading()
        self.assertFalse(self.panel())
        self.assertFalse(self.panel(user=self.manager("grading_manager_2")))

    def test_companies_have_panels_of_their_own(self):
        other = self.env.ref("base.main_company")
        self.steps["team"].with_env(self.of(self.boss)).action_grading_done()
        self.assertEqual((self.done(), self.done(company=other)), (["team"], []))
        self.env["onboarding.onboarding"].with_env(self.of(self.boss, other)).action_close_panel_grading()
        self.assertFalse(self.panel(company=other))
        self.assertEqual(self.done(), ["team"])

    def test_each_step_opens_its_screen(self):
        scheme = self.scheme()
        self.order(self.customer("Anna"), 20, self.company._grading_today())
        self.rescore()
        admin = self.user("first_admin", "base.group_system,sales_team.group_sale_manager")
        opened = {}
        for step in self.panel(user=admin):
            record = self.env["onboarding.onboarding.step"].with_env(self.of(admin)).browse(step["id"])
            opened[step["id"]] = getattr(record, step["action"])()
        models = [opened[self.steps[name].id]["res_model"] for name in STEPS]
        self.assertEqual(
            models, ["res.config.settings", "grading.scheme", "grading.scheme", "grading.cadence", "crm.team"]
        )
        thresholds = opened[self.steps["thresholds"].id]
        self.assertEqual((thresholds["res_id"], thresholds["views"]), (scheme.id, [(False, "form")]))

    def test_a_manager_who_may_not_open_the_settings_has_no_link_to_them(self):
        actions = {step["id"]: step["action"] for step in self.panel()}
        self.assertFalse(actions[self.steps["source"].id])
        self.assertTrue(actions[self.steps["scheme"].id])

    def test_it_is_for_managers_alone(self):
        for user in (self.salesman(), self.internal(), self.portal()):
            env = self.of(user)
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.company.with_env(env).read(["grading_first_steps"])
                with self.assertRaises(AccessError):
                    self.steps["team"].with_env(env).action_grading_done()
                with self.assertRaises(AccessError):
                    self.env["onboarding.onboarding"].with_env(env).action_close_panel_grading()
        self.assertEqual(self.done(), [])

    def test_no_other_step_of_odoo_is_ticked(self):
        foreign = self.env["onboarding.onboarding.step"].create({"title": "Foreign", "button_text": "Go"})
        with self.assert_refused("first step"):
            foreign.with_env(self.of(self.boss)).action_grading_done()
