import re
from pathlib import Path

import polib

from odoo.modules import module
from odoo.tests import BaseCase, tagged
from odoo.tools import file_path

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDES = ("user-guide.md", "admin-guide.md")
LABEL = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
# Modules of Odoo's whose screens the guides name.
ODOO = ("web", "base", "mail", "base_setup", "contacts", "sales_team", "crm")


def shape(page):
    """What an edition shares with its translation: the levels of its headings, its lists and tables, its pictures."""
    lines = page.read_text(encoding="utf-8").splitlines()
    kinds = [re.match(r"#+ |\d+\. |- |\| ", line.lstrip()) for line in lines]
    pictures = re.findall(r"!\[[^]]*\]\(\S*?([\w-]+\.png)\)", "\n".join(lines))
    return [kind[0] for kind in kinds if kind], pictures


@tagged("post_install", "-at_install")
class TestGuides(BaseCase):
    """What the guides print in bold stands on the screens, and what they link to is there."""

    def labels(self, page):
        """The labels of a page; of a way through menus, each step."""
        for text in LABEL.findall(page.read_text(encoding="utf-8")):
            yield from " ".join(text.split()).split(" ▸ ")

    def assert_on_screen(self, folder, catalog, text_of):
        """
        :param str catalog: the name of the files of terms
        :param text_of: what a user reads of an entry of it
        """
        known = {text_of(entry) for entry in polib.pofile(file_path(f"customer_grading/i18n/{catalog}"))}
        unknown = {label for name in GUIDES for label in self.labels(folder / name)} - known
        for name in ODOO:
            odoos = Path(module.get_module_path(name)) / "i18n" / (catalog if text_of is translated else f"{name}.pot")
            unknown -= {text_of(entry) for entry in polib.pofile(str(odoos))}
        self.assertFalse(unknown, "no screen shows these labels of the guides")

    def test_each_label_stands_on_a_screen(self):
        self.assert_on_screen(DOCS, "customer_grading.pot", original)

    def test_each_chinese_label_stands_on_a_screen(self):
        self.assert_on_screen(DOCS / "zh_CN", "zh_CN.po", translated)

    def test_the_chinese_edition_has_the_same_headings_steps_tables_and_pictures(self):
        for name in (*GUIDES, "extending.md"):
            with self.subTest(page=name):
                self.assertEqual(shape(DOCS / name), shape(DOCS / "zh_CN" / name))

    def test_each_link_of_the_documentation_leads_somewhere(self):
        for page in sorted(DOCS.rglob("*.md")):
            for link in LINK.findall(page.read_text(encoding="utf-8")):
                path, _hash, anchor = link.partition("#")
                if "://" in path:
                    continue
                with self.subTest(page=page.name, link=link):
                    target = (page.parent / path).resolve() if path else page
                    self.assertTrue(target.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(target))


def original(entry):
    return entry.msgid


def translated(entry):
    return entry.msgstr


def anchors(page):
    """The names by which a link reaches the headings of a page, as GitHub and GitLab make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}
