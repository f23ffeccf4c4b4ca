"""`make accuracy`: what grades and probabilities would have told about a history of orders, and what came.

Runs inside `odoo shell`, which gives ``env``, on a database of its own that it fills and changes. HISTORY names a file
with the columns ``customer,date,revenue``, a line for each order; without one, a history is simulated. All is judged by
the rules as shipped, as of MONTHS (12,3) before the history ends, by what was known by then: a horizon is that long.

- *Calibration*: how far the probability to buy within the horizon was from the share who bought, on average over ten
  groups of about the same probability.
- *Lost*: of those who came back until the end and of those who did not, the share that was told rightly, on average;
  and of those called lost, the share that really did not come back.
- *Best 20 %*: which part of the later revenue came from them, by the score, by the revenue of the 12 months before and
  by the decayed amount, in back-tests; and by hindsight, which nothing can surpass.
"""

import csv
import os
import random
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.customer_grading.models.backtest.chance import calibration_error
from odoo.addons.customer_grading.models.purchase.calibration import bands

GROUPS = 10
SIMULATED_CUSTOMERS, SIMULATED_DAYS, SEED = 2000, 1500, 1
# What the score is held against; a linear criterion puts customers in the order of the measure.
RIVALS = {"12-month revenue": "order_amount_12m", "decayed amount": "faded_order_amount"}
MOST_POINTS = 10**7


def read(path):
    """The orders of a file: ``[(customer, day, revenue)]``."""
    with open(path, newline="") as file:
        return [
            (row["customer"], date.fromisoformat(row["date"]), float(row["revenue"])) for row in csv.DictReader(file)
        ]


def simulate():
    """The orders of customers who come one after the other, each at a pace and with amounts of their own, and may leave
    for good after each order, as the purchase model says of them."""
    rnd, end, orders = random.Random(SEED), date(2025, 12, 31), []
    for customer in range(SIMULATED_CUSTOMERS):
        pace, leaves = rnd.gammavariate(1.5, 1 / 90), rnd.betavariate(1, 6)
        day, usual = end - timedelta(rnd.uniform(0, SIMULATED_DAYS)), rnd.lognormvariate(4, 1)
        while day <= end:
            orders.append((f"Customer {customer}", day, round(usual * rnd.lognormvariate(0, 0.5), 2)))
            day += timedelta(rnd.expovariate(pace))
            if rnd.random() < leaves:
                break
    return orders


def load(env, orders):
    """Make the customers with their confirmed orders in the environment's company, which has no others; ``{name: id}``.

    Neither was there before its first day: an earlier day is judged by what was there.
    """
    env.cr.execute("UPDATE res_partner SET customer_rank = 0, willingness = NULL")
    first = {}
    for name, day, _revenue in orders:
        first[name] = min(day, first.get(name, day))
    customers = dict(zip(first, env["res.partner"].create([{"name": name} for name in first]).ids, strict=True))
    env.flush_all()
    columns = [[customers[name] for name in first], list(first.values())]
    env.cr.execute(
        SQL(
            "UPDATE res_partner SET create_date = line.day FROM UNNEST(%s::int[], %s::date[]) AS line (id, day)"
            " WHERE res_partner.id = line.id",
            *columns,
        )
    )
    columns = map(list, zip(*((customers[name], day, revenue) for name, day, revenue in orders), strict=True))
    env.cr.execute(
        SQL(
            """
            INSERT INTO sale_order (name, company_id, partner_id, partner_invoice_id, partner_shipping_id, state,
                                    date_order, create_date, amount_untaxed, currency_rate, currency_id)
            SELECT 'History', %(company)s, line.partner_id, line.partner_id, line.partner_id, 'sale',
                   line.day + INTERVAL '12 hours', line.day + INTERVAL '12 hours', line.amount, 1, %(currency)s
              FROM UNNEST(%(columns)s) AS line (partner_id, day, amount)
            """,
            company=env.company.id,
            currency=env.company.currency_id.id,
            columns=SQL("%s::int[], %s::date[], %s::numeric[]", *columns),
        )
    )
    env.invalidate_all()
    return customers


