"""The badge on contacts, leads, orders and invoices: the short name of the grade, and the full one in its tooltip."""

from ast import literal_eval

from lxml import etree

from odoo.tests import tagged

from ..common import LeadCase

FIELDS = ("grading_grade_id", "grading_grade_color", "grading_score", "grading_trend")


@tagged("post_install", "-at_install")
class TestBadge(LeadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.silver.title = "good customers"
        cls.scheme()
        cls.lead_scheme([cls.linear("expected_revenue", 1)], [(cls.gold, 100), (cls.silver, 10), (cls.bronze, 0)])
        cls.ada = cls.customer("Ada")
        cls.ordered = cls.order(cls.ada, 50, cls.company._grading_today())
        cls.wish = cls.lead("Wish", partner_id=cls.ada.id, expected_revenue=50)
        cls.env["account.journal"].create({"name": "Sales", "type": "sale", "code": "BAD"})
        cls.invoice = cls.env["account.move"].create({"move_type": "out_invoice", "partner_id": cls.ada.id})
        cls.rescore()

    def test_each_record_knows_the_title_of_its_grade(self):
        for record in (self.ada, self.wish, self.ordered, self.invoice):
            with self.subTest(model=record._name):
                self.assertEqual(record.grading_grade_title, "good customers")
        self.assertEqual(self.wish.grading_partner_grade_title, "good customers")

    def test_the_title_is_told_in_the_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.silver.with_context(lang="fr_FR").title = "bons clients"
        for record in (self.ada, self.wish, self.ordered, self.invoice):
            with self.subTest(model=record._name):
                self.assertEqual(record.grading_grade_title, "good customers")
                self.assertEqual(record.with_context(lang="fr_FR").grading_grade_title, "bons clients")

    def test_the_title_takes_no_further_query(self):
        def queries(record, names):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            record.web_read({name: {} for name in names} | {FIELDS[0]: {"fields": {"display_name": {}}}})
            return self.env.cr.sql_log_count - before

        for record in (self.ada, self.wish, self.ordered, self.invoice):
            with self.subTest(model=record._name):
                self.assertEqual(queries(record, [*FIELDS, "grading_grade_title"]), queries(record, FIELDS))

    def test_each_badge_shows_the_short_name_and_tells_the_full_one(self):
        """Also within *Customers*, whose heads of columns ask for full names."""
        data = self.env["ir.model.data"].search([("module", "=", "customer_grading"), ("model", "=", "ir.ui.view")])
        badges = [
            (view.model, badge)
            for view in self.env["ir.ui.view"].browse(data.mapped("res_id"))
            for badge in etree.fromstring(view.arch).xpath("//field[starts-with(@widget, 'grading_badge')]")
        ]
        self.assertEqual({model for model, _badge in badges}, {"res.partner", "crm.lead", "sale.order", "account.move"})
        for model, badge in badges:
            with self.subTest(model=model, field=badge.get("name")):
                self.assertEqual(literal_eval(badge.get("context")), {"grading_full_name": False})
                title = self.env[model]._fields[literal_eval(badge.get("options"))["title_field"]]
                self.assertEqual(title.related, f"{badge.get('name')}.title")

    def test_windows_with_full_names_in_heads_and_filters_have_short_ones_in_their_badges(self):
        windows = self.env["ir.actions.act_window"].search([("context", "ilike", "grading_full_name")])
        paths = {
            "grading-contacts-due",
            "grading-contacts-calendar",
            "grading-pool",
            "grading-fit-intent",
            "grading-gold",
        }
        self.assertGreaterEqual(set(windows.mapped("path")), paths)
        for window in windows:
            Model, checked = self.env[window.res_model], 0
            for view_id, kind in window.views:
                if kind not in ("list", "kanban"):
                    continue
                arch = etree.fromstring(Model.get_view(view_id, kind)["arch"])
                names = arch.xpath("//*[contains(@class, 'badge')]/field/@name | //field[@widget='badge']/@name")
                for name in names:
                    if Model._fields[name].comodel_name == "grading.grade":
                        context = arch.xpath(f"//field[@name='{name}']")[0].get("context")
                        with self.subTest(window=window.path, view=kind, field=name):
                            self.assertEqual(literal_eval(context or "{}"), {"grading_full_name": False})
                        checked += 1
            self.assertTrue(checked, window.path)
