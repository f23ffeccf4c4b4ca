from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import Form, tagged

from ...models.run import grading_run_pipeline
from .draft_case import DraftCase

NIGHTLY_CRON = "customer_grading.ir_cron_rescore"
QUEUE_CRON = "customer_grading.ir_cron_rescore_queue"


@tagged("post_install", "-at_install")
class TestTwoManagers(DraftCase):
    """Two managers work on one draft: the second one reads what has happened, and nothing is lost."""

    def opened(self, draft):
        """The dialog of publishing as a browser has it: its record is made when a button is pressed."""
        return Form(self.env["grading.scheme.publish"].with_context(default_scheme_id=draft.id))

    def test_the_second_one_to_publish_reads_that_the_draft_is_gone(self):
        draft = self.without_amount()
        first, second = self.opened(draft), self.opened(draft)
        saved = self.opened(draft).save()
        first.save().action_publish()
        content, version = self.base._content(), self.base.version
        for action in (second.save, saved.action_publish, saved.action_start_anew, draft.action_publish):
            with self.assert_refused("The draft is gone"):
                action()
        self.assertEqual((self.base._content(), self.base.version), (content, version))

    def test_the_second_one_to_discard_reads_that_the_draft_is_gone(self):
        draft, before = self.without_amount(), self.base._content()
        dialog = self.opened(draft)
        draft.action_discard()
        for action in (draft.action_discard, draft.action_publish, dialog.save):
            with self.assert_refused("The draft is gone"):
                action()
        self.assertEqual(self.base._content(), before)

    def test_the_second_one_to_publish_a_new_scheme_reads_that_it_is_published(self):
        draft = self.env["grading.scheme"].create(self.scheme_values(active=False, is_draft=True, sequence=1))
        first, second = self.opened(draft), self.opened(draft)
        first.save().action_publish()
        with self.assert_refused("is no draft"):
            second.save()
        with self.assert_refused("is no draft"):
            draft.action_discard()

    def test_a_change_of_the_scheme_while_the_dialog_is_open_is_not_undone_unseen(self):
        draft = self.without_amount()
        dialog = self.opened(draft)
        self.assertFalse(dialog.is_outdated)
        self.env["grading.scheme"]._close_versions()
        self.address.points_max = 4
        wizard = dialog.save()
        with self.assert_refused("Test scheme", "was changed after this window was opened"):
            wizard.action_publish()
        self.assertEqual(self.address.points_max, 4)
        again = self.opened(draft)
        self.assertTrue(again.is_outdated)
        self.assertIn("Has an address", again.outdated_text)
        again.save().action_publish()
        self.assertEqual(self.address.points_max, 3)

    def test_a_name_of_the_scheme_that_is_changed_meanwhile_counts_too(self):
        dialog = self.opened(self.without_amount())
        self.address.name = "Can be written to"
        wizard = dialog.save()
        with self.assert_refused("was changed after this window was opened"):
            wizard.action_publish()

    def test_a_change_of_the_draft_while_the_dialog_is_open_is_not_published_unseen(self):
        draft = self.without_amount()
        dialog = self.opened(draft)
        draft.grace_days = 40
        wizard = dialog.save()
        for action in (wizard.action_publish, wizard.action_start_anew):
            with self.assert_refused("was changed after this window was opened"):
                action()
        self.assertEqual((self.base.grace_days, draft.grace_days), (0, 40))
        self.opened(draft).save().action_publish()
        self.assertEqual(self.base.grace_days, 40)


