"""The benchmark: what is timed, beside what, and with which aim."""

import random
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import analyses
import basket
import care
import data
import data_leads
import floor
import internals
import orm_loop
import plays
import predictive
import previews
import reasons
import screens
import snapshots
import tags
from clock import REPETITIONS, memory, say, timed, timing, vacuum
from table import Table

from odoo.tools import SQL

INCREMENTAL = 100
LOOP = 1002
MEMORY_AIM = 30
FIT_AIM = 20
# The part of a run that is the forecast's; it learns in one night of seven.
FORECAST_AIM, NIGHTS = 0.1, 7


def measure(env, customers, orders, leads):
    """Run the whole benchmark and print its table.

    :return: whether every aim was met
    """
    table = Table()
    seconds, sentence = timed(data.make, env, customers, orders)
    lead_seconds, lead_sentence = timed(data_leads.make, env, customers, leads)
    say(f"{customers} customers, {orders} orders. {sentence} ({seconds:.0f} s)")
    say(f"{leads} leads. {lead_sentence} ({lead_seconds:.0f} s)")
    floor.create(env)
    predictive.set_up(env)
    vacuum(env)
    _full_runs(env, internals.today(env), table)
    _incremental(env, table)
    _night(env, table)
    screens.measure(env, table)
    analyses.measure(env, table)
    tags.measure(env, table)
    care.measure(env, table, _rescore)
    snapshots.measure(env, table)
    previews.measure(env, table, _rescore)
    reasons.measure(env, table, _rescore)
    plays.measure(env, table, _rescore)
    basket.measure(env, table, orders)
    env.cr.rollback()
    say(str(table))
    return table.all_met


def _full_runs(env, as_of, table):
    """Full runs in turns with the floor and the rest: machines get faster and slower, all of them alike."""
    times = defaultdict(list)
    for repetition in range(REPETITIONS):
        difference = _repetition(env, as_of, repetition, times)
        say(", ".join(f"{name} {values[-1]:.3g}" for name, values in times.items()))
    say(f"The scores of module and floor differ by {difference} at most: the module ranks to 0.1 %.")
    middle = {name: median(values) for name, values in times.items()}
    _add_runs(table, middle, "customers", "full rescoring, all customers new", "full rescoring, all have changed")
    fitted = _count(env, "grading_profile WHERE order_count > 0")
    table.add(f"fit of the purchase model, {fitted} buyers", middle["fit new"], "seconds", 1.0, "result <=", FIT_AIM)
    learned = middle["forecast new"]
    table.add(f"learning the forecast, {fitted} buyers", learned, "seconds", 1.0, "result <=", FIT_AIM)
    _add_forecast(env, table, middle, learned)
    shipped = _count(env, "grading_tag_rule WHERE active AND subject = 'customer'")
    table.add(f"tags of that run, {shipped} rules", middle["tags new"], "its customers", middle["customers new"])
    _add_loop(table, middle, _count(env, "grading_profile WHERE partner_id IS NOT NULL"))
    _add_runs(table, middle, "leads", "full rescoring of leads, all new", "full rescoring of leads, all changed")
    _add_predictive(table, middle, _count(env, "grading_profile WHERE lead_id IS NOT NULL"), predictive.check(env))
    before = memory("VmRSS")
    peak = before + max(times["memory"])
    table.add("server memory, peak of full runs", peak, "before them", before, "growth <=", MEMORY_AIM, unit="MB")


def _add_runs(table, middle, who, all_new, all_changed):
    for name, what in (("new", all_new), ("changed", all_changed)):
        by_hand = middle[f"{who} {name} by hand"]
        table.add(what, middle[f"{who} {name}"], "hand-written SQL", by_hand, "<=", 1.5)
    second = f"{who}: second run, none has changed"
    table.add(second, middle[f"{who} second"], "all new", middle[f"{who} new"], "<=", 0.6)


def _add_forecast(env, table, middle, learned):
    """What the forecast takes of a run: to say what is expected of all customers, and to learn it once a week."""
    said = median(timed(internals.foresee, env)[0] for _repetition in range(REPETITIONS))
    table.add("forecast of all customers", said, "a run, none changed", middle["customers second"], "<=", FORECAST_AIM)
    run = middle["customers new"]
    table.add("the same, 1/7 of learning", said + learned / NIGHTS, "a run, all new", run, "<=", FORECAST_AIM)
    table.add("the same, learning", said + learned, "a run that learns, all new", run + learned)


def _add_loop(table, middle, customers):
    loop = middle["loop"] * 1000
    new, changed = (middle[f"customers {name}"] * 1000 / customers for name in ("new", "changed"))
    table.add("ORM loop, a customer", loop, "full rescoring, all new", new, ">=", 150, unit="ms")
    # The loop writes over the contacts that are there; its like is the run that writes over every profile.
    table.add("ORM loop, a customer", loop, "full rescoring, all changed", changed, unit="ms")


