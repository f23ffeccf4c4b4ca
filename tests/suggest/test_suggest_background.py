from contextlib import contextmanager
from unittest.mock import Mock, patch

from psycopg2.errors import SerializationFailure

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ...models.base import grading_job_mixin
from ...models.run.grading_run_apart import StoppedError
from ...models.suggest import grading_suggestion, grading_suggestion_groups, grading_suggestion_points
from ..queue_case import Killed
from .test_suggest_customers import SuggestCase
from .test_suggest_leads import LEADS, SuggestLeadCase

APART_CRON = "customer_grading.ir_cron_judge_apart"
RUN_LOGGER = "odoo.addons.customer_grading.models.run.grading_run"


class BackgroundCase(SuggestCase, SuggestLeadCase, CronMixinCase):
    """Customers of two grades, and leads that have ended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        limits = [
            (0, 0, {"grade_id": grade.id, "min_score": score}) for grade, score in ((cls.gold, 20), (cls.bronze, 0))
        ]
        criteria = [(5, 0, 0), (0, 0, cls.linear("order_count_12m", 1))]
        cls.rules.write({"criterion_ids": criteria, "threshold_ids": [(5, 0, 0), *limits]})
        cls.rescore()
        cls.boss = cls.manager()
        cls.env["grading.run"].search([("state", "=", "running")]).unlink()
        cls.kinds = (
            {"kind": "points", "target": "won"},
            {"kind": "groups"},
            {"kind": "separate", "grade_id": cls.gold.id, "other_grade_id": cls.bronze.id},
        )

    def setUp(self):
        super().setUp()
        self.Suggestion = self.env.registry["grading.suggestion"]

    @contextmanager
    def limit(self, count):
        """So many leads or customers are learned from at once."""
        with patch.object(grading_suggestion, "LEARN_AT_ONCE", count):
            yield

    def asked(self, **vals):
        """A suggestion that a manager asks for."""
        companies = self.company.browse(vals.get("company_id")) or self.company
        boss = self.env(user=self.boss, context={"allowed_company_ids": companies.ids})
        suggestion = boss["grading.suggestion"].create(vals)
        suggestion.action_learn()
        return suggestion

    def waiting(self, **vals):
        """A suggestion that is to be learned in the background."""
        with self.limit(0):
            suggestion = self.asked(**(vals or {"kind": "groups"}))
        self.assertEqual((suggestion.state, suggestion.run_id.state), ("running", "running"))
        return suggestion

    def run_cron(self):
        self.run_scheduled(APART_CRON)
        self.env.invalidate_all()

    def run_killed(self):
        """The job, which is killed. (``assertRaises`` would roll back what it had committed.)"""
        try:
            self.run_cron()
        except Killed:
            self.env.invalidate_all()
            return
        self.fail("the job was not killed")

    def found(self, suggestion):
        lines = [(line.name, line.text, line.points, line.count, line.domain) for line in suggestion.line_ids]
        return suggestion.state, suggestion.report, suggestion.result, lines

    @contextmanager
    def heard(self):
        """What is sent to the browsers of people meanwhile: ``[(contact, message)]``"""
        sent = []

        def send(bus, target, kind, message):
            if kind == "simple_notification":
                sent.append((target, message))

        with patch.object(self.env.registry["bus.bus"], "_sendone", send):
            yield sent


@tagged("post_install", "-at_install")
class TestLearnInBackground(BackgroundCase):
    """What takes longer than a click may is learned by the scheduled action that judges apart."""

    def test_a_click_learns_from_so_many_and_leaves_one_more_to_the_background(self):
        two_grades = self.env["grading.profile"].search_count(
            [("partner_id", "in", self.customers.ids), ("grade_id", "in", (self.gold + self.bronze).ids)]
        )
        for vals, count in zip(self.kinds, (LEADS, len(self.customers), two_grades), strict=True):
            with self.subTest(**vals):
                with self.limit(count), self.capture_triggers(APART_CRON) as triggers, self.heard() as heard:
                    suggestion = self.asked(**vals)
                self.assertEqual((suggestion.state, suggestion.message), ("done", False))
                self.assertFalse(suggestion.run_id or triggers.records or heard)
                at_once = self.found(suggestion)
                self.assertTrue(at_once[-1])
                with self.limit(count - 1), self.capture_triggers(APART_CRON) as triggers:
                    suggestion.action_learn()
                self.assertEqual((suggestion.state, suggestion.line_ids.ids), ("running", []))
                self.assertTrue(triggers.records)
                self.run_cron()
                self.assertEqual(self.found(suggestion), at_once)
                self.assertEqual((suggestion.run_id.state, suggestion.progress), ("done", 100))

    def test_leads_of_another_time_do_not_count(self):
        early = self.leads.sorted("create_date")[:50]
        days = {"date_from": early[0].create_date.date(), "date_to": early[-1].create_date.date()}
        with self.limit(50):
            self.assertEqual(self.asked(target="won", **days).state, "failed")  # at once: they are too few
        with self.limit(49):
            self.assertEqual(self.asked(target="won", **days).state, "running")

    def test_it_is_told_in_the_language_of_the_user_who_has_asked(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.boss.lang = "zh_CN"
        for vals in self.kinds:
            with self.subTest(**vals):
                boss = self.env["grading.suggestion"].with_user(self.boss)
                at_once = boss.with_context(lang="zh_CN").create(vals)
                at_once.action_learn()
                english = self.env["grading.suggestion"].create(vals)
                english.action_learn()
                self.assertNotEqual(at_once.report, english.report)
                suggestion = self.waiting(**vals)
                self.run_cron()
                self.assertEqual(self.found(suggestion), self.found(at_once))

    def test_points_for_customers_are_told_in_that_language_too(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.boss.lang = "zh_CN"
        boss = self.env["grading.suggestion"].with_user(self.boss)
        at_once = boss.with_context(lang="zh_CN").create({"target": "worth"})
        at_once.action_learn()
        suggestion = boss.create({"target": "worth"})
        with patch.object(grading_suggestion_points, "RESCORE_AT_ONCE", 1), self.heard() as heard:
            suggestion.action_learn()
            self.run_cron()
        self.assertEqual(self.found(suggestion), self.found(at_once))
        self.assertEqual([partner for partner, _message in heard], [self.boss.partner_id])

    def test_the_user_who_has_asked_is_told_at_the_end(self):
        with self.heard() as heard:
            self.waiting()
            self.assertFalse(heard)
            self.run_cron()
        [(partner, message)] = heard
        self.assertEqual((partner, message["type"], message["title"]), (self.boss.partner_id, "success", "Groups"))

    def test_what_the_past_does_not_suffice_for_is_refused_in_the_background_too(self):
        with self.heard() as heard, patch.object(grading_suggestion_groups, "FEWEST_CUSTOMERS", 1000):
            suggestion = self.waiting()
            self.run_cron()
        self.assertEqual((suggestion.state, suggestion.run_id.state), ("failed", "failed"))
        self.assertIn("330 customers are too few to be grouped", suggestion.message)
        self.assertEqual(suggestion.run_id.message, suggestion.message)
        [(_partner, message)] = heard
        self.assertEqual((message["type"], message["message"]), ("danger", suggestion.message))
        suggestion.action_learn()
        self.assertEqual((suggestion.state, suggestion.message), ("done", False))

    def test_a_grade_is_not_compared_with_itself_and_the_click_says_so(self):
        with self.limit(0):
            suggestion = self.asked(kind="separate", grade_id=self.gold.id, other_grade_id=self.gold.id)
        self.assertIn("two different grades", suggestion.message)
        self.assertFalse(suggestion.run_id)

    def test_one_that_fails_says_why_and_keeps_no_other_from_its_turn(self):
        broken, sound = self.waiting(), self.waiting(**self.kinds[2])
        with (
            patch.object(self.Suggestion, "_learn_groups", side_effect=ValueError("A number is missing")),
            mute_logger(RUN_LOGGER),
        ):
            self.run_cron()
        self.assertEqual((broken.state, broken.message), ("failed", "A number is missing"))
        self.assertEqual((sound.state, sound.message), ("done", False))

    def test_those_that_wait_are_learned_one_after_the_other_each_for_its_user(self):
        first = self.waiting()
        with self.limit(0):
            second = self.env["grading.suggestion"].create({"target": "won"})
            second.action_learn()
        learned, learn = [], self.Suggestion._learn_now

        def noting(suggestion):
            learned.append((suggestion.id, suggestion.env.user, suggestion.env.company))
            return learn(suggestion)

        with patch.object(self.Suggestion, "_learn_now", noting):
            self.run_cron()
        ours = [(first.id, self.boss, self.company), (second.id, self.env.user, self.company)]
        self.assertEqual(learned, ours)
        self.assertEqual((first.state, second.state), ("done", "done"))

    def test_a_second_click_is_refused(self):
        suggestion = self.waiting()
        with self.assert_refused("wait for its end, or stop it"):
            suggestion.action_learn()

    def test_a_question_that_changes_meanwhile_is_not_learned(self):
        suggestion = self.waiting()
        run = suggestion.run_id
        suggestion.write(self.kinds[2])
        self.run_cron()
        self.assertFalse(run.exists())
        self.assertEqual((suggestion.state, suggestion.line_ids.ids), ("draft", []))

    def test_each_company_learns_from_its_own_customers(self):
        elsewhere = self.new_company("Elsewhere")
        self.scheme(company_id=elsewhere.id)
        rows = [
            (partner.id, self.today, 900 if place % 2 else 30 + place, 1, "sale")
            for place, partner in enumerate(self.customers[:80])
        ]
        self.insert_orders(rows, company=elsewhere)
        self.rescore(company=elsewhere)
        self.boss.company_ids = [Command.link(elsewhere.id)]
        suggestion, own = self.waiting(kind="groups", company_id=elsewhere.id), self.waiting()
        self.run_cron()
        self.assertEqual((suggestion.state, own.state), ("done", "done"))
        self.assertEqual((sum(suggestion.line_ids.mapped("count")), sum(own.line_ids.mapped("count"))), (80, 330))


@tagged("post_install", "-at_install")
class TestLearningInterrupted(BackgroundCase):
    """Learning that is stopped: by the server, or by a user."""

    def test_one_whose_worker_is_killed_is_taken_up_again(self):
        progress, learn = [], self.Suggestion._learn_groups

        def killed(suggestion):
            job = suggestion.env["ir.cron.progress"].browse(suggestion.env.context["ir_cron_progress_id"])
            progress.append((job.done, job.remaining))
            learn(suggestion)
            raise Killed

        suggestion = self.waiting()
        with patch.object(self.Suggestion, "_learn_groups", killed):
            self.run_killed()
        self.assertEqual((suggestion.state, suggestion.run_id.start_count), ("running", 1))
        [(done, remaining)] = progress
        self.assertTrue(done and remaining, "Odoo postpones a job for a day that does nothing each time it is killed")
        self.run_cron()
        self.assertEqual((suggestion.state, suggestion.run_id.start_count), ("done", 0))

    def test_one_whose_worker_was_killed_three_times_says_so(self):
        suggestion, other = self.waiting(), self.waiting(**self.kinds[2])
        with patch.object(self.Suggestion, "_learn_groups", side_effect=Killed) as learn:
            for _time in range(3):
                self.run_killed()
                self.assertEqual(suggestion.state, "running")
            with mute_logger(RUN_LOGGER):
                self.run_cron()
            self.assertEqual(learn.call_count, 3)
        self.assertEqual((suggestion.state, suggestion.run_id.state), ("failed", "failed"))
        self.assertIn("did not come to its end in 3 attempts", suggestion.message)
        self.assertIn("limit_time_real_cron", suggestion.message)
        self.assertEqual(other.state, "done")
        suggestion.action_continue()
        self.run_cron()
        self.assertEqual((suggestion.state, suggestion.message), ("done", False))

    def test_one_that_is_stopped_before_its_turn_is_not_learned_until_it_goes_on(self):
        suggestion = self.waiting()
        suggestion.action_stop()
        self.run_cron()
        self.assertEqual((suggestion.state, suggestion.line_ids.ids), ("stopped", []))
        with self.capture_triggers(APART_CRON) as triggers:
            suggestion.action_continue()
        self.assertEqual(suggestion.state, "running")
        self.assertTrue(triggers.records)
        self.run_cron()
        self.assertEqual(suggestion.state, "done")
        with self.assert_refused("nothing to stop"):
            suggestion.action_stop()

    def test_one_that_is_stopped_while_it_is_learned_stays_as_it_was(self):
        """What the worker writes at the end collides with the stop, of which it learns by that."""
        suggestion, calls, learn = self.waiting(), [], self.Suggestion._learn_groups

        def stop(_seconds):
            suggestion.action_stop()
            self.env.flush_all()

        def colliding(learning):
            calls.append(learning)
            learn(learning)
            raise SerializationFailure

        with (
            patch.object(self.Suggestion, "_learn_groups", colliding),
            patch.object(grading_job_mixin.time, "sleep", stop),
            self.heard() as heard,
        ):
            self.run_cron()
        self.assertEqual(len(calls), 1)
        self.assertEqual((suggestion.state, suggestion.run_id.state), ("stopped", "stopped"))
        self.assertFalse(suggestion.line_ids or suggestion.report or heard)

    def test_one_of_any_kind_that_is_stopped_ends_at_the_next_part(self):
        """Each kind comes to several parts, and behind the one at which it is stopped to no other."""
        for kind in self.kinds:
            for at in (1, 3):
                with self.subTest(kind=kind, at=at):
                    suggestion = self.waiting(**kind)
                    between = Mock(side_effect=[*[None] * (at - 1), StoppedError])
                    with (
                        patch.object(self.Suggestion, "_between", lambda learning, between=between: between),
                        self.assertRaises(StoppedError),
                    ):
                        suggestion.run_id._learn(suggestion.run_id._suggestion())
                    self.assertEqual(between.call_count, at)
                    self.assertFalse(suggestion.line_ids or suggestion.report)

    def test_one_that_is_deleted_while_it_waits_keeps_no_other_from_its_turn(self):
        gone, other = self.waiting(), self.waiting()
        run = gone.run_id
        gone.unlink()
        self.run_cron()
        self.assertFalse(run.exists())
        self.assertEqual(other.state, "done")

    def test_one_that_is_deleted_while_another_is_learned_keeps_no_third_from_its_turn(self):
        first, gone, third = self.waiting(), self.waiting(), self.waiting()
        learn = self.env.registry["grading.suggestion"]._learn_groups

        def deleting(suggestion):
            if suggestion == first:
                gone.unlink()
            return learn(suggestion)

        with patch.object(self.env.registry["grading.suggestion"], "_learn_groups", deleting):
            self.run_cron()
        self.assertFalse(gone.exists())
        self.assertEqual((first | third).mapped("state"), ["done", "done"])

    def test_one_that_goes_with_its_scheme_is_told_of_nothing(self):
        scheme = self.lead_scheme()
        gone = self.waiting(kind="points", target="won", scheme_id=scheme.id)
        run = gone.run_id
        scheme.unlink()
        with patch.object(self.env.registry["res.users"], "_bus_send") as told:
            self.run_cron()
        self.assertFalse(gone.exists())
        self.assertEqual((run.state, told.called), ("done", False))