@tagged("post_install", "-at_install")
class TestPublishDuringARun(DraftCase):
    """A scheme is published, or changed, while a scheduled action rescores all customers batch by batch."""

    @contextmanager
    def after_the_first_batch(self, change):
        """``change`` is called with the schemes of the run's own environment."""
        worktable = self.env.registry["grading.worktable"]
        write_batch, calls = worktable._write_profile_batch, []

        def writing(table, rules, first, last):
            figures = write_batch(table, rules, first, last)
            if rules.subject == "customer" and not calls:
                calls.append(first)
                change(table.env["grading.scheme"])
            return figures

        with (
            patch.object(grading_run_pipeline, "BATCH_SIZE", 1),
            patch.object(worktable, "_write_profile_batch", writing),
        ):
            yield
        self.assertTrue(calls)

    def open_run(self):
        """A run that has something to write: Small has ordered more."""
        self.order(self.small, 1, self.today)
        return self.env["grading.run"]._start(self.company)

    def come_to_the_end(self, run):
        """In the same call of the action, or in the next one."""
        self.env.invalidate_all()
        if run.state == "running":
            self.run_scheduled(NIGHTLY_CRON)
            self.env.invalidate_all()
        self.assertEqual(run.state, "done")

    def test_the_run_begins_again_by_the_new_rules(self):
        run, draft = self.open_run(), self.without_amount()
        self.of(draft, "How often").unlink()
        draft.write({"criterion_ids": self.new_criterion()})
        with self.after_the_first_batch(lambda schemes: schemes.browse(draft.id)._publish()):
            self.run_scheduled(NIGHTLY_CRON)
        self.come_to_the_end(run)
        self.assertFalse(run.message)
        self.assertEqual(run.scheme_versions["customer"][str(self.base.id)], self.base.version)
        self.assertEqual(self.profile(self.big).score, 47)
        self.assertEqual(self.profile(self.big).grade_id, self.silver)

    def test_a_run_over_some_is_over_without_a_failure(self):
        """The change asks for a run over all, which finds those that it did not come to."""
        Run, before = self.env["grading.run"], self.env["grading.run"].search([])
        for customer in (self.small, self.big):
            self.order(customer, 1, self.today)
        draft = self.without_amount()
        with self.after_the_first_batch(lambda schemes: schemes.browse(draft.id)._publish()):
            self.run_scheduled(QUEUE_CRON)
        self.env.invalidate_all()
        self.assertEqual(
            (Run.search([]) - before).filtered(lambda run: run.scope == "incremental").mapped("state"), ["done"]
        )
        self.run_scheduled(QUEUE_CRON)
        self.run_scheduled(NIGHTLY_CRON)
        self.env.invalidate_all()
        # Months to be remembered are runs of their own, opened on the first days of the next one.
        judging = [("company_id", "=", self.company.id), ("scope", "in", ("full", "incremental"))]
        for run in Run.search(judging) - before:
            self.come_to_the_end(run)
        self.assertEqual(self.profile(self.big).grade_id, self.silver)

    def test_no_play_starts_because_of_it(self):
        play = self.env["grading.play"].create(
            {"name": "Fallen", "trigger": "grade_down", "tells_manager": True, "company_id": self.company.id}
        )
        run, draft = self.open_run(), self.without_amount()
        with self.after_the_first_batch(lambda schemes: schemes.browse(draft.id)._publish()):
            self.run_scheduled(NIGHTLY_CRON)
        self.come_to_the_end(run)
        self.assertEqual(self.profile(self.big).grade_id, self.silver)
        self.rescore()
        self.assertFalse(play.case_ids)

    def test_a_new_scheme_counts_as_well(self):
        run = self.open_run()
        draft = self.env["grading.scheme"].create(self.scheme_values(active=False, is_draft=True, sequence=1))
        with self.after_the_first_batch(lambda schemes: schemes.browse(draft.id)._publish()):
            self.run_scheduled(NIGHTLY_CRON)
        self.come_to_the_end(run)
        self.assertEqual(self.profile(self.big).scheme_id, draft)

    def test_what_decides_nothing_disturbs_no_run(self):
        run = self.open_run()

        def change(schemes):
            schemes.browse(self.base.id).name = "Another name"

        with self.after_the_first_batch(change):
            self.run_scheduled(NIGHTLY_CRON)
        self.env.invalidate_all()
        self.assertEqual(run.state, "done")
