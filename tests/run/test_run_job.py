import threading
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_cron import IrCron

from ..queue_case import NIGHTLY_CRON, QUEUE_CRON, QueueCase

PATIENCE = 30  # seconds until a worker that waits for another one gives up


@tagged("post_install", "-at_install")
class TestJobsOfCompanies(QueueCase):
    """Which scheduled action carries out the full runs of which company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.new_company("Other Company")
        cls.first = cls.env["res.company"].search([], order="id", limit=1)

    def job(self, company):
        return self.env["ir.cron"].with_context(active_test=False).search([("grading_company_id", "=", company.id)])

    def full_runs(self, company):
        return self.env["grading.run"].search([("company_id", "=", company.id), ("scope", "=", "full")], order="id")

    def nightly_alone(self):
        """The nightly action, and no worker for those of the companies."""
        self.env.cr.flush()
        with self.enter_registry_test_mode():
            self.env.ref(NIGHTLY_CRON).method_direct_trigger()

    def test_each_company_but_the_first_has_an_action_of_its_own(self):
        self.nightly_alone()
        self.assertFalse(self.job(self.first))
        self.assertEqual(self.full_runs(self.first)[-1].state, "done")
        for company in (self.company, self.other):
            self.assertEqual(self.full_runs(company)[-1].state, "running", "it is left to the company's own action")
            self.assertIn(company.name, self.job(company).name)
            self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", self.job(company).id)]))

    def test_the_action_of_a_company_runs_no_other_one(self):
        self.nightly_alone()
        with self.enter_registry_test_mode():
            self.job(self.other).method_direct_trigger()
        self.assertEqual(self.full_runs(self.other)[-1].state, "done")
        self.assertEqual(self.full_runs(self.company)[-1].state, "running")

    def test_a_second_night_makes_no_second_action(self):
        self.run_cron(NIGHTLY_CRON)
        jobs = self.job(self.company) + self.job(self.other)
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual(self.job(self.company) + self.job(self.other), jobs)
        self.assertEqual(set(self.full_runs(self.other).mapped("state")), {"done"})

    def test_a_button_triggers_the_own_action_alone(self):
        self.run_cron(NIGHTLY_CRON)
        with self.capture_triggers() as triggers:
            self.env["grading.run"]._start(self.other)
        self.assertEqual(triggers.records.cron_id, self.job(self.other))

    def test_a_new_company_begins_with_the_next_night(self):
        self.run_cron(NIGHTLY_CRON)
        new = self.new_company("New Company")
        with self.capture_triggers() as triggers:
            self.env["grading.run"]._start(new)
        self.assertEqual(triggers.records.cron_id, self.env.ref(NIGHTLY_CRON), "a save makes no action")
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual(self.full_runs(new).state, "done")
        self.run_cron(NIGHTLY_CRON)
        self.assertTrue(self.job(new))

    def test_an_archived_company_is_not_run_until_it_is_back(self):
        self.run_cron(NIGHTLY_CRON)
        self.other.active = False
        before = self.full_runs(self.other)
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual(self.full_runs(self.other), before)
        self.other.active = True
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual((self.full_runs(self.other) - before).state, "done")

    def test_a_run_that_was_open_when_its_company_was_archived_comes_to_its_end(self):
        self.nightly_alone()
        self.other.active = False
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual(self.full_runs(self.other)[-1].state, "done")

    def test_where_the_own_action_is_archived_the_nightly_one_does_it(self):
        self.run_cron(NIGHTLY_CRON)
        job = self.job(self.other)
        job.active = False
        before = self.full_runs(self.other)
        self.nightly_alone()
        self.assertEqual((self.full_runs(self.other) - before).state, "done")
        self.assertEqual(self.job(self.other), job)

    def test_the_action_goes_with_its_company(self):
        self.run_cron(NIGHTLY_CRON)
        job = self.job(self.other)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT confdeltype FROM pg_constraint WHERE conrelid = 'ir_cron'::regclass AND conname LIKE %s",
            ["%grading_company_id%"],
        )
        self.assertEqual((job._name, self.env.cr.fetchall()), ("ir.cron", [("c",)]))

    def test_the_actions_go_with_the_module(self):
        self.run_cron(NIGHTLY_CRON)
        data = self.env["ir.model.data"].search(
            [("module", "=", "customer_grading"), ("model", "=", "ir.cron"), ("res_id", "=", self.job(self.other).id)]
        )
        self.assertTrue(data.noupdate, "an update of the module leaves it alone")

    def test_the_progress_of_a_job_counts_its_own_runs_alone(self):
        """Odoo would call it again and again for what is another action's."""
        self.nightly_alone()
        progress = self.env["ir.cron.progress"].search([("cron_id", "=", self.env.ref(NIGHTLY_CRON).id)], limit=1)
        self.assertEqual(progress.remaining, 0)


