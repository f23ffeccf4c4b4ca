import subprocess
import sys

from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_open
from odoo.tools.translate import extract_spreadsheet_terms

from .overview_case import FIGURE, FILE, XML_ID, Dashboard

# Styles of the page: of headings, and of what stands above several columns.
HEADING, LABEL = 1, 2


@tagged("post_install", "-at_install")
class TestOverviewFile(TransactionCase):
    """The file of the dashboard asks for nothing that is not there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboard = Dashboard()

    def field_at(self, model, chain):
        """The field at the end of a chain, searchable all the way."""
        for name in chain.split("."):
            field = self.env[model]._fields[name]
            self.assertTrue(field._description_searchable, f"{model}.{name}")
            model = field.comodel_name
        return field

    def test_the_file_is_what_its_script_gives(self):
        """Otherwise run `python3 dev/dashboard`, and commit both."""
        # The folder of addons has no more than what is installed: the script lies beside the file itself.
        script = FILE.resolve().parents[2] / "dev" / "dashboard"
        checked = subprocess.run([sys.executable, str(script), "--check"], check=False)
        self.assertEqual(checked.returncode, 0)

    def test_the_record_holds_the_file(self):
        record = self.env.ref(XML_ID)
        self.assertEqual(record.spreadsheet_data, FILE.read_text(encoding="utf-8"))
        self.assertEqual(record._get_dashboard_translation_namespace(), "customer_grading")

    def test_segments_are_no_rows_of_grades(self):
        [grades] = self.dashboard.data["lists"].values()
        self.assertEqual((grades["model"], grades["domain"]), ("grading.grade", [["is_segment", "=", False]]))

    def test_every_source_opens_a_list_of_its_own_model(self):
        for source in self.dashboard.sources:
            with self.subTest(source=source.name):
                action = self.env.ref(source.action)
                self.assertEqual(action.res_model, source.model)
                self.assertIn("list", action.view_mode)

    def test_every_filter_asks_for_a_field_of_its_kind(self):
        wanted = {entry["id"]: entry for entry in self.dashboard.data["globalFilters"]}
        self.assertEqual(set(wanted), {"period", "company", "salesperson", "team"})
        for source in self.dashboard.sources:
            self.assertLessEqual({"company", "salesperson", "team"}, set(source.matching), source.name)
            for name, match in source.matching.items():
                with self.subTest(source=source.name, filter=name):
                    field = self.field_at(source.model, match["chain"])
                    self.assertEqual(field.type, match["type"])
                    if name != "period":
                        self.assertEqual(field.comodel_name, wanted[name]["modelName"])

    def test_every_formula_asks_for_a_measure_of_its_source(self):
        by_id = {pivot["id"]: pivot for pivot in self.dashboard.data["pivots"].values()}
        asked = set()
        for place, formula in self.dashboard.formulas().items():
            for number, measure, further in FIGURE.findall(formula):
                with self.subTest(cell=place):
                    pivot = by_id[number]
                    asked.add(number)
                    self.assertIn(measure, [entry["id"] for entry in pivot["measures"]])
                    groups = [part.strip('"').lstrip("#") for part in further.split(",")[1::2]]
                    known = [field["fieldName"] for axis in ("rows", "columns") for field in pivot[axis]]
                    self.assertLessEqual(set(groups), set(known))
                    # With two of them, a click would not know which one to open.
                    self.assertEqual(formula.count("PIVOT."), 1)
        self.assertEqual(asked, set(by_id), "a source that nothing shows")

    def test_every_card_shows_a_figure_that_can_be_opened(self):
        formulas = self.dashboard.formulas()
        self.assertEqual(len(self.dashboard.cards), 6)
        for card in self.dashboard.cards:
            self.assertEqual(formulas[card["keyValue"]].count("PIVOT.VALUE("), 1, card["title"]["text"])

    def test_cards_are_compared_with_what_is_remembered_or_with_nothing(self):
        """Without a memory of that time nothing has grown without end."""
        formulas, then = self.dashboard.formulas(), self.dashboard.data["pivots"]
        for card in self.dashboard.cards[:2]:
            formula = formulas[card["baseline"]]
            [(number, _measure, _further)] = FIGURE.findall(formula)
            self.assertEqual(then[number]["name"], "then")
            self.assertTrue(formula.startswith("=IFERROR(1/(1/") and formula.endswith(',"")'), formula)

    def test_selections_are_those_of_the_fields(self):
        """A key that a field does not know would count nothing for ever."""
        by_id = {pivot["id"]: pivot for pivot in self.dashboard.data["pivots"].values()}
        checked = 0
        for formula in self.dashboard.formulas().values():
            for number, _measure, further in FIGURE.findall(formula):
                parts = further.split(",")[1:]
                for name, key in zip(parts[::2], parts[1::2], strict=True):
                    field = self.env[by_id[number]["model"]]._fields[name.strip('"#')]
                    if field.type == "selection" and key != "FALSE":
                        checked += 1
                        self.assertIn(
                            key.strip('"'), [known for known, _label in field._description_selection(self.env)]
                        )
        self.assertGreater(checked, 10)

    def test_what_the_period_changes_says_so_and_nothing_else_does(self):
        [page] = [sheet for sheet in self.dashboard.data["sheets"] if sheet["name"] == "Overview"]
        with_period = {source.number for source in self.dashboard.pivots.values() if "period" in source.matching}
        found = set()
        for place, formula in page["cells"].items():
            for number, _measure, _further in FIGURE.findall(formula):
                found.add(number)
                with self.subTest(cell=place):
                    self.assertEqual("the Period" in self.heading_over(page, place), number in with_period)
        self.assertLessEqual(with_period, found)
        [card] = [card for card in self.dashboard.cards if card["title"]["text"] == "Contacts in Time (%)"]
        self.assertIn("in the period", card["baselineDescr"]["text"])

    def heading_over(self, page, place):
        """The nearest heading above a cell, or label of several columns: in its column or further left."""
        column, row = place[0], int(place[1:])
        for above in range(row - 1, 0, -1):
            for letter in reversed("ABCDEFGHIJ"[: ord(column) - ord("A") + 1]):
                if page["styles"].get(f"{letter}{above}") in (HEADING, LABEL):
                    return page["cells"][f"{letter}{above}"]
        raise AssertionError(f"{place} has no heading")

    def test_rows_of_words_leave_out_no_key_of_their_field(self):
        """But for complaints that are closed, all that is counted stands in one of the rows."""
        by_name = {pivot["name"]: pivot for pivot in self.dashboard.data["pivots"].values()}
        for name in ("moved", "contacts", "plays"):
            pivot = by_name[name]
            dimension = "move_month" if name == "moved" else "state"
            shown = {
                further.split(",")[-1].strip('"')
                for formula in self.dashboard.formulas().values()
                for number, _measure, further in FIGURE.findall(formula)
                if number == pivot["id"] and f'"{dimension}"' in further
            }
            field = self.env[pivot["model"]]._fields[dimension]
            keys = {key for key, _label in field._description_selection(self.env)}
            if name == "moved":
                self.assertIn(["move_month", "!=", "same"], pivot["domain"])
                keys = keys - {"same"} | {"FALSE"}
            with self.subTest(source=name):
                self.assertEqual(shown, keys)

    def test_the_amounts_of_the_forecast_are_those_within_its_horizon(self):
        formulas, merged = self.dashboard.formulas(), self.dashboard.data["sheets"][0]["merges"]
        headers = {formulas[f"Overview!{column}3"] for column in "FG"}
        self.assertEqual(headers, {'=_t("Forecast Revenue")', '=_t("Revenue at Risk")'})
        self.assertEqual(formulas["Overview!F2"], '=_t("In the Forecast\'s Horizon")')
        self.assertIn("F2:G2", merged)

    def test_a_row_of_others_has_what_the_rows_of_grades_leave(self):
        """As of customers whose grade is archived: the rows come to the total."""
        formulas = self.dashboard.formulas()
        for column in "BCDEFG":
            left = f"{column}4-SUM({column}5:{column}12)"
            self.assertEqual(formulas[f"Overview!{column}13"], f'=IF(ROUND({left},2)=0,"",{left})')
        self.assertIn("Others", formulas["Overview!A13"])
        leads = {cell: formula for cell, formula in formulas.items() if "Others" in formula and cell != "Overview!A13"}
        [(label, _formula)] = leads.items()
        line = int(label.removeprefix("Overview!A"))
        self.assertIn(f"B{line - 7}-SUM(B{line - 6}:B{line - 1})", formulas[f"Overview!B{line}"])
        self.assertIn("PIVOT.VALUE(6", formulas[f"Overview!B{line - 7}"])

    def test_what_is_read_is_translated(self):
        with file_open("customer_grading/data/files/grading_dashboard.json", "rb") as file:
            terms = {term for _line, _function, term, _comments in extract_spreadsheet_terms(file, [], [], {})}
        titles = {card["title"]["text"] for card in self.dashboard.cards} | set(self.dashboard.charts)
        self.assertLessEqual(titles | {"By Grade", "Moved This Month", "Period", "in 12 months"}, terms)
        cells = [content for sheet in self.dashboard.data["sheets"] for content in sheet["cells"].values()]
        self.assertFalse([content for content in cells if not content.startswith("=")], "a word in no `_t()`")
