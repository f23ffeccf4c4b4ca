from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.memory import grading_run, grading_snapshot_keep
from ...models.memory.grading_snapshot import month_end
from .memory_case import MemoryCase

# Bytes of a row, its header included, without indexes.
ROW_SIZE = 200


@tagged("post_install", "-at_install")
class TestSnapshot(MemoryCase):
    """What is remembered of customers and leads as their profiles stand."""

    def test_it_is_how_the_profiles_stood(self):
        self.assertEqual(self.taken(), 3)
        snapshot = self.snapshots(("partner_id", "=", self.ada.id))
        profile = self.profile(self.ada)
        same = ("scheme_id", "grade_id", "lifecycle_id", "score", "value_score", "order_amount_12m", "order_count_12m")
        for name in same:
            self.assertEqual(snapshot[name], profile[name], name)
        self.assertEqual((snapshot.date, snapshot.profile_id, snapshot.backfilled), (self.last_month, profile, False))
        self.assertEqual(snapshot.grade_id, self.gold)
        self.assertGreater(snapshot.purchase_probability, 0)
        self.assertIs(snapshot.fit_score, False, "a customer has no fit, which is not 0")
        self.assertEqual(profile.snapshot_ids, snapshot)

    def test_nothing_is_written_twice(self):
        self.assertEqual((self.taken(), self.taken()), (3, 0))
        self.assertEqual(len(self.snapshots()), 3)

    def test_leads_are_remembered_as_long_as_they_are_open(self):
        self.lead_scheme()
        opened, won, lost = (self.lead(name, willingness="5") for name in ("Open", "Won", "Lost"))
        self.rescore(as_of=self.last_month)
        self.win(won, self.last_month)
        lost.action_set_lost()
        self.force(lost, date_closed=self.last_month)
        self.taken()
        snapshot = self.snapshots(("lead_id", "!=", False))
        self.assertEqual((snapshot.lead_id, snapshot.grade_id, snapshot.intent_score), (opened, self.gold, 50))

    def test_archived_customers_are_no_part_of_a_later_month(self):
        self.cid.active = False
        self.assertEqual(self.taken(), 2)

    def test_a_row_is_narrow(self):
        self.taken()
        [[size]] = self.env.execute_query(
            SQL("SELECT MAX(PG_COLUMN_SIZE(row.*)) FROM grading_snapshot AS row WHERE company_id = %s", self.company.id)
        )
        self.assertLessEqual(size, ROW_SIZE)

    def test_companies_are_apart(self):
        other = self.new_company("Other Company")
        self.assertEqual(self.taken(company=other), 0)
        self.scheme(company_id=other.id)
        self.order(self.ada, 7, self.last_month, company_id=other.id)
        self.rescore(as_of=self.last_month, company=other)
        self.assertEqual((self.taken(company=other), self.taken()), (1, 3))
        theirs = self.env["grading.snapshot"].search([("company_id", "=", other.id)])
        self.assertEqual((theirs.partner_id, theirs.order_amount_12m), (self.ada, 7))


