"""Odoo's own analyses: rows by the grade of their customers, beside the same rows by the customers' country."""

from screens import _alternate

AIM = 1.2


def measure(env, table):
    """Add the rows of the analyses to ``table``."""
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
