"""`make companies`: full runs of COMPANIES=20 companies with CUSTOMERS=500 customers each, by one worker and by two, in
turns (REPETITIONS=3). Every order changes before each turn, so that every customer is written.
"""

import sys
import time
from statistics import median

import workers
from servers import MODULE, number, query, table, vacuum

from odoo.tools import SQL

AIM = 1.7
NAME = "Company of many"
INSERTS = (
    """
    INSERT INTO res_partner (name, complete_name, ref, type, active, is_company, partner_share, customer_rank,
                             autopost_bills, color, company_id, create_date, write_date)
    SELECT 'Customer ' || n, 'Customer ' || n, 'MANY', 'contact', TRUE, TRUE, TRUE, 0, 'ask', 0, %(company)s,
           NOW(), NOW()
      FROM GENERATE_SERIES(1, %(customers)s) AS n
    """,
    "UPDATE res_partner SET commercial_partner_id = id WHERE ref = 'MANY' AND commercial_partner_id IS NULL",
    """
    INSERT INTO sale_order (name, company_id, partner_id, partner_invoice_id, partner_shipping_id, state, date_order,
                            amount_untaxed, currency_rate, currency_id)
    SELECT 'Many', %(company)s, id, id, id, 'sale', NOW() - (id + 97 * n) %% 900 * INTERVAL '1 day', 1 + id %% 300, 1,
           %(currency)s
      FROM res_partner, GENERATE_SERIES(1, 5) AS n WHERE ref = 'MANY' AND company_id = %(company)s
    """,
)


def fill(env, companies, customers):
    """The companies with their customers and orders; no other one is active. The scheduled actions that run them."""
    made = env["res.company"].create([{"name": f"{NAME} {n + 1}"} for n in range(companies)])
    for company in made:
        values = {"company": company.id, "customers": customers, "currency": company.currency_id.id}
        for statement in INSERTS:
            env.cr.execute(statement, values)
    env.cr.execute(SQL("UPDATE res_company SET active = id = ANY(%s)", made.ids))
    env.invalidate_all()
    Run = env["grading.run"]
    Run._hand_out(Run._open(made))
    own = env["ir.cron"].search([("grading_company_id", "in", made.ids)], order="id")
    env.ref(f"{MODULE}.ir_cron_rescore")._trigger()
    return [env.ref(f"{MODULE}.ir_cron_rescore").id, *own.ids]


def turn(database, job_ids, count):
    """Seconds that ``count`` workers take for the open runs, and how many customers were changed."""
    begun = time.monotonic()
    pids = [workers.start(workers.work_off, database, job_ids, None, False) for _worker in range(count)]
    codes = [workers.wait(pid) for pid in pids]
    seconds = time.monotonic() - begun
    if any(codes) or workers.count_open(database):
        sys.exit("A worker failed, or left a run open.")
    return seconds


def change(database):
    """Change every order, and have all companies rescored."""
    query(database, "UPDATE sale_order SET amount_untaxed = amount_untaxed * 1.5 + id % 7 WHERE name = 'Many'")
    vacuum(database)
    with workers.environment(database) as env:
        env["grading.run"]._start(env["res.company"].search([]))


def twice_run(database):
    """Companies that two full runs worked on at the same time."""
    return query(
        database,
        """
        SELECT COUNT(*) FROM grading_run AS one JOIN grading_run AS other
            ON other.company_id = one.company_id AND other.id > one.id AND other.scope = 'full'
           AND other.date_start < one.date_start + one.duration * INTERVAL '1 second'
         JOIN res_company AS company ON company.id = one.company_id AND company.active
         WHERE one.scope = 'full'
        """,
    )[0][0]


def main(database):
    """Measure and print; leave with 1 where two workers are not worth it."""
    companies, customers = int(number("COMPANIES", 20)), int(number("CUSTOMERS", 500))
    workers.prepare(database)
    with workers.environment(database) as env:
        job_ids = fill(env, companies, customers)
    vacuum(database)
    print(f"all new, one worker: {turn(database, job_ids, 1):.1f} s", flush=True)
    seconds = {1: [], 2: []}
    for _repetition in range(int(number("REPETITIONS", 3))):
        for count, turns in seconds.items():
            change(database)
            turns.append(turn(database, job_ids, count))
    one, two = median(seconds[1]), median(seconds[2])
    rows = [(companies, customers, f"{one:.1f}", f"{two:.1f}", f"{one / two:.2f}", AIM)]
    print(
        table(("companies", "customers of each", "one worker, s", "two workers, s", "ratio", "aim"), rows), flush=True
    )
    states = query(database, "SELECT state, COUNT(*) FROM grading_run WHERE scope = 'full' GROUP BY state")
    print(f"runs: {dict(states)}; of one company at once: {twice_run(database)}", flush=True)
    return 0 if one / two >= AIM else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