@tagged("post_install", "-at_install")
class TestFirstRunOfAMonth(MemoryCase):
    """The month that has ended is remembered by the first run since, before it changes a profile."""

    def test_any_run_remembers_the_month_before_it_changes_anything(self):
        self.order(self.cid, 800, self.today)
        self.rescore(partners=self.cid)
        self.assertEqual(self.profile(self.cid).grade_id, self.gold)
        snapshot = self.snapshots(("partner_id", "=", self.cid.id))
        self.assertEqual((snapshot.date, snapshot.grade_id), (self.last_month, self.bronze))

    def test_later_runs_add_nothing(self):
        self.rescore(partners=self.ada)
        newcomer = self.customer("New")
        self.order(newcomer, 800, self.today)
        self.rescore()
        self.rescore()
        self.assertEqual(self.snapshots().partner_id, self.ada | self.bob | self.cid)

    def test_the_job_does_so_too(self):
        self.run_cron()
        self.assertEqual(self.snapshots(("backfilled", "=", False)).partner_id, self.ada | self.bob | self.cid)

    def test_the_job_does_so_in_parts(self):
        taken = []

        def take(snapshot, day, profiles=None):
            taken.append(profiles)
            return plain(snapshot, day, profiles)

        plain = type(self.env["grading.snapshot"])._take
        with (
            patch.object(grading_run, "BATCH_SIZE", 2),
            patch.object(type(self.env["grading.snapshot"]), "_take", take),
        ):
            self.run_cron()
        self.assertEqual([len(profiles) for profiles in taken], [2, 1])
        self.assertEqual(self.snapshots(("backfilled", "=", False)).partner_id, self.ada | self.bob | self.cid)
        self.assertFalse(self.company.grading_partial_month)

    def test_as_many_profiles_as_parts_hold_come_to_an_end(self):
        with patch.object(grading_run, "BATCH_SIZE", 3):
            self.run_cron()
        self.assertEqual(len(self.snapshots(("backfilled", "=", False))), 3)
        self.assertFalse(self.company.grading_partial_month)

    def stop_after_a_part(self):
        run = self.env["grading.run"].with_company(self.company)
        with patch.object(grading_run, "BATCH_SIZE", 2):
            self.assertTrue(run._remember_part(self.last_month, 0))
        self.env.invalidate_all()
        self.assertEqual((len(self.snapshots()), self.company.grading_partial_month), (2, self.last_month))

    def test_the_run_after_one_that_was_stopped_goes_on_before_it_changes_anything(self):
        self.stop_after_a_part()
        [left] = (self.ada | self.bob | self.cid) - self.snapshots().partner_id
        before = self.profile(left).grade_id
        self.order(left, 40 if left == self.ada else 800, self.today)
        self.rescore(partners=left)
        self.assertEqual(self.snapshots(("partner_id", "=", left.id)).grade_id, before)
        self.assertFalse(self.company.grading_partial_month)

    def test_a_month_with_which_no_run_went_on_is_filled_in_afterwards(self):
        self.stop_after_a_part()
        runs = self.env["grading.run"].search([("company_id", "=", self.company.id)])
        runs.as_of = month_end(self.today, -2)
        with patch.object(type(runs), "_remember_last_month"):
            self.env["grading.run"].with_company(self.company)._fill_in_months()
        self.env.invalidate_all()
        rows = self.snapshots(("date", "=", self.last_month))
        self.assertEqual(rows.partner_id, self.ada | self.bob | self.cid)
        self.assertEqual(len(rows.filtered("backfilled")), 1)
        self.assertFalse(self.company.grading_partial_month)

    def test_a_run_of_an_earlier_day_remembers_nothing(self):
        self.rescore(as_of=self.today - timedelta(days=1))
        self.assertFalse(self.snapshots())

    def test_a_rule_that_is_set_aside_in_every_run_loses_no_month(self):
        self.env["grading.run"].search([("company_id", "=", self.company.id)]).unlink()
        self.break_a_rule()
        self.assertEqual(self.rescore_in_spite_of_a_rule(as_of=self.last_month).profile_count, 3)
        self.rescore_in_spite_of_a_rule()
        self.assertEqual(len(self.snapshots(("backfilled", "=", False))), 3)

    def test_profiles_that_were_not_scored_in_that_month_say_nothing_of_it(self):
        self.env["grading.run"].search([("company_id", "=", self.company.id)]).as_of = month_end(self.today, -2)
        self.rescore()
        self.assertFalse(self.snapshots())


@tagged("post_install", "-at_install")
class TestSinceTheMonthEnded(MemoryCase):
    """What people have done since the month ended is no part of it."""

    def test_a_grade_that_was_given_since_is_of_the_month_that_has_begun(self):
        for grade in (self.bronze, self.silver):
            self.ada.with_context(grading_reason="Since").grading_grade_id = grade
        new = self.customer("New")
        new.with_context(grading_reason="Since").grading_grade_id = self.gold
        self.order(self.cid, 800, self.today)
        self.rescore(partners=self.cid)
        grades = {row.partner_id: row.grade_id for row in self.snapshots()}
        self.assertEqual(grades, {self.ada: self.gold, self.bob: self.silver, self.cid: self.bronze})

    def test_a_grade_that_was_given_before_is_remembered(self):
        self.ada.with_context(grading_reason="Before").grading_grade_id = self.bronze
        self.force(self.profile(self.ada).history_ids, date=self.last_month)
        self.taken()
        self.assertEqual(self.snapshots(("partner_id", "=", self.ada.id)).grade_id, self.bronze)

    def test_a_lead_that_was_closed_since_was_open(self):
        self.lead_scheme()
        won, lost, before = (self.lead(name, willingness="5") for name in ("Won", "Lost", "Before"))
        self.rescore(as_of=self.last_month)
        self.win(won, self.today)
        lost.action_set_lost()
        self.win(before, self.last_month - timedelta(days=1))
        self.taken()
        self.assertEqual(self.snapshots(("lead_id", "!=", False)).lead_id, won | lost)

    def test_the_version_is_the_one_that_judged_the_month(self):
        version = self.rules.version
        self.env["grading.scheme"]._close_versions()
        self.rules.criterion_ids.points_per_unit = 2
        self.assertGreater(self.rules.version, version)
        self.env.flush_all()
        self.taken()
        self.assertEqual(set(self.snapshots().mapped("scheme_version")), {version})


@tagged("post_install", "-at_install")
class TestRetention(MemoryCase):
    """Snapshots are kept as long as the company says."""

    def test_older_ones_are_deleted_a_part_at_a_time(self):
        self.company.grading_snapshot_months = 13
        for back in (1, 13, 14, 20):
            self.taken(month_end(self.today, -back))
        with patch.object(grading_snapshot_keep, "DELETED_AT_ONCE", 4):
            self.assertEqual(self.env["grading.snapshot"]._gc_old(), (4, 1))
            self.assertEqual(self.env["grading.snapshot"]._gc_old(), (2, 0))
        self.env.invalidate_all()
        self.assertEqual(set(self.snapshots().mapped("date")), {self.last_month, month_end(self.today, -13)})

    def test_too_few_months_are_refused(self):
        with self.assert_refused("Graded Company", "12", "13", error=ValidationError):
            self.company.grading_snapshot_months = 12
        settings = self.env["res.config.settings"].create({})
        settings.grading_snapshot_months = 24
        self.assertEqual(self.company.grading_snapshot_months, 24)
