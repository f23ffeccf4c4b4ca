from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import GradingCase

QUIET = (
    "odoo.sql_db",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
    "odoo.models",
    "odoo.orm",
)
# Ids as a client may send them.
BAD_IDS = ([], [2**31 - 1], [10**30], [-1], [0], ["x"], [None], [True], [1.5], [[1]], ["x", {}])
# What belongs to users of Customer Grading: an employee without the role is told so.
OF_USERS = {
    ("res.partner", "action_grading_override"),
    ("res.partner", "action_grading_rescore"),
    ("res.partner", "action_grading_give_back"),
    ("res.partner", "action_grading_view_orders"),
    ("res.partner", "action_grading_assess"),
    ("res.partner", "action_grading_view_assessments"),
    ("res.partner", "action_grading_view_complaints"),
    ("res.partner", "action_grading_view_referred_leads"),
    ("crm.lead", "action_grading_override"),
    ("crm.lead", "action_grading_rescore"),
    ("crm.lead", "action_grading_give_back"),
    ("res.partner", "action_grading_start_play"),
    ("crm.lead", "action_grading_start_play"),
    ("grading.care", "action_done"),
    ("grading.care.done", "action_confirm"),
    ("grading.care.done", "action_undo"),
    ("grading.care", "action_open"),
    ("grading.care", "action_put_off"),
    ("grading.care", "action_call"),
    ("grading.care", "action_mail"),
    ("grading.pool", "action_claim"),
    ("grading.pool", "action_open"),
    ("grading.complaint", "action_close"),
    ("grading.complaint", "action_reopen"),
    ("grading.override", "action_confirm"),
    ("grading.care.put.off", "action_confirm"),
    ("grading.greeting", "action_open"),
    ("grading.occasion", "action_view_greetings"),
    ("grading.play", "action_view_cases"),
    ("grading.play.case", "action_open"),
    ("grading.play.case", "action_stop"),
    ("grading.play.start", "action_confirm"),
    ("grading.play.effect", "action_view_cases"),
    ("grading.effort.plan", "action_view_contacts"),
    ("grading.effort.share", "action_view_contacts"),
    ("grading.profile", "action_open"),
    ("grading.snapshot", "action_open"),
    ("grading.secondary", "action_open"),
    ("grading.secondary.snapshot", "action_open"),
    ("grading.tag.origin", "action_open"),
}
# What belongs to managers.
OF_MANAGERS = {
    ("grading.scheme", "action_rescore"),
    ("grading.scheme", "action_backtest"),
    ("grading.suggestion", "action_learn"),
    ("grading.suggestion", "action_open_draft"),
    ("grading.suggestion.line", "action_save_tag_rule"),
    ("grading.backtest", "action_run"),
    ("grading.backtest", "action_stop"),
    ("grading.backtest", "action_continue"),
    ("grading.backtest", "action_view_trend"),
    ("grading.cadence", "action_apply"),
    ("grading.tag.rule", "action_apply"),
    ("grading.tag.rule.removal", "action_confirm"),
    ("grading.lifecycle", "action_use_only"),
    ("grading.scheme", "action_copy_for_company"),
    ("grading.cadence", "action_copy_for_company"),
    ("grading.tag.rule", "action_copy_for_company"),
    ("grading.occasion", "action_copy_for_company"),
    ("grading.play", "action_copy_for_company"),
    ("grading.play", "action_preview"),
    ("grading.run", "action_view_changed"),
    *(("grading.scheme", f"action_{name}") for name in ("edit_as_draft", "view_versions", "export", "open_import")),
    *(("grading.preview", f"action_{name}") for name in ("view_lines", "open_cell", "refresh")),
    *(("grading.scheme.version", f"action_{name}") for name in ("compare", "put_back")),
    *(("grading.scheme.publish", f"action_{name}") for name in ("publish", "start_anew")),
    ("grading.scheme.export", "action_export"),
    ("grading.scheme.import", "action_import"),
    ("grading.basket.rule", "action_compute"),
    ("grading.basket.rule", "action_open_products"),
    ("onboarding.onboarding", "action_close_panel_grading"),
    ("onboarding.onboarding.step", "action_grading_done"),
    ("onboarding.onboarding.step", "action_grading_open_cadences"),
    ("onboarding.onboarding.step", "action_grading_open_schemes"),
    ("onboarding.onboarding.step", "action_grading_open_teams"),
    ("onboarding.onboarding.step", "action_grading_open_thresholds"),
}


