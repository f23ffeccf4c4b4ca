from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .draft_case import DraftCase


@tagged("post_install", "-at_install")
class TestSilence(DraftCase):
    """Plays start for what customers do, and not because of new rules, unless that was asked for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tag = cls.env["res.partner.category"].create({"name": "Moved"})
        cls.rises, cls.falls = cls.env["grading.play"].create(
            [
                {"name": name, "trigger": name, "category_ids": tag.ids, "company_id": cls.company.id}
                for name in ("grade_up", "grade_down")
            ]
        )
        cls.falling = cls.env["grading.play"].create(
            {"name": "Falling", "trigger": "grade_falling", "days": 5, "tells_manager": True}
        )

    def started(self):
        self.env.flush_all()
        plays = self.rises | self.falls | self.falling
        return self.env["grading.play.case"].search([("play_id", "in", plays.ids)]).partner_id

    def by(self, points):
        """A draft by which each unit of money gives so many points."""
        draft = self.draft()
        self.of(draft, "Amount").points_per_unit = points
        return draft

    def next_change(self):
        """What is changed from here on makes a version of its own, as in another transaction."""
        self.env["grading.scheme"]._close_versions()

    # ------------------------------------------------------------
    # Put back
    # ------------------------------------------------------------

    def test_a_version_that_is_put_back_starts_no_play(self):
        self.by(0.1)._publish()
        self.rescore()
        self.assertEqual(self.profile(self.big).grade_id, self.silver)
        self.versions()[0].action_put_back()
        self.rescore()
        self.assertEqual(self.profile(self.big).grade_id, self.gold)
        self.assertFalse(self.started())
        self.order(self.small, 500, self.today)
        self.rescore()
        self.assertEqual(self.started(), self.small, "the customer rose, not the rules")

    # ------------------------------------------------------------
    # Small changes
    # ------------------------------------------------------------

    def test_a_small_change_before_the_run_does_not_make_a_publishing_aloud(self):
        self.by(0.1)._publish()
        self.next_change()
        self.address.points_max = 4
        self.assertNotEqual(self.base.version, self.base.silent_version)
        self.rescore()
        self.assertEqual(self.profile(self.big).grade_id, self.silver)
        self.assertFalse(self.started())

    def test_runs_over_a_few_before_the_one_over_all_are_silent_too(self):
        self.by(0.1)._publish()
        self.rescore(partners=self.middle)
        self.next_change()
        self.address.points_max = 4
        self.rescore(partners=self.big)
        self.assertEqual(self.profile(self.big).grade_id, self.silver)
        self.assertFalse(self.started())

    def test_a_small_change_of_what_was_judged_starts_plays(self):
        self.by(0.9)._publish()
        self.rescore()
        self.next_change()
        self.of(self.base, "Amount").points_per_unit = 0.1
        self.rescore()
        self.assertEqual(self.started(), self.middle | self.big)

    def test_a_scheme_that_comes_back_from_the_archive_was_judged_before(self):
        self.by(0.9)._publish()
        self.rescore()
        self.next_change()
        self.base.active = False
        self.scheme(thresholds=[(self.silver, 0)], name="Meanwhile", sequence=99)
        self.rescore()
        self.next_change()
        self.base.active = True
        run = self.env["grading.run"]._prepare()
        self.assertFalse(run._is_silenced(run._collect_customer_rules(run._collect_lead_rules())))

    def test_published_aloud_after_a_silent_version_it_starts_plays(self):
        self.by(0.9)._publish()
        self.by(0.1)._publish(starts_plays=True)
        self.rescore()
        self.assertEqual(self.started(), self.middle | self.big)

    # ------------------------------------------------------------
    # Days of grace
    # ------------------------------------------------------------

    def waiting(self):
        """Big and Middle are held back by the days of grace, because of a publishing."""
        draft = self.by(0.1)
        draft.grace_days = 30
        draft._publish()
        self.rescore()
        self.assertEqual(self.profile(self.big).pending_grade_id, self.silver)

    def after_the_days_of_grace(self):
        for days in (3, 10, 30):
            with freeze_time(self.env.cr.now() + timedelta(days=days)):
                self.rescore()
        self.assertEqual(self.profile(self.big).grade_id, self.silver)

    def test_a_small_change_in_the_days_of_grace_starts_no_play_when_they_are_over(self):
        self.waiting()
        self.next_change()
        self.address.points_max = 4
        self.after_the_days_of_grace()
        self.assertFalse(self.started())

    def test_a_second_publishing_in_the_days_of_grace_starts_none_either(self):
        for aloud in (False, True):
            with self.subTest(aloud=aloud), self.env.cr.savepoint() as savepoint:
                self.waiting()
                with freeze_time(self.env.cr.now() + timedelta(days=3)):
                    draft = self.draft()
                    self.of(draft, "Has an address").points_max = 4
                    draft._publish(starts_plays=aloud)
                self.after_the_days_of_grace()
                self.assertFalse(self.started())
                savepoint.rollback()

    def test_a_play_that_comes_into_force_meanwhile_starts_for_none_of_them(self):
        self.waiting()
        later = self.falling.copy({"name": "Later", "active": True})
        self.after_the_days_of_grace()
        self.assertFalse(later.case_ids)

    def test_a_fall_by_hand_as_the_days_of_grace_end_is_none_of_the_rules(self):
        self.waiting()
        with freeze_time(self.env.cr.now() + timedelta(days=30)):
            self.profile(self.big)._override(self.bronze, "Because")
            self.assertEqual(self.started(), self.big)

    def test_a_fall_of_their_own_after_the_publishing_starts_plays(self):
        self.waiting()
        self.order(self.small, 4000, self.today)
        self.rescore()
        with freeze_time(self.env.cr.now() + timedelta(days=3)):
            self.force(self.env["sale.order"].search([("partner_id", "=", self.small.id)]), state="cancel")
            self.order(self.small, 2, self.today)
            self.rescore()
        for days in (9, 33):
            with freeze_time(self.env.cr.now() + timedelta(days=days)):
                self.rescore()
        cases = self.env["grading.play.case"].search([("partner_id", "=", self.small.id)])
        self.assertEqual(cases.play_id, self.rises | self.falling | self.falls)
