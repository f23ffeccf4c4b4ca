"""Contacts: what it costs to know when the last one was and when the next one is due, and to plan what is due."""

from pathlib import Path
from statistics import median

import floor
import internals
import step
from clock import REPETITIONS, timed, vacuum

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


def measure(env, table, rescore):
    """Add the rows of the contacts to ``table``.

    :param rescore: rescores all customers and leads and commits
    """
    _employ(env)
    with internals.contacts_left_out(env):
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
    rules = internals.cadence_rules(env)
    cadences, as_of = rules.cadences, internals.today(env)
    env.cr.commit()

    def change(name):
        if name == "changed":
            env.cr.execute(CHANGE, [as_of])
        vacuum(env, "grading_profile", CARE, COPY, floor.PROFILE)

    middle = step.measure(
        lambda: _run(env, rules),
        lambda: _run_by_hand(env, cadences, as_of),
        lambda: _forget(env),
        change,
        lambda name: step.compare(env, COPY, CARE, COLUMNS, name),
    )
    step.add(table, f"{len(cadences)} cadences", "dates", middle)


def _forget(env):
    """No contact is due."""
    env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(CARE)))
    floor.copy_table(env, COPY, CARE, profile="grading_profile")  # its rows are those of our profiles
    dates = SQL(", ").join(SQL("%s = NULL", SQL.identifier(name)) for name in NEXT_DATES)
    for profile in ("grading_profile", floor.PROFILE):
        env.cr.execute(SQL("UPDATE %s SET %s", SQL.identifier(profile), dates))
    env.cr.commit()
    env.invalidate_all()


def _run(env, rules):
    total = internals.set_next_contacts(env, rules)
    env.cr.commit()
    return total


def _run_by_hand(env, cadences, as_of):
    internals.set_planner(env)
    tz = internals.time_zone(env)
    values = {"cadences": cadences.ids, "company": env.company.id, "as_of": as_of, "tz": tz}
    env.cr.execute(STATEMENT, values)
    env.cr.commit()


# ------------------------------------------------------------
# Planning
# ------------------------------------------------------------


def _add_plan(env, table):
    """Plan 10,000 contacts that are due on one day, if there are as many, without a limit for a person."""
    today = internals.today(env)
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
    while planned := internals.plan_contacts(env):
        env.cr.commit()
        env.invalidate_all()
        total += planned
    return total
