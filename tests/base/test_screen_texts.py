import re
from pathlib import Path

from lxml import etree

from odoo.tests import TransactionCase, tagged

MODULE = Path(__file__).parents[2]
# Attributes that users read or hear, where a template works them out: Odoo translates those that are plain text alone.
TOLD = ("aria-label", "aria-description", "title", "placeholder", "alt", "label", "data-tooltip")
# What is put in, in a format: ``{{ name }}`` and ``#{ name }``.
PUT_IN = re.compile(r"\{\{.*?\}\}|#\{.*?\}")
STRING = re.compile(r"'([^']*)'|`([^`]*)`")


def untranslated(template):
    """The texts that a template puts into an attribute by itself, where no translation reaches them.

    :param lxml.etree._Element template: the document
    :rtype: list[str]
    """
    found = []
    for node in template.iter(etree.Element):
        for name in TOLD:
            texts = [PUT_IN.sub("", node.get(f"t-attf-{name}") or "")]
            texts += [PUT_IN.sub("", "".join(pair)) for pair in STRING.findall(node.get(f"t-att-{name}") or "")]
            found += [text for text in texts if re.search(r"[^\W\d_]", text)]
    return found


@tagged("post_install", "-at_install")
class TestScreenTexts(TransactionCase):
    """What users read and hear can be translated, and each button says what it does."""

    def test_no_template_puts_english_words_into_an_attribute(self):
        templates = sorted((MODULE / "static" / "src").rglob("*.xml"))
        self.assertTrue(templates)
        for path in templates:
            with self.subTest(template=path.name):
                self.assertEqual(untranslated(etree.parse(path)), [], "take it from a getter with _t()")

    def test_english_words_in_an_attribute_are_found(self):
        for attribute, expected in (
            ('t-attf-aria-label="Call {{ call.name }}"', ["Call "]),
            ("t-att-title=\"isOpen ? 'Close' : label\"", ["Close"]),
            ('t-attf-title="{{ row.name }}: #{row.count} %"', []),
            ('t-att-title="getTitle(row)"', []),
            ('title="Close"', []),
            ('t-attf-class="badge o_{{ row.color }}"', []),
        ):
            with self.subTest(attribute=attribute):
                self.assertEqual(untranslated(etree.fromstring(f"<t><a {attribute}/></t>").getroottree()), expected)

    def test_each_button_of_a_list_has_a_text(self):
        """Of an icon with a tooltip alone a screen reader says nothing: a list hands nothing but the text on to its
        buttons."""
        data = self.env["ir.model.data"].search([("module", "=", "customer_grading"), ("model", "=", "ir.ui.view")])
        views = self.env["ir.ui.view"].browse(data.mapped("res_id"))
        lists = [node for view in views for node in self.lists(view)]
        self.assertGreater(len(lists), 20)
        buttons = [button for node in lists for button in node.iter("button")]
        self.assertTrue(buttons)
        silent = [button.get("name") for button in buttons if not button.get("string")]
        self.assertEqual(silent, [])

    def lists(self, view):
        """The lists in a view: itself, or those within a form."""
        arch = etree.fromstring(view.arch)
        return [arch] if view.type == "list" else arch.findall(".//list")
