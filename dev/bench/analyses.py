"""Odoo's own analyses: rows by the grade of their customers, beside the same rows by the customers' country."""

from screens import _alternate

AIM = 1.2
# By name: the model, and what is added up there.
ANALYSES = {
    "sales": ("sale.report", "price_subtotal:sum"),
    "invoice": ("account.invoice.report", "price_subtotal:sum"),
    "activity": ("crm.activity.report", None),
    "pipeline": ("crm.lead", "expected_revenue:sum"),
}


def measure(env, table):
    """Add the rows of the analyses to ``table``."""
    env = env(user=env.ref("base.user_admin"))
    for name, (model, amount) in ANALYSES.items():
        rows = env[model].with_context(allowed_company_ids=env.company.ids)
        aggregates = ["__count", *([amount] if amount else [])]

        def by(field, *more, rows=rows, aggregates=tuple(aggregates)):
            return lambda: rows.formatted_read_group([], [field], [*aggregates, *more])

        if model == "sale.report":
            grade, stage, country, expected = _alternate(
                env,
                by("grading_grade_id"),
                by("grading_lifecycle_id"),
                by("country_id"),
                by("grading_grade_id", "grading_expected_amount:sum"),
            )
            table.add("sales analysis by stage", stage, "by country", country, "<=", AIM)
            table.add("sales analysis by grade, what is expected", expected, "by country", country)
        else:
            grade, country = _alternate(env, by("grading_grade_id"), by("country_id"))
        table.add(f"{name} analysis by grade", grade, "by country", country, "<=", AIM)
