"""`make hands`: SESSIONS=50 people at work over HTTP for MINUTES=10, while full runs repeat in every other turn.

No save may fail, no override may be lost, PostgreSQL may find no deadlock, and each page may take half as long again as
without a run (95 of 100 requests). Odoo's own repetition of a request that has collided is no failure; it is counted.
CUSTOMERS=10000 have five orders each; a tenth of the orders changes before each run, so that it has what to write.
"""

import sys
import threading
import time
from collections import Counter

import data
import workers
from people import PAGES, WEIGHTS, Notes, Person
from servers import LOGS, MODULE, LogFrom, deadlocks, number, percentile, query, serving, table, vacuum

from odoo.fields import Command
from odoo.tools import SQL

TURNS = ("without", "with") * 2
AIM = 1.5
GROUPS = (
    "sales_team.group_sale_manager",
    "account.group_account_invoice",
    "base.group_partner_manager",
    f"{MODULE}.customer_grading_group_user",
)
NIGHTLY = f"{MODULE}.ir_cron_rescore"
PATIENCE = 600
CHANGE = "UPDATE sale_order SET amount_untaxed = amount_untaxed * %s WHERE name LIKE 'BENCH/%%' AND id %% 10 = %s"


def prepare(env, sessions, customers):
    """Customers, scored once, and a user for each session; what the sessions have to know of them."""
    print(data.make(env, customers, 5 * customers), flush=True)
    company = env.company
    env.cr.execute("UPDATE res_company SET active = FALSE WHERE id <> %s", [company.id])
    env.invalidate_all()
    print(f"first run: {env['grading.run']._rescore().state}", flush=True)
    groups = [env.ref(name).id for name in GROUPS]
    quiet = env["res.users"].with_context(no_reset_password=True, mail_create_nosubscribe=True, tracking_disable=True)
    for place in range(sessions):
        login = f"hand{place}"
        values = {"name": login, "login": login, "password": login, "group_ids": [Command.set(groups)]}
        quiet.create({**values, "company_id": company.id, "company_ids": [Command.set(company.ids)]})
    best = SQL(
        "SELECT partner_id FROM grading_profile WHERE partner_id IS NOT NULL AND company_id = %s"
        " ORDER BY score DESC NULLS LAST, id LIMIT %s",
        company.id,
        40 + 40 * sessions,
    )
    form = env["res.partner"].get_view(env.ref("base.view_partner_form").id, "form")
    fields = env["res.partner"].fields_get([*form["models"]["res.partner"]], ["type"])
    product = env["product.product"].create({"name": "Advice", "type": "service", "taxes_id": [Command.clear()]})
    return {
        "sessions": sessions,
        "partners": [partner for [partner] in env.execute_query(best)],
        "grades": env["grading.grade"].search([("active", "=", True)]).ids,
        "product": product.id,
        "form": {name: {} for name in fields},
        "job": env.ref(NIGHTLY).id,
    }


class Runs(threading.Thread):
    """Full runs in the server's cron worker, one after the other, as long as :attr:`wanted` is set."""

    def __init__(self, database, job_id, over):
        super().__init__(daemon=True)
        self._database, self._job_id, self._over = database, job_id, over
        self.wanted = threading.Event()

    def run(self):
        turn = 0
        while not self._over.is_set():
            if not self.wanted.wait(0.5):
                continue
            turn += 1
            query(self._database, CHANGE, [1.5 if turn % 2 else 0.7, turn % 10])
            trigger = "INSERT INTO ir_cron_trigger (cron_id, call_at) VALUES (%s, NOW() AT TIME ZONE 'UTC')"
            query(self._database, trigger, [self._job_id])
            query("postgres", "SELECT PG_NOTIFY('cron_trigger', %s)", [self._database])
            self._wait()

    def _wait(self):
        """Until the run that was asked for is over."""
        begun = time.monotonic()
        waiting = "SELECT COUNT(*) FROM ir_cron_trigger WHERE cron_id = %s"
        while not self._over.is_set() and time.monotonic() - begun < PATIENCE:
            if not query(self._database, waiting, [self._job_id])[0][0] and not workers.count_open(self._database):
                return
            time.sleep(0.3)


