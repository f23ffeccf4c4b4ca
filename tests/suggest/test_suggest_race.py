import threading
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

from ...models.suggest import grading_run, grading_suggestion

PATIENCE = 30  # seconds until a worker that waits for a user gives up


@tagged("post_install", "-at_install")
class TestLearningBesideUsers(BaseCase):
    """A worker that learns, and users with connections of their own meanwhile.

    What they are to see of each other cannot be rolled back: the suggestion is deleted at the end.
    """

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())

        def learn(suggestion):
            self.learn_slowly(suggestion)

        Suggestion, Run = self.registry["grading.suggestion"], self.registry["grading.run"]
        self.startPatcher(patch.object(grading_suggestion, "LEARN_AT_ONCE", -1))
        self.startPatcher(patch.object(Run, "_trigger_apart", lambda run: None))
        self.startPatcher(patch.object(Suggestion, "_learn_groups", learn))
        self.begun, self.go_on, self.is_through = (threading.Event() for _event in range(3))
        self.calls, self.parts, self.is_watched = [], [], False
        with self.registry.cursor() as cr:
            company = self.env_of(cr)["res.company"].search([], order="id", limit=1)
            suggestion = self.env_of(cr)["grading.suggestion"].create({"kind": "groups", "company_id": company.id})
            self.suggestion_id = suggestion.id
            suggestion.action_learn()
            self.run_id = suggestion.run_id.id
        self.addCleanup(self.meanwhile, lambda suggestion: suggestion.unlink())

    def startPatcher(self, patcher):  # noqa: N802
        started = patcher.start()
        self.addCleanup(patcher.stop)
        return started

    @staticmethod
    def env_of(cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    def learn_slowly(self, suggestion):
        """Something is learned, and written as soon as the test lets it."""
        self.calls.append(suggestion.id)
        between = suggestion._between()
        if self.is_watched:
            between()
        self.begun.set()
        self.go_on.wait(PATIENCE)
        if self.is_watched:
            between()
        self.parts.append("last")
        suggestion.line_ids = [(5, 0, 0), (0, 0, {"name": "All", "text": "All customers"})]
        suggestion.write({"state": "done", "report": "1 group"})

    def work(self):
        """What the scheduled action does, of the run in question alone."""
        with self.registry.cursor() as cr:
            self.env_of(cr)["grading.run"]._carry_out([("id", "=", self.run_id)])
        self.is_through.set()

    def meanwhile(self, act):
        """What a user does in a transaction of their own."""
        with self.registry.cursor() as cr:
            return act(self.env_of(cr)["grading.suggestion"].browse(self.suggestion_id).exists())

    def learned_beside(self, act):
        """A worker begins to learn, a user does something, and the worker comes to its end."""
        worker = threading.Thread(target=self.work, daemon=True)
        worker.start()
        self.assertTrue(self.begun.wait(PATIENCE))
        self.meanwhile(act)
        self.go_on.set()
        worker.join(PATIENCE)
        self.assertTrue(self.is_through.is_set(), "the worker has failed")
        self.assertEqual(self.calls, [self.suggestion_id])
        return self.meanwhile(lambda found: found and (found.state, found.run_id.state, len(found.line_ids)))

    def test_undisturbed_it_is_learned(self):
        self.assertEqual(self.learned_beside(lambda suggestion: suggestion.read(["state"])), ("done", "done", 1))

    def test_one_that_is_stopped_meanwhile_stays_stopped(self):
        self.assertEqual(self.learned_beside(lambda suggestion: suggestion.action_stop()), ("stopped", "stopped", 0))

    def watched(self, act):
        """What becomes of one that is learned in parts."""
        self.is_watched = True
        with patch.object(grading_run, "ASKED_EVERY", 0):
            return self.learned_beside(act)

    def test_one_that_is_stopped_meanwhile_ends_at_the_next_part(self):
        self.assertEqual(self.watched(lambda suggestion: suggestion.action_stop()), ("stopped", "stopped", 0))
        self.assertFalse(self.parts)

    def test_one_that_is_deleted_meanwhile_ends_at_the_next_part(self):
        self.assertFalse(self.watched(lambda suggestion: suggestion.unlink()))
        self.assertFalse(self.parts)

    def test_one_that_is_not_stopped_comes_to_its_last_part(self):
        self.assertEqual(self.watched(lambda suggestion: suggestion.read(["state"])), ("done", "done", 1))
        self.assertEqual(self.parts, ["last"])

    def test_one_that_is_asked_for_anew_meanwhile_waits_for_its_next_turn(self):
        def ask_anew(suggestion):
            suggestion.action_stop()
            suggestion.action_learn()

        self.assertEqual(self.learned_beside(ask_anew), ("running", "running", 0))

    def test_one_that_asks_for_something_else_by_now_is_to_be_learned_anew(self):
        found = self.learned_beside(lambda suggestion: suggestion.write({"kind": "separate"}))
        self.assertEqual(found, ("draft", False, 0))

    def test_one_that_is_deleted_meanwhile_leaves_nothing_behind(self):
        self.assertFalse(self.learned_beside(lambda suggestion: suggestion.unlink()))
