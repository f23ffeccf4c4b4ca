from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .play_case import PlayCase


@tagged("post_install", "-at_install")
class TestPlayMerge(PlayCase):
    """Merging, archiving and deleting, as the history does."""

    def test_contacts_that_are_merged_keep_what_was_started(self):
        ben = self.customer("Ben", customer_rank=1)
        self.rescore()
        play, other = self.play(plan_id=self.plan((self.call_type, 0)).id), self.play(name="Other")
        play._start_for(self.ada + ben)
        other._start_for(ben)
        self.begin()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.ada + ben).ids, self.ada)
        self.env.invalidate_all()
        cases = self.env["grading.play.case"].search([("play_id", "in", (play + other).ids)])
        self.assertEqual((len(cases), cases.partner_id, cases.profile_id), (3, self.ada, self.profile(self.ada)))
        self.assertEqual(sorted(self.cases(play).mapped("state")), ["running", "stopped"])
        self.assertEqual(self.cases(other).state, "running")

    def test_contacts_that_are_merged_where_the_play_pauses_between_starts(self):
        ben, cid = (self.customer(name, customer_rank=1) for name in ("Ben", "Cid"))
        self.rescore()
        play, control = self.play(cooldown_days=30), self.play(name="Control", cooldown_days=30)
        for one in (play, control):
            one._start_for(self.ada + ben + cid)
        self.force(self.cases(control), state="control")
        self.cases(play)._stop("hand")
        self.assertEqual(self.cases(play + control).mapped("start_number"), 6 * [1])
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.ada + ben + cid).ids, self.ada)
        self.env.invalidate_all()
        cases = self.cases(play + control)
        self.assertEqual((len(cases), cases.profile_id), (6, self.profile(self.ada)))
        self.assertEqual(play._start_for(self.ada), self.env["grading.play.case"], "the pause is not over")
        self.force(cases, date_start=fields.Datetime.now() - timedelta(days=31))
        self.assertEqual(play._start_for(self.ada).start_number, 2)

    def test_a_customer_that_is_deleted_takes_its_cases_along(self):
        ben = self.customer("Ben", customer_rank=1)
        self.rescore()
        play = self.play()
        play._start_for(ben)
        ben.unlink()
        self.assertFalse(self.cases(play))

    def test_leads_that_are_merged(self):
        one, two = self.lead("One", partner_id=self.ada.id), self.lead("Two", partner_id=self.ada.id)
        self.rescore()
        play = self.play(subject="lead")
        play._start_for(one + two)
        paused = self.play(subject="lead", cooldown_days=30)
        paused._start_for(one + two)
        merged = (one + two).merge_opportunity()
        self.env.invalidate_all()
        self.assertEqual((len(self.cases(paused)), self.cases(paused).lead_id), (2, merged))
        cases = self.cases(play)
        self.assertEqual((len(cases), cases.lead_id), (2, merged))
        self.assertEqual(sorted(cases.mapped("state")), ["running", "stopped"])

    def test_a_contact_that_moves_under_another_customer(self):
        ben = self.customer("Ben", customer_rank=1)
        self.rescore()
        play = self.play()
        case = play._start_for(ben)
        ben.parent_id = self.customer("Company", is_company=True)
        self.rescore()
        self.assertEqual((case.state, case.profile_id.id, case.partner_id), ("stopped", False, ben))
        ben.parent_id = False
        self.rescore()
        self.assertEqual(case.profile_id, self.profile(ben))

    def test_a_play_that_was_started_is_archived_not_deleted(self):
        play, never = self.play(), self.play(name="Never")
        play._start_for(self.ada)
        with self.assert_refused("Play", "Archive"):
            play.unlink()
        never.unlink()

    def test_a_copy_is_archived(self):
        copy = self.play().copy()
        self.assertEqual((copy.active, copy.name), (False, "Play (copy)"))
