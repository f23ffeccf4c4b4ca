from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.measure.grading_measure_document import ALL_CONTACTS

# Ten years of quarters fit under one profile.
MOST_QUARTERS = 40


class GradingCohortReport(models.Model):
    """One customer in one quarter since the first order, that of the first order included (0): whether and for how much
    they bought.

    The customers with the first order in the same quarter are a cohort. The quarter that is running is left out, as it
    says less than the others. The first order is the one that was measured at the last rescoring; the rows are of the
    customers whose figures the user may see.
    """

    _name = "grading.cohort.report"
    _inherit = ["grading.figures.report.mixin"]
    _description = "Cohorts"
    _auto = False
    _order = "cohort desc, partner_id, quarter_number, id"
    _rec_name = "partner_id"

    cohort = fields.Date(string="First Order", readonly=True, help="The first day of the quarter of the first order.")
    date = fields.Date(string="Quarter", readonly=True, help="The first day of the quarter.")
    quarter_number = fields.Integer(
        string="Quarters Since",
        readonly=True,
        aggregator=None,
        help="How many quarters after that of the first order, which is 0.",
    )
    active_rate = fields.Float(
        string="Bought (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Share of the customers of the cohort with a purchase in the quarter.",
    )
    amount = fields.Monetary(string="Revenue", readonly=True, help="Untaxed, less what was credited or returned.")
    order_count = fields.Integer(string="Orders", readonly=True)

    @property
    def _table_query(self):
        return self._of_companies()

    @api.model
    def _company_select(self, company):
        today = company._grading_today()
        running = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
        bought = SQL(
            """
            SELECT purchase.partner_id, DATE_TRUNC('quarter', purchase.day::timestamp)::date AS quarter,
                   SUM(purchase.amount) AS amount, (COUNT(*) FILTER (WHERE purchase.is_order))::int AS order_count
              FROM (%s) AS purchase
          GROUP BY purchase.partner_id, DATE_TRUNC('quarter', purchase.day::timestamp)::date
            """,
            self._measure_of(company)._purchases(today, ALL_CONTACTS),
        )
        return SQL(
            """
            SELECT profile.id::bigint * %(most)s + since.number AS id, profile.partner_id, profile.company_id,
                   profile.grade_id, customer.user_id, seller.sale_team_id AS team_id, profile.cohort,
                   since.number AS quarter_number, since.quarter AS date,
                   CASE WHEN bought.order_count > 0 THEN 100::float8 ELSE 0::float8 END AS active_rate,
                   COALESCE(bought.amount, 0) AS amount, COALESCE(bought.order_count, 0) AS order_count
              FROM (
                SELECT visible.*, DATE_TRUNC('quarter', visible.first_order_date::timestamp)::date AS cohort
                  FROM (%(profiles)s) AS visible
              ) AS profile
              JOIN (
                SELECT begun.quarter::date AS cohort, number,
                       (begun.quarter + number * INTERVAL '3 months')::date AS quarter
                  FROM GENERATE_SERIES(
                           DATE %(running)s - %(most)s * INTERVAL '3 months', DATE %(running)s, INTERVAL '3 months'
                       ) AS begun (quarter)
            CROSS JOIN GENERATE_SERIES(0, %(most)s - 1) AS number
              ) AS since ON since.cohort = profile.cohort AND since.quarter < DATE %(running)s
         LEFT JOIN res_partner AS customer ON customer.id = profile.partner_id
         LEFT JOIN res_users AS seller ON seller.id = customer.user_id
         LEFT JOIN (%(bought)s) AS bought ON bought.partner_id = profile.partner_id AND bought.quarter = since.quarter
            """,
            most=MOST_QUARTERS,
            running=running,
            profiles=self._visible_profiles(
                Domain("company_id", "=", company.id) & Domain("first_order_date", "!=", False),
                *("id", "partner_id", "company_id", "grade_id", "first_order_date"),
            ),
            bought=bought,
        )
