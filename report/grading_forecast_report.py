from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.measure.grading_measure_document import ALL_CONTACTS
from .grading_pareto_report import TENTHS


class GradingForecastReport(models.Model):
    """One customer of whom an amount was expected, and what came: as remembered at the latest month's end from which
    the time of the forecast is over by now.

    Tenths are those of the customers whose figures the user may see, by what was expected of them.
    """

    _name = "grading.forecast.report"
    _inherit = ["grading.figures.report.mixin"]
    _description = "Expected and Actual Revenue"
    _auto = False
    _order = "expected_amount desc, id"
    _rec_name = "partner_id"

    date = fields.Date(string="Expected on", readonly=True)
    date_until = fields.Date(string="Until", readonly=True, help="The last day of the time that was looked ahead.")
    grade_id = fields.Many2one(string="Grade Then", help="The grade on the day of the forecast.")
    tenth = fields.Selection(
        TENTHS,
        string="Tenth of the Customers",
        readonly=True,
        help="Customers by what was expected of them, in ten groups of the same size.",
    )
    expected_amount = fields.Monetary(string="Expected", readonly=True, help="What was expected, untaxed.")
    amount = fields.Monetary(
        string="Came", readonly=True, help="What came within that time, untaxed, less what was credited."
    )
    difference = fields.Monetary(readonly=True, help="What came, less what was expected.")

    @property
    def _table_query(self):
        return self._of_companies()

    @api.model
    def _company_select(self, company):
        day, days = self._compared_day(company)
        until = fields.Date.add(day, days=days)
        return SQL(
            """
            SELECT ranked.id, ranked.partner_id, ranked.company_id, ranked.grade_id, DATE %(day)s AS date,
                   DATE %(until)s AS date_until, customer.user_id, seller.sale_team_id AS team_id,
                   LPAD(CEIL(10.0 * ranked.rank / ranked.customers)::text, 2, '0') AS tenth, ranked.expected_amount,
                   COALESCE(came.amount, 0) AS amount,
                   COALESCE(came.amount, 0) - ranked.expected_amount AS difference
              FROM (
                SELECT visible.*, COUNT(*) OVER () AS customers,
                       ROW_NUMBER() OVER (ORDER BY visible.expected_amount DESC, visible.id) AS rank
                  FROM (%(visible)s) AS visible
              ) AS ranked
         LEFT JOIN (
                SELECT purchase.partner_id, SUM(purchase.amount) AS amount
                  FROM (%(purchases)s) AS purchase
                 WHERE purchase.day > %(day)s
              GROUP BY purchase.partner_id
              ) AS came ON came.partner_id = ranked.partner_id
         LEFT JOIN res_partner AS customer ON customer.id = ranked.partner_id
         LEFT JOIN res_users AS seller ON seller.id = customer.user_id
            """,
            day=day,
            until=until,
            visible=self._visible_snapshots(company, day),
            purchases=self._measure_of(company)._purchases(until, ALL_CONTACTS),
        )

    @api.model
    def _compared_day(self, company):
        """The latest month's end from which what was expected can be held against what came, and how many days it was
        looked ahead; today where nothing can.

        :rtype: tuple[datetime.date, int]
        """
        today = company._grading_today()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT date, expected_days FROM grading_snapshot
                 WHERE company_id = %s AND expected_days > 0 AND date + expected_days < %s
              ORDER BY date DESC LIMIT 1
                """,
                company.id,
                today,
            )
        )
        return rows[0] if rows else (today, 0)

    @api.model
    def _visible_snapshots(self, company, day):
        """What was expected of the customers whose figures the user may see."""
        domain = Domain("company_id", "=", company.id) & Domain("date", "=", day)
        domain &= Domain("partner_id", "!=", False) & Domain("expected_days", "!=", 0)
        query = self.env["grading.snapshot"].with_context(active_test=False)._search(domain)
        names = ("id", "partner_id", "company_id", "grade_id", "expected_amount")
        return query.select(*(SQL.identifier(query.table, name) for name in names))
