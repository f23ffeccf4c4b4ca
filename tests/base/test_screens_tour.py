import json
import re
from unittest.mock import patch

import polib

from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import file_path

WALK = """gradingScreens(%s).then(
    () => console.log("test successful"), (error) => console.error(error.message)
)"""


# Names that are kept as they were when something was published or installed, in whatever language that was.
KEPT = {"In service", "Customer Grading"}


class ScreensCase(HttpCase):
    """All menus of the app, a form of each kind, and all dialogs, opened one after the other by an administrator."""

    lang = "en_US"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        from axe_core_python.base import AXE_SCRIPT  # noqa: PLC0415 (no other test needs it)

        cls.axe = cls.env["ir.attachment"].create(
            {"name": "axe.js", "raw": AXE_SCRIPT.encode(), "mimetype": "application/javascript", "public": True}
        )
        admin = cls.env.ref("base.user_admin")
        if cls.lang != "en_US":
            chosen = cls.env["res.lang"]._activate_lang(cls.lang)
            wizard = cls.env["base.language.install"].create({"lang_ids": [Command.set(chosen.ids)], "overwrite": True})
            wizard.lang_install()
            admin.lang = cls.lang
        cls.env = cls.env(user=admin, context={"lang": cls.lang})
        cls.customer = cls.env["res.partner"].search([("grading_grade_id", "!=", False)], limit=1)
        cls.lead = cls.env["crm.lead"].search([("grading_grade_id", "!=", False)], limit=1)
        cls.scheme = cls.env.ref("customer_grading.grading_scheme_in_service")
        cls.draft = cls.env["grading.scheme"].browse(cls.scheme.action_edit_as_draft()["res_id"])
        cls.draft.threshold_ids.sorted("min_score")[-1].min_score = 70
        cls.preview = cls.env["grading.preview"].browse(cls.draft.action_preview()["res_id"])
        cls.scheme.criterion_ids[0].points_max += 1  # the draft is outdated by it
        cls.quotation, cls.invoice = cls._documents()
        cls._results()

    @classmethod
    def _documents(cls):
        """A quotation with a suggestion, and an invoice."""
        company = cls.env.company
        company.write({"grading_basket_support": 0.0001, "grading_basket_count": 2, "grading_basket_lift": 1})
        values = {"type": "service", "taxes_id": False, "list_price": 7, "invoice_policy": "order"}
        bread, butter = cls.env["product.product"].create([{"name": name, **values} for name in ("Bread", "Butter")])
        others = cls.env["res.partner"].create({"name": "Other Customer"})

        def order(partner, products):
            lines = [Command.create({"product_id": product.id}) for product in products]
            return cls.env["sale.order"].create({"partner_id": partner.id, "order_line": lines})

        for _time in range(3):
            order(others, bread | butter).action_confirm()
        cls.env["grading.basket.run"]._mine()
        invoice = cls.env["account.move"].create({"move_type": "out_invoice", "partner_id": cls.customer.id})
        return order(cls.customer, bread), invoice

    @classmethod
    def _results(cls):
        """What a user has asked for."""
        cls.env["grading.backtest"].create({"months": 3}).action_run()
        cls.env["grading.suggestion"].create({"kind": "groups"}).action_learn()

    def screens(self):
        """What no menu leads to."""
        records = {
            "a graded customer": self.customer,
            "a graded lead": self.lead,
            "a quotation": self.quotation,
            "an invoice": self.invoice,
            "a draft": self.draft,
            "a preview": self.preview,
        }
        return [
            *({"name": name, "model": record._name, "id": record.id} for name, record in records.items()),
            {
                "name": "the lines of a preview",
                "model": self.preview._name,
                "id": self.preview.id,
                "method": "action_view_lines",
            },
        ]

    def dialogs(self):
        """What opens over a screen."""
        care = self.env["grading.care"].search([("next_date", "!=", False)], limit=1)
        rule = self.env["grading.tag.origin"].search([("rule_id.active", "=", True)], limit=1).rule_id
        version = self.env["grading.scheme.version"].search([("scheme_id", "=", self.scheme.id)], limit=1)
        opened = [
            ("Override Grade, of a customer", self.customer, "action_grading_override", {}),
            ("Override Grade, of a lead", self.lead, "action_grading_override", {}),
            ("Assess", self.customer, "action_grading_assess", {}),
            ("Start a Play", self.customer, "action_grading_start_play", {}),
            ("Done", care, "action_done", {}),
            ("Postpone", care, "action_put_off", {}),
            ("Publish", self.draft, "action_publish", {}),
            ("Compare Versions", version, "action_compare", {}),
            ("Export as File", self.scheme, "action_export", {}),
            ("Import a Scheme", self.scheme, "action_open_import", {}),
            ("Archive the Tag Rule", rule, "action_archive", {"grading_ask_removal": True}),
            ("Uninstall", self.env.ref("base.module_customer_grading"), "button_uninstall_wizard", {}),
        ]
        trial = {"default_scheme_id": self.draft.id, "default_partner_id": self.customer.id}
        self.assertTrue(all(record for _name, record, *_how in opened))
        return [
            *(
                {"name": name, "model": record._name, "id": record.id, "method": method, "context": context}
                for name, record, method, context in opened
            ),
            {
                "name": "Try on One Customer",
                "action": "customer_grading.grading_scheme_trial_action",
                "context": trial,
            },
            {
                "name": "a criterion",
                "model": self.draft._name,
                "id": self.draft.id,
                "click": "[name=criterion_ids] .o_data_row [name=name], [name=criterion_ids] .o_kanban_record",
            },
        ]

    def walk(self, rules, cookies=None, **how):
        how |= {"rules": rules, "axe": f"/web/content/{self.axe.id}"}
        how.update(screens=self.screens(), dialogs=self.dialogs())
        ready = "'gradingScreens' in window && odoo.isReady === true"
        code = WALK % json.dumps(how)
        self.browser_js("/odoo/grading", code, ready, login="admin", timeout=400, cookies=cookies)


