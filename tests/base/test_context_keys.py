import ast
from pathlib import Path

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import GradingCase

MODULE = Path(__file__).resolve().parents[2]
# Each key that the module's code reads, and what a client gets by it: no more than what the user may do anyhow.
KEYS = {
    "active_ids": "the rules that a dialog of removal is about",
    "active_model": "whether those are rules",
    "default_grading_grade_id": "the grade that a form proposes",
    "default_scheme_id": "the draft that a dialog is about, which the user may change",
    "default_": "a tag that is chosen already is no tag that a form has left empty",
    "grading_as_of": "nothing: JSON has no dates",
    "grading_ask_removal": "a dialog instead of an archiving",
    "grading_basket_product_id": "the product that a new quotation begins with, of those that the user sees",
    "grading_by_hand": "the plays that can be started by hand, of those that the user sees",
    "grading_filter_of_rule": "names are compared in English",
    "grading_from_month": "the month that a report begins with",
    "grading_full_name": "the name of a grade with that of its scheme",
    "grading_grade_id": "the grade that a dialog proposes",
    "grading_judged_row": "nothing: JSON has no such rows",
    "grading_months_before": "the month that a report begins with",
    "grading_ranking": "nothing: JSON has no such objects",
    "grading_new_customer": "a profile at once for a contact that the user may create",
    "grading_reason": "the reason of an override that the user may make",
    "grading_to_month": "the month that a report ends with",
    "grading_yardstick": "nothing: JSON has no such objects",
    "import_file": "an import starts no plays, and keeps its reasons",
    "_import_current_module": "the same, and a row is found by its web key",
    "install_mode": "the tags of two rules are not compared: those of Odoo's own loading of data",
    "old_values": "read where Odoo's own rule of automation has set it",
}
# Keys that only the server can set, by a value that no client can send (ByServer).
BY_SERVER = "is_by_server"
GARBAGE = (
    True,
    1,
    -1,
    10**30,
    1.5,
    "yes",
    "x\x00",
    "2020-01-01",
    [],
    [1],
    [10**30],
    ["x"],
    {},
    {"a": [1]},
    [[1]],
    None,
)
# What Odoo itself understands, with what a client may write there.
STANDARD = {
    "active_id": GARBAGE,
    "active_ids": GARBAGE,
    "active_model": ("grading.tag.rule", "grading.profile", "no.such.model", "", None),
    "active_test": GARBAGE,
    "lang": ("xx_XX", "' OR 1=1 --", "", None),
    "tz": ("Mars/Phobos", "' OR 1=1 --", "", None),
    "allowed_company_ids": ([], [-1], [10**9]),
}


def literal(node):
    """The text of a key, or what it begins with; None for what is no literal."""
    if isinstance(node, ast.JoinedStr):
        node = node.values[0]
    return getattr(node, "value", None)


def read_key(node):
    """The key of a context that a piece of code reads, None where it reads none."""
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("context.get", "_asked_month")):
        return literal(node.args[0])
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("context"):
        return literal(node.slice)
    if isinstance(node, ast.Compare) and ast.unparse(node.comparators[-1]).endswith(".context"):
        return literal(node.left)
    return None


