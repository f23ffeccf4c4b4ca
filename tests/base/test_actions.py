import csv
import os
from itertools import chain
from pathlib import Path

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

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
# What methods are called with that need more than records.
ARGUMENTS = {
    "default_get": (["name"],),
    "create": ([{}],),
    "write": ({},),
    "search_panel_select_range": ("grading_grade_id",),
    "grading_basket_suggestions": (False, False, []),
    "grading_basket_shown": ([],),
    "grading_basket_add": (False,),
}
# Lists of contacts, which each employee reads.
OF_EMPLOYEES = {
    ("grading.lifecycle", "action_view_customers"),
    ("grading.tag.rule", "action_view_tagged"),
    ("res.partner", "action_grading_view_referred_partners"),
}
ORM = {"create", "write", "unlink", "copy_data", "update_field_translations"}
# What becomes of each call of each method by each role; `WRITE_TABLE=1 make test ARGS="-k public_methods"` writes it.
TABLE = Path(__file__).resolve().parents[1] / "data" / "public_methods.csv"


@tagged("post_install", "-at_install")
class TestActions(GradingCase):
    """Every public action answers every call with its result or with a sentence, and only those who have the role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls.manager(company_ids=cls.env["res.company"].search([]).ids)
        cls.roles = {
            "public": cls.env.ref("base.public_user"),
            "portal": cls.portal(),
            "internal": cls.internal(),
            "own": cls.salesman(),
            "all": cls.user("all_leads", "sales_team.group_sale_salesman_all_leads"),
            "grader": cls.user("grader", "customer_grading.customer_grading_group_user"),
            "clerk": cls.user("clerk", "customer_grading.customer_grading_group_manager"),
            "manager": cls.boss,
            "administrator": cls.user("settings", "base.group_system"),
        }
        today = cls.company._grading_today()
        cls.ada = cls.customer("Ada")
        cls.order(cls.ada, 50, today)
        cls.hidden = cls.env["crm.lead"].create(
            {"name": "Hidden", "user_id": cls.boss.id, "company_id": cls.company.id, "partner_id": cls.ada.id}
        )
        scheme = cls.scheme(criteria=[cls.linear("order_amount"), cls.cases([("Swept", "[]", 1)])])
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
            cls.env["grading.care.done"].create({"care_ids": care.ids}),
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
        elsewhere = {"company_id": cls.env.ref("base.main_company").id, "partner_id": cls.ada.id, "date": "2020-01-31"}
        month = cls.env["grading.snapshot"].create(elsewhere)
        segment = cls.env["grading.secondary.snapshot"].create({"snapshot_id": month.id, "scheme_id": scheme.id})
        wizards += [month, segment]
        wizards += [start, effect, run, profile, cls.env.ref("customer_grading.onboarding_onboarding_step_team")]
        records = (cls.ada, cls.hidden, scheme, rule, cadence, occasion, complaint, care, stage, play, case, *wizards)
        cls.records = {record._name: record for record in records}

    def methods(self):
        """``(model, method)`` of each public method that this module defines on any model, on abstract ones, too."""
        ours = "odoo.addons.customer_grading."
        for name, model in sorted(self.env.registry.items()):
            if name in ("base.module.uninstall", "ir.http"):
                continue  # Odoo's own: for administrators, and what a request tells its own user of their session
            defined = {
                method
                for part in model.mro()
                if part.__module__.startswith(ours)
                for method in vars(part)
                if not method.startswith("_") and callable(getattr(part, method))
            }
            defined.discard("load")  # of every model: an import, which asks for values
            if model._abstract:  # has no records to write, and whatever extends it is in the table itself
                defined -= ORM
            yield from ((name, method) for method in sorted(defined) if self.is_public(name, method))

    def is_public(self, model, method):
        try:
            return bool(get_public_method(self.env[model], method))
        except AccessError:
            return False

    def actions(self):
        """``(model, method)`` of each public action."""
        return ((model, method) for model, method in self.methods() if method.startswith("action_"))

    def answer(self, user, model, method, ids, arguments=()):
        """None when the call succeeds, else the sentence; any other error is a failure of the test."""
        companies = {} if user == self.roles["public"] else {"allowed_company_ids": self.company.ids}
        env = self.env(user=user, context=companies)
        if not getattr(getattr(self.env.registry[model], method), "_api_model", False):
            arguments = (ids, *arguments)
        self.env.flush_all()
        with mute_logger(*QUIET):
            try:
                with self.env.cr.savepoint() as savepoint:
                    self.open_as(user, model, ids)
                    call_kw(env[model], method, list(arguments), {})
                    env.flush_all()
                    savepoint.rollback()
            except UserError as error:
                return error
            except psycopg2.IntegrityError as error:
                return UserError(str(error))  # Odoo's service makes a sentence of it
            except Exception as error:  # noqa: BLE001
                if method in ORM and not model.startswith("grading."):
                    return error  # Odoo's own: it asks for values that a call without any has not
                self.fail(f"{model}.{method}({ids}) as {user.login}: {error!r}")
            finally:
                self.env.invalidate_all()
        return None

    def open_as(self, user, model, ids):
        """A dialog is for the user alone who has opened it."""
        if self.env[model]._transient and ids == self.sample(model) and all(type(one) is int for one in ids):
            self.env[model].browse(ids).invalidate_recordset(["create_uid"])
            table = SQL.identifier(self.env[model]._table)
            self.env.cr.execute(SQL("UPDATE %s SET create_uid = %s WHERE id = ANY(%s)", table, user.id, ids))

    def sample(self, model):
        """The ids that a method of the model is called with: of this class's record, else of the first there is."""
        if model in self.records:
            return self.records[model].ids
        if self.env[model]._abstract:
            return []
        return self.env[model].sudo().with_context(active_test=False).search([], order="id", limit=1).ids

    def table(self):
        """What becomes of each call, as the lines of the table.

        :rtype: list[dict[str, str]]
        """
        lines = []
        for model, method in self.methods():
            ids, arguments = self.sample(model), ARGUMENTS.get(method, ())
            if method == "update_field_translations":
                if not ids:
                    continue  # it is about one record
                fields = self.env[model]._fields.items()
                translated = [name for name, field in fields if field.translate and field.store]
                arguments = (translated[0] if translated else "id", {})
            outcomes = {
                role: outcome(self.answer(user, model, method, ids, arguments)) for role, user in self.roles.items()
            }
            lines.append({"model": model, "method": method, **outcomes})
        return lines

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

    def test_all_public_methods_by_all_roles(self):
        """The table says who may call what; a difference is a decision about security, and shows in its review."""
        found = self.table()
        if os.environ.get("WRITE_TABLE"):
            with TABLE.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, ("model", "method", *self.roles), lineterminator="\n")
                writer.writeheader()
                writer.writerows(found)
        with TABLE.open(encoding="utf-8", newline="") as file:
            kept = list(csv.DictReader(file))
        before, now = ({",".join(line.values()) for line in lines} for lines in (kept, found))
        changes = chain((f"- {line}" for line in before - now), (f"+ {line}" for line in now - before))
        changed = "\n".join(sorted(changes, key=lambda change: (change[2:], change)))
        self.assertFalse(
            changed,
            f"Calls end in another way than {TABLE.name} says ({', '.join(self.roles)}):\n{changed}\n"
            'If that is meant: WRITE_TABLE=1 make test ARGS="-k public_methods"',
        )

    def test_no_outsider_is_served(self):
        """Whatever is written into the table: a button of this module is for those who have a role in it."""
        with TABLE.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                if line["method"].startswith(("action_", "grading_", "get_")):
                    with self.subTest(action=f"{line['model']}.{line['method']}"):
                        self.assertNotIn("allowed", (line["public"], line["portal"]))
                        if (line["model"], line["method"]) not in OF_EMPLOYEES:
                            self.assertNotEqual(line["internal"], "allowed")

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


def outcome(error):
    """The word of the table for what a call ended in."""
    if error is None:
        return "allowed"
    if not isinstance(error, UserError):
        return "incomplete"
    return "refused" if isinstance(error, AccessError) else "explained"
