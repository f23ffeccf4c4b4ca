import os
import random
import threading
from contextlib import ExitStack, contextmanager
from datetime import date
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import SQL, mute_logger

from ...models.play import grading_play_begin
from ...models.run import grading_run_pipeline

# More events by hand: PLAY_RACE_CUSTOMERS=10000 make test ARGS="-k play_race".
CUSTOMERS = int(os.environ.get("PLAY_RACE_CUSTOMERS") or 90)
BATCH_SIZE, BEGIN_BATCH, KILLS = 2 * CUSTOMERS // 9, CUSTOMERS // 6, 20
QUIET = (
    *("odoo.sql_db", "odoo.addons.customer_grading.models.run.grading_run"),
    "odoo.addons.customer_grading.models.play.grading_play_begin",
)


class Killed(BaseException):
    """What a kill looks like from inside: no handler catches it and nothing is written any more."""


@tagged("post_install", "-at_install")
class TestPlayRace(BaseCase):
    """Runs and jobs that are killed, and two workers at once: each event starts once, and each step is made once.

    What other transactions are to see cannot be rolled back: the company is archived, and used again.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"active_test": False, "no_reset_password": True})
            company = env["res.company"].search([("name", "=", "Grading Play Race")])
            company = company or env["res.company"].create({"name": "Grading Play Race"})
            company.write({"active": True, "grading_contacts_per_day": 0})
            cls.company_id = company.id
            cls.prepare_rules(env, company)
            cls.insert_customers(cr, company)
        cls.addClassCleanup(cls.clean_up)

    @classmethod
    def prepare_rules(cls, env, company):
        grades = env["grading.grade"].search([("active", "=", True)], limit=3)
        criterion = {"kind": "linear", "measure": "order_amount", "points_per_unit": 1, "points_max": 10000}
        thresholds = [{"grade_id": g.id, "min_score": n} for g, n in zip(grades, (200, 100, 0), strict=True)]
        cls.scheme_id = env["grading.scheme"].create(
            {
                "name": "Play race",
                "company_id": company.id,
                "sequence": -1,
                "criterion_ids": [Command.create(criterion)],
                "threshold_ids": [Command.create(values) for values in thresholds],
            }
        ).id  # fmt: skip
        call = env["mail.activity.type"].search([("grading_channel", "=", "call"), ("res_model", "=", False)], limit=1)
        step = {"activity_type_id": call.id, "summary": "Race", "responsible_type": "on_demand"}
        plan = env["mail.activity.plan"].create(
            {"name": "Race", "res_model": "res.partner", "company_id": False, "template_ids": [Command.create(step)]}
        )
        cls.plan_id = plan.id
        cls.play_id = env["grading.play"].create(
            {
                "name": "Race",
                "trigger": "grade_up",
                "company_id": company.id,
                "plan_id": plan.id,
                "goal": "contact",
                "responsible_type": "user",
                "user_id": env.ref("base.user_admin").id,
                "control_percent": 10,
            }
        ).id  # fmt: skip
        env.ref("base.user_admin").company_ids |= company

    @classmethod
    def insert_customers(cls, cr, company):
        cr.execute(
            """
            INSERT INTO res_partner (name, complete_name, ref, type, active, is_company, partner_share, customer_rank,
                                     autopost_bills, color, create_date, write_date)
            SELECT 'Player ' || n, 'Player ' || n, 'PLAY RACE', 'contact', TRUE, TRUE, TRUE, 0, 'ask', 0, NOW(), NOW()
              FROM GENERATE_SERIES(1, %s) AS n
            """,
            [CUSTOMERS],
        )
        cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE ref = 'PLAY RACE'")
        cr.execute(
            """
            INSERT INTO sale_order (name, company_id, partner_id, partner_invoice_id, partner_shipping_id, state,
                                    date_order, amount_untaxed, currency_rate, currency_id)
            SELECT 'Race', %s, id, id, id, 'sale', NOW() - INTERVAL '30 days', 50, 1, %s
              FROM res_partner WHERE ref = 'PLAY RACE'
            """,
            [company.id, company.currency_id.id],
        )

    @classmethod
    def clean_up(cls):
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
            cls.forget(cr)
            env["grading.play"].browse(cls.play_id).unlink()
            env["mail.activity.plan"].browse(cls.plan_id).unlink()
            env["grading.scheme"].browse(cls.scheme_id).unlink()
            company = env["res.company"].browse(cls.company_id)
            env.ref("base.user_admin").company_ids -= company
            company.active = False
            env.flush_all()
            for table in ("grading_run", "grading_queue", "grading_profile", "sale_order"):
                cr.execute(SQL("DELETE FROM %s WHERE company_id = %s", SQL.identifier(table), cls.company_id))
            cr.execute("DELETE FROM res_partner WHERE ref = 'PLAY RACE'")

    @classmethod
    def forget(cls, cr):
        """Nothing has happened yet: no start, no activity, no line in a chatter."""
        players = "SELECT id FROM res_partner WHERE ref = 'PLAY RACE'"
        cr.execute(f"DELETE FROM mail_activity WHERE res_model = 'res.partner' AND res_id IN ({players})")
        cr.execute(f"DELETE FROM mail_message WHERE model = 'res.partner' AND res_id IN ({players})")
        for table in ("grading_play_case", "grading_history"):
            cr.execute(SQL("DELETE FROM %s WHERE company_id = %s", SQL.identifier(table), cls.company_id))

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(grading_run_pipeline, "BATCH_SIZE", BATCH_SIZE))
        self.startPatcher(patch.object(grading_play_begin, "BEGIN_BATCH", BEGIN_BATCH))
        with self.registry.cursor() as cr:
            self.forget(cr)
        self.set_orders(50)
        self.rescore()  # Bronze

    @contextmanager
    def new_env(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]})

    def set_orders(self, amount):
        with self.registry.cursor() as cr:
            cr.execute("UPDATE sale_order SET amount_untaxed = %s WHERE company_id = %s", [amount, self.company_id])

    def rescore(self):
        """A full run in batches, or what an open one has left.

        :return: whether it has come to its end
        """
        with self.new_env() as env:
            open_run = [("company_id", "=", self.company_id), ("scope", "=", "full"), ("state", "=", "running")]
            run = env["grading.run"].search(open_run, limit=1) or env["grading.run"]._prepare()
            env.cr.commit()
            run.start_count = 0
            try:
                run._execute_in_batches()
                return run.state == "done"
            except Killed:
                env.cr.rollback()
                return False

    def work(self):
        """A worker that carries out the steps of what waits, until it is killed or nothing waits any longer."""
        with self.new_env() as env:
            try:
                while env["grading.play.case"]._retry(env["grading.play.case"]._begin_waiting):
                    env.cr.commit()
                return True
            except Killed:
                env.cr.rollback()
                return False

    def killing(self, rng, kills, model, *methods):
        """Patches by which these methods are killed now and then, before or after they did their work.

        :param list kills: gets an entry for each kill; after :data:`KILLS` of them there are no more
        """
        for name in methods:
            original = getattr(self.registry[model], name)

            def method(records, *args, _original=original, **kwargs):
                roll = rng.random()
                if len(kills) < KILLS and roll < 0.25:
                    kills.append(_original.__name__)
                    raise Killed
                result = _original(records, *args, **kwargs)
                if len(kills) < KILLS and roll > 0.75:
                    kills.append(_original.__name__)
                    raise Killed
                return result

            self.startPatcher(patch.object(self.registry[model], name, method))

    def until_done(self, step):
        for _try in range(20 * KILLS):
            if step():
                return
        self.fail("it does not come to its end")

    def counted(self):
        """``{(kind, how often): customers}`` of cases, activities and lines of the chatter."""
        with self.registry.cursor() as cr:
            cr.execute(
                """
                SELECT cases, activities, lines, control, COUNT(*) FROM (
                    SELECT (SELECT COUNT(*) FROM grading_play_case WHERE partner_id = player.id) AS cases,
                           (SELECT COUNT(*) FROM mail_activity AS activity
                             WHERE activity.res_model = 'res.partner' AND activity.res_id = player.id) AS activities,
                           (SELECT COUNT(*) FROM mail_message AS line WHERE line.model = 'res.partner'
                               AND line.res_id = player.id AND line.body LIKE '%has started%') AS lines,
                           (SELECT BOOL_OR(state = 'control') FROM grading_play_case
                             WHERE partner_id = player.id) AS control
                      FROM res_partner AS player WHERE player.ref = 'PLAY RACE'
                ) AS player GROUP BY 1, 2, 3, 4
                """
            )
            return {row[:4]: row[4] for row in cr.fetchall()}

    def assert_once(self):
        counted = self.counted()
        self.assertEqual(set(counted), {(1, 1, 1, False), (1, 0, 0, True)})
        self.assertEqual(sum(counted.values()), CUSTOMERS)

    @mute_logger(*QUIET)
    def test_kills_lose_and_double_nothing(self):
        rng, kills = random.Random(7), []
        self.set_orders(250)
        self.killing(rng, kills, "grading.run", "_start_plays")
        self.until_done(self.rescore)
        with self.registry.cursor() as cr:
            cr.execute("SELECT COUNT(*) FROM grading_play_case WHERE company_id = %s", [self.company_id])
            self.assertEqual(cr.fetchone(), (CUSTOMERS,))
        in_runs = len(kills)
        self.assertGreater(in_runs, 2)
        self.killing(rng, kills, "grading.play.case", "_give_tags", "_plan_activities", "_log")
        self.until_done(self.work)
        self.assertGreater(len(kills), in_runs + 2)
        self.assert_once()
        self.rescore()
        self.assertTrue(self.work())
        self.assert_once()

    @mute_logger(*QUIET)
    def test_two_workers_at_once_do_each_step_once(self):
        self.set_orders(250)
        self.assertTrue(self.rescore())
        errors = []

        def work():
            try:
                self.work()
            except Exception as error:  # noqa: BLE001 - told in the end
                errors.append(error)

        workers = [threading.Thread(target=work) for _number in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual(errors, [])
        self.assertTrue(self.work())
        self.assert_once()

    @mute_logger(*QUIET)
    def test_the_second_worker_leaves_what_the_first_one_has_in_hand(self):
        self.set_orders(250)
        self.assertTrue(self.rescore())
        with self.new_env() as first, self.new_env() as second:
            taken = first["grading.play.case"]._begin_waiting()
            second.cr.execute("SET lock_timeout = '5s'")  # waiting for the other is a failure
            other = second["grading.play.case"]._begin_waiting()
            self.assertEqual((taken, other), (BEGIN_BATCH, BEGIN_BATCH))
            second.cr.execute("RESET lock_timeout")
        self.assertTrue(self.work())
        self.assert_once()

    def started_at_once(self, *scopes):
        """Start the play by hand in transactions that do not see each other, for one customer.

        :return: how many each has started, or the name of its error
        """
        started = []
        with ExitStack() as stack:
            envs = [stack.enter_context(self.new_env()) for _scope in scopes]
            for env in envs:
                env.cr.execute("SELECT COUNT(*) FROM grading_play_case")  # from here on it sees the world as it is
            for env, start in zip(envs, scopes, strict=True):
                player = env["grading.profile"].search([("partner_id.ref", "=", "PLAY RACE")], order="id", limit=1)
                try:
                    started.append(start(env["grading.play"].browse(self.play_id), player))
                    env.cr.commit()
                except SerializationFailure as error:  # a collision, which the server tries again
                    started.append(type(error).__name__)
                    env.cr.rollback()
        return started

    def starts(self):
        return sum(cases * number for (cases, *_rest), number in self.counted().items())

    def by_hand(self, **values):
        """Have people start the play, until the end of the test."""
        with self.new_env() as env:
            env["grading.play"].browse(self.play_id).write({"trigger": "manual", **values})
        self.addCleanup(self.back_to_grades)

    @mute_logger(*QUIET)
    def test_two_that_start_the_same_event_start_it_once(self):
        self.by_hand()
        first, second = self.started_at_once(*2 * [lambda play, player: len(play._start_for(player.partner_id))])
        self.assertEqual(first, 1)
        self.assertNotEqual(second, 1)
        self.assertEqual(self.starts(), 1)

    def happened(self, event):
        """What starts the play for an event of its own."""

        def start(play, player):
            events = SQL("SELECT %s AS profile_id, %s AS event, CURRENT_DATE AS day", player.id, event)
            with patch.object(type(play), "_manual_events", lambda _self, _as_of: events):
                return play._start(date.today(), lambda _play: SQL("TRUE"), by_hand=True)

        return start

    @mute_logger(*QUIET)
    def test_two_events_at_the_same_moment_start_it_once_where_it_pauses_between_starts(self):
        events = [self.happened("one"), self.happened("other")]
        self.by_hand(cooldown_days=0)
        self.assertEqual(self.started_at_once(*events), [1, 1])
        with self.registry.cursor() as cr:
            self.forget(cr)
        self.by_hand(cooldown_days=30)
        first, second = self.started_at_once(*events)
        self.assertEqual(first, 1)
        self.assertNotEqual(second, 1)
        self.assertEqual(self.starts(), 1)
        # Once it sees the first, the pause holds it back; after the pause it starts again.
        self.assertEqual(self.started_at_once(events[1]), [0])
        with self.registry.cursor() as cr:
            cr.execute("UPDATE grading_play_case SET date_start = date_start - INTERVAL '31 days'")
        self.assertEqual(self.started_at_once(events[1]), [1])
        self.assertEqual(self.starts(), 2)

    def back_to_grades(self):
        with self.new_env() as env:
            env["grading.play"].browse(self.play_id).write({"trigger": "grade_up", "cooldown_days": 0})
