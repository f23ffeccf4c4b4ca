"""Customers, orders, invoices and payments for the benchmark, made by SQL.

The shape is that of a trading company: the number of orders has a heavy tail (the best percent of the customers place
a fifth of the orders, a tenth of the customers never buy), amounts are log-normal, the orders of a customer are spread
over those of the last five years in which they were one (two in three came later, many have left for good), three
percent of the orders are in a second currency at a rate of their own, every tenth customer has contacts that order for
it, some of them contacts of contacts. The willingness of one customer in fifty is known. One order in twenty has an
invoice, most of them paid, early or late. An order has one line, of one of twelve products in six categories; orders
come at all hours. Invoices carry no product lines: nothing here reads them.
No customer was asked for an assessment: what the demo data hold of that goes, and the loyalty of all is neutral.
"""

from contextlib import contextmanager

import data_sql
from clock import told

from odoo.tools import SQL

MARK = "BENCH/"
CURRENCY_SHARE = 0.03
YEARS = 5
INVOICE_EVERY = 20
PAID_SHARE = 0.85
CATEGORIES = 6
PRODUCTS = 12


def make(env, customers, orders):
    """Make the data, or keep what is there when it has the size asked for.

    :return: what was done, as a sentence
    :raise SystemExit: when the database holds benchmark data of another size
    """
    found = _count(env)
    if found == (customers, orders):
        return "The data of the last benchmark is still there and is used again."
    if any(found):
        raise SystemExit("This database holds a benchmark of another size: run the benchmark on a new one.")
    env.flush_all()
    env.cr.execute("SELECT SETSEED(0.42)")
    values = _values(env, customers, orders)
    for statement in data_sql.FORGET:
        env.cr.execute(statement)
    with told("customers and contacts"), bare(env.cr, "res_partner"):
        env.cr.execute(data_sql.CUSTOMERS, values)
        env.cr.execute(data_sql.CONTACTS, values)
    env.cr.execute("SELECT SETVAL('res_partner_id_seq', MAX(id)) FROM res_partner")
    with told("orders"), bare(env.cr, "sale_order"):
        env.cr.execute(data_sql.ORDERS, values)
    with told("invoices and payments"):
        invoiced = _make_invoices(env, values)
    with told("order lines"), bare(env.cr, "sale_order_line"):
        env.cr.execute(data_sql.ORDER_LINES, {**values, "products": _make_products(env)})
    env.cr.commit()
    env.invalidate_all()
    return invoiced


def _count(env):
    env.cr.execute(
        "SELECT (SELECT COUNT(*) FROM res_partner WHERE ref ~ %(customer)s),"
        " (SELECT COUNT(*) FROM sale_order WHERE name LIKE %(order)s)",
        {"customer": f"^{MARK}[0-9]", "order": f"{MARK}%"},
    )
    return env.cr.fetchone()


def _values(env, customers, orders):
    company = env.company
    [[first]] = env.execute_query(SQL("SELECT MAX(id) + 1 FROM res_partner"))
    countries = env["res.country"].search([("code", "in", ("US", "DE", "FR", "GB", "TW", "CN", "JP", "BE"))])
    other = env["res.currency"].with_context(active_test=False).search([("id", "!=", company.currency_id.id)], limit=1)
    return {
        "first": first,
        "mark": MARK,
        "customers": customers,
        "orders": orders,
        "company": company.id,
        "currency": company.currency_id.id,
        "other_currency": other.id,
        "share": CURRENCY_SHARE,
        "years": YEARS,
        "countries": countries.ids,
        "uid": env.uid,
        "every": INVOICE_EVERY,
        "paid": PAID_SHARE,
    }


def _make_products(env):
    """A few products, by turns of each category; returns their ids."""
    categories = env["product.category"].create([{"name": f"Bench category {n}"} for n in range(CATEGORIES)])
    values = [{"name": f"Bench product {n}", "categ_id": categories[n % CATEGORIES].id} for n in range(PRODUCTS)]
    products = env["product.product"].create(values)
    env.flush_all()
    return products.ids


def _make_invoices(env, values):
    """Invoices and payments need a chart of accounts, which the demo data of accounting brings."""
    Account = env["account.account"]
    accounts = {
        name: Account.search([("account_type", "=", kind), ("company_ids", "in", env.company.ids)], limit=1).id
        for name, kind in (("receivable", "asset_receivable"), ("income", "income"), ("bank", "asset_cash"))
    }
    journals = {
        f"{kind}_journal": env["account.journal"].search([*_of_company(env), ("type", "=", kind)], limit=1).id
        for kind in ("sale", "bank")
    }
    if not all((*accounts.values(), *journals.values())):
        return "The data is made, without invoices: the company has no chart of accounts."
    values = {**values, **accounts, **journals}
    env.cr.execute(data_sql.INVOICES, values)
    env.cr.execute("ANALYZE bench_invoice")
    with bare(env.cr, "account_move"), bare(env.cr, "account_move_line"):
        for statement in (data_sql.MOVES, data_sql.LINES, data_sql.PARTIALS):
            env.cr.execute(statement, values)
    return "The data is made."


def _of_company(env):
    return env["account.journal"]._check_company_domain(env.company)


@contextmanager
def bare(cr, table):
    """Fill a table without its secondary indexes and foreign keys, and make them anew: that is several times faster.

    At the end the planner learns what is in it, lest the next statement plans for the few rows that were there before.
    """
    cr.execute(
        "SELECT indexrelid::regclass::text, PG_GET_INDEXDEF(indexrelid) FROM pg_index"
        " WHERE indrelid = %s::regclass AND NOT indisprimary",
        [table],
    )
    indexes = cr.fetchall()
    cr.execute(
        "SELECT conname, PG_GET_CONSTRAINTDEF(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
        [table],
    )
    keys = cr.fetchall()
    for name, _definition in indexes:
        cr.execute(SQL("DROP INDEX %s", SQL.identifier(name.strip('"'))))
    for name, _definition in keys:
        cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), SQL.identifier(name)))
    yield
    for _name, definition in indexes:
        cr.execute(definition)
    for name, definition in keys:
        cr.execute(
            SQL("ALTER TABLE %s ADD CONSTRAINT %s %s", SQL.identifier(table), SQL.identifier(name), SQL(definition))
        )
    cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
