from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import SQL

MONTHS = 12


class GradingEffortPlan(models.Model):
    """How many contacts a salesperson had in a month with the customers of one grade, beside how many the plan gives
    them: its part of all that he had with customers of planned grades.

    Counts, unlike the percents of :class:`grading.effort.share`, can be added up by any group.
    """

    _name = "grading.effort.plan"
    _inherit = ["grading.effort.mixin"]
    _description = "Effort and Plan by Month"
    _auto = False
    _order = "month desc, user_id, grade_id"
    _rec_name = "grade_id"
    _depends = {
        "grading.effort.report": ["company_id", "contact_count", "date", "grade_id", "hours", "user_id"],
        "grading.grade": ["active", "effort_share", "sequence"],
        "grading.scheme": ["active", "subject"],
        "grading.threshold": ["grade_id", "scheme_id"],
        "res.company": ["partner_id", "resource_calendar_id"],
        "res.partner": ["tz"],
        "resource.calendar": ["tz"],
    }

    month = fields.Date(readonly=True, help="The month where the company works.")
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    grade_id = fields.Many2one("grading.grade", readonly=True, help="The grade in force now.")
    contact_count = fields.Integer(string="Contacts", readonly=True)
    planned_count = fields.Float(
        string="Planned Contacts",
        digits=(16, 1),
        readonly=True,
        help="As many as the plan gives of those that were made.",
    )
    above_count = fields.Float(string="Contacts above Plan", digits=(16, 1), readonly=True)
    hours = fields.Float(readonly=True, help="The time of meetings.")

    @property
    def _table_query(self):
        return SQL(
            """
            WITH grade AS (
                %(grades)s
            ), done AS (
                %(done)s
            ), total AS (
                SELECT user_id, team_id, company_id, month, SUM(contact_count) AS contact_count
                  FROM done
              GROUP BY user_id, team_id, company_id, month
            )
            SELECT ((total.user_id::bigint * 4096 + total.company_id %% 4096) * 16
                       + (EXTRACT(YEAR FROM total.month) * 12 + EXTRACT(MONTH FROM total.month))::int %% 16) * 4096
                       + grade.id %% 4096 AS id,
                   total.month, total.user_id, total.team_id, total.company_id, grade.id AS grade_id,
                   COALESCE(done.contact_count, 0) AS contact_count, planned.count AS planned_count,
                   COALESCE(done.contact_count, 0) - planned.count AS above_count, COALESCE(done.hours, 0) AS hours
              FROM total
        CROSS JOIN grade
        CROSS JOIN LATERAL (SELECT total.contact_count * grade.effort_share / 100 AS count) AS planned
         LEFT JOIN done ON done.user_id = total.user_id AND done.company_id = total.company_id
                       AND done.month = total.month AND done.grade_id = grade.id
             WHERE grade.active OR done.grade_id IS NOT NULL
            """,
            grades=self._planned_grades(),
            done=self._done_select(fields.Date.today().replace(day=1) - relativedelta(months=MONTHS - 1)),
        )

    def _done_select(self, first):
        """What was done in the months from ``first`` on, by the planned ``grade``; a month begins where the company
        works, as ``res.company._grading_tz`` says."""
        return SQL(
            """
            SELECT effort.user_id, effort.team_id, effort.company_id, effort.grade_id, local.month,
                   SUM(effort.contact_count)::int AS contact_count, SUM(effort.hours) AS hours
              FROM (%(effort)s) AS effort
              JOIN grade ON grade.id = effort.grade_id
              JOIN res_company AS company ON company.id = effort.company_id
              JOIN res_partner AS own ON own.id = company.partner_id
         LEFT JOIN resource_calendar AS calendar ON calendar.id = company.resource_calendar_id
        CROSS JOIN LATERAL (
                SELECT DATE_TRUNC(
                    'month', effort.date AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(calendar.tz, own.tz, 'UTC')
                )::date AS month
              ) AS local
             WHERE local.month >= %(first)s
          GROUP BY effort.user_id, effort.team_id, effort.company_id, effort.grade_id, local.month
            """,
            # A day more than the months have: somewhere they begin earlier.
            effort=self.env["grading.effort.report"]._effort_select(
                since=fields.Datetime.to_datetime(first - relativedelta(days=1))
            ),
            first=first,
        )
