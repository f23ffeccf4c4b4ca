from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import GradingCase

DEPTH = 100
LEAF = "('order_count', '>', 0)"


def nested(opening, closing="", leaf=LEAF):
    return f"[{opening * DEPTH}{leaf}{closing * DEPTH}]"


PARENTS = nested("('parent_id', 'any', [", "])", "('name', '=', 'x')")
# Filters of a hundred levels: by operators, by paths, by filters within filters, by hierarchies.
DEEP = {
    "not": nested("'!', "),
    "and": nested(f"'&', {LEAF}, "),
    "or": nested("'|', ('score', '<', 0), "),
    "or of and": nested(f"'|', '&', {LEAF}, ('score', '<', 0), "),
    "list in list": nested("[", "]"),
    "any": nested("('partner_id', 'any', [", "])"),
    "any of parents": f"[('partner_id', 'any', {PARENTS})]",
    "path": f"[('partner_id.{'parent_id.' * DEPTH}name', '=', 'x')]",
    "path of many": f"[('partner_id.{'child_ids.' * DEPTH}name', '=', 'x')]",
    "many values": f"[('partner_id', 'in', {list(range(1, 5000))})]",
    "many conditions": f"[{', '.join([LEAF] * DEPTH * DEPTH)}]",
}


@tagged("post_install", "-at_install")
class TestDeepFilters(GradingCase):
    """A filter of a hundred levels is answered, or refused by a sentence that names its record."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.customer("Ada")
        cls.order(cls.ada, 50, cls.company._grading_today())
        cls.main = cls.scheme()
        cls.rescore()
        tag = cls.env["res.partner.category"].create({"name": "Tag"})
        cadence = cls.env["grading.cadence"].with_context(active_test=False).search([], limit=1)
        cls.rules = (
            cls.env["grading.lifecycle"].create({"name": "Deep"}),
            cls.env["grading.tag.rule"].create({"name": "Deep", "category_id": tag.id}),
            cadence.copy({"name": "Deep", "company_id": cls.company.id, "active": True}),
            cls.env["grading.play"].create({"name": "Deep", "tells_manager": True}),
            cls.env["grading.scheme"].create(cls.scheme_values(name="Deep", sequence=-1)),
        )

    def answer(self, call):
        """What the call returns, or the sentence of its refusal; the call leaves no trace."""
        with mute_logger("odoo.sql_db", "odoo.addons.customer_grading.models.run.grading_run"):
            try:
                with self.env.cr.savepoint() as savepoint:
                    answer = call()
                    self.env.flush_all()
                    savepoint.rollback()
            except UserError as error:
                return str(error)
            finally:
                self.env.invalidate_all()
        return answer

    def test_a_rule_with_it_is_saved_and_runs_or_is_refused_by_name(self):
        for kind, domain in DEEP.items():
            for rule in self.rules:
                with self.subTest(kind=kind, model=rule._name):

                    def save_and_run(rule=rule, domain=domain):
                        rule.domain = domain
                        run = self.env["grading.run"]._rescore()
                        return f"Deep: {run.state}" if run.state == "done" else run.message

                    self.assertIn("Deep", self.answer(save_and_run))

    def test_a_search_of_profiles_with_it_is_answered(self):
        Profile = self.env["grading.profile"].with_user(self.salesman())
        found = {}
        for kind in ("not", "and", "or", "or of and", "path", "path of many"):
            domain = self.env["grading.lifecycle"].new({"domain": DEEP[kind]})._parse_domain()
            with self.subTest(kind=kind):
                found[kind] = self.answer(lambda domain=domain: Profile.search(domain).partner_id)
                self.assertFalse(isinstance(found[kind], str), found[kind])
        self.assertIn(self.ada, found["and"])
        self.assertEqual(found["not"], found["or"], "a hundred denials are none")
        self.assertIn(self.ada, found["not"])
