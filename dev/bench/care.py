"""Contacts: what it costs to know when the last one was and when the next one is due, and to plan what is due."""

from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from unittest.mock import patch

import floor
from clock import timed, vacuum

from odoo.tools import SQL

REPETITIONS = 3
BATCH_SIZE = 10000
SALESPEOPLE = 20
PLANNED = 10000
PLAN_AIM = 30
STATEMENT = (Path(__file__).parent / "floor_care.sql").read_text()
CARE, COPY = "grading_care", "bench_care"
COLUMNS = ("profile_id", "cadence_id", "channel", "last_date", "next_date", "user_id")
NEXT_DATES = ("next_online_date", "next_call_date", "next_visit_date", "next_contact_date")
# Every tenth was visited, which counts for all channels, on another day than one thought.
CHANGE = "UPDATE grading_profile SET last_visit_date = COALESCE(last_visit_date, %s) - 1 WHERE MOD(partner_id, 10) = 7"


@contextmanager
def left_out(env):
    """Runs neither look for contacts nor set the next ones: the floor of the others does not, either."""
    original = env.registry["grading.run"]._collect_rules

    def without_contacts(self, *args, **kwargs):
        rules = original(self, *args, **kwargs)
        return rules._replace(sources=rules.sources - {"touch"}, cadences=rules.cadences.browse())

    with patch.object(env.registry["grading.run"], "_collect_rules", without_contacts):
        yield


def measure(env, table, rescore):
    """Add the rows of the contacts to ``table``.

    :param rescore: rescores everybody and commits
    """
    _employ(env)
    with left_out(env):
        without = median(timed(rescore, env)[0] for _repetition in range(REPETITIONS))
    rescore(env)
    both = median(timed(rescore, env)[0] for _repetition in range(REPETITIONS))
    table.add("second run, with contacts and cadences", both, "without", without)
    _add_step(env, table)
    _add_plan(env, table)


def _employ(env):
    """Give every customer a salesperson."""
    values = [{"name": f"Bench {number}", "login": f"bench{number}"} for number in range(SALESPEOPLE)]
    users = env["res.users"].with_context(no_reset_password=True).create(values)
    env.flush_all()
    mine = "UPDATE res_partner SET user_id = (%s::int[])[1 + id %% %s] WHERE ref ~ '^BENCH/[0-9]'"
    env.cr.execute(mine, [users.ids, SALESPEOPLE])
    env.cr.commit()
    env.invalidate_all()


# ------------------------------------------------------------
# Step 7 beside plain SQL
# ------------------------------------------------------------


def _add_step(env, table):
    run = env["grading.run"].create({"company_id": env.company.id, "as_of": env.company._grading_today()})
    rules = run._collect_rules("customer", run._collect_rules("lead"))
    cadences = rules.cadences.filtered(lambda cadence: cadence.domain in (False, "[]") and cadence.grade_ids)
    rules = rules._replace(cadences=cadences)
    as_of = env.company._grading_today()
    env.cr.commit()
    times = defaultdict(list)
    for _repetition in range(REPETITIONS):
        _forget(env)
        for name in ("first", "second", "changed"):
            if name == "changed":
                env.cr.execute(CHANGE, [as_of])
            vacuum(env, "grading_profile", CARE, COPY, floor.PROFILE)
            seconds, written = timed(_run, env, rules, as_of)
            times[name].append(seconds)
            times[f"{name} by hand"].append(timed(_run_by_hand, env, cadences, as_of)[0])
            _check(env, name, written)
    middle = {name: median(values) for name, values in times.items()}
    what, beside = f"{len(cadences)} cadences", "plain SQL for the same"
    table.add(f"{what}, from no dates to all", middle["first"], beside, middle["first by hand"], "<=", 1.5)
    changed = f"{what}, a tenth has changed"
    table.add(changed, middle["changed"], beside, middle["changed by hand"], "<=", 1.5)
    table.add(f"{what}, second run: none", middle["second"], "from no dates to all", middle["first"])
    table.add(f"{what}, second run: none", middle["second"], beside, middle["second by hand"])


