from datetime import timedelta

from odoo.tests import tagged

from .override_case import OverrideCase


@tagged("post_install", "-at_install")
class TestGrace(OverrideCase):
    """A downgrade waits; nothing else does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules.grace_days = 10

    def run_after(self, days):
        self.rescore(as_of=self.today + timedelta(days=days))
        return self.profile(self.ada)

    def test_a_downgrade_waits_where_one_can_see_it_and_then_falls(self):
        self.order_amount(5)
        for days in (0, 1, 9):
            profile = self.run_after(days)
            self.assertRecordValues(
                profile,
                [
                    {
                        "grade_id": self.silver.id,
                        "computed_grade_id": self.bronze.id,
                        "pending_grade_id": self.bronze.id,
                        "pending_since": self.today,
                        "score": 5,
                    }
                ],
            )
            self.assertEqual(self.ada.grading_pending_grade_id, self.bronze)
        profile = self.run_after(10)
        self.assertRecordValues(
            profile,
            [{"grade_id": self.bronze.id, "pending_grade_id": False, "pending_since": False, "trend": "down"}],
        )
        line = self.last_line(self.ada)
        self.assertEqual((line.old_grade_id, line.new_grade_id, line.reason), (self.silver, self.bronze, "rescore"))

    def test_waiting_writes_no_history(self):
        before = self.env["grading.history"].search_count([])
        self.order_amount(5)
        self.run_after(0)
        self.run_after(9)
        self.assertEqual(self.env["grading.history"].search_count([]), before)

    def test_without_days_of_grace_the_grade_falls_at_once(self):
        self.rules.grace_days = 0
        self.order_amount(5)
        profile = self.run_after(0)
        self.assertEqual((profile.grade_id, profile.pending_grade_id), (self.bronze, self.env["grading.grade"]))

    def test_a_recovery_clears_the_wait(self):
        self.order_amount(5)
        self.run_after(0)
        self.order_amount(50)
        profile = self.run_after(9)
        self.assertEqual((profile.grade_id, profile.pending_since), (self.silver, False))
        self.assertFalse(profile.pending_grade_id)
        self.order_amount(5)
        profile = self.run_after(11)
        self.assertEqual((profile.grade_id, profile.pending_since), (self.silver, self.today + timedelta(days=11)))

    def test_a_wait_goes_on_when_the_score_falls_further(self):
        self.order_amount(200)
        self.run_after(0)
        self.order_amount(50)
        self.run_after(1)
        self.order_amount(5)
        profile = self.run_after(2)
        self.assertEqual(
            (profile.grade_id, profile.pending_grade_id, profile.pending_since),
            (self.gold, self.bronze, self.today + timedelta(days=1)),
        )
        self.assertEqual(self.run_after(11).grade_id, self.bronze)

    def test_a_partial_recovery_still_above_keeps_waiting(self):
        self.order_amount(200)
        self.run_after(0)
        self.order_amount(5)
        self.run_after(1)
        self.order_amount(50)
        profile = self.run_after(2)
        self.assertEqual((profile.grade_id, profile.pending_grade_id), (self.gold, self.silver))

    def test_a_promotion_is_immediate(self):
        self.order_amount(500)
        profile = self.run_after(0)
        self.assertEqual((profile.grade_id, profile.trend), (self.gold, "up"))
        self.assertFalse(profile.pending_grade_id)

    def test_a_change_of_scheme_does_not_wait(self):
        self.scheme(
            name="Stricter",
            sequence=1,
            grace_days=30,
            thresholds=[(self.gold, 900), (self.silver, 800), (self.bronze, 0)],
        )
        profile = self.run_after(0)
        self.assertEqual((profile.grade_id, profile.trend), (self.bronze, "same"))
        self.assertFalse(profile.pending_grade_id)

    def test_an_override_clears_the_wait(self):
        self.order_amount(5)
        self.run_after(0)
        profile = self.override(self.ada, self.gold)
        self.assertFalse(profile.pending_grade_id or profile.pending_since)
        self.run_after(1)
        self.assertFalse(profile.pending_grade_id or profile.pending_since)

    def test_the_trend_is_the_direction_of_the_last_change(self):
        profile = self.profile(self.ada)
        self.assertEqual(profile.trend, "same", "the first grade is no change")
        self.rules.grace_days = 0
        for amount, trend in ((500, "up"), (400, "up"), (50, "down"), (5, "down"), (50, "up")):
            self.order_amount(amount)
            self.run_after(0)
            self.assertEqual(profile.trend, trend, amount)
        self.ada.grading_grade_id = self.gold
        self.assertEqual(profile.trend, "up")
        self.ada.grading_grade_id = False
        self.assertEqual(profile.trend, "down")
        self.assertEqual(self.env["res.partner"].search([("grading_trend", "=", "down")]), self.ada)

    def test_grades_of_one_sequence_have_an_order_all_the_same(self):
        self.silver.sequence = self.bronze.sequence
        self.order_amount(5)
        self.assertEqual(self.run_after(0).pending_grade_id, self.bronze)

    def test_falling_below_the_lowest_threshold_waits_too(self):
        self.rules.threshold_ids.filtered(lambda t: t.grade_id == self.bronze).min_score = 8
        self.order_amount(5)
        profile = self.run_after(0)
        self.assertEqual((profile.grade_id, profile.pending_since), (self.silver, self.today))
        self.assertFalse(self.run_after(10).grade_id)
