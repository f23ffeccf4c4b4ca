from unittest.mock import patch

from odoo.tests import tagged

from ...models.backtest import grading_backtest
from .backtest_case import BacktestCase


@tagged("post_install", "-at_install")
class TestBacktestKept(BacktestCase):
    """The figures of a back-test stay what they are, whatever becomes of the rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft = cls.rules._draft()
        cls.draft.criterion_ids.points_per_unit = 2

    def setUp(self):
        super().setUp()
        self.shop(("Ada", 500, [30, 20]), ("Bob", 60, []))

    def kept(self, test):
        """The figures, without what names the rules."""
        return [
            {name: value for name, value in row.items() if name not in ("scheme_id", "write_uid")}
            for row in self.figures(test)
        ]

    def test_a_published_draft_leaves_its_back_tests_to_the_scheme(self):
        test = self.test_of(self.draft, other_scheme_id=self.rules.id)
        was, figures, version = self.rules.version, self.kept(test), self.rules.version + 1
        self.draft._publish()
        self.assertFalse(self.draft.exists())
        self.assertEqual((test.scheme_id, test.other_scheme_id), (self.rules, self.rules.browse()))
        self.assertEqual(test.own_note, f"Test scheme, version {version}")
        self.assertEqual(test.other_note, f"Test scheme, version {was}")
        self.assertIn(f"Test scheme and Test scheme, version {was}", test.display_name)
        self.assertEqual((self.kept(test), test.state), (figures, "done"))
        self.assertTrue(test.statements)
        self.assertFalse(test.is_outdated)
        self.env["grading.scheme"]._close_versions()
        self.rules.criterion_ids.points_per_unit = 3
        self.assertTrue(test.is_outdated)

    def test_of_a_draft_that_was_changed_after_it_the_back_test_is_outdated(self):
        test = self.test_of(self.draft)
        self.assertFalse(test.is_outdated)
        self.draft.criterion_ids.points_per_unit = 5
        self.assertTrue(test.is_outdated)
        self.draft._publish()
        self.assertTrue(test.is_outdated)
        self.assertEqual(test.own_note, f"Test scheme, a draft before version {self.rules.version}")

    def test_a_new_scheme_that_is_published_keeps_its_back_test(self):
        new = self.scheme(active=False, is_draft=True, name="New", sequence=1)
        test = self.test_of(new)
        self.assertEqual(test.own_note, "New, draft")
        new._publish()
        self.assertEqual((test.scheme_id, test.is_outdated), (new, False))
        self.assertEqual(test.own_note, f"New, version {new.version}")

    def test_a_discarded_draft_leaves_its_name_to_the_back_test(self):
        test = self.test_of(self.draft, other_scheme_id=self.rules.id)
        figures = self.kept(test)
        self.draft.action_discard()
        self.assertFalse(test.scheme_id)
        self.assertIn("Test scheme, draft and Test scheme", test.display_name)
        self.assertEqual((self.kept(test), test.state, test.is_outdated), (figures, "done", False))
        with self.assert_refused("Test scheme, draft", "gone"):
            test.action_run()
        self.assertEqual(self.kept(test), figures)
        test.scheme_id = self.rules.copy({"active": False})
        self.assertFalse(test.is_own_gone or test.own_note or test.line_ids)

    def test_a_deleted_scheme_leaves_the_back_tests_of_itself_and_its_draft(self):
        tests = self.test_of(self.rules) + self.test_of(self.draft)
        asked = self.env["grading.backtest"].create({"scheme_id": self.draft.id})
        self.rules.unlink()
        self.assertEqual((tests | asked).exists(), tests | asked)
        self.assertEqual(tests.mapped("rules_name"), ["Test scheme, version 1", "Test scheme, draft"])
        self.assertIn("Test scheme, draft", asked.display_name)
        self.assertTrue(all(test.line_ids for test in tests))

    def test_days_are_not_judged_by_other_rules_than_those_before_them(self):
        self.rescore()
        test = self.env["grading.backtest"].create({"period": "trend", "scheme_id": self.draft.id})
        with patch.object(grading_backtest, "RESCORE_AT_ONCE", 1):
            test.action_run()
        self.assertEqual(test.state, "running")
        self.draft.criterion_ids.points_per_unit = 5
        test.action_stop()
        with self.assert_refused("Run Again"):
            test.action_continue()
        self.draft.action_discard()
        self.assertEqual(test.state, "stopped")
        with self.assert_refused("gone"):
            test.action_continue()

    def test_a_back_test_of_the_rules_in_use_says_when_they_have_changed(self):
        test = self.test_of()
        self.assertEqual((test.own_note, test.is_outdated), ("Test scheme, version 1", False))
        self.rules.grace_days = 5
        test.invalidate_recordset(["is_outdated"])
        self.assertTrue(test.is_outdated)
