"""`make installation`: how long the installation and an update take beside many contacts, and whom they keep waiting.

A second session writes one contact after the other, ten times a second, as users do. What counts is how long the
longest of these waited. CONTACTS=100000 contacts have an order each. On a busy machine the processor's time says more
than the clock: Odoo installs in one process.
"""

import os
import random
import resource
import subprocess
import sys
import threading
import time

from servers import LOGS, MODULE, connect, number, odoo, query, table

PAUSE = 0.1
FILL = (
    "UPDATE ir_module_module SET demo = FALSE",  # no demo data of ours
    """
    INSERT INTO res_partner (id, commercial_partner_id, name, complete_name, type, active, is_company, partner_share,
                             customer_rank, autopost_bills, color, create_date, write_date)
    SELECT first + n, first + n, 'Contact ' || n, 'Contact ' || n, 'contact', TRUE, TRUE, TRUE,
           1, 'ask', 0, NOW(), NOW()
      FROM (SELECT MAX(id) + 1 AS first FROM res_partner) AS known, GENERATE_SERIES(0, %(contacts)s - 1) AS n
    """,
    "SELECT SETVAL('res_partner_id_seq', MAX(id)) FROM res_partner",
    """
    INSERT INTO sale_order (name, company_id, partner_id, partner_invoice_id, partner_shipping_id, state, date_order,
                            amount_untaxed, currency_rate, currency_id)
    SELECT 'Filled', company.id, partner.id, partner.id, partner.id, 'sale',
           NOW() - partner.id %% 700 * INTERVAL '1 day', 1 + partner.id %% 300, 1, company.currency_id
      FROM res_partner AS partner, (SELECT id, currency_id FROM res_company ORDER BY id LIMIT 1) AS company
     WHERE partner.name LIKE 'Contact %%'
    """,
    "ANALYZE res_partner",
    "ANALYZE sale_order",
)


class Writer(threading.Thread):
    """A user who saves a contact ten times a second; :attr:`waits` are the seconds that each save took."""

    def __init__(self, database):
        super().__init__(daemon=True)
        self._database = database
        self._over = threading.Event()
        self.waits = []

    def run(self):
        connection = connect(self._database)
        with connection.cursor() as cr:
            cr.execute("SELECT id FROM res_partner WHERE name LIKE 'Contact %%' ORDER BY id LIMIT 5000")
            ids = [row_id for [row_id] in cr.fetchall()]
            while not self._over.wait(PAUSE):
                begun = time.monotonic()
                cr.execute("UPDATE res_partner SET comment = %s WHERE id = %s", [str(begun), random.choice(ids)])
                self.waits.append(time.monotonic() - begun)
        connection.close()

    def stop(self):
        """No further save; waits for the one that is on its way."""
        self._over.set()
        self.join()


def measured(database, name, option):
    """Install or update the module while a user saves contacts.

    :return: seconds, seconds of the processor, saves, the longest wait, and how many waited longer than a second
    """
    writer = Writer(database)
    writer.start()
    begun, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    words = odoo("-d", database, option, MODULE, "--stop-after-init", "--no-http", "--max-cron-threads=0")
    with (LOGS / f"installation-{name}.log").open("w") as log:
        code = subprocess.call(words, stdout=log, stderr=subprocess.STDOUT, env=os.environ)
    seconds, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    writer.stop()
    if code:
        sys.exit(f"odoo {option} fails, see {log.name}")
    processor = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    waited = sum(wait > 1 for wait in writer.waits)
    figures = (f"{seconds:.0f}", f"{processor:.0f}", len(writer.waits), f"{max(writer.waits):.2f}", waited)
    return (name, *figures)


def main(database):
    """Fill the database, install, update, and print the figures."""
    contacts = int(number("CONTACTS", 100000))
    connection = connect(database)
    with connection.cursor() as cr:
        for statement in FILL:
            cr.execute(statement, {"contacts": contacts})
    connection.close()
    [[found]] = query(database, "SELECT COUNT(*) FROM res_partner")
    print(f"{found} contacts", flush=True)
    rows = [measured(database, "installation", "-i"), measured(database, "update", "-u")]
    print(table(("what", "s", "s of the processor", "saves", "longest wait, s", "waited over 1 s"), rows), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