def _add_predictive(table, middle, judged, predicted):
    """Predictive scoring writes over the leads that are neither won nor lost; so does a run that finds all changed.

    One that finds them new makes their profiles and history besides: it is shown, and has no aim.
    """
    new, changed = (middle[f"leads {name}"] * 1000 / judged for name in ("new", "changed"))
    beside, other = "Odoo's predictive, per lead", middle["predictive"] * 1000 / predicted
    table.add("leads, per lead, all new", new, beside, other, unit="ms")
    table.add("leads, per lead, all changed", changed, beside, other, "<=", 1, unit="ms")


def _repetition(env, as_of, repetition, times):
    """Time everything once.

    :return: the greatest difference between the scores of the module and of the floor
    """
    tags.forget(env)
    env.cr.execute("TRUNCATE grading_history, grading_purchase_model, grading_forecast, bench_profile, bench_history")
    # Not TRUNCATE: next contacts point at profiles, and activities at those.
    env.cr.execute("DELETE FROM grading_profile")
    vacuum(env)
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    _time_run(env, "new", times)
    _time_floor(env, as_of, "new", times)
    difference = floor.check_same(env)
    vacuum(env)
    run = _time_run(env, "second", times)
    if run.changed_count or run.tag_count:
        raise SystemExit(f"The second run changed {run.changed_count} profiles and {run.tag_count} tags, and must not.")
    env.cr.execute("UPDATE grading_profile SET score = score + 1")
    vacuum(env)
    _time_run(env, "changed", times)
    times["memory"].append(memory("VmHWM") - before)
    _time_floor(env, as_of, "changed", times)
    partners = _sample(env, LOOP // REPETITIONS, repetition)
    times["loop"].append(orm_loop.seconds_per_customer(env, partners, as_of))
    predictive.forget(env)
    vacuum(env)
    times["predictive"].append(timed(predictive.run, env)[0])
    return difference


def _time_run(env, name, times):
    """Time a run and the parts of it that have a floor of their own; whatever belongs to none is the customers'."""
    parts = defaultdict(float)
    with ExitStack() as patched:
        patched.enter_context(internals.contacts_left_out(env))
        for part, model, method in internals.PARTS:
            patched.enter_context(timing(env.registry[model], method, parts, part))
        seconds, run = timed(_rescore, env)
    # Leads have rules of their own for tags, none of them shipped.
    times[f"customers {name}"].append(seconds - sum(parts.values()))
    for part, part_seconds in parts.items():
        times[f"{part} {name}"].append(part_seconds)
    return run


def _time_floor(env, as_of, name, times):
    for who in floor.STATEMENTS:
        seconds, _nothing = timed(floor.run, env, who, as_of)
        times[f"{who} {name} by hand"].append(seconds)


def _rescore(env, partners=None):
    run = internals.rescore(env, partners)
    env.cr.commit()
    if run.state != "done":
        raise SystemExit(f"The run failed: {run.message}")
    return run


def _count(env, rows):
    return env.execute_query(SQL("SELECT COUNT(*) FROM %s", SQL(rows)))[0][0]


def _incremental(env, table):
    """Rescore customers with one changed order each."""
    times = []
    for seed in range(REPETITIONS):
        partners = _sample(env, INCREMENTAL, seed)
        _change_orders(env, partners)
        seconds, run = timed(_rescore, env, partners)
        if not run.changed_count:
            raise SystemExit("The incremental run missed the orders that had changed.")
        times.append(seconds)
    table.add(f"incremental run of {INCREMENTAL}", median(times), "a second", 1.0, "<=", 1)


def _change_orders(env, partners):
    """Raise the latest order of each; nothing asks for new scores."""
    env.cr.execute(
        "UPDATE sale_order SET amount_untaxed = amount_untaxed + 1000 WHERE id IN ("
        " SELECT MAX(id) FROM sale_order WHERE state = 'sale' AND partner_id = ANY(%s) GROUP BY partner_id)",
        [partners.ids],
    )
    env.cr.commit()


def _night(env, table):
    """After orders of one customer in a hundred: the night rescores all, and writes hardly more than have changed.

    Those alone, as by the queue, are a small part of that work.
    """
    night, _run = timed(internals.rescore_by_night, env)
    count = _count(env, "grading_profile WHERE partner_id IS NOT NULL")
    partners = _sample(env, count // 100, 100)
    _change_orders(env, partners)
    run = internals.rescore_by_night(env)
    what = f"rows written by a night, {len(partners)} changed"
    table.add(what, run.changed_count, "customers who changed", len(partners), "<=", 2, unit="")
    _change_orders(env, partners)
    seconds, _run = timed(_rescore, env, partners)
    table.add(f"run of the {len(partners)} who changed", seconds, "a night, none has changed", night, "<=", 0.05)


def _sample(env, size, seed):
    """Customers with a profile, drawn at random but the same in every benchmark."""
    found = env.execute_query(
        SQL(
            "SELECT DISTINCT customer.id FROM res_partner AS customer"
            " JOIN grading_profile AS profile ON profile.partner_id = customer.id WHERE customer.ref LIKE %s"
            " ORDER BY customer.id",
            f"{data.MARK}%",
        )
    )
    env.invalidate_all()
    ids = [partner_id for (partner_id,) in found]
    return env["res.partner"].browse(random.Random(seed).sample(ids, min(size, len(ids))))
