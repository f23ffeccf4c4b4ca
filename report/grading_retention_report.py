from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.base.fields import FloatOrUnknown
from ..models.measure.grading_measure_document import ALL_CONTACTS

# How far one looks back: months before the one that is running. What was bought in a month is a bit of 63.
MONTHS = 60
# Within so many months after the month one looks whether customers bought again.
WITHIN = (3, 6, 12)
YEAR = 12
COLUMNS = ("id", "date", "partner_id", "company_id", "grade_id", "lifecycle_id", "order_amount_12m")


class GradingRetentionReport(models.Model):
    """One customer at the end of a month who had bought in the 12 months before, with the grade of that day: whether
    they bought again.

    A customer *bought again within 3 months* who has a purchase in one of the three calendar months that follow. As
    long as these are not over, it is unknown, and no average counts it. A customer is *still active* who has bought in
    the month that is running or the 11 before. The rows are the snapshots of the last 60 months that the user may see.
    """

    _name = "grading.retention.report"
    _inherit = ["grading.figures.report.mixin"]
    _description = "Retention"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    date = fields.Date(string="Month", readonly=True, help="The last day of the month.")
    grade_id = fields.Many2one(string="Grade Then", help="The grade at the end of the month.")
    lifecycle_id = fields.Many2one("grading.lifecycle", string="Stage Then", readonly=True)
    amount = fields.Monetary(
        string="Amount, 12 Months, Then", readonly=True, help="Revenue of the 12 months before the end of the month."
    )
    bought_3m = FloatOrUnknown(
        string="Bought Again within 3 Months (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Share of the customers with a purchase in the 3 calendar months after the month; unknown until they are "
        "over.",
    )
    bought_6m = FloatOrUnknown(
        string="Bought Again within 6 Months (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Share of the customers with a purchase in the 6 calendar months after the month; unknown until they are "
        "over.",
    )
    bought_12m = FloatOrUnknown(
        string="Bought Again within 12 Months (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Share of the customers with a purchase in the 12 calendar months after the month; unknown until they are "
        "over.",
    )
    active_rate = fields.Float(
        string="Still Active (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Share of the customers with a purchase in the running month or the 11 before.",
    )

    @property
    def _table_query(self):
        return self._of_companies()

    @api.model
    def _company_select(self, company):
        """``bought.months`` has bit k for a purchase k months before the month that is running, and ``back`` says how
        many months before it the month of the snapshot lies: so the months that follow it are bits of numbers below.
        """
        today = company._grading_today()
        return SQL(
            """
            SELECT past.id, past.date, past.partner_id, past.company_id, past.grade_id, past.lifecycle_id,
                   past.order_amount_12m AS amount, customer.user_id, seller.sale_team_id AS team_id, %(bought)s,
                   CASE WHEN bought.months & %(year)s <> 0 THEN 100::float8 ELSE 0::float8 END AS active_rate
              FROM (%(snapshots)s) AS past
        CROSS JOIN LATERAL (SELECT %(back)s AS back) AS distance
         LEFT JOIN res_partner AS customer ON customer.id = past.partner_id
         LEFT JOIN res_users AS seller ON seller.id = customer.user_id
         LEFT JOIN (%(months)s) AS bought ON bought.partner_id = past.partner_id
            """,
            bought=SQL(", ").join(self._bought_within(months) for months in WITHIN),
            year=(1 << YEAR) - 1,
            snapshots=self._snapshots(company, today),
            back=self._months_before(SQL("past.date"), today),
            months=self._bought_months(company, today),
        )

    @api.model
    def _bought_within(self, months):
        return SQL(
            """
            CASE WHEN back <= %(months)s THEN NULL
                 WHEN (bought.months >> (back - %(months)s)) & %(mask)s <> 0 THEN 100::float8
                 ELSE 0::float8 END AS %(name)s
            """,
            months=months,
            mask=(1 << months) - 1,
            name=SQL.identifier(f"bought_{months}m"),
        )

    @api.model
    def _snapshots(self, company, today):
        """The snapshots of customers who were buying, as far as the user may see them."""
        first = today.replace(day=1) - relativedelta(months=MONTHS)
        buying = Domain("partner_id", "!=", False) & Domain("order_count_12m", ">", 0)
        period = Domain("date", ">=", first) & Domain("date", "<", today.replace(day=1))
        domain = buying & period & Domain("company_id", "=", company.id)
        query = self.env["grading.snapshot"].with_context(active_test=False)._search(domain)
        return query.select(*(SQL.identifier(query.table, name) for name in COLUMNS))

    @api.model
    def _bought_months(self, company, today):
        """``SELECT partner_id, months``: the months with a purchase as bits of a number."""
        return SQL(
            """
            SELECT purchase.partner_id, BIT_OR(1::bigint << %(back)s) AS months
              FROM (%(purchases)s) AS purchase
             WHERE purchase.is_order AND purchase.day >= %(first)s
          GROUP BY purchase.partner_id
            """,
            back=self._months_before(SQL("purchase.day"), today),
            purchases=self._measure_of(company)._purchases(today, ALL_CONTACTS),
            first=today.replace(day=1) - relativedelta(months=MONTHS),
        )

    @api.model
    def _months_before(self, day, today):
        """How many months before that of ``today`` the month of ``day`` lies."""
        return SQL(
            "(%s - DATE_PART('year', %s) * 12 - DATE_PART('month', %s))::int", today.year * 12 + today.month, day, day
        )
