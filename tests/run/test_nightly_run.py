from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.models import ir_cron

from ...models.run import grading_run_pace, grading_run_pipeline
from ..queue_case import NIGHTLY_CRON, QUEUE_CRON, Killed, QueueCase
from .test_run_pace import Clock


@tagged("post_install", "-at_install")
class TestNightlyRun(QueueCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.others = cls.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(3)])
        for partner in cls.others:
            cls.order(partner, 50, cls.today)
        cls.customers = cls.ada | cls.bob | cls.others
        cls.rescore()
        cls.env["grading.queue"]._waiting([]).unlink()
        cls.force(cls.env["sale.order"].search([("company_id", "=", cls.company.id)]), amount_untaxed=500)

    def run_killed(self):
        """The nightly job, which is killed. (``assertRaises`` would roll back what it had committed.)"""
        try:
            self.run_cron(NIGHTLY_CRON)
        except Killed:
            return
        self.fail("the job was not killed")

    def scores(self):
        """The score of each customer, after checking that it is whole: as before or as after."""
        found = []
        for partner in self.customers:
            profile = self.profile(partner)
            whole = (profile.order_amount, profile.score, sum(profile.points_detail.values()), profile.grade_id)
            lines = profile.history_ids.mapped("new_grade_id")
            self.assertIn(whole, [(50, 50, 50, self.silver), (500, 500, 500, self.gold)])
            self.assertEqual(lines, self.silver if profile.score == 50 else self.gold | self.silver)
            found.append(profile.score)
        return found

    def test_the_nightly_cron_makes_one_run_for_each_company(self):
        other = self.new_company("Other Company")
        self.scheme(company_id=other.id)
        self.order(self.ada, 200, self.today, company_id=other.id)
        before = self.last_run
        self.run_cron(NIGHTLY_CRON)
        runs = self.new_runs(before).filtered(lambda run: run.scope != "snapshot")  # months that are filled in
        self.assertEqual(runs.company_id, self.env["res.company"].search([]))
        self.assertEqual(len(runs), len(runs.company_id))
        self.assertEqual(set(runs.mapped("scope")), {"full"})
        self.assertEqual(set(runs.mapped("state")), {"done"})
        self.assertEqual(self.scores(), [500] * 5)
        self.assertEqual(self.profile(self.ada, other).score, 200)

    def test_the_nightly_cron_works_in_batches(self):
        with patch.object(grading_run_pipeline, "BATCH_SIZE", 2):
            self.run_cron(NIGHTLY_CRON)
        self.assertEqual(self.scores(), [500] * 5)
        run = self.env["grading.run"]._last_full(self.company)
        self.assertEqual((run.profile_count, run.changed_count), (5, 5))

    def test_a_run_left_open_is_carried_on_and_the_other_companies_have_their_turn(self):
        other = self.new_company("Other Night")
        run = self.env["grading.run"]._start(self.company)
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual((run.state, run.changed_count), ("done", 5))
        new = self.new_runs(run)
        self.assertNotIn(self.company, new.company_id)
        self.assertEqual(new.filtered(lambda r: r.company_id == other).state, "done")
        self.assertEqual(self.scores(), [500] * 5)

    def test_a_run_left_open_yesterday_scores_by_today(self):
        run = self.env["grading.run"]._start(self.company)
        run.as_of -= timedelta(days=1)
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual((run.state, run.as_of), ("done", self.today))

    def test_a_worker_killed_in_the_middle_leaves_every_customer_whole(self):
        run = self.env["grading.run"]._start(self.company)
        killed = None
        with self.second_batch(Killed()):
            try:
                self.run_cron(NIGHTLY_CRON)
            except Killed as error:
                killed = error
        self.assertTrue(killed)
        self.assertEqual(sorted(self.scores()), [50, 50, 50, 500, 500])
        self.assertEqual(run.state, "running")
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual(self.scores(), [500] * 5)
        self.assertEqual((run.state, run.changed_count), ("done", 5))

    def test_a_run_of_the_queue_that_breaks_off_leaves_its_customers_there(self):
        Queue = self.env["grading.queue"]
        Queue._waiting([]).unlink()
        customer = self.env["grading.profile"].search([("company_id", "=", self.company.id)], limit=1).partner_id
        Queue._enqueue([(customer, self.company)])
        before, worktable = self.last_run, self.env.registry["grading.worktable"]
        with (
            patch.object(worktable, "_create_scored", side_effect=ZeroDivisionError("The disk is full")),
            mute_logger("odoo.addons.customer_grading.models.run.grading_run"),
        ):
            self.run_cron(QUEUE_CRON)
        self.assertEqual(self.last_run.state, "failed")
        self.assertEqual(Queue._waiting([]).partner_id, customer)
        self.assertEqual(
            self.new_runs(before), self.last_run, "it is tried once, and again when the job is called next"
        )
        self.run_cron(QUEUE_CRON)
        self.assertFalse(Queue._waiting([]))

    def test_a_run_that_fails_in_the_middle_leaves_every_customer_whole(self):
        run = self.env["grading.run"]._start(self.company)
        with (
            self.second_batch(ZeroDivisionError("The disk is full")),
            mute_logger("odoo.addons.customer_grading.models.run.grading_run"),
        ):
            self.run_cron(NIGHTLY_CRON)
        self.assertEqual(sorted(self.scores()), [50, 50, 50, 500, 500])
        self.assertEqual(run.state, "failed")
        self.assertIn("The disk is full", run.message)
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual(self.scores(), [500] * 5)
        self.assertEqual(self.env["grading.run"]._last_full(self.company).state, "done")

    def test_a_run_that_fails_in_the_middle_says_how_many_it_changed_and_what_is_left(self):
        run = self.env["grading.run"]._start(self.company)
        with (
            self.second_batch(ZeroDivisionError("The disk is full")),
            mute_logger("odoo.addons.customer_grading.models.run.grading_run"),
        ):
            self.run_cron(NIGHTLY_CRON)
        self.assertEqual((run.profile_count, run.changed_count, run.left_count), (5, 2, 3))
        self.assertIn("2 customers and leads were changed before that. 3 are left", run.message)

    def test_a_run_that_fails_says_in_which_step_what_is_left(self):
        run = self.env["grading.run"]._start(self.company)
        run.write({"changed_count": 2, "left_count": 3})
        self.assertIn("2 leads were changed before that. 3 leads and the customers are left", run._left_sentence())
        run.are_customers_scored = True
        self.assertIn("3 are left for the next run", run._left_sentence())
        run.left_count = 0
        self.assertIn("tags and next contacts, is left for the next run", run._left_sentence())

    def test_a_run_that_fails_before_it_writes_changes_no_customer(self):
        run = self.env["grading.run"]._start(self.company)
        worktable = self.env.registry["grading.worktable"]
        with (
            patch.object(worktable, "_create_scored", side_effect=ZeroDivisionError("The disk is full")),
            mute_logger("odoo.addons.customer_grading.models.run.grading_run"),
        ):
            self.run_cron(NIGHTLY_CRON)
        self.assertEqual((run.state, run.message), ("failed", "The disk is full"))
        self.assertEqual((run.profile_count, run.changed_count, run.left_count), (0, 0, 0))

    def test_a_run_that_goes_on_counts_no_customer_twice(self):
        """Not even those who have bought again between the kill and the next job."""
        run = self.env["grading.run"]._start(self.company)
        with self.second_batch(Killed()):
            self.run_killed()
        self.assertEqual((run.state, run.changed_count, run.left_count), ("running", 2, 3))
        self.force(self.env["sale.order"].search([("company_id", "=", self.company.id)]), amount_untaxed=600)
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual((run.state, run.profile_count, run.changed_count, run.left_count), ("done", 5, 5, 0))
        profiles = self.env["grading.profile"].search([("company_id", "=", self.company.id)])
        self.assertEqual(set(profiles.mapped("score")), {600})

    def test_a_customer_whom_the_queue_scored_meanwhile_is_counted_once(self):
        """What the run over all has counted stays so, whichever other run has written the customer since."""
        run = self.env["grading.run"]._start(self.company)
        with self.second_batch(Killed()):
            self.run_killed()
        counted = self.customers.filtered(lambda partner: self.profile(partner).score == 500)
        self.assertEqual(len(counted), 2)
        orders = self.env["sale.order"].search([("company_id", "=", self.company.id)])
        self.force(orders, amount_untaxed=600)
        self.env["grading.run"]._rescore(partners=counted)
        self.assertEqual(set(map(self.score_of, counted)), {600})
        self.force(orders, amount_untaxed=700)
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual((run.state, run.profile_count, run.changed_count, run.left_count), ("done", 5, 5, 0))
        self.assertEqual(set(map(self.score_of, self.customers)), {700})

    def score_of(self, partner):
        return self.profile(partner).score

    def test_a_job_whose_time_is_up_once_it_has_judged_writes_on(self):
        """Otherwise each call of the job would judge all customers for a single batch."""
        run, judged, clock = self.env["grading.run"]._start(self.company), [], Clock()
        worktable = self.env.registry["grading.worktable"]
        create_scored = worktable._create_scored

        def watched(table, rules):
            if table.env.company == self.company:
                judged.append(rules.subject)
                clock.takes(1)()
            return create_scored(table, rules)

        with (
            patch.object(grading_run_pipeline, "BATCH_SIZE", 1),
            patch.object(ir_cron, "MIN_TIME_PER_JOB", 0),
            patch.object(grading_run_pace, "time", clock),
            patch.object(worktable, "_create_scored", watched),
        ):
            self.run_cron(NIGHTLY_CRON)
        self.assertEqual((run.state, run.changed_count), ("done", 5))
        self.assertEqual(self.scores(), [500] * 5)
        self.assertEqual(judged, ["lead", "customer"])

    def test_a_run_that_goes_on_and_is_killed_again_keeps_its_cut_points(self):
        run = self.env["grading.run"]._start(self.company)
        with self.second_batch(Killed()):
            self.run_killed()
        worktable = self.env.registry["grading.worktable"]
        with patch.object(worktable, "_create_measured", side_effect=Killed):
            self.run_killed()
        fixed = []
        create_measured = worktable._create_measured

        def watched(table, rules, *args):
            fixed.append(rules.fix)
            return create_measured(table, rules, *args)

        with patch.object(worktable, "_create_measured", watched):
            self.run_cron(NIGHTLY_CRON)
        self.assertEqual((run.state, fixed[:2]), ("done", [False, False]))

    def test_measuring_reports_progress_so_that_odoo_does_not_postpone_a_killed_job(self):
        """Odoo postpones a job for a day that was killed three times in a row and each time had done nothing."""
        worktable, progress = self.env.registry["grading.worktable"], []

        def killed(table, *args):
            job = table.env["ir.cron.progress"].browse(table.env.context["ir_cron_progress_id"])
            progress.append((job.done, job.remaining))
            raise Killed

        for step in ("_create_measured", "_create_scored"):
            progress.clear()

            with patch.object(worktable, step, killed):
                self.run_killed()
            [(done, remaining)] = progress
            self.assertGreater(done, 0, step)
            self.assertGreater(remaining, 0, step)

    def test_a_run_that_is_stopped_again_and_again_while_it_measures_gives_up(self):
        """It would be killed for ever: Odoo sees the progress of its first steps."""
        run = self.env["grading.run"]._start(self.company)
        worktable = self.env.registry["grading.worktable"]
        with patch.object(worktable, "_create_scored", side_effect=Killed):
            for _night in range(10):
                self.run_killed()
        self.assertEqual((run.state, run.start_count), ("running", 10))
        with mute_logger("odoo.addons.customer_grading.models.run.grading_run"):
            self.run_cron(NIGHTLY_CRON)
        self.assertEqual(run.state, "failed")
        self.assertIn("limit_time_real_cron", run.message)

    def test_what_is_put_back_into_the_queue_waits_for_the_next_call(self):
        """A user may have it in hand for long: the job does not turn round and round meanwhile."""
        Queue = self.env["grading.queue"]
        Queue._enqueue([(self.ada, self.company)])
        worktable = self.env.registry["grading.worktable"]
        write_batch, calls = worktable._write_profile_batch, []

        def put_back(table, rules, first, last):
            calls.append(first)
            Queue.with_env(table.env)._postpone(self.profile(self.ada).with_env(table.env))
            return write_batch(table, rules, first, last)

        with patch.object(worktable, "_write_profile_batch", put_back):
            self.run_cron()
        self.assertEqual(len(calls), 1)
        self.assertEqual(self.queued(), {(self.ada, self.company)})

    def test_the_queue_keeps_what_a_run_had_no_time_for(self):
        Queue = self.env["grading.queue"]
        Queue._enqueue((partner, self.company) for partner in self.customers)
        with (
            patch.object(grading_run_pipeline, "BATCH_SIZE", 2),
            patch.object(self.env.registry["grading.run"], "_commit_batch", lambda *args: False),
            patch.object(grading_run_pace, "WRITING_PER_JUDGING", 0),
        ):
            self.run_cron()
        self.assertEqual(self.queued(), {(partner, self.company) for partner in self.customers})
        self.run_cron()
        self.assertEqual(self.scores(), [500] * 5)
        self.assertFalse(self.queued())

    def test_outside_a_scheduled_action_a_failing_run_changes_no_customer(self):
        with (
            self.second_batch(ZeroDivisionError("The disk is full")),
            mute_logger("odoo.addons.customer_grading.models.run.grading_run"),
        ):
            run = self.env["grading.run"]._rescore()
        self.assertEqual(self.scores(), [50] * 5)
        self.assertEqual((run.state, run.message), ("failed", "The disk is full"))

    def test_a_failing_company_does_not_keep_the_others_from_their_run(self):
        other = self.new_company("Other Company")
        bad = self.scheme(company_id=other.id)
        self.order(self.ada, 200, self.today, company_id=other.id)
        self.force(bad, domain="[('x_gone', '=', 1)]")
        with mute_logger("odoo.addons.customer_grading.models.run.grading_run"):
            self.run_cron(NIGHTLY_CRON)
        run = self.env["grading.run"].search([("company_id", "=", other.id)])
        self.assertEqual(run.state, "failed")
        self.assertEqual(self.scores(), [500] * 5)

    def test_the_queue_goes_on_after_a_kill(self):
        self.env["grading.queue"]._enqueue((partner, self.company) for partner in self.customers)
        killed = None
        with self.second_batch(Killed()):
            try:
                self.run_cron()
            except Killed as error:
                killed = error
        self.assertTrue(killed)
        self.assertEqual(sorted(self.scores()), [50, 50, 50, 500, 500])
        self.assertTrue(self.env["grading.queue"]._waiting([]))
        self.run_cron()
        self.assertEqual(self.scores(), [500] * 5)
        self.assertFalse(self.env["grading.queue"]._waiting([]))

    def test_an_override_made_during_a_run_survives_it(self):
        worktable = self.env.registry["grading.worktable"]
        write_batch = worktable._write_profile_batch

        def overridden_first(table, *args):
            profile = self.profile(self.ada).with_env(table.env)
            if table.env.company == self.company and not profile.manual_grade_id:
                # Another transaction has the clock of another moment.
                profile.write({"manual_grade_id": self.bronze.id, "manual_reason": "Now", "grade_id": self.bronze.id})
                table.env.flush_all()
                table.env.cr.execute(
                    "UPDATE grading_profile SET write_date = write_date + INTERVAL '1 second' WHERE id = %s",
                    [profile.id],
                )
            return write_batch(table, *args)

        with patch.object(worktable, "_write_profile_batch", overridden_first):
            self.run_cron(NIGHTLY_CRON)
        profile = self.profile(self.ada)
        self.assertEqual((profile.grade_id, profile.manual_reason), (self.bronze, "Now"))
        self.assertEqual(profile.score, 50, "left to the next rescoring")
        self.assertEqual(self.queued(), {(self.ada, self.company)})
        self.run_cron()
        self.assertEqual((profile.grade_id, profile.score), (self.bronze, 500))