def work(database, world, minutes, think):
    """Let all sessions work, in turns; what they have noted, and the server's log."""
    notes, over = Notes(), threading.Event()
    log = LOGS / "hands.log"
    since = LogFrom(log)
    with serving(database, log, "--limit-time-real=600", "--limit-time-cpu=600", workers=4, cron=1) as port:
        people = [
            Person(place, port, database, f"hand{place}", world, notes, over, think)
            for place in range(world["sessions"])
        ]
        runs = Runs(database, world["job"], over)
        for thread in (*people, runs):
            thread.start()
        for turn in ("warming up", *TURNS):
            notes.turn = turn
            runs.wanted.set() if turn == "with" else runs.wanted.clear()
            time.sleep(60 * minutes / (len(TURNS) + 1))
        notes.turn = "ending"
        over.set()
        for thread in (*people, runs):
            thread.join(PATIENCE)
    return notes, since


def lost_overrides(database, overrides):
    """Overrides that were made and are not in force."""
    rows = query(
        database,
        "SELECT partner_id, manual_grade_id, manual_reason, grade_id FROM grading_profile WHERE partner_id = ANY(%s)",
        [list(overrides)],
    )
    found = {partner: (grade, reason, in_force) for partner, grade, reason, in_force in rows}
    return [
        f"{partner}: {made} became {found.get(partner)}"
        for partner, made in overrides.items()
        if found.get(partner) != (*made, made[0])
    ]


def report(database, notes, log):
    """Print the figures; what must not be."""
    rows, wrong = [], []
    for what in WEIGHTS:
        without, with_run = (notes.seconds[what, turn] for turn in ("without", "with"))
        slow, slower = percentile(without, 0.95), percentile(with_run, 0.95)
        rows.append((what, len(without), len(with_run), f"{slow:.2f}", f"{slower:.2f}", f"{slower / slow:.2f}"))
        if what in PAGES and slower > AIM * slow:
            wrong.append(f"{what}: {slower / slow:.2f} times as slow during a run")
    print(table(("what", "without", "with", "p95 without, s", "p95 with a run, s", "ratio"), rows), flush=True)
    runs = query(database, "SELECT state, COUNT(*) FROM grading_run WHERE scope = 'full' GROUP BY state")
    lost = lost_overrides(database, notes.overrides)
    found = deadlocks(database)
    print(f"done: {sum(notes.counts.values())}, overrides in force: {len(notes.overrides) - len(lost)}", flush=True)
    print(f"full runs: {dict(runs)}; requests that Odoo repeated: {log.count('tries left')}", flush=True)
    print(f"failed: {len(notes.failures)}, overrides lost: {len(lost)}, deadlocks: {found}", flush=True)
    for sentence, count in notes.sentences.most_common(8):
        print(f"told {count} times: {sentence}", flush=True)
    for failure, count in Counter(notes.failures).most_common(12):
        print(f"failed {count} times: {failure}", flush=True)
    print("\n".join(lost[:10]))
    counts = {"calls failed": len(notes.failures), "overrides lost": len(lost), "deadlocks": found}
    wrong += [f"{count} {what}" for what, count in counts.items() if count]
    return wrong


def main(database):
    """Do it all; leave with 1 where something must not be."""
    sessions, customers = int(number("SESSIONS", 50)), int(number("CUSTOMERS", 10000))
    workers.prepare(database)
    with workers.environment(database) as env:
        world = prepare(env, sessions, customers)
    vacuum(database)
    notes, log = work(database, world, number("MINUTES", 10), number("THINK", 12))
    wrong = report(database, notes, log)
    print("\n".join(wrong), flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
