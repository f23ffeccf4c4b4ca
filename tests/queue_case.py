from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ..models.run import grading_run_pipeline
from .common import GradingCase

QUEUE_CRON = "customer_grading.ir_cron_rescore_queue"
NIGHTLY_CRON = "customer_grading.ir_cron_rescore"
# Months to be remembered, opened on the first days of the next one, are runs as well.
JUDGING = ("scope", "in", ("full", "incremental"))


class Killed(BaseException):
    """What a kill looks like from inside: no handler catches it and nothing is written any more."""


class QueueCase(GradingCase, CronMixinCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.ada, cls.bob = cls.customer("Ada"), cls.customer("Bob")
        cls.ada_order = cls.order(cls.ada, 50, cls.today - timedelta(days=20))
        cls.bob_order = cls.order(cls.bob, 50, cls.today - timedelta(days=20))
        cls.rules = cls.scheme()
        cls.rescore()
        cls.env["grading.queue"]._waiting([]).unlink()
        cls.env["grading.run"].search([("state", "=", "running")]).unlink()

    def queued(self):
        lines = self.env["grading.queue"]._waiting([])
        return {(line.partner_id.commercial_partner_id, line.company_id) for line in lines}

    @contextmanager
    def assert_queues(self, *partners):
        """What is done inside asks for a rescoring of ``partners`` in the company, and rescores none by itself."""
        self.env.flush_all()
        self.env["grading.queue"]._waiting([]).unlink()
        runs = self.env["grading.run"].search_count([])
        with self.capture_triggers(QUEUE_CRON) as triggers:
            yield
            self.env.cr.flush()  # as at the end of a transaction
        self.assertEqual(self.queued(), {(partner, self.company) for partner in partners})
        self.assertEqual(bool(triggers.records), bool(partners))
        self.assertEqual(self.env["grading.run"].search_count([]), runs, "a save must not rescore")

    def run_cron(self, xmlid=QUEUE_CRON):
        self.run_scheduled(xmlid)

    @contextmanager
    def second_batch(self, error):
        """In batches of two, the second of which ends in ``error``."""
        worktable = self.env.registry["grading.worktable"]
        write_batch = worktable._write_profile_batch
        calls = []

        def breaking(table, *args):
            calls.append(args)
            if len(calls) == 2:
                raise error
            return write_batch(table, *args)

        with (
            patch.object(grading_run_pipeline, "BATCH_SIZE", 2),
            patch.object(worktable, "_write_profile_batch", breaking),
        ):
            yield

    def new_runs(self, since):
        return self.env["grading.run"].search([("id", ">", since.id), JUDGING], order="id")

    @property
    def last_run(self):
        return self.env["grading.run"].search([JUDGING], order="id desc", limit=1)
