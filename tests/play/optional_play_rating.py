"""With Odoo's ratings installed: not collected by the suite, which needs nothing beyond the module's dependencies."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .play_case import PlayCase


@tagged("post_install", "-at_install")
class TestPlayRating(PlayCase):
    def rate(self, stars, days=0):
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.ada.id,
                "partner_id": self.ada.id,
                "rating": stars,
                "consumed": True,
            }
        )
        self.force(rating, rated_on=fields.Datetime.now() + timedelta(days=days, seconds=1))

    def test_stars_are_answered_by_the_next_run_of_a_few(self):
        play = self.play("satisfaction_low", number=4)
        self.forget_requests()
        self.rate(1)
        Queue = self.env["grading.queue"]
        self.assertEqual(Queue._waiting([]).partner_id, self.ada)
        self.rescore(partners=self.ada)
        self.assertEqual(self.started(play), ["Ada"])
        rating = self.env["rating.rating"].search([("partner_id", "=", self.ada.id)])
        for act in (
            lambda: rating.write({"rating": 3}),
            rating.unlink,
        ):
            self.forget_requests()
            Queue._waiting([]).unlink()
            act()
            self.assertEqual(Queue._waiting([]).partner_id, self.ada)
        self.forget_requests()
        Queue._waiting([]).unlink()
        self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.ada.id,
                "partner_id": self.ada.id,
            }
        )
        self.assertFalse(Queue._waiting([]), "asked, and not answered yet")

    def test_one_more_star_that_changes_no_mean(self):
        play = self.play("satisfaction_low", number=4)
        self.rate(1)
        self.rescore()
        self.rate(1, 2)
        self.rescore(as_of=self.today + timedelta(days=2))
        self.assertEqual(self.profile(self.ada).satisfaction, 0)
        self.assertEqual(self.started(play), ["Ada", "Ada"])
        self.rate(5, 3)
        self.rescore(as_of=self.today + timedelta(days=3))
        self.assertEqual(len(self.cases(play)), 2)