@tagged("post_install", "-at_install")
class TestQueueWithoutCutPoints(QueueCase):
    """The queue has nothing to compare its customers with: a run over all comes first, and the company's action, which
    may be at one already, carries it out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules.criterion_ids = [(5,), (0, 0, cls.rank("order_amount"))]
        cls.env["grading.run"].search([("state", "=", "running")]).unlink()
        cls.env["grading.queue"]._enqueue([(cls.ada, cls.company)])

    def open_runs(self):
        return self.env["grading.run"].search([("company_id", "=", self.company.id), ("state", "=", "running")])

    def test_it_opens_one_and_does_not_begin_it(self):
        with self.capture_triggers(NIGHTLY_CRON) as triggers:
            self.run_cron(QUEUE_CRON)
        run = self.open_runs()
        self.assertEqual((run.scope, run.profile_count), ("full", 0))
        self.assertTrue(triggers.records)
        self.assertFalse(self.queued(), "it will find the customers as they are then")
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual(run.state, "done")
        self.assertTrue(self.profile(self.ada).score)

    def test_where_one_is_open_the_queue_tries_again_in_a_minute(self):
        run = self.env["grading.run"]._start(self.company)
        with self.capture_triggers(QUEUE_CRON) as triggers:
            self.run_cron(QUEUE_CRON)
        self.assertEqual(self.open_runs(), run)
        self.assertEqual(self.queued(), {(self.ada, self.company)})
        self.assertGreater(max(triggers.records.mapped("call_at")), fields.Datetime.now())
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual(run.state, "done")
        self.run_cron(QUEUE_CRON)
        self.assertFalse(self.queued())


class Killed(BaseException):
    """What a kill looks like from inside: no handler catches it and nothing is written any more."""


@tagged("post_install", "-at_install")
class TestWorkersShareCompanies(BaseCase):
    """Several workers, each with connections of its own, as Odoo's cron threads and processes are.

    What they are to see cannot be rolled back: the companies are archived, and used again.
    """

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
            self.company_ids = [self.shared(env, number).id for number in (1, 2)]
            Run = env["grading.run"]
            companies = env["res.company"].browse(self.company_ids)
            Run.search([("company_id", "in", companies.ids)]).unlink()
            self.run_ids = Run._open(companies).ids
            self.job_ids = [Run._make_job(company).id for company in companies]
            Run._trigger_full(companies)
        self.addCleanup(self.clean_up)
        self.done, self.doing = [], threading.local()

    @staticmethod
    def shared(env, number):
        name = f"Grading Workers {number}"
        company = env["res.company"].search([("name", "=", name)]) or env["res.company"].create({"name": name})
        company.active = True
        return company

    def clean_up(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
            env["grading.run"].search([("company_id", "in", self.company_ids)]).unlink()
            jobs = env["ir.cron"].browse(self.job_ids)
            env["ir.cron.progress"].search([("cron_id", "in", jobs.ids)]).unlink()
            actions = jobs.ir_actions_server_id
            jobs.unlink()
            actions.unlink()
            env["res.company"].browse(self.company_ids).active = False

    def work(self, name, job_ids):
        """What a cron worker does with the jobs that it has found ready."""
        self.doing.name = name
        with self.registry.cursor() as cron_cr:
            IrCron._process_jobs_loop(cron_cr, job_ids=job_ids)

    def worker(self, name, job_ids):
        thread = threading.Thread(target=self.work, args=(name, job_ids), daemon=True)
        thread.start()
        return thread

    def carrying_out(self, meanwhile):
        """Runs are over at once, after ``meanwhile``; :attr:`done` notes the worker and the company."""

        def execute(run):
            self.done.append((self.doing.name, run.company_id.id))
            meanwhile()
            run.state = "done"
            return True

        return patch.object(self.registry["grading.run"], "_execute_in_batches", execute)

    def states(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            return env["grading.run"].browse(self.run_ids).mapped("state")

    def test_two_workers_run_two_companies_at_once_and_each_once(self):
        both = threading.Barrier(2, timeout=PATIENCE)
        with self.carrying_out(both.wait):  # each waits for the other within its run
            workers = [self.worker(name, self.job_ids) for name in ("A", "B")]
            for worker in workers:
                worker.join(2 * PATIENCE)
        self.assertEqual({name for name, _company in self.done}, {"A", "B"})
        self.assertEqual(sorted(company for _name, company in self.done), sorted(self.company_ids))
        self.assertEqual(self.states(), ["done", "done"])

    def test_a_company_is_passed_by_while_a_worker_is_at_it(self):
        begun, go_on = threading.Event(), threading.Event()

        def wait():
            if not begun.is_set():
                begun.set()
                go_on.wait(PATIENCE)

        with self.carrying_out(wait):
            first = self.worker("A", self.job_ids[:1])
            self.assertTrue(begun.wait(PATIENCE))
            self.work("B", self.job_ids)
            go_on.set()
            first.join(PATIENCE)
        self.assertEqual(self.done, [("A", self.company_ids[0]), ("B", self.company_ids[1])])

    def test_what_a_worker_that_dies_leaves_is_the_next_ones(self):
        def die():
            if self.doing.name == "A":
                raise Killed

        with self.carrying_out(die), mute_logger("odoo.addons.base.models.ir_cron"):
            with self.assertRaises(Killed):
                self.work("A", self.job_ids)
            self.assertEqual(self.states(), ["running", "running"])
            self.work("B", self.job_ids)
        self.assertEqual(self.done[0], ("A", self.company_ids[0]))
        self.assertEqual(self.done[1:], [("B", company) for company in self.company_ids])
        self.assertEqual(self.states(), ["done", "done"])
