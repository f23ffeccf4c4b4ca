"""The floor: the same measures, score and grade by one hand-written statement, into a copy of the profile's table."""

from pathlib import Path

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

STATEMENT = (Path(__file__).parent / "floor.sql").read_text()
TABLE = "bench_profile"
# A ruler has its marks at every 0.1 % where the floor ranks exactly: 0.05 of the 50 points, less for the 3 points,
# and a cent of rounding on both sides.
TOLERANCE = 0.075
STAGES = ("prospect", "lost", "decline", "introduction", "growth", "maturity")
EXACT = (
    "order_count", "order_amount", "order_count_12m", "order_amount_12m", "order_amount_prev_12m",
    "average_order_amount", "first_order_date", "last_order_date", "next_order_date", "order_months",
    "annual_budget", "brand_contribution", "scheme_id", "lifecycle_id",
)  # fmt: skip
CLOSE = ("faded_order_log", "average_order_interval", "average_days_late", "share_of_budget")


def create(env):
    """An empty copy of ``grading_profile`` with the same defaults, indexes, checks and foreign keys."""
    table = SQL.identifier(TABLE)
    env.execute_query(SQL("DROP TABLE IF EXISTS %s", table))
    env.execute_query(SQL("CREATE TABLE %s (LIKE grading_profile INCLUDING ALL)", table))
    constraints = env.execute_query(
        SQL(
            "SELECT conname, PG_GET_CONSTRAINTDEF(oid) FROM pg_constraint"
            " WHERE conrelid = 'grading_profile'::regclass AND contype = 'f'"
        )
    )
    for name, definition in constraints:
        env.execute_query(
            SQL("ALTER TABLE %s ADD CONSTRAINT %s %s", table, SQL.identifier(f"bench_{name}"), SQL(definition))
        )


def parameters(env, as_of):
    """What the statement needs to know of the company, the day and the shipped rules."""

    def shipped(name):
        return env.ref(f"customer_grading.{name}").id

    company = env.company
    return {
        "company": company.id,
        "tz": company._grading_tz(),
        "half_life": company.grading_half_life_days,
        "as_of": as_of,
        "half_year_ago": as_of - relativedelta(months=6),
        "year_ago": as_of - relativedelta(months=12),
        "two_years_ago": as_of - relativedelta(months=24),
        "scheme": shipped("grading_scheme_in_service"),
        **{grade: shipped(f"grading_grade_{grade}") for grade in "def"},
        **{stage: shipped(f"grading_lifecycle_{stage}") for stage in STAGES},
    }


def run(env, as_of):
    """Compute and upsert everything by the one statement, with the same setting as the module's run."""
    env.cr.execute("SET LOCAL jit = off")
    env.cr.execute(STATEMENT, parameters(env, as_of))


def check_same(env):
    """Compare what the module and the floor made of every customer.

    :return: the greatest difference of two scores
    :raise SystemExit: naming what differs
    """
    exact = [SQL("ours.%(c)s IS DISTINCT FROM floor.%(c)s", c=SQL.identifier(name)) for name in EXACT]
    close = [
        SQL("ABS(ours.%(c)s - floor.%(c)s) > 1e-9 * GREATEST(1, ABS(floor.%(c)s))"
            " OR (ours.%(c)s IS NULL) <> (floor.%(c)s IS NULL)", c=SQL.identifier(name))
        for name in CLOSE
    ]  # fmt: skip
    grade = SQL(
        "ours.grade_id IS DISTINCT FROM floor.grade_id AND LEAST(ABS(floor.score - 65), ABS(floor.score - 45)) > %s",
        TOLERANCE,
    )
    score = SQL("ABS(ours.score - floor.score) > %s OR (ours.score IS NULL) <> (floor.score IS NULL)", TOLERANCE)
    names = (*EXACT, *CLOSE, "grade_id", "score", "who is graded")
    conditions = (*exact, *close, grade, score, SQL("ours.partner_id IS NULL OR floor.partner_id IS NULL"))
    [[worst, *counts]] = env.execute_query(
        SQL(
            "SELECT MAX(ABS(ours.score - floor.score)), %s FROM grading_profile AS ours"
            " FULL JOIN %s AS floor ON floor.partner_id = ours.partner_id AND floor.company_id = ours.company_id",
            SQL(", ").join(SQL("COUNT(*) FILTER (WHERE %s)", condition) for condition in conditions),
            SQL.identifier(TABLE),
        )
    )
    differing = [f"{name}: {count} customers" for name, count in zip(names, counts, strict=True) if count]
    if differing:
        raise SystemExit("The module and the floor differ. " + "; ".join(differing))
    return worst
