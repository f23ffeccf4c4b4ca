from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .grading_float_or_unknown import FloatOrUnknown

COMPARISONS = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">=")}
# A share of one: greater numbers are a slip, and might not fit into a double.
GREATEST_SHARE = 100
# What the probability is worked out from.
PURCHASES = ("order_day_count", "first_order_date", "last_order_date")


class GradingProfile(models.Model):
    """Foreseen: whether the customer will buy again, see :class:`grading.purchase.model`.

    The probability falls day by day and is worked out when somebody looks; kept are the days on which it will have
    fallen too low, which only an order or a new model moves.
    """

    _inherit = "grading.profile"

    decline_date = fields.Date(
        string="Declining from",
        readonly=True,
        help="The day from which on the customer, if he buys nothing, is no longer where he should be by his own "
        "rhythm.",
    )
    lost_date = fields.Date(
        string="Lost from",
        readonly=True,
        help="The day from which on the customer, if he buys nothing, is hardly to be expected any more.",
    )
    purchase_probability = FloatOrUnknown(
        string="Probability to Buy",
        compute="_compute_purchase_probability",
        search="_search_purchase_probability",
        aggregator="avg",
        help="The probability that the customer buys within the next 90 days, or as many as are set: by how often he "
        "has bought, and how long he has been silent.",
    )

    @api.depends(*PURCHASES)
    @api.depends_context("grading_as_of")
    def _compute_purchase_probability(self):
        self.purchase_probability = False
        self.flush_recordset(PURCHASES)
        for company, profiles in self.filtered("id").grouped("company_id").items():
            rows = self.env.execute_query(
                SQL(
                    "SELECT id, %s FROM grading_profile WHERE id = ANY(%s)",
                    self._purchase_probability_to_sql(company, self._table),
                    profiles.ids,
                )
            )
            found = dict(rows)
            for profile in profiles:
                value = found.get(profile.id)
                profile.purchase_probability = False if value is None else value

    @api.model
    def _purchase_probability_to_sql(self, company, alias):
        """The probability of the company's customers in the table ``alias``, on the day on which they are judged."""
        as_of = self.env.context.get("grading_as_of") or company._grading_today()
        return self.env["grading.purchase.model"].with_company(company)._probability_to_sql(as_of, alias)

    def _search_purchase_probability(self, operator, value):
        """Each company's customers by its own model; of who has not ordered it is unknown, and no number finds him."""
        if operator == "in" and set(value) == {False}:
            condition = SQL("IS NULL")
        elif operator in COMPARISONS and _is_share(value):
            condition = SQL("%s %s::float8", COMPARISONS[operator], value)
        elif operator == "not in":
            return NotImplemented
        else:
            raise UserError(
                self.env._(
                    "“%s” changes day by day: ask for more or for less than a number between 0 and 1.",
                    self._fields["purchase_probability"]._description_string(self.env),
                )
            )
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "(%s) %s", model._field_to_sql(alias, "purchase_probability", query), condition
            )
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        """The probability as a column, so that one can sort by it and average it."""
        if field_expr != "purchase_probability":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        companies = self.env["grading.purchase.model"].sudo()._read_group([], ["company_id"])
        company_id = self._field_to_sql(alias, "company_id", query)
        branches = [
            SQL("WHEN %s = %s THEN %s", company_id, company.id, self._purchase_probability_to_sql(company, alias))
            for [company] in companies
        ]
        return SQL("CASE %s END", SQL(" ").join(branches)) if branches else SQL("NULL::float8")


def _is_share(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= GREATEST_SHARE
