"""What the benchmark calls of the module that is private to it, all of it here: a rename there is followed here alone.

Tables, fields and XML ids are no secret of the module; the other files name them themselves.
"""

from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.tools import SQL

# Parts of a run that are timed apart, with the model and the methods that do each: what is left are the customers.
PARTS = [
    ("leads", "grading.run", "_run_leads"),
    ("fit", "grading.purchase.model", "_refit"),
    ("forecast", "grading.forecast", "_refit"),
    ("tags", "grading.worktable", "_create_tag_changes"),
    ("tags", "grading.worktable", "_write_tag_batch"),
]
# What a run does for plays; they begin afterwards.
PLAYS_OF_A_RUN = [("grading.run", "_start_plays"), ("grading.run", "_finish_full")]
# Rows that a run writes by one statement.
BATCH_SIZE = 10000


def today(env):
    """The day on which a run of today judges."""
    return env.company._grading_today()


def time_zone(env):
    """The name of the time zone whose days count."""
    return env.company._grading_tz()


def purchase_model(env):
    """The purchase model in force: it was fitted by the run before."""
    return env["grading.purchase.model"]._current()


def foresee(env):
    """Work out what is expected of all customers from what is measured of them, as each run does; returns how many."""
    profiles = SQL("(SELECT * FROM grading_profile WHERE company_id = %s AND partner_id IS NOT NULL)", env.company.id)
    outlook = env["grading.forecast"]._current()._outlook_select(profiles)
    sums = SQL("SUM(expected_amount), SUM(expected_low), SUM(expected_high), SUM(amount_at_risk)")
    return env.execute_query(SQL("SELECT COUNT(*), %s FROM (%s) AS outlook", sums, outlook))[0][0]


def limits(model):
    """The shares of its peak below which the probability means that a customer declines, and is lost."""
    return model._shares()


def rescore(env, partners=None):
    """Rescore ``partners``, all customers and leads without, and return the run."""
    return env["grading.run"]._rescore(partners=partners)


def rescore_by_night(env):
    """Rescore all as the scheduled action does, and return the run."""
    run = env["grading.run"]._open(env.company, keep_cut_points=True)
    run._execute()
    env.cr.commit()
    if run.state != "done":
        raise SystemExit(f"The night's run failed: {run.message}")
    return run


def plan_contacts(env):
    """Plan a batch of the contacts that are due, as the scheduled action does, and return how many."""
    return env["grading.care"]._plan()


def last_month_end(env):
    """The last day of the month before this one."""
    return today(env).replace(day=1) - timedelta(days=1)


def take_snapshots(env, day):
    """Remember how the profiles stand, for the month that ended with ``day``, and return how many rows were written."""
    return env["grading.snapshot"]._take(day)


def changed_draft(env):
    """A draft of the first scheme for customers, by which its first criterion counts for less."""
    scheme = env["grading.scheme"].search([("subject", "=", "customer")], limit=1)
    draft = scheme._draft()
    criterion = draft.criterion_ids[0]
    criterion.points_max *= 0.7
    for band in criterion.band_ids:
        band.points *= 0.7
    return draft


def preview(env, draft):
    """Preview the draft, however many customers there are, and return how many would move."""
    Preview = env["grading.preview"]
    preview = Preview._begin(draft)
    if preview.state == "running":
        preview.run_id.sudo()._execute()
    if preview.state != "done":
        raise SystemExit(f"The preview failed: {preview.message}")
    return preview.moved_count


def begin_plays(env):
    """Carry out the first steps of a batch of plays that have started, and return how many."""
    return env["grading.play.case"]._begin_waiting()


def find_rules(env, lines):
    """Find what is bought together in the ``lines``, and return the run."""
    return env["grading.basket.run"]._mine(lines)


def set_planner(env):
    """The planner's settings for the rest of the transaction, as a run over all customers has them."""
    env.cr.execute("SET LOCAL jit = off")
    env.cr.execute("SET LOCAL enable_nestloop = off")


@contextmanager
def contacts_left_out(env):
    """Runs neither look for the customers' contacts nor set the next ones; those of leads stay: they are measured."""
    run = env.registry["grading.run"]
    collect = run._collect_customer_rules

    def without_contacts(self, lead_rules):
        lead_rules.cadences = lead_rules.cadences.browse()
        rules = collect(self, lead_rules)
        rules.sources -= {"interaction"}
        return rules

    with patch.object(run, "_collect_customer_rules", without_contacts):
        yield


def cadence_rules(env):
    """The rules of a run over the customers, with those cadences alone that name grades and have no filter."""
    run = env["grading.run"].create({"company_id": env.company.id, "as_of": today(env)})
    rules = run._collect_customer_rules(run._collect_lead_rules())
    rules.cadences = rules.cadences.filtered(lambda cadence: cadence.domain in (False, "[]") and cadence.grade_ids)
    return rules


def set_next_contacts(env, rules):
    """Step 7 as a run over all customers does it.

    :return: how many customers have something new
    """
    Staging = env["grading.worktable"]
    total = Staging._create_care_changes(rules, _population(env))
    env.cr.execute("SET LOCAL enable_nestloop = on")
    for first, last in _batches(total):
        Staging._write_care_batch(rules, first, last)
    return total


def set_tags(env, tag_rules):
    """Step 6 as a run over all customers does it.

    :return: how many tags were given or revoked
    """
    Staging = env["grading.worktable"]
    run = env["grading.run"].create({"company_id": env.company.id, "as_of": today(env)})
    rules = run._collect_rules("customer")
    rules.tag_rules = tag_rules
    total = Staging._create_tag_changes(rules, _population(env))
    return sum(Staging._write_tag_batch(rules, first, last)["tag_count"] for first, last in _batches(total))


def _population(env):
    """The settings of a run over all customers, and its table of them."""
    set_planner(env)
    population = SQL.identifier("pg_temp", "bench_population")
    env.execute_query(SQL("DROP TABLE IF EXISTS %s", population))
    env.execute_query(
        SQL(
            "CREATE TEMPORARY TABLE %s AS"
            " SELECT partner_id FROM grading_profile WHERE partner_id IS NOT NULL AND company_id = %s",
            population,
            env.company.id,
        )
    )
    env.execute_query(SQL("ANALYZE %s", population))
    return population


def _batches(total):
    """``(first, last)`` of each batch."""
    return [(first, min(first + BATCH_SIZE - 1, total)) for first in range(1, total + 1, BATCH_SIZE)]
