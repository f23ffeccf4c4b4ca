from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..models.base.fields import MonetaryOrUnknown, unknown_last

# Where no grade is: the keys follow those of all grades.
UNGRADED, ABSENT = "8-ungraded", "9-absent"
MONTH_BEFORE, CENTURY = 1, 1200
CHANGES = [
    ("up", "Improved"),
    ("same", "Unchanged"),
    ("down", "Worsened"),
    ("scheme", "Another Scheme"),
    ("new", "New"),
    ("gone", "Gone"),
]


class GradingMovement(models.Model):
    """One customer, or open lead, at two months' ends: from which grade to which grade it went between them.

    The months come from the context: ``grading_to_month``, the latest unless it says otherwise, and
    ``grading_from_month``, or else the one ``grading_months_before`` (1) before it. Those who have no snapshot at the
    later end are gone, those who have none at the earlier one are new; the columns show them beside the grades.

    Grades are for all who sell, the amounts for those who may see the documents behind them.
    """

    _name = "grading.movement"
    _inherit = ["grading.lead.access.mixin", "grading.amount.sum.mixin"]
    _description = "Movement between Grades"
    _auto = False
    _order = "to_end, amount desc, id"
    _rec_name = "partner_id"
    _depends = {
        "grading.snapshot": [
            *("company_id", "date", "grade_id", "lead_id", "order_amount_12m", "partner_id", "scheme_id", "score")
        ],
        "grading.grade": ["sequence"],
        "res.partner": ["user_id"],
        "crm.lead": ["user_id"],
    }

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    lead_id = fields.Many2one("crm.lead", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True, help="The salesperson now.")
    from_month = fields.Selection("_select_months", readonly=True)
    to_month = fields.Selection("_select_months", readonly=True)
    from_end = fields.Selection("_select_from", string="From", readonly=True)
    to_end = fields.Selection("_select_to", string="To", readonly=True)
    from_grade_id = fields.Many2one("grading.grade", readonly=True)
    to_grade_id = fields.Many2one("grading.grade", readonly=True)
    change = fields.Selection(
        CHANGES, readonly=True, help="Grades of different schemes, such as before and after signing, are not compared."
    )
    direction = fields.Integer(string="Improved less Worsened", readonly=True)
    score_change = fields.Float(string="Change of Score", digits=(16, 2), readonly=True, aggregator="avg")
    amount = MonetaryOrUnknown(
        string="Amount, 12 Months",
        readonly=True,
        help="Net revenue of the 12 months before the end of the later month, where you may see the documents.",
    )
    from_amount = MonetaryOrUnknown(
        string="Amount, 12 Months, Then",
        readonly=True,
        help="Net revenue of the 12 months before the end of the earlier month, where you may see the documents.",
    )

    @property
    def _table_query(self):
        """A row has the key of its snapshot at the later end; of those who are gone, that at the earlier one.

        The two are joined on the expression of the unique index of snapshots as it stands there: its statistics tell
        PostgreSQL that each finds one at most.
        """
        earlier, later = self._compared_months()
        return SQL(
            """
            SELECT COALESCE(later.id, earlier.id) AS id,
                   COALESCE(later.partner_id, earlier.partner_id) AS partner_id,
                   COALESCE(later.lead_id, earlier.lead_id) AS lead_id,
                   COALESCE(later.company_id, earlier.company_id) AS company_id,
                   COALESCE(customer.user_id, lead.user_id) AS user_id,
                   %(from_month)s::varchar AS from_month,
                   %(to_month)s::varchar AS to_month,
                   earlier.grade_id AS from_grade_id,
                   later.grade_id AS to_grade_id,
                   COALESCE(earlier.key, %(absent)s) AS from_end,
                   COALESCE(later.key, %(absent)s) AS to_end,
                   move.change,
                   CASE move.change WHEN 'up' THEN 1 WHEN 'down' THEN -1 ELSE 0 END AS direction,
                   later.score - earlier.score AS score_change,
                   CASE WHEN %(later_visible)s THEN later.order_amount_12m END AS amount,
                   CASE WHEN %(earlier_visible)s THEN earlier.order_amount_12m END AS from_amount
              FROM (%(earlier)s) AS earlier
         FULL JOIN (%(later)s) AS later
                ON later.company_id = earlier.company_id
               AND COALESCE(later.partner_id, -later.lead_id) = COALESCE(earlier.partner_id, -earlier.lead_id)
CROSS JOIN LATERAL (
                SELECT CASE WHEN earlier.id IS NULL THEN 'new'
                            WHEN later.id IS NULL THEN 'gone'
                            WHEN later.key = earlier.key THEN 'same'
                            WHEN later.scheme_id IS DISTINCT FROM earlier.scheme_id THEN 'scheme'
                            WHEN later.key < earlier.key THEN 'up'
                            ELSE 'down' END AS change
              ) AS move
         LEFT JOIN res_partner AS customer ON customer.id = COALESCE(later.partner_id, earlier.partner_id)
         LEFT JOIN crm_lead AS lead ON lead.id = COALESCE(later.lead_id, earlier.lead_id)
            """,
            absent=ABSENT,
            from_month=earlier and str(earlier),
            to_month=later and str(later),
            earlier=self._end_select(earlier),
            later=self._end_select(later),
            earlier_visible=self._visible_to_sql("earlier", earlier),
            later_visible=self._visible_to_sql("later", later),
        )

    @api.model
    def _end_select(self, month):
        """The snapshots of a month; ``key`` sorts as the grades do, the best first and those without one last."""
        grades = self._grade_keys()
        return SQL(
            """
            SELECT snapshot.*, COALESCE(grade.key, %(ungraded)s) COLLATE "C" AS key
              FROM grading_snapshot AS snapshot
         LEFT JOIN UNNEST(%(ids)s::int[], %(keys)s::varchar[]) AS grade (id, key) ON grade.id = snapshot.grade_id
             WHERE snapshot.date = %(month)s
            """,
            ungraded=UNGRADED,
            ids=[grade.id for grade in grades.values()],
            keys=list(grades),
            month=month,
        )

    @api.model
    def _visible_to_sql(self, alias, month):
        """Whether the user may see the documents behind the figures of the snapshot ``alias``, also where the superuser
        reads on the user's behalf."""
        Snapshot = self.env["grading.snapshot"]
        visible = Snapshot.sudo(False)._visible_figures_domain()
        if visible.is_true():
            return SQL("TRUE")
        snapshots = Snapshot.sudo().with_context(active_test=False)._search(visible & Domain("date", "=", month))
        return SQL("%s IN %s", SQL.identifier(alias, "id"), snapshots.subselect())

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        nulls = unknown_last(self._fields.get(field_name), direction, nulls)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    # ------------------------------------------------------------
    # The two ends
    # ------------------------------------------------------------

    @api.model
    def _months(self):
        """The last days of the months of which something is remembered in the companies at work, the latest first."""
        [[first, last]] = self.env.execute_query(
            SQL("SELECT MIN(date), MAX(date) FROM grading_snapshot WHERE company_id = ANY(%s)", self.env.companies.ids)
        )
        months = []
        while last and last >= first:
            months.append(last)
            last = last.replace(day=1) - relativedelta(days=1)
        return months

    @api.model
    def _compared_months(self):
        """The earlier and the later month, as the context asks, by their last days; none where nothing is remembered.

        :rtype: tuple
        """
        months = self._months()
        if not months:
            return None, None
        later = self._asked_month("grading_to_month", months) or months[0]
        before = self.env.context.get("grading_months_before")
        before = before if type(before) is int and 0 < before <= CENTURY else MONTH_BEFORE
        earlier = max(months[-1], later + relativedelta(months=-before, day=31))
        return self._asked_month("grading_from_month", months) or earlier, later

    @api.model
    def _asked_month(self, key, months):
        """The month that the context names, if it is one of ``months``; of several, as a search has them, the last."""
        asked = self.env.context.get(key)
        asked = asked[-1:] if isinstance(asked, list) else [asked]
        return next((month for month in months if str(month) in asked), None)

    @api.model
    def _grade_keys(self):
        """The grades by a key that sorts as they do, the best first."""
        grades = self.env["grading.grade"].sudo().search([("active", "in", (True, False))])
        return {f"1-{place:04}-{grade.id}": grade for place, grade in enumerate(grades)}

    @api.model
    def _select_months(self):
        return [(str(month), format_date(self.env, month, date_format="MMMM y")) for month in self._months()]

    @api.model
    def _select_from(self):
        return self._select_ends(self.env._("New"))

    @api.model
    def _select_to(self):
        return self._select_ends(self.env._("Gone"))

    @api.model
    def _select_ends(self, absent):
        """What there may be at one end: each grade, none, and nothing at all."""
        grades = [(key, grade.name) for key, grade in self._grade_keys().items()]
        return [*grades, (UNGRADED, self.env._("Not graded")), (ABSENT, absent)]
