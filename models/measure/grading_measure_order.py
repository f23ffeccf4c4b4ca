from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.fields import FloatOrUnknown
from ..base.res_company import DECAY_EPOCH
from .grading_measure import SANE_AMOUNT


class GradingProfile(models.Model):
    """Measured: what the customer has bought."""

    _inherit = "grading.profile"

    order_count = fields.Integer(string="Orders", readonly=True)
    order_amount = fields.Monetary(string="Amount", readonly=True)
    order_count_12m = fields.Integer(string="Orders, 12 Months", readonly=True)
    order_amount_12m = fields.Monetary(string="Amount, 12 Months", readonly=True)
    order_amount_prev_12m = fields.Monetary(string="Amount, 12 Months Before", readonly=True)
    average_order_amount = fields.Monetary(string="Average Order", readonly=True, aggregator="avg")
    first_order_date = fields.Date(string="First Order", readonly=True)
    last_order_date = fields.Date(string="Last Order", readonly=True)
    order_amount_change = FloatOrUnknown(
        string="Change of Amount (%)",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="The last 12 months against the 12 before; empty where nothing was bought then.",
    )
    average_order_interval = fields.Float(string="Days between Orders", readonly=True, aggregator="avg")
    next_order_date = fields.Date(string="Next Order Expected", readonly=True)
    order_day_count = fields.Integer(
        string="Days with an Order",
        readonly=True,
        help="Several orders on one day are one purchase: they say nothing of a rhythm.",
    )
    order_months = fields.Integer(string="Months with an Order", readonly=True)
    faded_order_log = fields.Float(
        string="Logarithm of the Recency-Weighted Sales",
        readonly=True,
        aggregator=None,
        help="Natural logarithm of the sum of amount × 2^(days since %s ÷ half-life): it does not change with time."
        % DECAY_EPOCH,
    )
    faded_order_amount = fields.Monetary(
        string="Recency-Weighted Sales",
        compute="_compute_decayed",
        search="_search_faded_order_amount",
        help="The sum of all orders, each halved for every half-life of its age (90 days unless set otherwise). "
        "It tells next year's best customers better than a plain sum.",
    )

    def _search_faded_order_amount(self, operator, value):
        return self._search_decayed("faded_order_amount", operator, value)


