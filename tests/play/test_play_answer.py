from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .play_case import PlayCase


@tagged("post_install", "-at_install")
class TestPlayAnswer(PlayCase):
    """A low answer starts a play in the run that sees it first, or never."""

    def answer(self, satisfaction, days=0, partner=None):
        """An answer that is given so many days from now, and seen at once."""
        partner = partner or self.ada
        given = self.assess(partner, satisfaction)
        if days:
            moment = fields.Datetime.now() + timedelta(days=days)
            self.force(given, date=self.today + timedelta(days=days), write_date=moment, create_date=moment)
        self.rescore(partners=partner, as_of=self.today + timedelta(days=days))

    def pause_is_over(self, play):
        self.force(self.cases(play), date_start=fields.Datetime.now() - timedelta(days=31))

    def test_an_answer_of_the_pause_is_no_reason_when_it_is_over(self):
        play = self.play("satisfaction_low", number=4, cooldown_days=30)
        self.answer(2)
        self.answer(3, 9)
        self.assertEqual(len(self.cases(play)), 1)
        self.pause_is_over(play)
        self.answer(9, 35)
        self.rescore(as_of=self.today + timedelta(days=36))
        self.assertEqual(len(self.cases(play)), 1)
        self.answer(4, 36)
        self.assertEqual(len(self.cases(play)), 2)
        self.assertEqual(self.cases(play)[1].event, f"answer:{self.today + timedelta(days=36)}")

    def test_an_answer_of_the_pause_that_is_seen_late_is_no_reason_either(self):
        play = self.play("satisfaction_low", number=4, cooldown_days=30)
        self.answer(2)
        start = self.cases(play)
        self.pause_is_over(play)
        self.assess(self.ada, 3, date=self.ago(5))
        self.rescore(partners=self.ada)
        self.assertEqual(self.cases(play), start)

    def test_an_answer_that_was_imported_or_given_while_not_to_be_disturbed(self):
        play = self.play("satisfaction_low", number=4)
        importing = self.env["grading.assessment"].with_context(import_file=True)
        imported = importing.create({"partner_id": self.ada.id, "satisfaction": 2})
        self.assertEqual(imported.date, self.today)
        self.assertTrue(self.env["grading.queue"]._waiting([]).is_silent)
        self.rescore(partners=self.ada)
        self.forget_requests()
        self.ada.grading_do_not_disturb = True
        self.answer(3, 1)
        self.ada.grading_do_not_disturb = False
        self.answer(9, 2)
        self.rescore(as_of=self.today + timedelta(days=3))
        self.assertFalse(self.cases(play))
        self.answer(4, 3)
        self.assertEqual(len(self.cases(play)), 1)

    def test_an_answer_by_a_customer_whose_first_grading_it_is(self):
        play, ben = self.play("satisfaction_low", number=4), self.customer("Ben", customer_rank=1)
        self.answer(2, partner=ben)
        self.answer(9, 1, partner=ben)
        self.rescore(as_of=self.today + timedelta(days=2))
        self.assertFalse(self.cases(play))

    def test_an_answer_that_was_put_right(self):
        given = self.assess(self.ada, 9, date=self.ago(0))
        self.rescore()
        play = self.play("satisfaction_low", number=4)
        given.satisfaction = 3
        self.rescore(partners=self.ada)
        self.assertEqual(self.started(play), ["Ada"])

    def test_a_low_answer_that_leaves_the_mean_as_it_was(self):
        self.assess(self.ada, 3)
        self.rescore()
        play = self.play("satisfaction_low", number=4)
        self.force(play, active_since=fields.Datetime.now() - timedelta(days=1))
        self.answer(3, 1)
        self.assertEqual(self.profile(self.ada).satisfaction, 3)
        self.assertEqual(self.cases(play)[-1:].event, f"answer:{self.today + timedelta(days=1)}")
