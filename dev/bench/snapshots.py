"""Snapshots: a month of all customers and open leads beside plain SQL for the same, and how much room they take."""

from collections import defaultdict
from statistics import median

import floor
import internals
from clock import REPETITIONS, timed, vacuum

from odoo.tools import SQL

SNAPSHOT, COPY = "grading_snapshot", "bench_snapshot"
SECONDS_AIM = 3  # for a hundred thousand customers
BYTES_AIM = 200
STATEMENT = """
    INSERT INTO bench_snapshot (date, profile_id, partner_id, lead_id, company_id, scheme_id, scheme_version, grade_id,
                                lifecycle_id, score, value_score, loyalty_score, potential_score, fit_score,
                                intent_score, order_amount_12m, order_count_12m, purchase_probability, backfilled)
    SELECT DATE %(day)s, id, partner_id, lead_id, company_id, scheme_id, scheme_version, grade_id, lifecycle_id, score,
           value_score, loyalty_score, potential_score, fit_score, intent_score, order_amount_12m, order_count_12m,
           score / 100, FALSE
      FROM grading_profile WHERE company_id = %(company)s
"""


def measure(env, table):
    """Add the rows of the snapshots to ``table``."""
    day = internals.last_month_end(env)
    times = defaultdict(list)
    for _repetition in range(REPETITIONS):
        floor.copy_table(env, COPY, SNAPSHOT, profile="grading_profile")
        env.cr.execute(SQL("TRUNCATE %s, grading_secondary_snapshot", SQL.identifier(SNAPSHOT)))
        vacuum(env, "grading_profile", SNAPSHOT, COPY)
        seconds, count = timed(_take, env, day)
        times["ours"].append(seconds)
        times["by hand"].append(timed(_take_by_hand, env, day)[0])
    if internals.take_snapshots(env, day):
        raise SystemExit("A month that was remembered has been remembered again.")
    what, aim = f"snapshots of a month, {count} rows", SECONDS_AIM * max(1, count / 100000)
    table.add(what, median(times["ours"]), "plain SQL for the same", median(times["by hand"]), "<=", 1.5)
    table.add(what, median(times["ours"]), "seconds", 1.0, "result <=", round(aim, 1))
    [[size]] = env.execute_query(SQL("SELECT PG_RELATION_SIZE(%s)", SNAPSHOT))
    table.add("a snapshot without its indexes", size / count, "bytes", 1.0, "result <=", BYTES_AIM, unit="B")


def _take(env, day):
    count = internals.take_snapshots(env, day)
    env.cr.commit()
    return count


def _take_by_hand(env, day):
    env.cr.execute(STATEMENT, {"day": day, "company": env.company.id})
    env.cr.commit()