def _forget(env):
    """Nobody is due."""
    env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(CARE)))
    floor.copy_table(env, COPY, CARE)
    # Its rows are those of our profiles.
    env.cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT bench_grading_care_profile_id_fkey", SQL.identifier(COPY)))
    env.cr.execute(
        SQL(
            "ALTER TABLE %s ADD CONSTRAINT bench_grading_care_profile_id_fkey"
            " FOREIGN KEY (profile_id) REFERENCES grading_profile ON DELETE CASCADE",
            SQL.identifier(COPY),
        )
    )
    dates = SQL(", ").join(SQL("%s = NULL", SQL.identifier(name)) for name in NEXT_DATES)
    for profile in ("grading_profile", floor.PROFILE):
        env.cr.execute(SQL("UPDATE %s SET %s", SQL.identifier(profile), dates))
    env.cr.commit()
    env.invalidate_all()


def _run(env, rules, as_of):
    """Step 7 as a run over everybody does it.

    :return: how many customers have something new
    """
    Work = env["grading.worktable"]
    env.cr.execute("SET LOCAL jit = off")
    env.cr.execute("SET LOCAL enable_nestloop = off")
    population = SQL.identifier("pg_temp", "bench_population")
    select = SQL(
        "SELECT partner_id FROM grading_profile WHERE partner_id IS NOT NULL AND company_id = %s", env.company.id
    )
    Work._create(population, select)
    env.execute_query(SQL("ANALYZE %s", population))
    total = Work._create_care(rules, as_of, population)
    env.cr.execute("SET LOCAL enable_nestloop = on")
    for first in range(1, total + 1, BATCH_SIZE):
        Work._write_care_batch(first, min(first + BATCH_SIZE - 1, total), as_of)
    env.cr.commit()
    return total


def _run_by_hand(env, cadences, as_of):
    env.cr.execute("SET LOCAL jit = off")
    company = env.company
    values = {"cadences": cadences.ids, "company": company.id, "as_of": as_of, "tz": company._grading_tz()}
    env.cr.execute(STATEMENT, values)
    env.cr.commit()


def _check(env, name, written):
    """Compare the rows.

    :raise SystemExit: when they differ, or when a second run has written something or another one nothing
    """
    if bool(written) == (name == "second"):
        raise SystemExit(f"The {name} run of the cadences has written {written}.")
    columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
    [[differing]] = env.execute_query(
        SQL(
            "SELECT COUNT(*) FROM ((SELECT %(c)s FROM %(a)s EXCEPT ALL SELECT %(c)s FROM %(b)s)"
            " UNION ALL (SELECT %(c)s FROM %(b)s EXCEPT ALL SELECT %(c)s FROM %(a)s)) AS different",
            c=columns,
            a=SQL.identifier(COPY),
            b=SQL.identifier(CARE),
        )
    )
    if differing:
        raise SystemExit(f"The cadences and the statement differ in {differing} rows, {name} run.")


# ------------------------------------------------------------
# Planning
# ------------------------------------------------------------


def _add_plan(env, table):
    """Plan 10,000 contacts that are due on one day, if there are as many, without a limit for a person."""
    today = env.company._grading_today()
    env.company.write({"grading_contacts_per_day": 0, "grading_plan_contacts": True})
    env.flush_all()
    env.cr.execute("UPDATE grading_care SET next_date = NULL WHERE next_date <= %s", [today])
    env.cr.execute(
        "UPDATE grading_care SET next_date = %s WHERE id IN ("
        " SELECT id FROM grading_care WHERE user_id IS NOT NULL ORDER BY MOD(id, 997), id LIMIT %s)",
        [today, PLANNED],
    )
    due = env.cr.rowcount
    env.cr.commit()
    env.invalidate_all()
    vacuum(env, CARE)
    seconds, planned = timed(_plan, env)
    if planned != due:
        raise SystemExit(f"{planned} contacts were planned instead of {due}.")
    table.add(f"planning {planned} contacts that are due", seconds, "seconds", 1.0, "result <=", PLAN_AIM)


def _plan(env):
    """As the scheduled action does, batch by batch.

    :return: how many activities were made
    """
    total = 0
    while planned := env["grading.care"]._plan():
        env.cr.commit()
        env.invalidate_all()
        total += planned
    return total
