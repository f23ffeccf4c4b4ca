from contextlib import contextmanager
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.misc import file_path

from ...models.memory.grading_snapshot import month_end
from .memory_case import APART_CRON, NIGHTLY_CRON, MemoryCase

RUN_LOGGER = "odoo.addons.customer_grading.models.run.grading_run"


class BackfillCase(MemoryCase):
    """The first order was five months ago; the fifth month's end is the first that counts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ends = [month_end(cls.today, -back) for back in range(1, 6)]
        cls.order(cls.ada, 60, cls.ends[-1] - timedelta(days=3))
        cls.order(cls.bob, 200, cls.ends[1])
        # No run had graded last month, so its profiles are not remembered as they stood.
        cls.env["grading.run"].search([("company_id", "=", cls.company.id)]).as_of = cls.ends[1]
        cls.forget_requests()

    def opened(self):
        return self.env["grading.run"].sudo()._open_backfill()

    def runs(self):
        return self.env["grading.run"].search([("company_id", "=", self.company.id), ("scope", "=", "snapshot")])

    def remembered(self):
        """``{(month's end, customer): grade}``"""
        return {(row.date, row.partner_id): row.grade_id for row in self.snapshots()}

    @contextmanager
    def after_writing(self, months, then):
        """Once so many months are written, ``then()`` happens in the same transaction."""
        worktable = self.env.registry["grading.worktable"]
        write, written = worktable._write_snapshots, []

        def writing(table, rules):
            write(table, rules)
            if rules.subject == "customer":
                written.append(rules.as_of)
                if len(written) == months:
                    then(table)

        with patch.object(worktable, "_write_snapshots", writing):
            yield written


@tagged("post_install", "-at_install")
class TestBackfill(BackfillCase):
    """Earlier months are judged in the background, newest first, once."""

    def test_each_month_is_as_it_was(self):
        run = self.opened()
        self.assertEqual((run.day_total, run.state, run.progress), (5, "running", 0))
        with self.after_writing(0, None) as written:
            self.run_cron(APART_CRON)
        self.assertEqual(written, self.ends, "the newest first")
        self.assertEqual((run.state, run.day_count, run.progress), ("done", 5, 100))
        self.assertTrue(all(self.snapshots().mapped("backfilled")))
        grades = self.remembered()
        self.assertEqual([grades.get((day, self.ada)) for day in self.ends], [self.gold, *[self.silver] * 4])
        self.assertEqual([grades.get((day, self.bob)) for day in self.ends], [self.gold, self.gold, None, None, None])
        self.assertEqual(len(grades), 1 + 2 + 1 + 5 - 1)
        self.assertEqual(self.snapshots(("partner_id", "=", self.ada.id)).profile_id, self.profile(self.ada))

    def test_the_months_of_a_few_customers_are_filled_in_at_once(self):
        Run = self.env["grading.run"].sudo()
        Run._fill_in_months()
        self.assertEqual((self.runs().state, self.runs().day_count), ("done", 5))
        self.assertEqual(set(self.snapshots().mapped("date")), set(self.ends))
        Run._fill_in_months()
        self.assertEqual(len(self.runs()), 1, "nothing is missing any more")

    def test_those_who_were_deleted_while_the_month_was_judged_are_left_out(self):
        self.lead_scheme()
        kept, gone = (self.lead(name, willingness="5") for name in ("Kept", "Gone"))
        self.force(kept + gone, create_date=self.ends[1])
        person = self.customer("Gone")
        order = self.order(person, 70, self.ends[1])
        Snapshot = self.env.registry["grading.snapshot"]
        backfill, to_delete = Snapshot._backfill, {"lead": [gone], "customer": [order, person]}

        def backfill_late(snapshots, subject, table, day):
            for record in to_delete.pop(subject, ()):
                self.force(record, **({"state": "draft"} if record == order else {"active": True}))
                record.unlink()
            self.env.flush_all()
            return backfill(snapshots, subject, table, day)

        run = self.opened()
        with patch.object(Snapshot, "_backfill", backfill_late):
            self.run_cron(APART_CRON)
        self.assertEqual((run.state, run.day_count), ("done", 5))
        self.assertEqual(self.snapshots(("lead_id", "!=", False)).lead_id, kept)
        self.assertEqual(self.snapshots(("date", "=", self.ends[0])).partner_id, self.ada | self.bob | self.cid)

    def test_an_override_of_today_did_not_hold_then(self):
        self.ada.with_context(grading_reason="Today").grading_grade_id = self.bronze
        self.opened()
        self.run_cron(APART_CRON)
        self.assertEqual(self.remembered()[self.ends[0], self.ada], self.gold)

    def test_what_is_remembered_already_is_not_judged(self):
        self.taken(self.ends[2])
        run = self.opened()
        self.assertEqual(run.day_total, 4)
        self.run_cron(APART_CRON)
        self.assertFalse(any(self.snapshots(("date", "=", self.ends[2])).mapped("backfilled")))
        before = self.snapshots()
        self.assertFalse(self.opened(), "not twice in a month")
        run.unlink()
        self.assertFalse(self.opened(), "nothing is missing")
        self.assertEqual(self.snapshots(), before)

    def test_two_years_at_most_and_no_longer_than_snapshots_are_kept(self):
        self.order(self.ada, 60, month_end(self.today, -30))
        self.assertEqual(len(self.env["grading.snapshot"]._months_missing()), 24)
        self.company.grading_snapshot_months = 13
        self.assertEqual(len(self.env["grading.snapshot"]._months_missing()), 13)

    def test_what_the_profiles_still_tell_of_last_month_is_taken_from_them(self):
        self.env["grading.run"].search([("company_id", "=", self.company.id)]).as_of = self.ends[0]
        self.assertEqual(self.opened().day_total, 4)
        self.assertEqual(self.snapshots().mapped("backfilled"), [False] * 3)

    def test_a_company_without_documents_has_no_past(self):
        other = self.new_company("Other Company")
        self.assertFalse(self.env["grading.run"].with_company(other)._open_backfill())

    def test_the_first_nightly_run_opens_it(self):
        with self.capture_triggers(APART_CRON) as triggers:
            self.run_cron(NIGHTLY_CRON)
        self.assertTrue(triggers.records)
        self.assertEqual((self.runs().state, self.runs().day_total), ("running", 5))
        self.force(self.env["grading.run"].search([]), date_start=self.env.cr.now() - timedelta(days=1))
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual(len(self.runs()), 1)

    def test_the_update_opens_it_where_customers_were_graded(self):
        path = file_path("customer_grading/migrations/19.0.1.6.0/post-snapshots.py")
        spec = spec_from_file_location("post_snapshots", path)
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        other = self.new_company("Not Graded")
        self.order(self.ada, 60, self.ends[-1], company_id=other.id)
        script.migrate(self.env.cr, "19.0.1.5.0")
        self.assertEqual(len(self.runs()), 1)
        self.assertFalse(self.env["grading.run"].search([("company_id", "=", other.id)]))


@tagged("post_install", "-at_install")
class TestBackfillGoesOn(BackfillCase):
    """The run is stopped and resumed like any other."""

    def test_a_run_whose_time_is_up_goes_on(self):
        run = self.opened()
        Run = self.env.registry["grading.run"]
        commit, calls = Run._commit_batch, []

        def no_time(run, done, left):
            calls.append(commit(run, done, left))
            return False

        with patch.object(Run, "_commit_batch", no_time), self.after_writing(0, None) as written:
            self.run_cron(APART_CRON)
        self.assertEqual((written, run.state, run.day_count), (self.ends, "done", 5))

    def test_a_user_stops_it_between_two_steps_and_has_it_go_on(self):
        run = self.opened()
        with self.after_writing(2, lambda table: table.env["grading.run"].browse(run.id).action_stop()):
            self.run_cron(APART_CRON)
        self.assertEqual((run.state, run.day_count), ("stopped", 2))
        self.assertEqual(set(self.snapshots().mapped("date")), set(self.ends[:2]))
        self.assertFalse(self.opened(), "a stopped one is not opened again")
        self.run_cron(APART_CRON)
        self.assertEqual(run.day_count, 2)
        with self.capture_triggers(APART_CRON) as triggers:
            run.with_user(self.manager()).action_continue()
        self.assertTrue(triggers.records)
        self.run_cron(APART_CRON)
        self.assertEqual((run.state, run.day_count), ("done", 5))
        self.assertEqual(set(self.snapshots().mapped("date")), set(self.ends))

    def test_a_month_that_fails_is_whole_or_not_there(self):
        run = self.opened()

        def fail(_table):
            raise ValueError("Broken")

        with self.after_writing(2, fail), mute_logger(RUN_LOGGER):
            self.run_cron(APART_CRON)
        self.assertEqual((run.state, run.message), ("failed", "Broken"))
        self.assertEqual(set(self.snapshots().mapped("date")), {self.ends[0]})
        run.action_continue()
        self.run_cron(APART_CRON)
        self.assertEqual((run.state, run.message, run.day_count), ("done", False, 5))

    def test_a_scheme_that_cannot_be_used_is_named(self):
        run = self.opened()
        self.force(self.rules, domain="[('no_such_field', '=', 1)]")
        with mute_logger(RUN_LOGGER, "odoo.addons.customer_grading.models.run.grading_run_pipeline"):
            self.run_cron(APART_CRON)
        self.assertEqual(run.state, "failed")
        self.assertIn("no_such_field", run.message)
        self.assertFalse(self.snapshots())

    def test_managers_alone_stop_it(self):
        run = self.opened()
        with self.assertRaises(AccessError):
            run.with_user(self.salesman()).action_stop()
        run.with_user(self.manager()).action_stop()
        self.assertEqual(run.state, "stopped")
        with self.assert_refused("not running"):
            run.action_stop()
        with self.assert_refused("not stopped", error=UserError):
            self.env["grading.run"]._last_full(self.company).action_continue()
