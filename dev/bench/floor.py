"""The floor: the same measures, score, grade and history by hand-written statements, into tables of the same shape.

One script for leads and one for customers, who need the leads' results; each is the floor of one pass of a run.
"""

from pathlib import Path

import internals
from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

HERE = Path(__file__).parent
# The days in which a customer declines are found by halving: 2048, 1024 … 1 of them.
STEPS = [2**power for power in reversed(range(12))]


def _odds(days):
    """The expression in ``floor_odds.sql`` below its comment, some days after the last order."""
    return (HERE / "floor_odds.sql").read_text().partition("\n")[2].replace("{days}", days)


def _halving():
    """``floor_step.sql`` for each step, each on what the one before has found."""
    text = (HERE / "floor_step.sql").read_text()
    found = "rhythm"
    for step in STEPS:
        select = text.replace("{odds_decline}", _odds(f"(decline_days + {step})"))
        select = select.replace("{odds_lost}", _odds(f"(lost_days + {step})"))
        select = select.replace("{step}", str(step)).replace("{found}", found)
        found = f"({select} OFFSET 0)"
    return select


def _customers():
    text = (HERE / "floor_customers.sql").read_text()
    text = text.replace("{odds_after_order}", _odds("0"))
    text = text.replace("{odds_today}", _odds("GREATEST(DATE %(as_of)s - last_order_date, 0)"))
    return text.replace("{halving}", _halving())


STATEMENTS = {
    "leads": (HERE / "floor_leads.sql").read_text(),
    "customers": _customers(),
}
SCHEMES = {"leads": "grading_scheme_before_signing", "customers": "grading_scheme_in_service"}
PROFILE, HISTORY = "bench_profile", "bench_history"
TABLES = {PROFILE: "grading_profile", HISTORY: "grading_history"}
# A ruler has its marks at every 0.1 % where the floor ranks exactly: 0.05 of the 50 points, less for the 2 points,
# and a cent of rounding on both sides.
TOLERANCE = 0.075
STAGES = ("prospect", "lost", "decline", "introduction", "growth", "maturity")
EXACT_LEAD = (
    "willingness", "stage_progress", "date_deadline", "expected_revenue", "probability", "last_contact_date",
    "contact_count_90d", "open_activity_count", "scheme_id", "fit_score", "intent_score", "fit_level", "intent_level",
)  # fmt: skip
CONTACT_DATES = ("last_online_date", "last_call_date", "last_visit_date")
CLOSE_LEAD = ("engagement_log",)
EXACT = (
    "order_count", "order_amount", "order_count_12m", "order_amount_12m", "order_amount_prev_12m",
    "average_order_amount", "first_order_date", "last_order_date", "next_order_date", "order_day_count",
    "order_months", "due_invoice_count", "overdue_invoice_count",
    "annual_budget", "brand_contribution", "best_lead_id", "order_amount_change", "weekend_order_percent",
    "evening_order_percent", "product_category_count", "loyalty_card_count", "referral_count", "assessment_count",
    "open_complaint_count", "serious_complaint_count", "complaint_count_12m", "decline_date", "lost_date", "top_12m",
    "top_prev_12m", "loyalty_score", "loyalty_level", "potential_level", "lifecycle_id", "lifecycle_since", *EXACT_LEAD,
)  # fmt: skip
CLOSE = ("faded_order_log", "average_order_interval", "late_days", "share_of_budget", *CLOSE_LEAD)


def create(env):
    """Empty copies of profile and history."""
    for table, original in TABLES.items():
        copy_table(env, table, original)


def copy_table(env, table, original, profile=PROFILE):
    """An empty copy with the same defaults, indexes, checks and foreign keys; those to the profile are to its copy,
    unless another table is named."""
    copy = SQL.identifier(table)
    env.execute_query(SQL("DROP TABLE IF EXISTS %s CASCADE", copy))
    env.execute_query(SQL("CREATE TABLE %s (LIKE %s INCLUDING ALL)", copy, SQL.identifier(original)))
    keys = env.execute_query(
        SQL(
            "SELECT conname, PG_GET_CONSTRAINTDEF(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f'",
            original,
        )
    )
    for name, definition in keys:
        ours = SQL(definition.replace(" grading_profile(", f" {profile}("))
        env.execute_query(SQL("ALTER TABLE %s ADD CONSTRAINT %s %s", copy, SQL.identifier(f"bench_{name}"), ours))


def run(env, who, as_of):
    """Compute and upsert the ``"leads"`` or the ``"customers"`` by hand, with the settings of a run, and commit."""
    internals.set_planner(env)
    env.cr.execute(STATEMENTS[who], _parameters(env, who, as_of))
    env.cr.commit()


