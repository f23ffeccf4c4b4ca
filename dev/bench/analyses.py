"""Odoo's own analyses: rows by the grade of their customers, beside the same rows by the customers' country."""

from screens import _alternate

from odoo.tools import SQL

LINES = 100_000
AIM = 1.2


def measure(env, table):
    """Add the rows of the analyses to ``table``."""
    _make_lines(env)
    env = env(user=env.ref("base.user_admin"))
    sales = env["sale.report"].with_context(allowed_company_ids=env.company.ids)

    def by(name, *aggregates):
        return lambda: sales.formatted_read_group([], [name], ["price_subtotal:sum", "__count", *aggregates])

    grade, stage, country, expected = _alternate(
        env,
        by("grading_grade_id"),
        by("grading_lifecycle_id"),
        by("country_id"),
        by("grading_grade_id", "grading_expected_amount:sum"),
    )
    table.add("sales analysis by grade", grade, "by country", country, "<=", AIM)
    table.add("sales analysis by stage", stage, "by country", country, "<=", AIM)
    table.add("sales analysis by grade, what is expected", expected, "by country", country)


def _make_lines(env):
    """A line for each of the first orders."""
    product = env["product.product"].create({"name": "Bench", "type": "service"})
    env.execute_query(
        SQL(
            """
            INSERT INTO sale_order_line (
                order_id, company_id, currency_id, order_partner_id, product_id, product_uom_id, name, sequence,
                product_uom_qty, price_unit, price_subtotal, price_total, state, customer_lead
            )
            SELECT id, company_id, currency_id, partner_id, %(product)s, %(unit)s, 'Bench', 10,
                   1, amount_untaxed, amount_untaxed, amount_untaxed, state, 0
              FROM sale_order
             WHERE company_id = %(company)s
          ORDER BY id
             LIMIT %(lines)s
            """,
            product=product.id,
            unit=product.uom_id.id,
            company=env.company.id,
            lines=LINES,
        )
    )
    env.cr.execute("ANALYZE sale_order_line")
