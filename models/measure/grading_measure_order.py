import math
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.fields import FloatOrUnknown, IntegerOrEmpty, MonetaryOrUnknown
from ..base.res_company import DECAY_EPOCH
from .grading_measure import DAYS_OF_YEAR


class GradingProfile(models.Model):
    """Measured: what the customer has bought."""

    _inherit = "grading.profile"

    order_count = IntegerOrEmpty(string="Orders", readonly=True, help="Number of purchases, all time.")
    order_amount = MonetaryOrUnknown(
        string="Amount", readonly=True, help="Sum of all purchases, untaxed, less what was credited."
    )
    order_count_12m = IntegerOrEmpty(
        string="Orders, 12 Months", readonly=True, help="Number of purchases in the last 12 months."
    )
    order_amount_12m = MonetaryOrUnknown(
        string="Amount, 12 Months",
        readonly=True,
        help="Sum of the purchases of the last 12 months, untaxed, less what was credited.",
    )
    order_amount_prev_12m = MonetaryOrUnknown(
        string="Amount, 12 Months Before",
        readonly=True,
        help="Sum of the purchases in the 12 months before the last 12.",
    )
    average_order_amount = MonetaryOrUnknown(
        string="Average Order", readonly=True, aggregator="avg", help="Sum of all purchases divided by their number."
    )
    first_order_date = fields.Date(string="First Order", readonly=True, help="The day of the first purchase.")
    last_order_date = fields.Date(string="Last Order", readonly=True, help="The day of the latest purchase.")
    order_amount_change = FloatOrUnknown(
        string="Change of Amount (%)",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="The last 12 months against the 12 before; empty where nothing was bought then.",
    )
    average_order_interval = FloatOrUnknown(
        string="Days between Orders",
        readonly=True,
        aggregator="avg",
        help="Average number of days from one purchase to the next.",
    )
    next_order_date = fields.Date(
        string="Next Order Expected",
        readonly=True,
        help="The latest purchase plus the average number of days between purchases.",
    )
    order_day_count = IntegerOrEmpty(
        string="Days with an Order",
        readonly=True,
        help="Several orders on one day are one purchase: they say nothing of a rhythm.",
    )
    order_months = IntegerOrEmpty(
        string="Months with an Order",
        readonly=True,
        help="Months since the first order, each a twelfth of 365 days, with at least one order.",
    )
    faded_order_log = fields.Float(
        string="Logarithm of the Recency-Weighted Sales",
        readonly=True,
        aggregator=None,
        help="Natural logarithm of the sum of amount × 2^(days since %s ÷ half-life): it does not change with time."
        % DECAY_EPOCH,
    )
    faded_order_amount = MonetaryOrUnknown(
        string="Recency-Weighted Sales",
        compute="_compute_decayed",
        search="_search_faded_order_amount",
        help="The sum of all orders, each halved for every half-life of its age (90 days unless set otherwise). "
        "It tells next year's best customers better than a plain sum.",
    )

    def _search_faded_order_amount(self, operator, value):
        return self._search_decayed("faded_order_amount", operator, value)

    def _after_order(self, amount, day):
        """What would be measured of the customer after one more order, by column of ``grading_profile``. What shows
        only in comparison with all others stays, and so do the days that the purchase model foresees.

        :param float amount: of the order, in the company's currency
        :param datetime.date day: not before the last order
        :rtype: dict
        """
        self.ensure_one()
        count, first, last = self.order_count + 1, self.first_order_date, self.last_order_date
        months = [(until - first).days * 12 // DAYS_OF_YEAR for until in (last, day)]
        interval = (day - first).days / (count - 1)
        year, year_before = self.order_amount_12m + amount, self.order_amount_prev_12m
        decayed = math.log(amount) + self.company_id._grading_decay_log(day)
        if known := self.faded_order_log:
            most, least = max(decayed, known), min(decayed, known)
            decayed = most + math.log1p(math.exp(least - most))  # the logarithm of the sum
        values = {
            "order_count": count,
            "order_amount": self.order_amount + amount,
            "order_count_12m": self.order_count_12m + 1,
            "order_amount_12m": year,
            "average_order_amount": (self.order_amount + amount) / count,
            "last_order_date": day,
            "average_order_interval": interval,
            "next_order_date": day + timedelta(days=round(interval)),
            "order_day_count": self.order_day_count + (day > last),
            "order_months": self.order_months + (months[0] < months[1]),
            "faded_order_log": decayed,
        }
        if year_before > 0:
            values["order_amount_change"] = 100 * (year / year_before - 1)
        if self.annual_budget:
            values["share_of_budget"] = year / self.annual_budget
        return values


class GradingMeasure(models.AbstractModel):
    """What the purchases of a customer add up to."""

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        group = self.env._("Purchases")
        order = {"source": "order", "group": group}
        sums = {**order, "zero": True}
        return {
            **super()._measures(),
            "faded_order_amount": {
                **order,
                "label": self.env._("Recency-weighted sales"),
                "column": "faded_order_log",
                "unit": "money",
            },
            "order_months": {**sums, "label": self.env._("Months with an order"), "unit": "count"},
            "order_count": {**sums, "label": self.env._("Number of orders"), "unit": "count"},
            "order_day_count": {**sums, "label": self.env._("Days with an order"), "unit": "count"},
            "order_amount": {**sums, "label": self.env._("Amount, all time"), "unit": "money"},
            "order_count_12m": {**sums, "label": self.env._("Number of orders, 12 months"), "unit": "count"},
            "order_amount_12m": {**sums, "label": self.env._("Amount, 12 months"), "unit": "money"},
            "order_amount_prev_12m": {**sums, "label": self.env._("Amount, 12 months before"), "unit": "money"},
            "average_order_amount": {**order, "label": self.env._("Average amount of an order"), "unit": "money"},
            "first_order_date": {**order, "label": self.env._("First order"), "unit": "date"},
            "last_order_date": {**order, "label": self.env._("Last order"), "unit": "date"},
            "average_order_interval": {**order, "label": self.env._("Days between orders"), "unit": "days"},
            "next_order_date": {**order, "label": self.env._("Next order expected"), "unit": "date"},
            "order_amount_change": {
                "group": group,
                "label": self.env._("Change of the amount, 12 months against the 12 before"),
                "unit": "percent",
                "reads": ["order_amount_12m", "order_amount_prev_12m"],
                "formula": SQL(
                    "ROUND(100 * (source_order.order_amount_12m / NULLIF(GREATEST("
                    "source_order.order_amount_prev_12m, 0), 0) - 1), 2)"
                ),
            },
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {**super()._sources(as_of, contacts), "order": self._order_source(as_of, contacts)}

    @api.model
    def _order_source(self, as_of, contacts):
        """Purchases of a customer, summed up; what was returned or credited otherwise is deducted and is no order.

        Years and months are 365 and a twelfth of 365 days: months are counted from the first order, so that neither a
        night nor the time of the year changes how many they are.

        The documents come in an order that their own content decides, so that the sum of fractions cannot depend on
        the order of rows or on a parallel plan. OFFSET 0: a document's day is computed once, not at each of its uses.
        """
        digits = self.env.company.currency_id.decimal_places
        return SQL(
            """
            SELECT summed.partner_id, summed.order_count, ROUND(summed.order_amount, %(digits)s) AS order_amount,
                   summed.order_count_12m, ROUND(COALESCE(summed.order_amount_12m, 0), %(digits)s) AS order_amount_12m,
                   ROUND(COALESCE(summed.order_amount_prev_12m, 0), %(digits)s) AS order_amount_prev_12m,
                   CASE WHEN summed.order_amount > 0
                        THEN ROUND(summed.order_amount / NULLIF(summed.order_count, 0), %(digits)s)
                    END AS average_order_amount,
                   summed.first_order_date, summed.last_order_date,
                   (summed.last_order_date - summed.first_order_date)::float8 / NULLIF(summed.order_count - 1, 0)
                       AS average_order_interval,
                   summed.last_order_date + ROUND(
                       (summed.last_order_date - summed.first_order_date)::numeric / NULLIF(summed.order_count - 1, 0)
                   )::int AS next_order_date,
                   summed.order_day_count, summed.order_months,
                   CASE WHEN summed.decayed > 0 AND summed.order_amount > 0 THEN LN(summed.decayed) END
                       AS faded_order_log,
                   summed.left_out
              FROM (%(summed)s) AS summed
            """,
            digits=digits,
            summed=self._summed_purchases(as_of, contacts),
        )

    @api.model
    def _summed_purchases(self, as_of, contacts):
        """The sums that :meth:`_order_source` is made of, not rounded."""
        return SQL(
            """
            SELECT sorted.partner_id,
                   (COUNT(*) FILTER (WHERE sorted.is_order))::int AS order_count,
                   SUM(sorted.amount) AS order_amount,
                   (COUNT(*) FILTER (WHERE sorted.is_order AND sorted.day > %(year_ago)s))::int AS order_count_12m,
                   SUM(sorted.amount) FILTER (WHERE sorted.day > %(year_ago)s) AS order_amount_12m,
                   SUM(sorted.amount) FILTER (WHERE sorted.day > %(two_years_ago)s AND sorted.day <= %(year_ago)s)
                       AS order_amount_prev_12m,
                   MIN(sorted.day) FILTER (WHERE sorted.is_order) AS first_order_date,
                   MAX(sorted.day) FILTER (WHERE sorted.is_order) AS last_order_date,
                   (COUNT(DISTINCT sorted.day) FILTER (WHERE sorted.is_order))::int AS order_day_count,
                   (COUNT(DISTINCT %(month)s) FILTER (WHERE sorted.is_order))::int AS order_months,
                   SUM(sorted.decayed) AS decayed,
                   COUNT(*) FILTER (WHERE sorted.amount IS NULL) AS left_out
              FROM (
                SELECT purchase.partner_id, purchase.day, purchase.amount, purchase.is_order,
                       purchase.amount::float8 * POWER(2::float8, %(exponent)s) AS decayed,
                       MIN(purchase.day) FILTER (WHERE purchase.is_order) OVER (
                           PARTITION BY purchase.partner_id ORDER BY purchase.day, purchase.amount, purchase.is_order
                           ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                       ) AS first_day
                  FROM (%(purchases)s OFFSET 0) AS purchase
              ORDER BY purchase.partner_id, purchase.day, purchase.amount, purchase.is_order
              ) AS sorted
          GROUP BY sorted.partner_id
            """,
            year_ago=SQL("DATE %s", as_of - timedelta(days=DAYS_OF_YEAR)),
            two_years_ago=SQL("DATE %s", as_of - timedelta(days=2 * DAYS_OF_YEAR)),
            month=self._months_to_sql(SQL("sorted.day - sorted.first_day")),
            exponent=self._decay_exponent(SQL("purchase.day")),
            purchases=self._purchases(as_of, contacts),
        )