def judge(env, day, horizon):
    """What is known of each customer by the end of ``day``: ``{id: (probability, whether called lost)}``."""
    env.company.grading_horizon_days = horizon
    for model in ("grading.purchase.model", "grading.forecast", "grading.ruler"):
        env[model].search([]).unlink()  # nothing is kept from another day
    run = env["grading.run"]._rescore(as_of=day)
    if run.state != "done":
        raise SystemExit(f"The run has failed: {run.message}")
    profiles = (
        env["grading.profile"]
        .with_context(grading_as_of=day)
        .search([("company_id", "=", env.company.id), ("partner_id", "!=", False), ("order_count", ">", 0)])
    )
    return {
        profile.partner_id.id: (profile.purchase_probability, bool(profile.lost_date and profile.lost_date <= day))
        for profile in profiles
    }


def calibration(said, came):
    """The error of the probabilities over groups of about the same one.

    :param dict said: the probability of each customer
    :param set came: who bought
    """
    groups = bands([(chance, 1, int(customer in came)) for customer, chance in said.items()], GROUPS)
    counted = {place: (people, share * people) for place, (_low, share, _came, people) in enumerate(groups)}
    return calibration_error(counted, {place: share * people for place, (*_, share, people) in enumerate(groups)})


def captures(env, day, months):
    """Which part of the later revenue the best 20 % brought: ``{by what: percent}``, by back-tests."""
    found = {}
    for name, measure in RIVALS.items():
        criterion = {"kind": "linear", "measure": measure, "points_per_unit": 1, "points_max": MOST_POINTS}
        rival = env["grading.scheme"].create(
            {
                "name": name,
                "active": False,
                "criterion_ids": [Command.create(criterion)],
                "threshold_ids": [Command.create({"grade_id": env["grading.grade"].search([], limit=1).id})],
            }
        )
        test = env["grading.backtest"].create({"date": day, "months": months, "other_scheme_id": rival.id})
        test.action_run()
        if test.state == "running":  # many are left to a job
            test.run_id._execute()
        if test.state != "done":
            raise SystemExit(f"The back-test has failed: {test.message}")
        shares = {line.side: line.best_share for line in test.total_ids}
        found |= {"score": shares["own"], name: shares["other"]}
    return found


def hindsight(judged, customers, orders, day):
    """Which part of the later revenue the 20 % brought who bought most: no score can do better."""
    later = dict.fromkeys(judged, 0.0)
    for name, bought, revenue in orders:
        if bought > day and customers[name] in later:
            later[customers[name]] += revenue
    best = sorted(later.values(), reverse=True)
    return 100 * sum(best[: round(len(best) / 5)]) / sum(best)


def tell(env, customers, orders, end, months):
    """Judge the history some months before its end, and print what came."""
    day = end - relativedelta(months=months)
    later = {customers[name] for name, bought, _revenue in orders if bought > day}
    judged = judge(env, day, (end - day).days)
    lost = {customer for customer, (_chance, is_lost) in judged.items() if is_lost}
    gone = judged.keys() - later
    kept = judged.keys() & later
    method = env["grading.purchase.model"]._current(day).method
    error = calibration({customer: chance for customer, (chance, _lost) in judged.items()}, later)
    right = (len(gone & lost) / max(1, len(gone)) + len(kept - lost) / max(1, len(kept))) / 2
    print(f"\n{months} months, from {day} to {end}, purchase model {method}")
    print(f"  customers                                  {len(judged):8}")
    print(f"  of them came back                          {len(kept):8}")
    print(f"  calibration error in {GROUPS} groups             {error:8.3f}")
    print(f"  called lost                                {len(lost):8}")
    print(f"  balanced accuracy of Lost                  {right:8.3f}")
    rightly = f"{len(gone & lost) / len(lost):8.3f}" if lost else "    none"
    print(f"  of those called lost did not come back     {rightly}")
    shares = captures(env, day, months) | {"hindsight": hindsight(judged, customers, orders, day)}
    for name, percent in shares.items():
        print(f"  revenue of the best 20 % by {name:16}{percent:7.1f} %")


def main(env):
    path = os.environ.get("HISTORY")
    orders = read(path) if path else simulate()
    end = max(day for _customer, day, _revenue in orders)
    print(f"{len(orders)} orders until {end}, {path or 'simulated'}")
    company = env["res.company"].create({"name": "Accuracy"})
    env = env(context={**env.context, "allowed_company_ids": company.ids, "tracking_disable": True})
    customers = load(env, orders)
    for months in sorted(map(int, os.environ.get("MONTHS", "12,3").split(",")), reverse=True):
        tell(env, customers, orders, end, months)


main(globals()["env"])
