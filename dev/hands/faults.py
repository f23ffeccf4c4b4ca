"""`make faults`: full runs that are killed, cut off, or lack room or time; whether every row is whole, and whether the
next run makes of it what an undisturbed one makes.

KILLS=50 of each kind at random moments, on CUSTOMERS=10000 customers with five orders each. Each round begins with a
copy of the same database, in which a third of the orders have changed since the last run.
"""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import state
import workers
from psycopg2 import sql
from servers import MODULE, connect, deadlocks, number, query, table

from odoo import sql_db

DROP = "DROP DATABASE IF EXISTS {} WITH (FORCE)"
# A run that is stopped ten times before it has written anything gives up.
KILLS_IN_A_ROUND = 5
FINISHES = 20
# Where a small file system is mounted, and how much of it is left when a run begins.
ROOM = Path("/var/tmp") / f"{MODULE}_room"
ROOM_LEFT_KB = 64
TABLESPACE = f"{MODULE}_room"
# Days since when something is so, and days that follow from the day of a run: after a run of tomorrow they are others.
DAYS = ("pending_since", "lifecycle_since", "lifecycle_date", "date", "start_date", "logged_date", "next_date")


class Faults:
    """The database, its copy as it was before the run, and what an undisturbed run makes of it."""

    def __init__(self, name, customers):
        self.name, self.before = name, f"{name}_before"
        self.rows, self.failures, self.deadlocks = [], [], 0
        self._fill(customers)
        self._copy(self.name, self.before)
        self.seconds = self._undisturbed()
        self.expected, self.expected_but_days = state.digests(name), state.digests(name, DAYS)

    def _fill(self, customers):
        with workers.environment(self.name) as env:
            self.job_id = workers.graded_company(env, customers)
            env.cr.execute("UPDATE sale_order SET amount_untaxed = amount_untaxed * 3 WHERE id % 3 = 0")
        query(self.name, "ANALYZE")

    def _copy(self, source, target):
        sql_db.close_all()
        with closing(connect("postgres")) as connection, connection.cursor() as cr:
            cr.execute(sql.SQL(DROP).format(sql.Identifier(target)))
            cr.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (target, source))))

    def restore(self):
        """The database as it was before the run."""
        self.deadlocks += deadlocks(self.name)
        self._copy(self.before, self.name)

    def worker(self, clock=None):
        """Start a worker; the id of its process."""
        return workers.start(workers.work_off, self.name, [self.job_id], clock)

    def finish(self):
        """Let workers come to the end."""
        for _attempt in range(FINISHES):
            if not workers.wait(self.worker()) and not workers.count_open(self.name):
                return
        raise SystemExit("The run does not come to its end.")

    def _undisturbed(self):
        begun = time.monotonic()
        self.finish()
        seconds = time.monotonic() - begun
        last = "SELECT state, changed_count FROM grading_run WHERE scope = 'full' ORDER BY id DESC LIMIT 1"
        print(f"undisturbed run: {seconds:.1f} s, {query(self.name, last)[0]}", flush=True)
        return seconds

    def check(self, what):
        """Every row is whole."""
        if broken := state.broken(self.name):
            self.failures.append(f"{what}: not whole: {broken}")

    def check_equal(self, what, but_days=False):
        """Every row is whole, and what an undisturbed run has made of it."""
        self.check(what)
        expected = self.expected_but_days if but_days else self.expected
        different = state.differences(self.name, expected, DAYS if but_days else ())
        if different:
            self.failures.append(f"{what}: other than undisturbed: {', '.join(different)}")
        return not different

    def add(self, what, times, hits, equal, rounds):
        """A row of the table: how often, how often a run was open then, and how many rounds ended as undisturbed."""
        not_whole = sum(line.startswith(f"{what}: not whole") for line in self.failures)
        self.rows.append((what, times, hits, not_whole, f"{equal} of {rounds}"))
        print(*self.rows[-1], sep=" | ", flush=True)


def strike(faults, what, kills, blow):
    """Strike workers at random moments of a run, again and again, then let it end.

    :param blow: a function of the worker's process
    """
    hits = equal = rounds = done = 0
    while done < kills:
        faults.restore()
        rounds += 1
        for _kill in range(min(KILLS_IN_A_ROUND, kills - done)):
            pid = faults.worker()
            time.sleep(random.uniform(0, 0.8 * faults.seconds))
            blow(pid)
            workers.wait(pid)
            hits += bool(workers.count_open(faults.name))
            done += 1
            faults.check(what)
        faults.finish()
        equal += faults.check_equal(what)
    faults.add(what, done, hits, equal, rounds)


def terminate(faults):
    """End every connection with the database."""
    end = "SELECT PG_TERMINATE_BACKEND(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> PG_BACKEND_PID()"
    query("postgres", end, [faults.name])


