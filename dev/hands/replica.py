"""`make replica`: every screen of reading over HTTP, with a streaming replica (`db_replica_host`) to read from.

A second PostgreSQL is made by pg_basebackup of the sandbox's own, beside it. No call may fail, and none that reads may
write: Odoo would notice by an error, and ask the primary. How many transactions the replica has seen is told.
"""

import os
import pwd
import re
import shutil
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import people
import workers
from client import CallError, Client
from servers import LOGS, MODULE, LogFrom, connect, query, serving, table

from odoo.tools.safe_eval import datetime, safe_eval

FOLDER = Path("/var/tmp") / f"{MODULE}_replica"
PORT = 5433
SUPERUSER = "postgres"
PATIENCE = 600
# What Odoo logs when a call that may only read has written.
FELL_BACK = "retrying with a read/write cursor"
GROUPED = ("graph", "pivot")
OPENED = {"res.partner": "form", "crm.lead": "form"}


def _as_server(*words):
    subprocess.run(["runuser", "-u", SUPERUSER, "--", *map(str, words)], check=True, stdout=subprocess.DEVNULL, cwd="/")


@contextmanager
def replica():
    """A streaming replica of the sandbox's cluster; gives the folder of its socket."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(mode=0o700)
    owner = pwd.getpwnam(SUPERUSER)
    shutil.chown(FOLDER, owner.pw_uid)
    data = FOLDER / "data"
    source = ["-h", os.environ["PGHOST"], "-p", os.environ["PGPORT"], "-U", SUPERUSER]
    _as_server(programs / "pg_basebackup", *source, "-D", data, "-R", "-X", "stream", "-c", "fast")
    (data / "postgresql.conf").write_text(
        f"listen_addresses = ''\nunix_socket_directories = '{FOLDER}'\nport = {PORT}\nhot_standby = on\n"
        "max_connections = 200\nshared_buffers = 128MB\nfsync = off\n"
    )
    (data / "pg_hba.conf").write_text("local all all trust\n")
    for name in ("postgresql.conf", "pg_hba.conf"):
        shutil.chown(data / name, owner.pw_uid)
    control = [programs / "pg_ctl", "-D", data, "-w", "-t", PATIENCE, "-l", FOLDER / "server.log"]
    _as_server(*control, "start")
    try:
        yield FOLDER
    finally:
        _as_server(*control, "-m", "fast", "stop")
        shutil.rmtree(FOLDER, ignore_errors=True)


def on_replica(folder, database, statement):
    """The rows of a statement on the replica."""
    with closing(connect(database, host=str(folder), port=PORT)) as connection, connection.cursor() as cr:
        cr.execute(statement)
        return cr.fetchall()


def catch_up(folder, database):
    """Wait until the replica has what the primary had."""
    [[position]] = query(database, "SELECT PG_CURRENT_WAL_LSN()::text")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        [[is_there]] = on_replica(folder, database, f"SELECT PG_LAST_WAL_REPLAY_LSN() >= '{position}'::pg_lsn")
        if is_there:
            return
        time.sleep(0.2)
    sys.exit("The replica does not follow.")


class Reader:
    """An administrator who opens every window."""

    def __init__(self, client):
        self.client, self.calls, self.failures = client, 0, []

    def call(self, *args, **kwargs):
        """A call, counted; None where it fails."""
        self.calls += 1
        try:
            return self.client.call(*args, **kwargs)
        except CallError as error:
            self.failures.append(f"{args[0]}.{args[1]}: {error}"[:300])
            return None

    def open_windows(self):
        """Every window of the module; how many there are."""
        ours = [["module", "=", MODULE], ["model", "=", "ir.actions.act_window"]]
        ids = [row["res_id"] for row in self.call("ir.model.data", "search_read", ours, ["res_id"])]
        for action_id in ids:
            action = self.client.post("/web/action/load", {"action_id": action_id})
            self.open(action)
        return len(ids)

    def open(self, action):
        """What the web client asks when it opens a window: the views, and the first page of each."""
        known = {"uid": self.client.uid, "active_id": False, "active_ids": [], "datetime": datetime}
        known |= {"context_today": datetime.date.today, "allowed_company_ids": [1]}
        domain, context = (
            safe_eval(action[name] or empty, known) if isinstance(action[name], str) else action[name] or default
            for name, empty, default in (("domain", "[]", []), ("context", "{}", {}))
        )
        model = action["res_model"]
        views = [*action["views"], [False, "search"]]
        loaded = self.call(model, "get_views", views, {"load_filters": True}, context=context)
        for kind, view in (loaded or {"views": {}})["views"].items():
            if kind != "search":
                self.read(model, kind, view["arch"], loaded["models"][model]["fields"], domain, context)

    def read(self, model, kind, arch, fields, domain, context):
        """The first page of a view, and the first record of a form."""
        shown = [name for name in re.findall(r'<field name="(\w+)"', arch) if name in fields]
        if kind in GROUPED:
            groups = [name for name in shown if fields[name].get("groupable")][:1]
            groups = [f"{name}:month" if "date" in fields[name]["type"] else name for name in groups]
            self.call(model, "formatted_read_grouping_sets", domain, [groups], ["__count"], context=context)
            return
        specification = {name: {} for name in shown}
        limit = 1 if kind == "form" else people.PAGE
        options = {"domain": domain, "specification": specification, "limit": limit, "count_limit": 10001}
        self.call(model, "web_search_read", **options, context=context)
        if group := re.search(r'default_group_by="(\w+)"', arch):
            expand = {**context, "read_group_expand": True}
            self.call(model, "web_read_group", domain, [group[1]], ["__count"], context=expand)

    def open_pages(self):
        """The kanban, the list, the due contacts, the overview, and what widgets ask."""
        profile = [["partner_id", "!=", False], ["grade_id", "!=", False]]
        [row] = self.call("grading.profile", "search_read", profile, ["partner_id"], limit=1)
        partner = row["partner_id"][0]
        self.call("res.partner", "grading_glance", [partner])
        self.call("grading.profile", "get_worth_calling")
        self.call("sale.order", "grading_basket_suggestions", [], partner, 1, [])
        self.call("res.company", "read", [1], ["grading_first_steps"])
        self.call("res.partner", "read", [partner], ["grading_score_line"])
        person = people.Person.__new__(people.Person)
        person._call = self.call
        for page in (person._kanban, person._list, person._due, person._overview):
            page()


def main(database):
    """Open everything; leave with 1 where a call failed or has written."""
    workers.prepare(database)
    with workers.environment(database) as env:
        for company in env["res.company"].search([]):
            env["grading.run"].with_company(company)._rescore()
    log_path = LOGS / "replica.log"
    log = LogFrom(log_path)
    with replica() as folder:
        options = (f"--db_replica_host={folder}", f"--db_replica_port={PORT}")
        with serving(database, log_path, *options, workers=2, cron=0) as port:
            reader = Reader(Client(port, database, "admin", "admin"))
            catch_up(folder, database)
            counted = f"SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = '{database}'"  # noqa: S608
            before = on_replica(folder, "postgres", counted)[0][0]
            windows = reader.open_windows()
            reader.open_pages()
            time.sleep(2)  # the statistics follow
            seen = on_replica(folder, "postgres", counted)[0][0] - before
    written = log.count(FELL_BACK)
    head = ("windows", "calls", "transactions on the replica", "failed", "had to write")
    print(table(head, [(windows, reader.calls, seen, len(reader.failures), written)]), flush=True)
    print("\n".join(reader.failures), flush=True)
    return 1 if reader.failures or written else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
