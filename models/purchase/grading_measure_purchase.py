from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.context import day_read, yardstick_of
from ..base.fields import COMPARISONS_TO_SQL, FloatOrUnknown, IntegerOrEmpty

# A probability is a share of one: greater numbers are a slip, and might not fit into a double.
GREATEST_SHARE = 100
# What the probability is computed from.
PURCHASES = ("order_day_count", "first_order_date", "last_order_date")
# A number of years asked for, as a day of the first order: more years are an earlier day.
MOST_YEARS = 1000
YEAR_COMPARISONS = {">=": "<=", "<": ">", ">": "<=", "<=": ">"}


class GradingMeasure(models.AbstractModel):
    """Whether a customer will buy again, predicted from the customer's orders by the model of all customers.

    The probability fills no column: it falls every day, and is computed where a criterion or a filter reads it.
    """

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        predicted = {"compared": "purchase", "reads": [*PURCHASES], "always": True, "group": self.env._("Prediction")}
        return {
            **super()._measures(),
            "purchase_probability": {**predicted, "label": self.env._("Probability to buy"), "unit": "ratio"},
            "decline_date": {**predicted, "label": self.env._("Declining from"), "unit": "date"},
            "lost_date": {**predicted, "label": self.env._("Lost from"), "unit": "date"},
        }

    @api.model
    def _compared_sources(self, as_of, table):
        return {
            **super()._compared_sources(as_of, table),
            "purchase": self.env["grading.purchase.model"]._dates_select(table, as_of),
        }

    @api.model
    def _fix_compared(self, names, table, as_of):
        result = super()._fix_compared(names, table, as_of)
        Model = self.env["grading.purchase.model"]
        if "purchase" in names and Model._is_due(as_of):
            Model._refit(table, as_of)
        return result

    @api.model
    def _is_compared_missing(self, names):
        missing = "purchase" in names and not self.env["grading.purchase.model"]._current()
        return missing or super()._is_compared_missing(names)

    @api.model
    def _value_to_sql(self, name, as_of, date_unit="days"):
        if name == "purchase_probability":
            return self.env["grading.purchase.model"]._probability_to_sql(as_of)
        return super()._value_to_sql(name, as_of, date_unit)


class GradingProfile(models.Model):
    """Predicted: whether the customer will buy again, see :class:`grading.purchase.model`.

    The probability falls every day and is computed when it is read; stored are the days on which it will have fallen
    too low, which only an order or a new model moves.
    """

    _inherit = "grading.profile"

    decline_date = fields.Date(
        string="Declining from",
        readonly=True,
        help="The day from which the customer, if no order comes, counts as overdue, judging by their own buying "
        "pattern.",
    )
    lost_date = fields.Date(
        string="Lost from",
        readonly=True,
        help="The day from which the customer, if no order comes, counts as lost, judging by their own buying pattern.",
    )
    purchase_probability = FloatOrUnknown(
        string="Probability to Buy",
        compute="_compute_purchase_probability",
        search="_search_purchase_probability",
        aggregator="avg",
        help="The probability that the customer buys within the next 90 days, or as many as are set: from how often "
        "they have bought, and how long ago.",
    )

    is_overdue = fields.Boolean(
        string="Overdue",
        compute="_compute_is_overdue",
        search="_search_is_overdue",
        help="Has ordered, and should have ordered again, judging by their own buying pattern.",
    )
    is_lost = fields.Boolean(
        string="Lost",
        compute="_compute_is_overdue",
        search="_search_is_lost",
        help="Has ordered, and is hardly expected to order again, judging by their own buying pattern.",
    )
    customer_years = IntegerOrEmpty(
        string="Years a Customer",
        compute="_compute_customer_years",
        search="_search_customer_years",
        aggregator=None,
        help="Full years since the first order.",
    )

    @api.depends(*PURCHASES)
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
        """The probability of the company's customers in the table ``alias``, on the day as of which they are read:
        ``CASE WHEN "profile"."order_day_count" > 0 … THEN … END``, ``NULL::float8`` before the first model."""
        as_of = day_read(self.env, company)
        # Of companies that the user is not in, too: record rules choose the rows, and a CASE needs all branches.
        return self.env["grading.purchase.model"].sudo().with_company(company)._probability_to_sql(as_of, alias)

    def _search_purchase_probability(self, operator, value):
        """Each company's customers by its own model; without an order it is unknown, and no number finds that."""
        if operator == "in" and set(value) == {False}:
            condition = SQL("IS NULL")
        elif operator in COMPARISONS_TO_SQL and _is_share(value):
            condition = SQL("%s %s::float8", COMPARISONS_TO_SQL[operator], value)
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
        if yardstick_of(self.env):
            return self._purchase_probability_to_sql(self.env.company, alias)
        companies = self.env["grading.purchase.model"].sudo()._read_group([], ["company_id"])
        company_id = self._field_to_sql(alias, "company_id", query)
        branches = [
            SQL("WHEN %s = %s THEN %s", company_id, company.id, self._purchase_probability_to_sql(company, alias))
            for [company] in companies
        ]
        return SQL("CASE %s END", SQL(" ").join(branches)) if branches else SQL("NULL::float8")

    # ------------------------------------------------------------
    # Days in filters: whether the stored days have come
    # ------------------------------------------------------------

    @api.depends("decline_date", "lost_date")
    @api.depends_context("company")
    def _compute_is_overdue(self):
        today = self._grading_day()
        for profile in self:
            profile.is_overdue = bool(profile.decline_date) and profile.decline_date <= today
            profile.is_lost = bool(profile.lost_date) and profile.lost_date <= today

    @api.depends("first_order_date")
    @api.depends_context("company")
    def _compute_customer_years(self):
        today = self._grading_day()
        for profile in self:
            first = profile.first_order_date
            profile.customer_years = relativedelta(today, first).years if first else False

    def _search_is_overdue(self, operator, value):
        return self._search_has_come("decline_date", operator, value)

    def _search_is_lost(self, operator, value):
        return self._search_has_come("lost_date", operator, value)

    @api.model
    def _search_has_come(self, name, operator, value):
        if operator != "in":
            return NotImplemented
        come = Domain(name, "<=", self._grading_day())
        return come if True in value else Domain(name, "=", False) | Domain(name, ">", self._grading_day())

    def _search_customer_years(self, operator, value):
        """``("customer_years", ">=", 3)`` is a first order three years ago or earlier."""
        if operator not in YEAR_COMPARISONS or not isinstance(value, int) or abs(value) > MOST_YEARS:
            return NotImplemented
        years = value + 1 if operator in (">", "<=") else value
        day = self._grading_day() - relativedelta(years=years)
        found = Domain("first_order_date", YEAR_COMPARISONS[operator], day)
        return found if operator in (">", ">=") else found | Domain("first_order_date", "=", False)


def _is_share(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= GREATEST_SHARE