@contextmanager
def room(faults):
    """A small file system with a tablespace of the database; gives how much it is to have left."""
    ROOM.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", ROOM], check=True)
    try:
        subprocess.run(["chown", "postgres", ROOM], check=True)
        with closing(connect("postgres", user="postgres")) as connection, connection.cursor() as cr:
            cr.execute(f"CREATE TABLESPACE {TABLESPACE} OWNER odoo LOCATION '{ROOM}'")
        yield _leave
    finally:
        faults.restore()
        with closing(connect("postgres", user="postgres")) as connection, connection.cursor() as cr:
            cr.execute(f"DROP TABLESPACE IF EXISTS {TABLESPACE}")
        subprocess.run(["umount", ROOM], check=True)


def _leave(kilobytes):
    """Make the file system as small as what is in it, and so much more."""
    place = os.statvfs(ROOM)
    used = (place.f_blocks - place.f_bfree) * place.f_frsize // 1024
    subprocess.run(["mount", "-o", f"remount,size={used + kilobytes}k", ROOM], check=True)


def disk_full(faults, what, prepare):
    """Runs that find no room on the disk, first for what they have to write down, or to work with."""
    try:
        with room(faults) as leave:
            faults.restore()
            for statement in prepare:
                query(faults.name, statement.format(name=faults.name, room=TABLESPACE))
            leave(ROOM_LEFT_KB)
            workers.wait(faults.worker())
            failed = query(faults.name, "SELECT COUNT(*) FROM grading_run WHERE state = 'failed'")[0][0]
            faults.check(what)
            leave(1 << 20)
            faults.finish()
            faults.add(what, 1, failed, int(faults.check_equal(what)), 1)
    except (PermissionError, subprocess.CalledProcessError) as error:
        print(f"{what}: not tried, a small file system cannot be mounted here: {error}", flush=True)


def statement_timeout(faults, what):
    """Runs whose statements are cut off."""
    limits = [max(20, int(1000 * faults.seconds * share)) for share in (0.01, 0.03, 0.1)]
    failed = equal = 0
    for limit in limits:
        faults.restore()
        query("postgres", f'ALTER DATABASE "{faults.name}" SET statement_timeout = {limit}')
        workers.wait(faults.worker())
        query("postgres", f'ALTER DATABASE "{faults.name}" RESET statement_timeout')
        failed += query(faults.name, "SELECT COUNT(*) FROM grading_run WHERE state <> 'done'")[0][0]
        faults.check(what)
        faults.finish()
        equal += faults.check_equal(what)
    faults.add(what, len(limits), failed, equal, len(limits))


def run_beside(database):
    """A full run beside the scheduled action, as from Odoo's shell."""
    with workers.environment(database) as env:
        run = env["grading.run"]._prepare()
        env.cr.commit()
        run._execute_in_batches()


def two_at_once(faults, what, times):
    """Two runs of one company, the second a random moment after the first."""
    equal = 0
    for _time in range(times):
        faults.restore()
        first = faults.worker()
        time.sleep(random.uniform(0, 0.5 * faults.seconds))
        second = workers.start(run_beside, faults.name)
        workers.wait(first)
        workers.wait(second)
        faults.finish()
        equal += faults.check_equal(what)
    faults.add(what, times, times, equal, times)


def clock_moved(faults, what, hours):
    """A run whose clock goes by another day, killed in the middle, carried on by the right clock; then the next one."""
    faults.restore()
    clock = (datetime.now(timezone.utc) + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S")
    pid = faults.worker(clock)
    time.sleep(0.5 * faults.seconds)
    os.kill(pid, signal.SIGKILL)
    workers.wait(pid)
    hit = bool(workers.count_open(faults.name))
    faults.check(what)
    faults.finish()
    faults.check(what)
    faults.finish()
    faults.add(what, 1, int(hit), int(faults.check_equal(what, but_days=True)), 1)


def main(database):
    """Do it all, print the figures; leave with 1 where a row was not whole or a run came to something else."""
    kills = int(number("KILLS", 50))
    random.seed(os.environ.get("SEED") or None)
    workers.prepare(database)
    faults = Faults(database, int(number("CUSTOMERS", 10000)))
    strike(faults, "kill -9 of the worker", kills, lambda pid: os.kill(pid, signal.SIGKILL))
    strike(faults, "pg_terminate_backend", kills, lambda pid: terminate(faults))
    move = [f"ALTER TABLE {name} SET TABLESPACE {{room}}" for name in ("grading_profile", "grading_history")]
    disk_full(faults, "disk full, profiles and history", move)
    disk_full(faults, "disk full, staging tables", ['ALTER DATABASE "{name}" SET temp_tablespaces = {room}'])
    statement_timeout(faults, "statement timeout")
    two_at_once(faults, "two runs of a company at once", 5)
    clock_moved(faults, "clock a day ahead", 24)
    clock_moved(faults, "clock a day behind", -24)
    print(table(("fault", "times", "run open", "not whole", "ended as undisturbed"), faults.rows), flush=True)
    print("\n".join(dict.fromkeys(faults.failures)), flush=True)
    print(f"deadlocks: {faults.deadlocks + deadlocks(database)}", flush=True)
    with closing(connect("postgres")) as connection, connection.cursor() as cr:
        cr.execute(sql.SQL(DROP).format(sql.Identifier(faults.before)))
    return 1 if faults.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
