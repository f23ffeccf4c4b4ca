from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, float_round, formatLang

PERIODS = [("30", "Last 30 days"), ("90", "Last 90 days")]
# Percent of the contacts by which a grade may have more than its share before that is worth a sentence.
TOLERANCE = 5
MONTHS = 12
READS = {
    "grading.effort.report": ["company_id", "contact_count", "date", "grade_id", "hours", "user_id"],
    "grading.grade": ["active", "effort_share", "sequence"],
    "grading.scheme": ["active", "subject"],
    "grading.threshold": ["grade_id", "scheme_id"],
}


class GradingEffortMixin(models.AbstractModel):
    """The effort of salespeople beside the plan, which is the *Effort (%)* of the grades."""

    _inherit = "grading.effort.mixin"

    @api.model
    def _beside_plan(self, period, done, columns, condition, figures):
        """A row for each grade of the plan, for each salesperson, company and period with a contact of such a grade.

        ``done`` is what was done for one grade, none where nothing was; ``total`` is the same for all grades.

        :param str period: the column of ``done`` that says which period a row is of
        :param odoo.tools.SQL done: ``SELECT user_id, team_id, company_id, <period>, grade_id, contact_count, hours``
            out of the grades of the plan, ``grade (id, sequence, active, effort_share)``
        :param odoo.tools.SQL columns: the columns to read of ``total``, ``grade``, ``done`` and ``figures``, besides
            those that every row has
        :param odoo.tools.SQL condition: the rows that are wanted
        :param odoo.tools.SQL figures: the expressions that several columns are made of
        :rtype: odoo.tools.SQL
        """
        return SQL(
            """
            WITH grade AS (
                %(grades)s
            ), done AS (
                %(done)s
            ), total AS (
                SELECT user_id, team_id, company_id, %(period)s, SUM(contact_count) AS contact_count,
                       SUM(hours) AS hours
                  FROM done
              GROUP BY user_id, team_id, company_id, %(period)s
            )
            SELECT total.user_id, total.team_id, total.company_id, grade.id AS grade_id,
                   COALESCE(done.contact_count, 0) AS contact_count, COALESCE(done.hours, 0) AS hours, %(columns)s
              FROM total
        CROSS JOIN grade
         LEFT JOIN done ON done.user_id = total.user_id AND done.company_id = total.company_id
                       AND done.%(period)s = total.%(period)s AND done.grade_id = grade.id
        CROSS JOIN LATERAL (SELECT %(figures)s) AS figures
             WHERE %(condition)s
            """,
            grades=self._planned_grades(),
            done=done,
            period=SQL.identifier(period),
            columns=columns,
            figures=figures,
            condition=condition,
        )

    @api.model
    def _planned_grades(self):
        """``SELECT id, sequence, active, effort_share`` of the grades that share the effort.

        These are the ones that have a part of it, and those that customers can get instead: a plan of 0 % is one, too.
        The grades of leads have none; to count them would make a share of 70 % of the customers' time impossible.
        """
        return SQL(
            """
            SELECT id, sequence, active, effort_share::numeric
              FROM grading_grade
             WHERE effort_share > 0 OR id IN (
                       SELECT other.grade_id
                         FROM grading_grade AS planned
                         JOIN grading_threshold AS threshold ON threshold.grade_id = planned.id
                         JOIN grading_scheme AS scheme ON scheme.id = threshold.scheme_id
                         JOIN grading_threshold AS other ON other.scheme_id = scheme.id
                        WHERE planned.effort_share > 0 AND scheme.active AND scheme.subject = 'customer'
                   )
            """
        )


class GradingEffortShare(models.Model):
    """The part of a salesperson's contacts that went to the customers of one grade, beside the part that the plan gives
    it."""

    _name = "grading.effort.share"
    _inherit = ["grading.effort.mixin"]
    _description = "Effort against Plan"
    _auto = False
    _order = "user_id, period, grade_id"
    _rec_name = "grade_id"
    _depends = READS

    period = fields.Selection(PERIODS, readonly=True)
    share = fields.Float(string="Done (%)", digits=(16, 1), readonly=True, aggregator=None)
    hours_share = fields.Float(
        string="Hours (%)", digits=(16, 1), readonly=True, aggregator=None, help="The part of the time of meetings."
    )
    effort_share = fields.Float(string="Plan (%)", digits=(16, 1), readonly=True, aggregator=None)
    difference = fields.Float(string="Deviation (pp)", digits=(16, 1), readonly=True, aggregator=None)
    is_main = fields.Boolean(
        string="In Short", readonly=True, help="The grade that got most above its plan: one for each salesperson."
    )
    is_waste = fields.Boolean(
        string="Too Much", readonly=True, help="Clearly above its plan, and not of the grades that should get most."
    )
    sentence = fields.Char(string="Summary", compute="_compute_sentence")

    @property
    def _table_query(self):
        return self._beside_plan(
            period="days",
            done=self._done_select(),
            figures=SQL(
                "ROUND(100.0 * COALESCE(done.contact_count, 0) / NULLIF(total.contact_count, 0), 1) AS share,"
                " COALESCE(ROUND((100 * done.hours / NULLIF(total.hours, 0))::numeric, 1), 0) AS hours_share"
            ),
            columns=SQL(
                """
                ((total.user_id::bigint * 4096 + total.company_id %% 4096) * 128 + total.days) * 4096
                    + grade.id %% 4096 AS id,
                total.days::varchar AS period, figures.share, figures.hours_share, grade.effort_share,
                figures.share - grade.effort_share AS difference,
                figures.share - grade.effort_share > %(tolerance)s
                    AND grade.effort_share < (SELECT MAX(effort_share) FROM grade) AS is_waste,
                ROW_NUMBER() OVER (
                    PARTITION BY total.user_id, total.company_id, total.days
                    ORDER BY figures.share - grade.effort_share DESC, grade.sequence DESC, grade.id DESC
                ) = 1 AS is_main
                """,
                tolerance=TOLERANCE,
            ),
            condition=SQL("total.contact_count > 0 AND (grade.active OR done.contact_count > 0)"),
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
    them: their part of all contacts with customers of planned grades.

    Counts, unlike the percents of :class:`grading.effort.share`, can be added up by any group.
    """

    _name = "grading.effort.plan"
    _inherit = ["grading.effort.mixin"]
    _description = "Effort and Plan by Month"
    _auto = False
    _order = "month desc, user_id, grade_id"
    _rec_name = "grade_id"
    _depends = {
        **READS,
        "res.company": ["partner_id", "resource_calendar_id"],
        "res.partner": ["tz"],
        "resource.calendar": ["tz"],
    }

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
                """
                ((total.user_id::bigint * 4096 + total.company_id %% 4096) * 16
                    + (EXTRACT(YEAR FROM total.month) * 12 + EXTRACT(MONTH FROM total.month))::int %% 16) * 4096
                    + grade.id %% 4096 AS id,
                total.month, figures.planned_count,
                COALESCE(done.contact_count, 0) - figures.planned_count AS above_count
                """
            ),
            condition=SQL("grade.active OR done.grade_id IS NOT NULL"),
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
