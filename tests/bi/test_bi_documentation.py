import contextlib
import io
import re
from pathlib import Path
from unittest.mock import patch

import pandas as pd  # not in a test: its compiled parts break when they are loaded while the clock stands still
import psycopg2

from odoo.tests import tagged

from .bi_case import BiCase

PAGE = Path(__file__).resolve().parents[2] / "docs" / "analysis.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"^### (\w+)\n(.*?)(?=^##)", re.MULTILINE | re.DOTALL)


@tagged("post_install", "-at_install")
class TestBiDocumentation(BiCase):
    """What ``docs/analysis.md`` shows is true: its code is carried out, by a role that has access."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader()
        cls.page = PAGE.read_text(encoding="utf-8")

    def blocks(self, language):
        return [code for name, code in BLOCK.findall(self.page) if name == language]

    def test_the_notebook_runs_from_top_to_bottom(self):
        notebook, printed = {}, io.StringIO()
        with (
            self.as_role(self.role),
            patch.object(psycopg2, "connect", lambda **_login: self.env.cr.connection),
            contextlib.redirect_stdout(printed),
        ):
            for code in self.blocks("python"):
                exec(compile(code, str(PAGE), "exec"), notebook)
        sums = {grade: amount for (_rank, grade), amount in notebook["by_grade"]["sum"].items()}
        profiles = {"Gold": self.profile(self.ada), "Bronze": self.profile(self.bob, self.other)}
        self.assertEqual(sums, {grade: profile.order_amount_12m for grade, profile in profiles.items()})
        self.assertIsInstance(notebook["customers"], pd.DataFrame)
        self.assertEqual(notebook["by_grade"]["count"].tolist(), [1, 1])
        self.assertEqual(notebook["history"].to_dict("records"), [{"Bronze": 1, "Gold": 1}])
        self.assertEqual(notebook["changes"].to_dict("records")[0]["old_grade"], "none")
        self.assertIn("The best fifth brings", printed.getvalue())

    def test_the_questions_in_sql_are_answered(self):
        answers = [self.ask(question) for question in self.blocks("sql")]
        self.assertEqual([row["grade"] for row in answers[0]], ["Gold", "Bronze"])
        self.assertEqual(len(answers), 3)

    def test_the_page_names_each_column_and_no_other(self):
        described = {view: set(re.findall(r"`(\w+)`", text)) for view, text in TABLE.findall(self.page)}
        views = {view: set(columns) for view, (_text, columns, _source) in self.env["grading.bi.view"]._views().items()}
        self.assertEqual(described, views)