def _parameters(env, who, as_of):
    """What a statement needs to know of the company, the day and the shipped rules."""

    def shipped(name):
        return env.ref(f"customer_grading.{name}").id

    company = env.company
    return {
        "company": company.id,
        "tz": internals.time_zone(env),
        "robot": env.ref("base.partner_root").id,
        "half_life": company.grading_half_life_days,
        "as_of": as_of,
        "half_year_ago": as_of - relativedelta(months=6),
        "year_ago": as_of - relativedelta(days=365),
        "two_years_ago": as_of - relativedelta(days=730),
        "scheme": shipped(SCHEMES[who]),
        "lead_scheme": shipped(SCHEMES["leads"]),
        **{grade: shipped(f"grading_grade_{grade}") for grade in "abcdef"},
        **{stage: shipped(f"grading_lifecycle_{stage}") for stage in STAGES},
        **_purchase_parameters(env),
    }


def _purchase_parameters(env):
    company, model = env.company, internals.purchase_model(env)
    decline, lost = internals.limits(model)
    return {
        **{f"model_{name}": model[name] for name in ("r", "alpha", "a", "b")},
        **{f"model_{name}": model[f"calibration_{name}"] for name in ("level", "odds", "silence", "orders")},
        "model_correction": model.correction_days,
        "horizon": company.grading_horizon_days,
        "decline_share": decline,
        "lost_share": lost,
    }


def check_same(env):
    """Compare what the module and the floor made of every lead and every customer.

    :return: the greatest difference of two scores
    :raise SystemExit: naming what differs
    """
    counts = [
        env.execute_query(SQL("SELECT COUNT(*) FROM %s", SQL.identifier(table)))[0][0]
        for table in (HISTORY, TABLES[HISTORY])
    ]
    if len(set(counts)) > 1:
        raise SystemExit("The floor wrote {} lines of history, the module {}.".format(*counts))
    lead = SQL("floor.lead_id = ours.lead_id")
    _compare(env, "leads", lead, SQL("lead_id"), (*EXACT_LEAD, *CONTACT_DATES), CLOSE_LEAD, 0)
    customer = SQL("floor.partner_id = ours.partner_id AND floor.company_id = ours.company_id")
    return _compare(env, "customers", customer, SQL("partner_id"), EXACT, CLOSE, TOLERANCE)


def _compare(env, who, match, key, exact, close, tolerance):
    level = SQL(
        "ours.value_level IS DISTINCT FROM floor.value_level"
        " AND LEAST(ABS(floor.value_score - 70 / 3.0), ABS(floor.value_score - 140 / 3.0)) >= %s",
        tolerance,
    )
    grade = SQL(
        "ours.grade_id IS DISTINCT FROM floor.grade_id AND LEAST(ABS(floor.score - 65), ABS(floor.score - 45)) >= %s",
        tolerance,
    )
    score = SQL("ABS(ours.score - floor.score) > %s OR (ours.score IS NULL) <> (floor.score IS NULL)", tolerance)
    conditions = {
        **{name: SQL("ours.%(c)s IS DISTINCT FROM floor.%(c)s", c=SQL.identifier(name)) for name in exact},
        **{
            name: SQL(
                "ABS(ours.%(c)s - floor.%(c)s) > 1e-9 * GREATEST(1, ABS(floor.%(c)s))"
                " OR (ours.%(c)s IS NULL) <> (floor.%(c)s IS NULL)",
                c=SQL.identifier(name),
            )
            for name in close
        },
        "value_level": level,
        "grade_id": grade,
        "score": score,
        "who is graded": SQL("ours.id IS NULL OR floor.id IS NULL"),
    }
    [[worst, *counts]] = env.execute_query(
        SQL(
            "SELECT MAX(ABS(ours.score - floor.score)), %(counts)s"
            " FROM (SELECT * FROM grading_profile WHERE %(key)s IS NOT NULL) AS ours"
            " FULL JOIN (SELECT * FROM %(floor)s WHERE %(key)s IS NOT NULL) AS floor ON %(match)s",
            counts=SQL(", ").join(SQL("COUNT(*) FILTER (WHERE %s)", condition) for condition in conditions.values()),
            key=key,
            floor=SQL.identifier(PROFILE),
            match=match,
        )
    )
    differing = [f"{name}: {count}" for name, count in zip(conditions, counts, strict=True) if count]
    if differing:
        raise SystemExit(f"The module and the floor differ in so many {who}. " + "; ".join(differing))
    return worst