@tagged("post_install", "-at_install")
class TestScreens(ScreensCase):
    """What each screen and dialog keeps, on the desktop and on a phone."""

    def test_on_the_desktop_nothing_is_too_wide_unlabelled_or_pale_and_nothing_fails(self):
        self.browser_size = "1440x900"
        self.walk("all")

    def test_on_a_phone_nothing_is_too_wide_or_unlabelled_and_nothing_fails(self):
        self.browser_size, self.touch_enabled = "390x844", True
        self.walk("labels")


@tagged("post_install", "-at_install")
class TestScreensInChinese(ScreensCase):
    """Each term that has a translation is shown in it, here in the dark; what Odoo keeps in one language is no term."""

    lang = "zh_CN"

    def walk_in_chinese(self, rules, **how):
        terms = {entry.msgid: entry.msgstr for entry in polib.pofile(file_path("customer_grading/i18n/zh_CN.po"))}
        translated = {term for term, text in terms.items() if text != term and re.search(r"[A-Za-z]{3}", term)}
        self.walk(rules, english=sorted(translated - KEPT), **how)

    def test_on_a_phone_nothing_is_too_wide_and_no_word_of_ours_is_left_in_english(self):
        self.browser_size, self.touch_enabled = "390x844", True
        self.walk_in_chinese("")

    def test_on_the_desktop_the_same_and_nothing_is_pale_in_the_dark(self):
        self.browser_size = "1440x900"
        self.env["ir.asset"].sudo().create(
            [
                {
                    "name": "Dark colors",
                    "bundle": bundle,
                    "directive": "before",
                    "target": "web/static/src/scss/primary_variables.scss",
                    "path": "customer_grading/static/tests/dark/grading_dark_variables.scss",
                }
                for bundle in ("web.assets_web_dark", "web.assets_backend_lazy_dark")
            ]
        )
        with patch.object(self.registry["ir.http"], "color_scheme", lambda _http: "dark"):
            self.walk_in_chinese("contrast", cookies={"color_scheme": "dark"})
