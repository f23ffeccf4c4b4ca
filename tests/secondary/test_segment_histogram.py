from odoo.tests import tagged

from .segment_case import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentHistogram(SegmentCase):
    """How the scores of a scheme beside the grade are spread, and how many get which segment while one types a limit.
    Ada has 500 points, Bob 50, Cid 5."""

    def counts(self, scheme):
        scheme.invalidate_recordset(["threshold_counts", "score_bins"])
        return {threshold.grade_id: threshold.profile_count for threshold in scheme.threshold_ids}

    def start(self, scheme, grade):
        return scheme.threshold_ids.filtered(lambda threshold: threshold.grade_id == grade)

    def test_bars_and_numbers_are_of_its_own_scores(self):
        scheme = self.beside("score")
        self.assertFalse(scheme.score_bins)
        self.rescore()
        self.assertEqual(self.counts(scheme), {self.big: 2, self.small: 0})
        bins = scheme.score_bins  # fifty bars of 9.92 points from 5 on
        self.assertEqual((bins["low"], bins["high"]), (5, 501))
        self.assertEqual({place: count for place, count in enumerate(bins["counts"]) if count}, {0: 1, 4: 1, 49: 1})
        self.start(scheme, self.big).min_score = 51
        self.start(scheme, self.small).min_score = 5
        self.assertEqual(self.counts(scheme), {self.big: 1, self.small: 2})

    def test_the_grade_of_the_same_customers_does_not_count_in(self):
        scheme = self.beside("score", domain="[('order_amount', '<', 100)]")
        self.rescore()
        self.assertEqual(self.counts(scheme), {self.big: 1, self.small: 0})
        self.assertEqual(self.counts(self.rules), {self.gold: 1, self.silver: 1, self.bronze: 1})
        self.assertEqual(sum(self.rules.score_bins["counts"]), 3)

    def test_the_best_percent_counts_too(self):
        scheme = self.beside("rank")
        self.rescore()
        self.assertEqual(self.counts(scheme), {self.big: 1, self.small: 2})

    def test_a_draft_shows_its_scheme_and_then_its_own_preview(self):
        scheme = self.beside("score")
        self.rescore()
        draft = scheme._draft()
        self.assertEqual(draft.score_bins, scheme.score_bins)
        draft.criterion_ids.points_per_unit = 0.1  # 50, 5 and half a point
        self.env["grading.preview"]._begin(draft)
        self.assertEqual(self.counts(draft), {self.big: 1, self.small: 0})
        self.assertEqual((draft.score_bins["low"], draft.score_bins["high"]), (0, 51))

    def test_it_is_of_one_company(self):
        scheme = self.beside("score", company_id=False)
        self.rescore()
        elsewhere = scheme.with_company(self.new_company("Elsewhere"))
        self.assertEqual((elsewhere.score_bins, set(self.counts(elsewhere).values())), (False, {0}))

    def test_filters_have_no_histogram(self):
        scheme = self.beside("filter")
        self.rescore()
        self.assertEqual((scheme.score_bins, set(self.counts(scheme).values())), (False, {0}))
