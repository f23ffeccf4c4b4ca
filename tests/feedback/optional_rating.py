"""With Odoo's ratings installed: not collected by the suite, which needs nothing beyond the module's dependencies."""

from datetime import date, datetime

from odoo.tests import tagged

from .test_feedback_measure import AS_OF, FeedbackMeasureCase


@tagged("post_install", "-at_install")
class TestRating(FeedbackMeasureCase):
    def rate(self, partner, stars, day=AS_OF, **vals):
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.ada.id,
                "partner_id": partner.id,
                "rating": stars,
                "consumed": True,
                **vals,
            }
        )
        self.force(rating, rated_on=datetime.combine(day, datetime.min.time()))
        return rating

    def test_stars_count_as_satisfaction_from_0_to_10(self):
        for stars, satisfaction in ((1, 0), (3, 5), (5, 10)):
            rating = self.rate(self.son, stars)
            self.rescore(as_of=AS_OF)
            self.assertEqual(self.profile(self.ada).satisfaction, satisfaction)
            self.assertIsNot(self.profile(self.ada).satisfaction, False)
            rating.unlink()

    def test_stars_decay_beside_what_the_customer_said(self):
        self.company.grading_half_life_days = 30
        self.rate(self.ada, 5, day=date(2025, 2, 8))
        self.said(self.ada, 0, satisfaction=4)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.ada).satisfaction, 6)  # (4 + 10/2) / (1 + 1/2)

    def test_a_customer_who_only_left_stars_has_not_been_asked(self):
        self.rate(self.ada, 5)
        self.rescore(as_of=AS_OF)
        profile = self.profile(self.ada)
        self.assertEqual((profile.assessment_count, profile.last_assessment_date), (0, False))
        self.assertIs(profile.expectation, False)

    def test_what_is_not_filled_in_or_later_counts_nothing(self):
        self.rate(self.ada, 5, consumed=False)
        self.rate(self.ada, 0)
        self.rate(self.ada, 1, day=date(2025, 3, 11))
        self.rescore(as_of=AS_OF)
        self.assertIs(self.profile(self.ada).satisfaction, False)

    def test_the_day_of_a_rating_begins_where_the_company_works(self):
        self.company.resource_calendar_id.tz = "Asia/Taipei"
        rating = self.rate(self.ada, 5)
        self.force(rating, rated_on=datetime(2025, 3, 10, 16, 30))  # 00:30 of the 11th in Taipei
        self.rescore(as_of=AS_OF)
        self.assertIs(self.profile(self.ada).satisfaction, False)

    def test_a_rating_counts_in_the_company_of_the_rated_user(self):
        other = self.new_company("Other")
        stranger = self.salesman("grading_stranger", company_id=other.id, company_ids=other.ids)
        colleague = self.salesman()
        self.rate(self.ada, 1, rated_partner_id=stranger.partner_id.id)
        self.rescore(as_of=AS_OF)
        self.assertIs(self.profile(self.ada).satisfaction, False)
        self.rate(self.ada, 5, rated_partner_id=colleague.partner_id.id)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.ada).satisfaction, 10)
