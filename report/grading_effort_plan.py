from datetime import datetime, time

import pytz
from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .grading_effort_mixin import READS

MONTHS = 12


class GradingEffortPlan(models.Model):
    """How many contacts a salesperson had in a month with the customers of one grade, beside how many the plan gives
    them: their part of all contacts with customers of planned grades.

    Counts, unlike the percents of :class:`grading.effort.share`, can be added up by any group.
    """

    _name = "grading.effort.plan"
    _inherit = ["grading.effort.mixin"]
    _description = "Effort and Plan by Month"
    _auto = False
    _order = "month desc, user_id, grade_id"
    _rec_name = "grade_id"
    _depends = READS

    month = fields.Date(readonly=True, help="The month where the company works.")
    planned_count = fields.Float(
        string="Planned Contacts",
        digits=(16, 1),
        readonly=True,
        help="As many as the plan gives of those that were made.",
    )
    above_count = fields.Float(string="Contacts above Plan", digits=(16, 1), readonly=True)

    @property
    def _table_query(self):
        return self._beside_plan(
            period="month",
            done=self._done_select(self.env.company._grading_today().replace(day=1) - relativedelta(months=MONTHS - 1)),
            figures=SQL("total.contact_count * grade.effort_share / 100 AS planned_count"),
            columns=SQL(
                "total.month, figures.planned_count,"
                " COALESCE(done.contact_count, 0) - figures.planned_count AS above_count"
            ),
            condition=SQL("grade.active OR done.grade_id IS NOT NULL"),
        )

    def _done_select(self, first):
        """What was done in the months from ``first`` on, by the planned ``grade``; a month begins where the company
        works."""
        companies = self.env["res.company"].sudo().search([("active", "in", (True, False))])
        return SQL(
            """
            SELECT effort.user_id, effort.team_id, effort.company_id, effort.grade_id, local.month,
                   SUM(effort.contact_count)::int AS contact_count, SUM(effort.hours) AS hours
              FROM (%(effort)s) AS effort
              JOIN grade ON grade.id = effort.grade_id
              JOIN %(clocks)s AS company ON company.id = effort.company_id
        CROSS JOIN LATERAL (
                SELECT DATE_TRUNC('month', effort.date AT TIME ZONE 'UTC' AT TIME ZONE company.tz)::date AS month
              ) AS local
             WHERE local.month >= %(first)s
          GROUP BY effort.user_id, effort.team_id, effort.company_id, effort.grade_id, local.month
            """,
            # A day more than the months have: somewhere they begin earlier.
            effort=self.env["grading.effort.report"]._effort_select(
                since=fields.Datetime.to_datetime(first - relativedelta(days=1))
            ),
            clocks=companies._grading_clocks(),
            first=first,
        )

    def _period_domain(self):
        begin, end = (self._month_begin(month) for month in (self.month, self.month + relativedelta(months=1)))
        return Domain("date", ">=", begin) & Domain("date", "<", end)

    def _month_begin(self, month):
        """When ``month`` begins where the company works, in UTC as Odoo writes it."""
        zone = pytz.timezone(self.company_id._grading_tz())
        begin = zone.localize(datetime.combine(month, time.min))
        return fields.Datetime.to_string(begin.astimezone(pytz.utc))