@tagged("post_install", "-at_install")
class TestActions(GradingCase):
    """Every public action answers every call with its result or with a sentence, and only those who have the role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls.manager(company_ids=cls.env["res.company"].search([]).ids)
        cls.roles = {
            "portal": cls.portal(),
            "internal": cls.internal(),
            "own": cls.salesman(),
            "all": cls.user("all_leads", "sales_team.group_sale_salesman_all_leads"),
            "grader": cls.user("grader", "customer_grading.customer_grading_group_user"),
            "clerk": cls.user("clerk", "customer_grading.customer_grading_group_manager"),
            "manager": cls.boss,
        }
        today = cls.company._grading_today()
        cls.ada = cls.customer("Ada")
        cls.order(cls.ada, 50, today)
        cls.hidden = cls.env["crm.lead"].create(
            {"name": "Hidden", "user_id": cls.boss.id, "company_id": cls.company.id, "partner_id": cls.ada.id}
        )
        scheme = cls.scheme()
        run = cls.rescore()
        tag = cls.env["res.partner.category"].create({"name": "Swept"})
        rule = cls.env["grading.tag.rule"].create({"name": "Swept", "category_id": tag.id})
        cadence = cls.env["grading.cadence"].with_context(active_test=False).search([], limit=1)
        cadence = cadence.copy({"name": "Swept", "company_id": cls.company.id, "active": True})
        occasion = cls.env["grading.occasion"].search([], limit=1)
        complaint = cls.env["grading.complaint"].create({"name": "Swept", "partner_id": cls.ada.id})
        profile = cls.lead_profile(cls.hidden)
        care = cls.env["grading.care"].create(
            {
                "profile_id": profile.id,
                "lead_id": cls.hidden.id,
                "company_id": cls.company.id,
                "cadence_id": cadence.id,
                "channel": cadence.channel,
                "start_date": today,
                "next_date": today,
                "user_id": cls.boss.id,
            }
        )
        wizards = [
            cls.env["grading.override"].create(
                {"grade_id": cls.gold.id, "partner_ids": cls.ada.ids, "reason": "Swept"}
            ),
            cls.env["grading.care.done"].with_user(cls.boss).create({"care_ids": care.ids}),
            cls.env["grading.care.put.off"].create({"care_ids": care.ids}),
            cls.env["grading.tag.rule.removal"].create({"rule_ids": rule.ids, "operation": "archive"}),
        ]
        stage = cls.env["grading.lifecycle"].create({"name": "Swept"})
        play = cls.env["grading.play"].create({"name": "Swept", "subject": "lead", "tells_manager": True})
        case = play._start_for(cls.hidden)
        start = cls.env["grading.play.start"].create({"lead_ids": cls.hidden.ids, "play_id": play.id})
        effect = cls.env["grading.play.effect"].search([("play_id", "=", play.id)])
        draft = scheme._draft()
        preview = cls.env["grading.preview"]._begin(draft)
        scheme.grace_days = 5
        scheme._keep_versions()
        publish = cls.env["grading.scheme.publish"].create({"scheme_id": draft.id})
        version = scheme.version_ids[-1:]
        wizards += [preview, publish, version, cls.env["grading.scheme.import"].create({"file": b"e30="})]
        wizards += [cls.env["grading.scheme.export"].create({"scheme_id": scheme.id})]
        wizards += [cls.env["grading.backtest"].create({}), cls.env["grading.suggestion"].create({})]
        wizards += [start, effect, run, profile, cls.env.ref("customer_grading.onboarding_onboarding_step_team")]
        records = (cls.ada, cls.hidden, scheme, rule, cadence, occasion, complaint, care, stage, play, case, *wizards)
        cls.records = {record._name: record for record in records}

    def actions(self):
        """``(model, method)`` of each public action that this module defines, on abstract models, too."""
        ours = "odoo.addons.customer_grading."
        for name, model in sorted(self.env.registry.items()):
            if name == "base.module.uninstall":
                continue  # Odoo's own, for administrators
            methods = {
                method
                for part in model.mro()
                if part.__module__.startswith(ours)
                for method in vars(part)
                if method.startswith("action_") and callable(getattr(part, method))
            }
            yield from ((name, method) for method in sorted(methods))

    def answer(self, user, model, method, ids, context=None):
        """None when the call succeeds, else the sentence; any other error is a failure of the test."""
        env = self.env(user=user, context={"allowed_company_ids": self.company.ids, **(context or {})})
        self.env.flush_all()
        with mute_logger(*QUIET):
            try:
                with self.env.cr.savepoint() as savepoint:
                    call_kw(env[model], method, [ids], {})
                    env.flush_all()
                    savepoint.rollback()
            except UserError as error:
                return error
            except Exception as error:  # noqa: BLE001
                self.fail(f"{model}.{method}({ids}) as {user.login}: {error!r}")
            finally:
                self.env.invalidate_all()
        return None

    def test_every_action_is_guarded(self):
        actions = list(self.actions())
        self.assertGreater(len(actions), 40)
        for name, method in actions:
            with self.subTest(action=f"{name}.{method}"):
                self.assertTrue(getattr(self.env.registry[name], method).__wrapped__)

    def test_no_call_ends_in_a_traceback(self):
        for model, method in self.actions():
            own = [self.records[model].ids] if model in self.records else []
            for role, user in self.roles.items():
                for ids in (*own, *BAD_IDS):
                    with self.subTest(action=f"{model}.{method}", role=role, ids=ids):
                        answer = self.answer(user, model, method, ids)
                        if role == "portal":
                            self.assertIsNotNone(answer)

    def test_outsiders_are_told_that_they_may_not(self):
        for outsiders, actions in ((("portal", "internal"), OF_USERS), (("portal", "internal", "own"), OF_MANAGERS)):
            for model, method in sorted(actions):
                ids = self.records[model].ids if model in self.records else []
                for role in outsiders:
                    with self.subTest(action=f"{model}.{method}", role=role):
                        self.assertIsInstance(self.answer(self.roles[role], model, method, ids), AccessError)

    def test_those_with_the_role_are_served(self):
        for model, method in sorted(OF_USERS | OF_MANAGERS):
            if model in self.records and method not in ("action_call", "action_mail", "action_close"):
                with self.subTest(action=f"{model}.{method}"):
                    self.assertNotIsInstance(
                        self.answer(self.boss, model, method, self.records[model].ids), AccessError
                    )

    def test_a_lead_that_one_may_not_see_is_no_subject_of_an_action(self):
        for model in ("crm.lead", "grading.care", "grading.play.case"):
            for name, method in self.actions():
                if name == model:
                    with self.subTest(action=f"{name}.{method}"):
                        answer = self.answer(self.roles["own"], model, method, self.records[model].ids)
                        self.assertIsInstance(answer, AccessError)

    def test_using_only_no_stage_archives_none(self):
        stages = self.env["grading.lifecycle"].search([])
        self.assertIsInstance(self.answer(self.boss, "grading.lifecycle", "action_use_only", []), UserError)
        self.assertEqual(self.env["grading.lifecycle"].search([]), stages)
