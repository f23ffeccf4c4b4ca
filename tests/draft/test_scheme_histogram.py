from odoo.tests import tagged

from .draft_case import DraftCase


@tagged("post_install", "-at_install")
class TestHistogram(DraftCase):
    """How the scores are spread, in at most fifty bars."""

    def test_all_scores_are_in_the_bars(self):
        bins = self.base.score_bins
        self.assertEqual((bins["low"], bins["high"]), (7, 406))
        self.assertEqual((len(bins["counts"]), sum(bins["counts"])), (50, 3))
        self.assertEqual((bins["counts"][0], bins["counts"][-1]), (1, 1))

    def test_without_scores_there_is_nothing_to_show(self):
        self.assertFalse(self.scheme().score_bins)

    def test_equal_scores_are_one_bar(self):
        self.force(self.env["grading.profile"].search([("scheme_id", "=", self.base.id)]), score=5)
        self.assertEqual(self.base.score_bins["counts"][0], 3)

    def test_a_draft_shows_its_preview_or_else_the_scheme(self):
        draft = self.without_amount()
        self.assertEqual(draft.score_bins, self.base.score_bins)
        self.preview(draft)
        draft.invalidate_recordset(["score_bins"])
        self.assertEqual((draft.score_bins["high"], sum(draft.score_bins["counts"])), (46, 3))

    def test_it_is_of_the_company_and_for_sellers(self):
        other = self.new_company("Elsewhere")
        elsewhere = self.base.with_company(other)
        self.assertEqual(elsewhere.score_bins, self.base.score_bins)  # it grades in its own company alone
        self.base.company_id = False
        elsewhere.invalidate_recordset(["score_bins"])
        self.assertFalse(elsewhere.score_bins)
        self.assertIn("score_bins", self.base.with_user(self.salesman()).fields_get())
        self.assertNotIn("score_bins", self.base.with_user(self.internal()).fields_get())
