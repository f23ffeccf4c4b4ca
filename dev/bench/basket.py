"""Bought together: the rules of generated baskets, beside one hand-written statement for pairs and triples."""

from statistics import median

import internals
from clock import REPETITIONS, memory, timed

from odoo.tools import SQL

# Products in a basket, and products that there are.
SIZE, PRODUCTS = 5, 1000
# Seconds for a million lines.
AIM = 60
MEMORY_AIM = 30
# Half of a basket is drawn from three products that go together, the rest from all of them, the first ones far more
# often than the last.
LINES = """
CREATE TEMPORARY TABLE bench_basket ON COMMIT PRESERVE ROWS AS
SELECT drawn.basket_id, (%(products)s::int[])[1 + CASE
           WHEN drawn.habit < 0.5 THEN drawn.basket_id * 7919::bigint %% 97 * 3 + FLOOR(drawn.place * 3)
           ELSE FLOOR(POWER(drawn.place, 2.5) * CARDINALITY(%(products)s::int[])) END::int] AS item_id
  FROM (
    SELECT basket_id, RANDOM() AS habit, RANDOM() AS place
      FROM GENERATE_SERIES(1, %(lines)s / %(size)s) AS basket_id, GENERATE_SERIES(1, %(size)s) AS n OFFSET 0
  ) AS drawn
"""
BY_HAND = """
CREATE TEMPORARY TABLE bench_basket_rule ON COMMIT DROP AS
WITH line AS MATERIALIZED (
    SELECT DISTINCT basket_id, item_id FROM bench_basket
), total AS MATERIALIZED (
    SELECT COUNT(DISTINCT basket_id) * %(support)s AS least FROM line
), item AS MATERIALIZED (
    SELECT item_id FROM line GROUP BY item_id HAVING COUNT(*) >= (SELECT least FROM total)
), kept AS MATERIALIZED (
    SELECT line.* FROM line JOIN item ON item.item_id = line.item_id
), pair AS MATERIALIZED (
    SELECT a.item_id AS one, b.item_id AS two, COUNT(*) AS n FROM kept AS a
      JOIN kept AS b ON b.basket_id = a.basket_id AND b.item_id > a.item_id
  GROUP BY 1, 2 HAVING COUNT(*) >= (SELECT least FROM total)
), paired AS MATERIALIZED (
    SELECT a.basket_id, a.item_id AS one, b.item_id AS two FROM kept AS a
      JOIN kept AS b ON b.basket_id = a.basket_id AND b.item_id > a.item_id
      JOIN pair ON pair.one = a.item_id AND pair.two = b.item_id
)
SELECT one, two, NULL::int AS three, n FROM pair
 UNION ALL
SELECT a.one, a.two, b.two, COUNT(*) FROM paired AS a
  JOIN paired AS b ON b.basket_id = a.basket_id AND b.one = a.one AND b.two > a.two
  JOIN pair ON pair.one = a.two AND pair.two = b.two
 GROUP BY 1, 2, 3 HAVING COUNT(*) >= (SELECT least FROM total)
"""


def measure(env, table, lines):
    """Add the rows of the rules of ``lines`` lines to ``table``."""
    products = env["product.product"].create([{"name": f"Bench item {number}"} for number in range(PRODUCTS)])
    env.cr.execute("SELECT SETSEED(0.5)")
    env.cr.execute(LINES, {"products": products.ids, "lines": lines, "size": SIZE})
    env.cr.commit()
    env.cr.execute("ANALYZE bench_basket")
    ours, by_hand, before, peak = [], [], memory("VmRSS"), 0
    for _repetition in range(REPETITIONS):
        seconds, run = timed(_find, env)
        ours.append(seconds)
        peak = max(peak, memory("VmRSS"))
        by_hand.append(timed(_find_by_hand, env)[0])
    if not run.rule_count:
        raise SystemExit("No products are bought together in the generated baskets.")
    what = f"{run.rule_count} rules of {lines} lines"
    table.add(what, median(ours), "hand-written SQL", median(by_hand), "<=", 2)
    table.add(what, median(ours), "seconds", 1.0, "result <=", round(AIM * max(1, lines / 1000000), 1))
    table.add("server memory, after the rules", peak, "before them", before, "growth <=", MEMORY_AIM, unit="MB")


def _find(env):
    run = internals.find_rules(env, SQL("SELECT basket_id, item_id FROM bench_basket"))
    env.cr.commit()
    if run.state != "done":
        raise SystemExit(f"The search for rules failed: {run.message}")
    return run


def _find_by_hand(env):
    internals.set_planner(env)
    env.cr.execute(BY_HAND, {"support": env.company.grading_basket_support})
    env.cr.commit()
