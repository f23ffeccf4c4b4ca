"""Workers of scheduled actions as processes of their own, forked from this one, which has loaded the registry once."""

import logging
import os
import sys
import time
import traceback
from contextlib import contextmanager, nullcontext

import data
import freezegun
from servers import CONFIG, MODULE, query

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.tools import config

PAUSE = 0.1
OPEN = "SELECT COUNT(*) FROM grading_run WHERE scope = 'full' AND state = 'running'"


def prepare(database):
    """Odoo in this process, for one database, quiet: what fails is told by the figures."""
    config.parse_config(["-c", str(CONFIG), "-d", database, "--log-level=critical"])
    logging.getLogger().setLevel(logging.CRITICAL)
    return Registry(database)


@contextmanager
def environment(database):
    """An environment of the superuser, committed at the end."""
    with Registry(database).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})
    sql_db.close_all()


def graded_company(env, customers):
    """One company whose customers have five orders each, graded once.

    :return: the id of the scheduled action that carries out its runs
    """
    print(data.make(env, customers, 5 * customers), flush=True)
    env.cr.execute("UPDATE res_company SET active = FALSE WHERE id <> %s", [env.company.id])
    env.invalidate_all()
    print(f"first run: {env['grading.run']._rescore().state}", flush=True)
    return env.ref(f"{MODULE}.ir_cron_rescore").id


def count_open(database):
    """How many full runs are open."""
    return query(database, OPEN)[0][0]


def start(function, *arguments):
    """Call a function in a new process; its id. The process ends with 0, or with 1 where the function fails."""
    sql_db.close_all()
    sys.stdout.flush()
    if pid := os.fork():
        return pid
    try:
        function(*arguments)
        os._exit(0)
    except BaseException:  # noqa: BLE001 - the process ends here, whatever it was
        if os.environ.get("VERBOSE"):
            traceback.print_exc()
        os._exit(1)


def wait(pid):
    """The exit code of a process; negative for the signal that has ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def work_off(database, job_ids, clock=None, at_once=True):
    """What a worker does until no full run is open: it goes through the scheduled actions, passing by those that
    others are at.

    :param str clock: the moment at which Python's clock begins, None for now
    :param bool at_once: also actions that are not due
    """
    registry = Registry(database)
    registry.clear_all_caches()
    with freezegun.freeze_time(clock, tick=True) if clock else nullcontext():
        is_first = True
        while is_first or count_open(database):
            is_first, has_worked = False, False
            for job_id in job_ids:
                has_worked |= _work(registry, job_id, at_once)
            if not has_worked:
                time.sleep(PAUSE)


def _work(registry, job_id, at_once):
    """Carry out a scheduled action, as :meth:`ir.cron._process_jobs_loop` does; whether no other worker was at it."""
    with registry.cursor() as cr:
        try:
            job = registry["ir.cron"]._acquire_one_job(cr, job_id, include_not_ready=at_once)
        except sql_db.psycopg2.extensions.TransactionRollbackError:
            cr.rollback()
            return False
        if job:
            registry["ir.cron"]._process_job(cr, job)
        return bool(job)
