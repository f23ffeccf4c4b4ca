from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, float_round, formatLang

from .grading_effort_mixin import READS

PERIODS = [("30", "Last 30 days"), ("90", "Last 90 days")]
# Percent of the contacts by which a grade may have more than its share before that is worth a sentence.
TOLERANCE = 5


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

    def _period_domain(self):
        since = fields.Datetime.now() - timedelta(days=int(self.period))
        return Domain("date", ">", fields.Datetime.to_string(since))

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
