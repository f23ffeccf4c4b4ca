from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, float_round, formatLang

PERIODS = [("30", "Last 30 days"), ("90", "Last 90 days")]
# Percent of the contacts by which a grade may have more than its share before one talks of it.
TOLERANCE = 5
MONTHS = 12


class GradingEffortShare(models.Model):
    """What part of a salesperson's contacts went to the customers of one grade, beside the part that the plan gives it.

    The plan is the grade's *Effort (%)*: there is a row for each grade of the plan (:meth:`_planned_grades`), for
    everybody who had a contact with customers of such grades in the period.
    """

    _name = "grading.effort.share"
    _inherit = ["grading.effort.mixin"]
    _description = "Effort against Plan"
    _auto = False
    _order = "user_id, period, grade_id"
    _rec_name = "grade_id"
    _depends = {
        "grading.effort.report": ["company_id", "contact_count", "date", "grade_id", "hours", "user_id"],
        "grading.grade": ["active", "effort_share", "sequence"],
        "grading.scheme": ["active", "subject"],
        "grading.threshold": ["grade_id", "scheme_id"],
    }

    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    period = fields.Selection(PERIODS, readonly=True)
    grade_id = fields.Many2one("grading.grade", readonly=True)
    contact_count = fields.Integer(string="Contacts", readonly=True)
    hours = fields.Float(readonly=True, help="The time of meetings.")
    share = fields.Float(string="Done (%)", digits=(16, 1), readonly=True, aggregator=None)
    hours_share = fields.Float(
        string="Hours (%)", digits=(16, 1), readonly=True, aggregator=None, help="The part of the time of meetings."
    )
    effort_share = fields.Float(string="Plan (%)", digits=(16, 1), readonly=True, aggregator=None)
    difference = fields.Float(string="Above (%)", digits=(16, 1), readonly=True, aggregator=None)
    is_main = fields.Boolean(
        string="In Short", readonly=True, help="The grade that got most above its plan: one for each salesperson."
    )
    is_waste = fields.Boolean(
        string="Too Much", readonly=True, help="Clearly above its plan, and not of the grades that should get most."
    )
    sentence = fields.Char(string="In Words", compute="_compute_sentence")

    @property
    def _table_query(self):
        return SQL(
            """
            WITH grade AS (
                %(grades)s
            ), done AS (
                %(done)s
            ), total AS (
                SELECT user_id, team_id, company_id, days, SUM(contact_count) AS contact_count, SUM(hours) AS hours
                  FROM done
              GROUP BY user_id, team_id, company_id, days
                HAVING SUM(contact_count) > 0
            )
            SELECT ((total.user_id::bigint * 4096 + total.company_id %% 4096) * 128 + total.days) * 4096
                       + grade.id %% 4096 AS id,
                   total.user_id, total.team_id, total.company_id, total.days::varchar AS period,
                   grade.id AS grade_id, COALESCE(done.contact_count, 0) AS contact_count,
                   COALESCE(done.hours, 0) AS hours, figures.share, figures.hours_share, grade.effort_share,
                   figures.share - grade.effort_share AS difference,
                   figures.share - grade.effort_share > %(tolerance)s
                       AND grade.effort_share < (SELECT MAX(effort_share) FROM grade) AS is_waste,
                   ROW_NUMBER() OVER (
                       PARTITION BY total.user_id, total.company_id, total.days
                       ORDER BY figures.share - grade.effort_share DESC, grade.sequence DESC, grade.id DESC
                   ) = 1 AS is_main
              FROM total
        CROSS JOIN grade
         LEFT JOIN done ON done.user_id = total.user_id AND done.company_id = total.company_id
                       AND done.days = total.days AND done.grade_id = grade.id
        CROSS JOIN LATERAL (
                SELECT ROUND(100.0 * COALESCE(done.contact_count, 0) / total.contact_count, 1) AS share,
                       COALESCE(ROUND((100 * done.hours / NULLIF(total.hours, 0))::numeric, 1), 0) AS hours_share
              ) AS figures
             WHERE grade.active OR done.contact_count > 0
            """,
            grades=self._planned_grades(),
            done=self._done_select(),
            tolerance=TOLERANCE,
        )

    @api.model
    def _done_select(self):
        """What was done in each of the periods, by the planned ``grade``."""
        now = fields.Datetime.now()
        days = [int(period) for period, _label in PERIODS]
        return SQL(
            """
              SELECT effort.user_id, effort.team_id, effort.company_id, period.days, effort.grade_id,
                     SUM(effort.contact_count)::int AS contact_count, SUM(effort.hours) AS hours
                FROM (%(effort)s) AS effort
                JOIN UNNEST(%(days)s) AS period (days)
                  ON effort.date > %(now)s - MAKE_INTERVAL(days => period.days)
                JOIN grade ON grade.id = effort.grade_id
            GROUP BY effort.user_id, effort.team_id, effort.company_id, period.days, effort.grade_id
            """,
            effort=self.env["grading.effort.report"]._effort_select(since=now - timedelta(days=max(days))),
            days=days,
            now=now,
        )

    @api.depends("share", "effort_share", "grade_id", "user_id", "is_main")
    @api.depends_context("lang", "uid")
    def _compute_sentence(self):
        for effort in self:
            effort.sentence = effort._own_sentence() if effort.user_id == self.env.user else effort._sentence_of_other()

    def _own_sentence(self):
        if self.is_main and self.difference <= TOLERANCE:
            return self.env._("Your contacts go to the grades as planned.")
        return self.env._(
            "%(share)s %% of your contacts went to %(grade)s customers; the plan says %(plan)s %%.", **self._words()
        )

    def _sentence_of_other(self):
        if self.is_main and self.difference <= TOLERANCE:
            return self.env._("The contacts of %(user)s go to the grades as planned.", **self._words())
        return self.env._(
            "%(share)s %% of the contacts of %(user)s went to %(grade)s customers; the plan says %(plan)s %%.",
            **self._words(),
        )

    def _words(self):
        return {
            "share": formatLang(self.env, float_round(self.share, 0), digits=0),
            "grade": self.grade_id.name,
            "plan": formatLang(self.env, float_round(self.effort_share, 0), digits=0),
            "user": self.user_id.name,
        }


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