class GradingMeasure(models.AbstractModel):
    """What a customer has bought: the documents that count, and what they add up to."""

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        order = {"source": "order"}
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
        """Orders of a customer, summed up; a credit note is deducted on its own day and is no order.

        The documents come in an order that their own content decides, so that the sum of fractions cannot depend on
        the order of rows or on a parallel plan. OFFSET 0: a document's day is computed once, not at each of its uses.
        """
        return SQL(
            """
            SELECT sorted.partner_id,
                   (COUNT(*) FILTER (WHERE sorted.is_order))::int AS order_count,
                   ROUND(SUM(sorted.amount), %(digits)s) AS order_amount,
                   (COUNT(*) FILTER (WHERE sorted.is_order AND sorted.day > %(year_ago)s))::int AS order_count_12m,
                   ROUND(COALESCE(SUM(sorted.amount) FILTER (WHERE sorted.day > %(year_ago)s), 0),
                         %(digits)s) AS order_amount_12m,
                   ROUND(COALESCE(SUM(sorted.amount) FILTER (
                       WHERE sorted.day > %(two_years_ago)s AND sorted.day <= %(year_ago)s
                   ), 0), %(digits)s) AS order_amount_prev_12m,
                   ROUND(SUM(sorted.amount) / NULLIF(COUNT(*) FILTER (WHERE sorted.is_order), 0),
                         %(digits)s) AS average_order_amount,
                   MIN(sorted.day) FILTER (WHERE sorted.is_order) AS first_order_date,
                   MAX(sorted.day) FILTER (WHERE sorted.is_order) AS last_order_date,
                   (MAX(sorted.day) FILTER (WHERE sorted.is_order) - MIN(sorted.day) FILTER (WHERE sorted.is_order)
                   )::float8 / NULLIF(COUNT(*) FILTER (WHERE sorted.is_order) - 1, 0) AS average_order_interval,
                   MAX(sorted.day) FILTER (WHERE sorted.is_order) + ROUND(
                       (MAX(sorted.day) FILTER (WHERE sorted.is_order) - MIN(sorted.day) FILTER (WHERE sorted.is_order)
                       )::numeric / NULLIF(COUNT(*) FILTER (WHERE sorted.is_order) - 1, 0)
                   )::int AS next_order_date,
                   (COUNT(DISTINCT sorted.day) FILTER (WHERE sorted.is_order))::int AS order_day_count,
                   (COUNT(DISTINCT DATE_TRUNC('month', sorted.day::timestamp)) FILTER (WHERE sorted.is_order))::int
                       AS order_months,
                   CASE WHEN SUM(sorted.decayed) > 0 THEN LN(SUM(sorted.decayed)) END AS faded_order_log,
                   COUNT(*) FILTER (WHERE sorted.amount IS NULL) AS left_out
              FROM (
                SELECT document.partner_id, document.day, sane.amount,
                       document.is_order AND sane.amount IS NOT NULL AS is_order,
                       sane.amount::float8 * POWER(2::float8, %(exponent)s) AS decayed
                  FROM (%(documents)s OFFSET 0) AS document
                  JOIN LATERAL (
                    SELECT CASE WHEN ABS(document.amount) <= %(sane)s THEN document.amount END AS amount
                  ) AS sane ON TRUE
                 WHERE document.day <= %(as_of)s
              ORDER BY document.partner_id, document.day, document.amount, document.is_order
              ) AS sorted
          GROUP BY sorted.partner_id
            """,
            digits=self.env.company.currency_id.decimal_places,
            as_of=as_of,
            sane=SANE_AMOUNT,
            year_ago=SQL("DATE %s", as_of - relativedelta(months=12)),
            two_years_ago=SQL("DATE %s", as_of - relativedelta(months=24)),
            exponent=self._decay_exponent(SQL("document.day")),
            documents=self._documents(contacts),
        )

    @api.model
    def _documents(self, contacts):
        """What counts as bought: ``(partner_id, day, amount, is_order)``, untaxed and in the company's currency.

        One source for a company, so nothing is counted twice: confirmed orders, each at its own rate, or posted
        invoices less credit notes. An order without a usable rate has no amount.
        """
        company = self.env.company
        if company.grading_amount_source == "invoice":
            return SQL(
                """
                SELECT contact.commercial_partner_id AS partner_id, move.invoice_date AS day,
                       move.amount_untaxed_signed AS amount, move.move_type = 'out_invoice' AS is_order
                  FROM account_move AS move
                  JOIN %(contacts)s AS contact ON contact.id = move.partner_id
                 WHERE move.company_id = %(company)s AND move.state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_refund')
                """,
                contacts=contacts,
                company=company.id,
            )
        return SQL(
            """
            SELECT contact.commercial_partner_id AS partner_id,
                   (sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
                   CASE WHEN sale.currency_rate = 1 THEN sale.amount_untaxed
                        WHEN sale.currency_rate > 0 THEN sale.amount_untaxed / sale.currency_rate END AS amount,
                   TRUE AS is_order
              FROM sale_order AS sale
              JOIN %(contacts)s AS contact ON contact.id = sale.partner_id
             WHERE sale.company_id = %(company)s AND sale.state = 'sale'
            """,
            contacts=contacts,
            tz=company._grading_tz(),
            company=company.id,
        )

    @api.model
    def _unusable_documents(self, contacts):
        """The documents that :meth:`_documents` leaves out because of an invalid amount or currency rate:
        ``(name)``."""
        company = self.env.company
        if company.grading_amount_source == "invoice":
            return SQL(
                """
                SELECT move.name FROM account_move AS move JOIN %s AS contact ON contact.id = move.partner_id
                 WHERE move.company_id = %s AND move.state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_refund')
                   AND (ABS(move.amount_untaxed_signed) <= %s) IS NOT TRUE
                """,
                contacts, company.id, SANE_AMOUNT,
            )  # fmt: skip
        return SQL(
            """
            SELECT sale.name FROM sale_order AS sale JOIN %s AS contact ON contact.id = sale.partner_id
             WHERE sale.company_id = %s AND sale.state = 'sale'
               AND (sale.currency_rate > 0
                    AND ABS(sale.amount_untaxed / NULLIF(sale.currency_rate, 0)) <= %s) IS NOT TRUE
            """,
            contacts, company.id, SANE_AMOUNT,
        )  # fmt: skip
