"""Plays: ten thousand customers rise on one day, and with each a play starts that plans an activity."""

from collections import defaultdict
from contextlib import ExitStack

import internals
from clock import timed, timing, vacuum

from odoo.tools import SQL

EVENTS = 10000
AIM = 30  # seconds
# They were in a lower grade before: the run finds that they have risen.
LOWER = """
    UPDATE grading_profile SET grade_id = %(worse)s, computed_grade_id = %(worse)s
     WHERE id IN (SELECT id FROM grading_profile
                   WHERE company_id = %(company)s AND grade_id = %(grade)s AND partner_id IS NOT NULL
                     AND manual_grade_id IS NULL
                ORDER BY MOD(id, 997), id LIMIT %(events)s)
"""


def measure(env, table, rescore):
    """Add the row of the plays to ``table``.

    :param rescore: rescores all customers and leads and commits
    """
    grade = _commonest(env)
    _make(env, grade)
    worse = env.ref("customer_grading.grading_grade_f" if grade.name != "F" else "customer_grading.grading_grade_e")
    env.cr.execute(LOWER, {"worse": worse.id, "grade": grade.id, "company": env.company.id, "events": EVENTS})
    risen = env.cr.rowcount
    vacuum(env, "grading_profile")
    env.invalidate_all()
    parts = defaultdict(float)
    with ExitStack() as patched:
        for model, method in internals.PLAYS_OF_A_RUN:
            patched.enter_context(timing(env.registry[model], method, parts, "start"))
        rescore(env)
    started = env["grading.play.case"].search_count([("state", "=", "running")])
    begun, _nothing = timed(_begin, env)
    if not risen <= started <= 1.1 * risen:  # some have risen besides
        raise SystemExit(f"{started} plays were started for {risen} customers.")
    table.add(f"{started} plays started by a run", parts["start"] + begun, "seconds", 1.0, "result <=", AIM)


def _commonest(env):
    """The better of two grades that most customers have."""
    [[grade_id]] = env.execute_query(
        SQL(
            "SELECT grade_id FROM grading_profile WHERE company_id = %s AND partner_id IS NOT NULL"
            " AND grade_id <> %s GROUP BY 1 ORDER BY COUNT(*) DESC LIMIT 1",
            env.company.id,
            env.ref("customer_grading.grading_grade_f").id,
        )
    )
    return env["grading.grade"].browse(grade_id)


def _make(env, grade):
    """A play that starts when a customer rises, with one activity; the only one in force."""
    env["grading.play"].search([]).active = False
    env["grading.play"].create(
        {
            "name": "Bench: risen",
            "trigger": "grade_up",
            "grade_id": grade.id,
            "plan_id": env.ref("customer_grading.mail_activity_plan_serious_complaint").id,
            "control_percent": 0,
            "goal": "order",
            "goal_days": 60,
        }
    )
    env.cr.commit()


def _begin(env):
    """As the scheduled action does, batch by batch."""
    while internals.begin_plays(env):
        env.cr.commit()
        env.invalidate_all()
    env.cr.commit()
