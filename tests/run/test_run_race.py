import os
import random
import threading
import time
from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import SQL, mute_logger

from ...models.run import grading_run_pipeline

# More of both for a long run by hand: RUN_RACE_CUSTOMERS=30000 RUN_RACE_SECONDS=120 make test ARGS="-k run_race".
CUSTOMERS = int(os.environ.get("RUN_RACE_CUSTOMERS") or 600)
SECONDS = float(os.environ.get("RUN_RACE_SECONDS") or 3)
BATCH_SIZE = CUSTOMERS // 3
SAVES_PER_SECOND = 50
SAVERS = 4
QUEUE_LOGGERS = ("odoo.sql_db", "odoo.service.model", "odoo.addons.customer_grading.models.run.grading_run")


class Killed(BaseException):
    """What a kill looks like from inside: no handler catches it and nothing is written any more."""


@tagged("post_install", "-at_install")
class TestRunRace(BaseCase):
    """A full run, and users who save at the same time: each with a connection and transactions of its own.

    What other transactions are to see cannot be rolled back: the company and its scheme are archived, and used again;
    the customers are deleted.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
            company = env["res.company"].search([("name", "=", "Grading Run Race")])
            company = company or env["res.company"].create({"name": "Grading Run Race"})
            company.active = True
            cls.company_id = company.id
            cls.grade_ids = env["grading.grade"].search([("active", "=", True)], limit=3).ids
            cls.prepare_scheme(env, company)
            cls.insert_customers(cr, company)
        cls.addClassCleanup(cls.clean_up)

    @classmethod
    def prepare_scheme(cls, env, company):
        """The shipped scheme ranks; this one, which comes first, gives a point for each unit of money."""
        scheme = env["grading.scheme"].search([("company_id", "=", company.id)])
        if not scheme:
            criterion = {"kind": "linear", "measure": "order_amount", "points_per_unit": 1, "points_max": 10000}
            thresholds = [
                Command.create({"grade_id": grade_id, "min_score": score})
                for grade_id, score in zip(cls.grade_ids, (200, 100, 0), strict=True)
            ]
            values = {"name": "Race", "company_id": company.id, "sequence": -1, "threshold_ids": thresholds}
            scheme = env["grading.scheme"].create({**values, "criterion_ids": [Command.create(criterion)]})
        scheme.active = True

    @classmethod
    def insert_customers(cls, cr, company):
        cr.execute(
            """
            INSERT INTO res_partner (name, complete_name, ref, type, active, is_company, partner_share, customer_rank,
                                     autopost_bills, color, create_date, write_date)
            SELECT 'Racer ' || n, 'Racer ' || n, 'RUN RACE', 'contact', TRUE, TRUE, TRUE, 0, 'ask', 0, NOW(), NOW()
              FROM GENERATE_SERIES(1, %s) AS n
            """,
            [CUSTOMERS],
        )
        cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE ref = 'RUN RACE'")
        cr.execute(
            """
            INSERT INTO sale_order (name, company_id, partner_id, partner_invoice_id, partner_shipping_id, state,
                                    date_order, amount_untaxed, currency_rate, currency_id)
            SELECT 'Race', %s, id, id, id, 'sale', NOW() - INTERVAL '30 days', 1 + id %% 300, 1, %s
              FROM res_partner WHERE ref = 'RUN RACE'
            """,
            [company.id, company.currency_id.id],
        )

    @classmethod
    def clean_up(cls):
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
            env["grading.scheme"].search([("company_id", "=", cls.company_id)]).active = False
            env["res.company"].browse(cls.company_id).active = False
            env.flush_all()
            for table in ("grading_run", "grading_queue", "grading_history", "grading_profile", "sale_order"):
                cr.execute(SQL("DELETE FROM %s WHERE company_id = %s", SQL.identifier(table), cls.company_id))
            cr.execute("DELETE FROM res_partner WHERE ref = 'RUN RACE'")

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(grading_run_pipeline, "BATCH_SIZE", BATCH_SIZE))
        self.worktable = self.registry["grading.worktable"]
        with self.registry.cursor() as cr:  # each test begins as on the first day
            for table in ("grading_run", "grading_queue", "grading_history", "grading_profile"):
                cr.execute(SQL("DELETE FROM %s WHERE company_id = %s", SQL.identifier(table), self.company_id))

    # ------------------------------------------------------------
    # What they do
    # ------------------------------------------------------------

    def environment(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]})

    @contextmanager
    def new_env(self):
        with self.registry.cursor() as cr:
            yield self.environment(cr)

    def run_all(self, env):
        run = env["grading.run"]._prepare()
        env.cr.commit()
        run._execute_in_batches()
        env.cr.commit()
        return run

    def rescore(self):
        """A full run in batches; its figures."""
        with self.new_env() as env:
            return self.figures(self.run_all(env))

    def figures(self, run):
        """State, and how many were scored, changed, and are left; customers of other companies aside."""
        others = [("company_id", "=", self.company_id), ("partner_id.ref", "!=", "RUN RACE")]
        scored = run.profile_count - run.env["grading.profile"].search_count(others)
        return run.state, scored, run.changed_count, run.left_count

    def empty_queue(self):
        with self.new_env() as env:
            for _call in range(20):
                env["grading.run"]._cron_rescore_queue()
                if not env["grading.queue"].search_count([("company_id", "=", self.company_id)]):
                    return
        self.fail("the queue does not get empty")

    def double_orders(self):
        with self.registry.cursor() as cr:
            cr.execute(
                "UPDATE sale_order SET amount_untaxed = 2 * amount_untaxed WHERE company_id = %s", [self.company_id]
            )

    def override(self, env, profile_id, grade_id):
        profile = env["grading.profile"].browse(profile_id)
        profile._override(env["grading.grade"].browse(grade_id), "Race")
        env.flush_all()

    def profile_ids(self):
        with self.new_env() as env:
            ours = [("company_id", "=", self.company_id), ("partner_id.ref", "=", "RUN RACE")]
            return env["grading.profile"].search(ours, order="id").ids

    # ------------------------------------------------------------
    # What must hold
    # ------------------------------------------------------------

    def rows(self):
        """What a run writes of each profile, apart from when."""
        with self.new_env() as env:
            columns = env["grading.worktable"]._written_columns()
            names = SQL(", ").join(map(SQL.identifier, columns))
            return env.execute_query(
                SQL("SELECT id, %s FROM grading_profile WHERE company_id = %s ORDER BY id", names, self.company_id)
            )

    def assert_settled(self):
        """After the queue is emptied everything is as a quiet run would have it: such a run has nothing to change."""
        self.empty_queue()
        before = self.rows()
        self.assertEqual(self.rescore(), ("done", CUSTOMERS, 0, 0))
        self.assertEqual(self.rows(), before)

    def assert_whole(self):
        """Score, points, measures and history of each profile are of one moment."""
        with self.registry.cursor() as cr:
            cr.execute(
                """
                SELECT COUNT(*) FROM grading_profile AS profile
                 WHERE company_id = %s AND NOT (
                           score = order_amount
                           AND score = (SELECT SUM(value::numeric) FROM JSONB_EACH_TEXT(points_detail))
                           AND grade_id = (SELECT new_grade_id FROM grading_history AS line
                                            WHERE line.profile_id = profile.id ORDER BY id DESC LIMIT 1))
                """,
                [self.company_id],
            )
            self.assertEqual(cr.fetchone(), (0,))

    def test_who_is_in_hand_is_left_to_the_queue(self):
        self.rescore()
        self.double_orders()
        mine, other, *_rest = self.profile_ids()
        with self.new_env() as user:
            self.override(user, mine, self.grade_ids[0])
            with self.new_env() as env:
                env.cr.execute("SET lock_timeout = '5s'")  # waiting for the user is a failure
                run = self.run_all(env)
                env.cr.execute("RESET lock_timeout")
                self.assertEqual(self.figures(run), ("done", CUSTOMERS, CUSTOMERS - 1, 0))
                queue = env["grading.queue"].search([("company_id", "=", self.company_id)])
                self.assertEqual(queue.partner_id, env["grading.profile"].browse(mine).partner_id)
                cron = env.ref("customer_grading.ir_cron_rescore_queue")
                trigger = env["ir.cron.trigger"].search([("cron_id", "=", cron.id)], order="id desc", limit=1)
                self.assertGreater(trigger.call_at, fields.Datetime.now(), "not at once: it is still in hand")
        self.assert_settled()
        with self.new_env() as env:
            held, free = env["grading.profile"].browse([mine, other])
            self.assertEqual((held.grade_id.id, held.manual_reason), (self.grade_ids[0], "Race"))
            self.assertEqual(held.score, held.order_amount)
            self.assertFalse(free.manual_grade_id)

    @mute_logger(*QUEUE_LOGGERS)
    def test_batches_shrink_until_they_get_through(self):
        """Each batch of more than ten rows collides with the save of one of them."""
        self.rescore()
        self.double_orders()
        rng, sizes, saved = random.Random(1), [], set()
        leave_held = self.worktable._leave_held

        def collide(table, changes, profile_id, first, last):
            sizes.append(last - first + 1)
            if len(saved) < 12 and last - first >= 10:
                query = SQL("SELECT %s FROM %s WHERE place = %s", SQL.identifier(profile_id), changes, first)
                [[row_id]] = table.env.execute_query(query)  # from here on the transaction does not see what is saved
                with self.new_env() as user:
                    self.override(user, row_id, rng.choice(self.grade_ids))
                saved.add(row_id)
            return leave_held(table, changes, profile_id, first, last)

        with patch.object(self.worktable, "_leave_held", collide):
            state, count, changed, left = self.rescore()
        self.assertEqual((state, count, left), ("done", CUSTOMERS, 0))
        self.assertEqual(changed, CUSTOMERS - len(saved))
        self.assertLess(min(sizes), BATCH_SIZE // 4)
        self.assert_settled()
        self.assert_whole()

    @mute_logger(*QUEUE_LOGGERS)
    def test_a_run_ends_and_no_save_fails_however_many_users_save(self):
        self.rescore()
        profile_ids, given, errors, stop = self.profile_ids(), {}, [], threading.Event()

        def save(number):
            rng = random.Random(number)
            own = profile_ids[number::SAVERS]
            while not stop.is_set():
                started = time.monotonic()
                profile_id, grade_id = rng.choice(own), rng.choice(self.grade_ids)
                try:
                    with self.new_env() as env:
                        retrying(lambda e=env, p=profile_id, g=grade_id: self.override(e, p, g), env)
                    given[profile_id] = grade_id
                except Exception as error:  # noqa: BLE001 - told in the end
                    errors.append(error)
                stop.wait(max(0, SAVERS / SAVES_PER_SECOND - time.monotonic() + started))

        savers = [threading.Thread(target=save, args=(number,)) for number in range(SAVERS)]
        until, runs = time.monotonic() + SECONDS, []
        for saver in savers:
            saver.start()
        try:
            while time.monotonic() < until:
                self.double_orders_by_turns(len(runs))
                runs.append(self.rescore())
        finally:
            stop.set()
            for saver in savers:
                saver.join()
        self.assertEqual(errors, [])
        self.assertEqual({(state, count, left) for state, count, _changed, left in runs}, {("done", CUSTOMERS, 0)})
        self.assertGreater(len(given), SAVERS)
        self.assert_settled()
        self.assert_whole()
        with self.new_env() as env:
            profiles = env["grading.profile"].browse(profile_ids).filtered("manual_grade_id")
            self.assertEqual({profile.id: profile.grade_id.id for profile in profiles}, given)

    def double_orders_by_turns(self, turn):
        """Every row is to be written in each run."""
        with self.registry.cursor() as cr:
            query = "UPDATE sale_order SET amount_untaxed = 1 + partner_id %% 300 + %s WHERE company_id = %s"
            cr.execute(query, [100 * (turn % 2), self.company_id])

    def test_a_kill_between_two_batches_leaves_each_customer_whole(self):
        """What the third batch was about to write is written by the next job, which counts each customer once."""
        self.rescore()
        self.double_orders()
        write_batch, calls = self.worktable._write_profile_batch, []

        def kill(table, rules, first, last):
            calls.append(first)
            if first > 2 * BATCH_SIZE:
                raise Killed
            return write_batch(table, rules, first, last)

        with patch.object(self.worktable, "_write_profile_batch", kill), self.new_env() as env:
            try:
                self.run_all(env)
            except Killed:
                env.cr.rollback()
            run_id = env["grading.run"].search([("company_id", "=", self.company_id)], limit=1).id
        self.assert_whole()
        with self.new_env() as env:
            run = env["grading.run"].browse(run_id)
            self.assertEqual(self.figures(run), ("running", CUSTOMERS, 2 * BATCH_SIZE, CUSTOMERS - 2 * BATCH_SIZE))
            run._execute_in_batches()
            self.assertEqual(self.figures(run), ("done", CUSTOMERS, CUSTOMERS, 0))
        self.assert_whole()
        self.assert_settled()
