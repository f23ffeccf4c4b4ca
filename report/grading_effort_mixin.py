from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.base.guarded import guarded

# What the reports that compare with the plan read, see `_depends`.
READS = {
    "grading.effort.report": ["company_id", "contact_count", "date", "grade_id", "hours", "user_id"],
    "grading.grade": ["active", "effort_share", "sequence"],
    "grading.scheme": ["active", "subject"],
    "grading.threshold": ["grade_id", "scheme_id"],
}


class GradingEffortMixin(models.AbstractModel):
    """The effort of salespeople, also beside the plan, which is the *Effort (%)* of the grades.

    The rows are worked out anew by each query. A list shows, or holds invisibly, every column by which access to rows
    is checked, so that it needs one query only.
    """

    _name = "grading.effort.mixin"
    _description = "Selling Effort"

    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    grade_id = fields.Many2one("grading.grade", readonly=True, help="The grade in force now.")
    contact_count = fields.Integer(string="Contacts", readonly=True)
    hours = fields.Float(readonly=True, help="The time of meetings.")

    @api.model
    def _beside_plan(self, period, done, columns, condition, figures):
        """A row for each grade of the plan, for each salesperson, company and period with a contact of such a grade.

        ``done`` is what was done for one grade, none where nothing was; ``total`` is the same for all grades. The key
        is the row's place among all rows: unique however large the keys of the others are, and the same in two queries
        of a transaction.

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
            SELECT ROW_NUMBER() OVER (ORDER BY total.user_id, total.company_id, total.%(period)s, grade.id) AS id,
                   total.user_id, total.team_id, total.company_id, grade.id AS grade_id,
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

    @api.readonly
    @guarded(one=True)
    def action_view_contacts(self):
        """Show the contacts that the row counts."""
        counted = Domain("grade_id", "=", self.grade_id.id) & Domain("company_id", "=", self.company_id.id)
        counted &= Domain("user_id", "=", self.user_id.id) & self._period_domain()
        return {
            "type": "ir.actions.act_window",
            "name": ", ".join(filter(None, (self.user_id.name, self.grade_id.display_name))),
            "res_model": "grading.effort.report",
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
            "domain": list(counted),
        }

    def _period_domain(self):
        """A domain on :class:`grading.effort.report`: what happened in the period of the row.

        :rtype: odoo.fields.Domain
        """
        return Domain.TRUE

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
