from contextlib import contextmanager
from datetime import datetime, time
from unittest.mock import patch

import psycopg2.errors

from odoo.tests import freeze_time, tagged

from ...models.base import grading_job_mixin
from ..care.care_case import DAY
from .owner_case import OwnerCase

JOB = grading_job_mixin.__name__


@tagged("post_install", "-at_install")
class TestOwnerCron(OwnerCase):
    """The job for owners: each company is on its own, whatever happens in another one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.company"].search([("id", "!=", cls.company.id)]).sequence = 100
        cls.first = cls.new_company("First Company", sequence=-1)  # its turn is before that of the other one
        cls.company.sequence = 1
        cls.team.write({"grading_assign_owners": True, "grading_assign_grade_ids": cls.gold.ids})

    def setUp(self):
        super().setUp()
        self.nora = self.ownerless()
        self.startPatcher(patch.object(grading_job_mixin.time, "sleep"))

    def run_cron(self):
        with self.enter_registry_test_mode(), freeze_time(datetime.combine(DAY, time(12))):
            self.env.ref("customer_grading.ir_cron_owners").method_direct_trigger()
        self.env.invalidate_all()

    @contextmanager
    def assigning(self, before):
        """``before`` is called with the company whose owners are about to be assigned; gives all these companies."""
        Ownership, visited = self.env.registry["grading.ownership"], []
        assign = Ownership._assign

        def _assign(model):
            visited.append(model.env.company)
            before(model.env.company)
            return assign(model)

        with patch.object(Ownership, "_assign", _assign):
            yield visited

    def is_called_again(self):
        cron = self.env.ref("customer_grading.ir_cron_owners")
        return bool(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]))

    def test_a_company_that_fails_is_named_with_the_traceback_and_keeps_no_other_one_waiting(self):
        def fail(company):
            if company == self.first:
                raise KeyError("no such team")

        with self.assigning(fail) as visited, self.assertLogs(JOB, "ERROR") as logs:
            self.run_cron()
        [record] = logs.records
        self.assertIn(self.first.name, record.getMessage())
        self.assertIs(record.exc_info[0], KeyError)
        self.assertLess(visited.index(self.first), visited.index(self.company))
        self.assertEqual(self.nora.user_id, self.ada)
        self.assertFalse(self.is_called_again(), "it begins anew on the next day")

    def test_a_company_that_keeps_colliding_is_left_to_the_next_call_and_the_others_have_their_turn(self):
        def collide(company):
            if company == self.first:
                raise psycopg2.errors.SerializationFailure

        with self.assigning(collide) as visited, self.assertLogs(JOB, "WARNING") as logs:
            self.run_cron()
        self.assertIn(self.first.name, logs.output[0])
        self.assertGreaterEqual(visited.count(self.first), grading_job_mixin.TRIES)
        self.assertEqual(self.nora.user_id, self.ada)
        self.assertTrue(self.is_called_again())

    def test_a_collision_is_tried_again_at_once(self):
        collisions = [self.first, self.first]

        def collide_twice(company):
            if collisions and company == collisions[-1]:
                collisions.pop()
                raise psycopg2.errors.DeadlockDetected

        with self.assigning(collide_twice) as visited, self.assertNoLogs(JOB, "WARNING"):
            self.run_cron()
        self.assertEqual(visited.count(self.first), 3)
        self.assertFalse(self.is_called_again())

    def test_the_pool_of_a_company_is_kept_though_its_owners_cannot_be_assigned(self):
        Ownership, kept = self.env.registry["grading.ownership"], []

        def fail(company):
            raise KeyError("no such team")

        def _warn_and_revoke(model):
            kept.append(model.env.company)
            return 0

        with (
            self.assigning(fail),
            patch.object(Ownership, "_warn_and_revoke", _warn_and_revoke),
            self.assertLogs(JOB, "ERROR"),
        ):
            self.run_cron()
        self.assertIn(self.company, kept)
