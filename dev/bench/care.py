"""Contacts: what it costs to know when the last one was and when the next one is due, and to plan what is due."""

from contextlib import contextmanager
from pathlib import Path
from statistics import median
from unittest.mock import patch

import floor
import step
from clock import timed, vacuum

from odoo.tools import SQL

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
        without = median(timed(rescore, env)[0] for _repetition in range(step.REPETITIONS))
    rescore(env)
    both = median(timed(rescore, env)[0] for _repetition in range(step.REPETITIONS))
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

    def change(name):
        if name == "changed":
            env.cr.execute(CHANGE, [as_of])
        vacuum(env, "grading_profile", CARE, COPY, floor.PROFILE)

    middle = step.measure(
        lambda: _run(env, rules, as_of),
        lambda: _run_by_hand(env, cadences, as_of),
        lambda: _forget(env),
        change,
        lambda name: step.compare(env, COPY, CARE, COLUMNS, name),
    )
    step.add(table, f"{len(cadences)} cadences", "dates", middle)


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
    total = Work._create_care(rules, as_of, step.everybody(env))
    env.cr.execute("SET LOCAL enable_nestloop = on")
    for first, last in step.batches(total):
        Work._write_care_batch(first, last, as_of)
    env.cr.commit()
    return total


def _run_by_hand(env, cadences, as_of):
    env.cr.execute("SET LOCAL jit = off")
    company = env.company
    values = {"cadences": cadences.ids, "company": company.id, "as_of": as_of, "tz": company._grading_tz()}
    env.cr.execute(STATEMENT, values)
    env.cr.commit()


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