def read_keys():
    """The literal keys of contexts in the module's code: ``(read, asked of the server alone)``."""
    read, by_server = set(), set()
    for folder in ("models", "wizard", "report"):
        for path in (MODULE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                read.add(read_key(node))
                if isinstance(node, ast.Call) and ast.unparse(node.func) == BY_SERVER:
                    by_server.add(literal(node.args[1]))
    return read - {None}, by_server - {None}


@tagged("post_install", "-at_install")
class TestContextKeys(GradingCase):
    """No user gets anything by a key that they write into the context: neither a figure nor a change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls.manager()
        cls.scheme()
        cls.seller = cls.salesman()
        cls.outsiders = {"portal": cls.portal(), "employee": cls.internal(), "salesperson": cls.seller}
        today = cls.company._grading_today()
        cls.ada = cls.customer("Ada", user_id=cls.boss.id)
        cls.order(cls.ada, 50, today, user_id=cls.boss.id)
        cls.mine = {role: user.partner_id for role, user in cls.outsiders.items()}
        cls.hidden = cls.lead("Hidden", user_id=cls.boss.id, partner_id=cls.ada.id)
        cls.rescore()
        cls.tag = cls.env["res.partner.category"].create({"name": "Given"})
        cls.rule = cls.env["grading.tag.rule"].create({"name": "Rule", "category_id": cls.tag.id})

    def test_each_key_that_the_code_reads_is_known_here(self):
        read, by_server = read_keys()
        self.assertEqual(read, set(KEYS), "say in KEYS what a client gets by it: the tests below try each")
        self.assertGreater(len(by_server), 3)

    def probes(self, role):
        """What an outsider tries: their own contact as a customer, that of another, and the rules."""
        me, lead, rule, ada = self.mine[role].id, self.hidden.id, self.rule.id, self.ada.id
        figures = ["grading_grade_id", "grading_score", "grading_order_amount_12m"]
        return (
            ("res.partner", lambda model: model.browse(me).read(figures, load=None)),
            ("res.partner", lambda model: model.browse(ada).read(figures, load=None)),
            ("res.partner", lambda model: model.search_count([("grading_score", ">", 0)])),
            ("grading.profile", lambda model: model.search_count([])),
            ("grading.profile", lambda model: model.search_read([], ["score"], limit=3)),
            ("grading.history", lambda model: model.search_count([])),
            ("grading.care", lambda model: model.search_count([])),
            ("grading.play", lambda model: model.name_search("")),
            ("crm.lead", lambda model: model.browse(lead).read(["grading_grade_id"], load=None)),
            ("crm.lead", lambda model: model.browse(lead).write({"grading_grade_id": self.gold.id})),
            ("crm.lead", lambda model: model.browse(lead).action_grading_override()),
            ("grading.tag.rule", lambda model: model.browse(rule).write({"domain": "[]"})),
            ("grading.tag.rule", lambda model: model.browse(rule).unlink()),
            ("grading.tag.rule", lambda model: model.create({"name": "x", "category_id": self.tag.id})),
            ("grading.scheme", lambda model: model.create({"name": "x"})),
            ("grading.run", lambda model: model.create({})),
            ("grading.tag.rule.removal", lambda model: model.default_get(["rule_ids"])),
        )

    def outcome(self, user, model, probe, context):
        """What the probe answers, or the kind of its refusal; the words of one may be in another language."""
        env = self.env(user=user, context={"allowed_company_ids": self.company.ids, **context})
        with mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.models"):
            try:
                with self.env.cr.savepoint() as savepoint:
                    answer = probe(env[model])
                    env.flush_all()
                    savepoint.rollback()
            except UserError as error:
                return type(error).__name__
            finally:
                self.env.invalidate_all()
        return answer

    def assert_same(self, contexts):
        """Each probe of each outsider ends with each of the contexts as without it."""
        for role, user in self.outsiders.items():
            for number, (model, probe) in enumerate(self.probes(role)):
                honest = self.outcome(user, model, probe, {})
                with self.subTest(role=role, model=model, probe=number):
                    for context in contexts:
                        self.assertEqual(self.outcome(user, model, probe, context), honest, ascii(context)[:200])

    def test_no_outsider_gets_anything_by_any_key(self):
        read, by_server = read_keys()
        keys = sorted((read | by_server) - {"default_"})
        # All keys together, and each alone by what means yes.
        self.assert_same([*(dict.fromkeys(keys, value) for value in GARBAGE), *({key: True} for key in keys)])

    def test_defaults_of_a_client_change_no_more_than_they_may(self):
        defaults = {"default_grading_grade_id": self.gold.id, "default_manual_grade_id": self.gold.id}
        defaults |= {"default_category_id": [(4, self.tag.id)], "default_state": "done"}
        self.assert_same([defaults])
        clerk = self.internal("clerk")
        clerk.group_ids += self.env.ref("base.group_partner_manager")

        def create(model):
            return model.create({"name": "New"}).sudo().grading_profile_id.manual_grade_id.ids

        self.assertIn(self.outcome(clerk, "res.partner", create, defaults), ([], "AccessError"))

    def test_a_salesperson_reads_no_hidden_lead_by_the_company_of_the_context(self):
        other = self.new_company("Other Company")
        for companies in ([other.id], [*self.company.ids, other.id], [10**9], [-1]):
            with self.subTest(companies=companies):
                found = self.outcome(
                    self.seller,
                    "grading.profile",
                    lambda model: model.search_count([("company_id", "=", other.id)]),
                    {"allowed_company_ids": companies},
                )
                self.assertIn(found, (0, "AccessError"))

    def test_whatever_odoo_understands_is_answered(self):
        reads = (
            ("grading.profile", lambda model: model.search_read([], ["display_name", "explanation"], limit=2)),
            ("grading.care", lambda model: model.web_search_read([], {"next_date": {}, "display_name": {}}, limit=2)),
            ("res.partner", lambda model: model.browse(self.ada.id).grading_glance()),
            ("res.partner", lambda model: model.browse(self.ada.id).action_grading_override()),
            ("grading.tag.rule.removal", lambda model: model.default_get(["rule_ids", "operation"])),
            ("grading.override", lambda model: model.default_get(["partner_ids", "grade_id", "reason"])),
            ("grading.care.done", lambda model: model.default_get(["care_ids"])),
            ("grading.play.start", lambda model: model.default_get(["partner_ids", "play_id"])),
            ("grading.movement", lambda model: model.web_read_group([], ["company_id"], ["__count"])),
        )
        for key, values in STANDARD.items():
            for model, read in reads:
                with self.subTest(key=key, model=model):
                    for value in values:
                        self.outcome(self.boss, model, read, {key: value})  # an answer or a UserError
