"""Odoo as a server with workers, PostgreSQL behind it, and the log of both: what the scripts of this folder share.

All run with the environment that dev/sandbox prepares: PGHOST and its like lead to the cluster, PYTHONPATH to Odoo.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / ".sandbox" / "odoo.conf"
LOGS = ROOT / ".sandbox" / "log"
MODULE = "customer_grading"


def number(name, default):
    """A parameter of make, as a number."""
    return float(os.environ.get(name) or default)


def connect(database, **options):
    """A connection that commits each statement."""
    connection = psycopg2.connect(dbname=database, **options)
    connection.autocommit = True
    return connection


def query(database, statement, values=None):
    """The rows of one statement."""
    with closing(connect(database)) as connection, connection.cursor() as cr:
        cr.execute(statement, values)
        return cr.fetchall() if cr.description else []


def vacuum(database, words="VACUUM ANALYZE", patience=60):
    """Vacuum the whole database. First the sessions that have just been closed come to their end: their temporary
    tables would vanish in the middle of it."""
    others = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
    begun = time.monotonic()
    while query("postgres", others, [database])[0][0] and time.monotonic() - begun < patience:
        time.sleep(0.1)
    query(database, words)


def free_port():
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def odoo(*arguments):
    """A command line of Odoo."""
    script = Path(__file__).with_name("odoo_bin.py")
    return [sys.executable, str(script), "server", "-c", str(CONFIG), *arguments]


@contextmanager
def serving(database, log, *options, workers=4, cron=1):
    """Odoo over HTTP with worker processes, for the block; gives its port."""
    port = free_port()
    words = odoo("-d", database, f"--db-filter=^{database}$", f"--http-port={port}", f"--gevent-port={free_port()}")
    words += [f"--workers={workers}", f"--max-cron-threads={cron}", f"--logfile={log}", *options]
    process = subprocess.Popen(words, start_new_session=True)
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(port, process, patience=300):
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.5)
    raise SystemExit(f"Odoo does not listen on port {port}.")


class LogFrom:
    """What is added to a log from now on."""

    def __init__(self, path):
        self.path = Path(path)
        self.start = self.path.stat().st_size if self.path.exists() else 0

    def count(self, pattern):
        """How many lines of it match."""
        if not self.path.exists():
            return 0
        with self.path.open(errors="replace") as stream:
            stream.seek(self.start)
            return sum(bool(re.search(pattern, line)) for line in stream)


def deadlocks(database):
    """How many deadlocks PostgreSQL has found in a database since it was made."""
    return query(
        "postgres", "SELECT COALESCE(SUM(deadlocks), 0)::int FROM pg_stat_database WHERE datname = %s", [database]
    )[0][0]


def percentile(values, share):
    """The value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def table(head, rows):
    """A table as RESULTS.md has them."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
