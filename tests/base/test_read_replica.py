import re
from contextlib import contextmanager
from pathlib import Path

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path
from odoo.tools.safe_eval import datetime, safe_eval, time

# What the module's scripts call to read, and what they call to write: a new one belongs to one of the two.
READS = {
    "action_open",
    "action_open_cell",
    "action_open_play",
    "get_worth_calling",
    "grading_basket_suggestions",
    "grading_glance",
}
WRITES = {
    "action_close_panel_grading",
    "action_grading_done",
    "action_grading_give_back",
    "action_undo",
    "grading_basket_add",
    "grading_basket_shown",
}
# The first opens a wizard, whose defaults are looked up; the other's name is that of the step, see onboarding.
OTHERS = {"action_grading_override"}
OPENS = re.compile(r"action_(view_\w+|open\w*)")
# These may first make what they open.
MAKES = {"action_open_draft", "action_view_preview", "action_view_versions"}
GROUPED = {"graph", "pivot"}


@tagged("post_install", "-at_install")
class TestReadReplica(TransactionCase):
    """A screen that is read from a replica of the database (``db_replica_host``) writes nothing: Odoo would have to ask
    the primary, after an error."""

    @contextmanager
    def replica(self):
        """Whatever writes inside fails, as it does on a replica."""
        self.env.flush_all()
        self.env.invalidate_all()
        with self.env.cr.savepoint() as savepoint:
            self.env.cr.execute("SET LOCAL transaction_read_only = on")
            yield
            self.env.flush_all()
            savepoint.rollback()

    def ours(self, model):
        """The public methods of a model that the module has brought or extended, by name."""
        classes = [cls for cls in self.env.registry[model].mro() if getattr(cls, "_module", "") == "customer_grading"]
        return {name for cls in classes for name, value in vars(cls).items() if callable(value) and name[0] != "_"}

    def is_readonly(self, model, name):
        """As Odoo's controller finds out by which cursor a method is called."""
        found = (getattr(cls, name, None) for cls in self.env.registry[model].mro())
        return next((method._readonly for method in found if hasattr(method, "_readonly")), False)

    def test_methods_that_scripts_call_to_read_are_readonly(self):
        static = Path(file_path("customer_grading/static/src"))
        text = "\n".join(path.read_text() for path in static.rglob("*.js"))
        called = set(re.findall(r'orm(?:\.silent)?\.call\([^,]+,\s*"(\w+)"', text))
        self.assertEqual(called, READS | WRITES | OTHERS)
        for model in self.env.registry:
            for name in READS & self.ours(model):
                self.assertTrue(self.is_readonly(model, name), f"{model}.{name}")
            for name in WRITES & self.ours(model):
                self.assertFalse(self.is_readonly(model, name), f"{model}.{name}")

    def test_buttons_that_open_a_window_are_readonly(self):
        count = 0
        for model in self.env.registry:
            for name in filter(OPENS.fullmatch, self.ours(model) - MAKES):
                count += 1
                self.assertTrue(self.is_readonly(model, name), f"{model}.{name}")
        self.assertGreater(count, 15)

    def test_what_scripts_read_is_read_from_a_replica(self):
        profile = self.env["grading.profile"].search([("partner_id", "!=", False), ("grade_id", "!=", False)], limit=1)
        care = self.env["grading.care"].search([], limit=1)
        preview = self.env["grading.preview"].search([], limit=1)
        products = self.env["product.product"].search([("sale_ok", "=", True)], limit=3)
        with self.replica():
            self.assertTrue(profile.partner_id.grading_glance())
            self.assertIsInstance(self.env["grading.profile"].get_worth_calling(), list)
            for record in care:
                self.assertTrue(record.action_open())
            for record in preview:
                self.assertTrue(record.action_open_cell())
            company = self.env.company
            asked = (profile.partner_id.id, company.id, products.ids)
            self.assertIsInstance(self.env["sale.order"].grading_basket_suggestions(*asked), list)
            company.read(["grading_first_steps"])

    def test_each_window_is_read_from_a_replica(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", "customer_grading"), ("model", "=", "ir.actions.act_window")]
        )
        self.assertGreater(len(data), 30)
        for xmlid in data.mapped("name"):
            action = self.env["ir.actions.act_window"]._for_xml_id(f"customer_grading.{xmlid}")
            with self.subTest(action=xmlid), self.replica():
                self.open(action)

    def open(self, action):
        """Ask what the web client asks when it opens a window: the views, and the first page of each."""
        known = {"uid": self.env.uid, "active_id": False, "active_ids": [], "time": time, "datetime": datetime}
        known |= {"context_today": datetime.date.today, "allowed_company_ids": self.env.companies.ids}
        domain = safe_eval(action["domain"] or "[]", known)
        records = self.env[action["res_model"]].with_context(**safe_eval(action["context"] or "{}", known))
        views = records.get_views([(view_id, kind) for view_id, kind in action["views"] if kind != "form"])["views"]
        for kind, view in views.items():
            shown = re.findall(r'<field name="(\w+)"', view["arch"])
            fields = records.fields_get(shown, ["type", "groupable", "store"])
            if kind in GROUPED:
                groupby = [name for name in shown if fields.get(name, {}).get("groupable")][:1]
                groupby = [f"{name}:month" if "date" in fields[name]["type"] else name for name in groupby]
                records.formatted_read_grouping_sets(domain, [groupby], ["__count"])
            else:
                records.web_search_read(domain, {name: {} for name in fields}, limit=80, count_limit=1000)
                if group := re.search(r'default_group_by="(\w+)"', view["arch"]):
                    records.web_read_group(domain, [group[1]], ["__count"])
