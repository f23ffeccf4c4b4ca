from datetime import timedelta

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .draft_case import DraftCase


@tagged("post_install", "-at_install")
class TestPublish(DraftCase):
    """Publishing brings the content of the draft into the scheme that people know."""

    def publish(self, draft, **vals):
        wizard = self.env["grading.scheme.publish"].create({"scheme_id": draft.id, **vals})
        told = wizard.action_publish()
        self.assertEqual(told["params"]["type"], "success", told)
        return self.base

    def test_the_scheme_keeps_its_record_and_gets_the_content(self):
        draft = self.without_amount()
        draft.write({"criterion_ids": self.new_criterion(), "grace_days": 9, "name": "Better"})
        self.of(draft, "How often").unlink()
        content, version, runs = draft._content(), self.base.version, self.env["grading.run"].search_count([])
        self.publish(draft)
        self.assertFalse(draft.exists())
        self.assertEqual(self.base._content(), content)
        self.assertEqual(self.base.name, "Better")
        self.assertEqual(self.base.version, version + 1)
        self.assertEqual(self.base.criterion_ids & (self.amount | self.address), self.amount | self.address)
        self.assertFalse(self.often.exists())
        self.assertEqual(self.env["grading.run"].search_count([]), runs + 1)

    def test_who_is_moved_by_it_is_moved_by_the_rules(self):
        self.publish(self.without_amount())
        line = self.profile(self.big).history_ids[0]
        self.assertEqual((line.old_grade_id, line.new_grade_id), (self.gold, self.silver))
        self.assertTrue(line.rules_changed)
        self.assertIn("The rules changed: Amount −360", line.change_text)

    def test_no_play_starts_because_of_it_unless_asked(self):
        tag = self.env["res.partner.category"].create({"name": "Fallen"})
        play = self.env["grading.play"].create(
            {"name": "Fallen", "trigger": "grade_down", "category_ids": tag.ids, "company_id": self.company.id}
        )
        self.publish(self.without_amount())
        self.assertFalse(play.case_ids)
        self.order(self.small, 500, self.today)
        self.rescore()
        self.force(self.env["sale.order"].search([("partner_id", "=", self.small.id)]), state="cancel")
        self.order(self.small, 2, self.today)
        self.rescore()
        self.assertEqual(play.case_ids.partner_id, self.small, "the customer fell, not the rules")
        draft = self.draft()
        self.of(draft, "Amount").points_per_unit = 1
        self.publish(draft, starts_plays=True)
        draft = self.without_amount()
        self.publish(draft, starts_plays=True)
        self.assertEqual(play.case_ids.partner_id, self.small | self.middle | self.big)

    def test_whom_the_days_of_grace_hold_back_starts_no_play_when_they_are_over(self):
        play = self.env["grading.play"].create(
            {"name": "Falling", "trigger": "grade_falling", "days": 0, "tells_manager": True}
        )
        later = play.copy({"name": "Fallen", "trigger": "grade_down", "active": True})
        draft = self.without_amount()
        draft.grace_days = 10
        self.publish(draft)
        self.assertTrue(self.profile(self.big).pending_since)
        self.rescore(as_of=self.today)
        self.assertFalse(play.case_ids)
        self.assertEqual(self.profile(self.big).grade_id, self.gold)
        with freeze_time(self.env.cr.now() + timedelta(days=10)):
            self.rescore()
            self.assertEqual(self.profile(self.big).grade_id, self.silver)
        self.assertFalse((play | later).case_ids)

    def test_a_new_scheme_is_published_itself(self):
        draft = self.env["grading.scheme"].create(self.scheme_values(active=False, is_draft=True, sequence=1))
        draft._publish()
        self.assertEqual((draft.state, draft.active), ("published", True))
        self.assertEqual(len(self.versions(draft)), 1)
        self.rescore()
        self.assertEqual(self.profile(self.big).scheme_id, draft)

    def test_an_archived_scheme_comes_into_force_by_it(self):
        self.base.active = False
        self.draft()._publish()
        self.assertTrue(self.base.active)

    def test_an_incomplete_draft_is_refused(self):
        draft = self.draft(criterion_ids=[Command.clear()])
        with self.assert_refused("Test scheme", "no criterion"):
            draft.action_publish()
        with self.assert_refused("no draft"):
            self.base.action_publish()

    # ------------------------------------------------------------
    # The scheme has moved on
    # ------------------------------------------------------------

    def test_a_scheme_that_has_moved_on_is_named_before_anything_is_undone(self):
        self.versions()
        draft = self.without_amount()
        self.env["grading.scheme"]._close_versions()
        self.address.points_max = 4
        self.assertTrue(draft.is_outdated)
        wizard = self.env["grading.scheme.publish"].create({"scheme_id": draft.id})
        self.assertTrue(wizard.is_outdated)
        self.assertIn("Has an address", wizard.outdated_text)
        self.assertNotIn("Amount", wizard.outdated_text)

    def test_published_anyhow_the_change_in_between_is_kept_as_a_version(self):
        self.versions()
        draft = self.without_amount()
        self.env["grading.scheme"]._close_versions()
        self.address.points_max = 4
        between = self.base._content()
        self.publish(draft)
        self.assertEqual(self.address.points_max, 3)
        self.assertEqual(self.versions()[-2].content, between)

    def test_started_anew_the_draft_has_the_change_and_its_own_content_is_kept(self):
        draft = self.without_amount()
        mine = draft._content()
        self.env["grading.scheme"]._close_versions()
        self.address.points_max = 4
        self.env["grading.scheme.publish"].create({"scheme_id": draft.id}).action_start_anew()
        self.assertFalse(draft.is_outdated)
        self.assertEqual(draft._content(), self.base._content())
        former = self.base.version_ids.filtered(lambda row: row.kind == "draft")
        self.assertEqual(former.content, mine)
        former.action_put_back()
        self.assertEqual(draft._content(), mine)

    def test_a_former_draft_that_is_put_back_keeps_the_one_in_work(self):
        draft = self.draft(grace_days=3)
        draft._start_anew()
        draft.grace_days = 7
        [former] = self.base.version_ids.filtered(lambda row: row.kind == "draft")
        former.action_put_back()
        self.assertEqual((draft.grace_days, draft.is_outdated), (3, False))
        kept = self.base.version_ids.filtered(lambda row: row.kind == "draft") - former
        self.assertEqual(kept.content["grace_days"], 7)
        kept.action_put_back()
        self.assertEqual(draft.grace_days, 7)

    def test_a_run_in_between_changes_nothing_of_it(self):
        draft = self.without_amount()
        mine = draft._content()
        self.rescore()
        self.assertFalse(draft.is_outdated)
        self.assertEqual(draft._content(), mine)
        self.publish(draft)
        self.assertEqual(self.profile(self.big).grade_id, self.silver)
