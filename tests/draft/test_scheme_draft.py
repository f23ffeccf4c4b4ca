from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .draft_case import DraftCase


@tagged("post_install", "-at_install")
class TestSchemeDraft(DraftCase):
    """A draft is the scheme once more, beside it, for all who change it."""

    def test_a_scheme_with_a_translated_description_has_drafts_and_copies(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.base.description = "<p>For all</p>"
        self.base.update_field_translations("description", {"zh_CN": {"For all": "所有客户"}})
        for scheme in (self.base.with_context(lang="zh_CN")._draft(), self.base.with_context(lang="zh_CN").copy()):
            self.assertIn("所有客户", scheme.with_context(lang="zh_CN").description)
            self.assertIn("For all", scheme.with_context(lang="en_US").description)

    def test_it_is_made_once_and_opened_from_then_on(self):
        draft = self.base._draft()
        self.assertEqual(self.base.action_edit_as_draft()["res_id"], draft.id)
        self.assertEqual((draft.state, draft.draft_of_id, draft.base_version), ("draft", self.base, self.base.version))
        self.assertEqual(draft._draft(), draft)
        self.assertEqual(self.base.draft_ids, draft)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.base.copy({"active": False, "is_draft": True, "draft_of_id": self.base.id})

    def test_it_has_all_that_the_scheme_has(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.base.with_context(lang="zh_CN").name = "测试方案"
        self.base.description = "<p>For all</p>"
        self.amount.with_context(lang="zh_CN").name = "金额"
        draft = self.base._draft()
        self.assertEqual(draft._content(), self.base._content())
        self.assertEqual(draft.name, "Test scheme")
        self.assertEqual(draft.with_context(lang="zh_CN").name, "测试方案")
        self.assertEqual(draft.criterion_ids[0].with_context(lang="zh_CN").name, "金额")
        self.assertFalse(draft.criterion_ids & self.base.criterion_ids)
        self.assertFalse(draft.criterion_ids.band_ids & self.base.criterion_ids.band_ids)

    def test_what_is_changed_on_it_changes_no_grade(self):
        before, version = self.base._content(), self.base.version
        self.without_amount()
        self.rescore()
        self.assertEqual(self.profile(self.big).grade_id, self.gold)
        self.assertEqual((self.base._content(), self.base.version), (before, version))

    def test_it_says_who_changed_it_last(self):
        boss = self.manager(company_ids=self.env["res.company"].search([]).ids)
        self.base.with_user(boss).action_edit_as_draft()
        self.assertIn(boss.name, self.base.draft_note)
        self.assertIn(boss.name, self.base.draft_ids.draft_note)
        self.assertFalse(self.scheme().draft_note)

    def test_discarded_it_leaves_the_scheme_as_it_was(self):
        before = self.base._content()
        draft = self.without_amount()
        self.assertEqual(draft.action_discard()["res_id"], self.base.id)
        self.assertFalse(draft.exists())
        self.assertEqual(self.base._content(), before)
        with self.assert_refused("Test scheme", "Edit as Draft"):
            self.base.action_discard()

    def test_a_shared_scheme_is_drafted_by_users_of_all_companies(self):
        other = self.new_company("Elsewhere")
        self.base.company_id = False
        self.env["grading.profile"].create({"partner_id": self.small.id, "company_id": other.id})
        clerk = self.user("draft_clerk", "customer_grading.customer_grading_group_manager")
        with self.assert_refused("Copy for My Company", error=AccessError):
            self.base.with_user(clerk).action_edit_as_draft()

    def test_it_is_of_the_company_of_its_scheme(self):
        other, draft = self.new_company("Elsewhere"), self.base._draft()
        for company in (other.id, False):
            with self.assert_refused("Test scheme", "company"):
                draft.company_id = company
        draft.write({"company_id": self.company.id, "grace_days": 3})
        self.base.company_id = other
        self.assertEqual(draft.company_id, other)
        new = self.scheme(active=False, is_draft=True)
        new.company_id = other
        self.assertEqual(new.company_id, other)

    def test_of_a_shared_scheme_preview_and_dialog_say_that_other_companies_are_concerned(self):
        self.base.company_id = False
        draft = self.without_amount()

        def told():
            wizard = self.env["grading.scheme.publish"].create({"scheme_id": draft.id})
            return wizard.shared_text, self.preview(draft).shared_text

        Scheme, none = self.env.registry["grading.scheme"], self.company.browse()
        with patch.object(Scheme, "_companies_besides", lambda *_args: none):
            self.assertEqual(told(), (False, False))
        elsewhere = self.new_company("Elsewhere")
        self.env["grading.profile"].create({"partner_id": self.small.id, "company_id": elsewhere.id})
        dialog, preview = told()
        self.assertIn("all companies", dialog)
        self.assertIn(f"of {self.company.name} alone", preview)
        self.base.company_id = self.company
        self.assertEqual(told(), (False, False))

    def test_it_belongs_to_managers(self):
        draft = self.base._draft()
        for method in ("action_edit_as_draft", "action_preview", "action_publish", "action_discard"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(draft.with_user(self.salesman()), method)()
        with self.assertRaises(UserError):
            self.base.action_preview()
