from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.base.fields import FloatOrUnknown
from ..models.base.guarded import guarded
from ..models.measure.grading_measure_document import SANE_AMOUNT

COLUMNS = (
    "active", "company_id", "create_date", "date_closed", "expected_revenue", "id", "partner_id", "team_id", "user_id",
    "won_status",
)  # fmt: skip


class GradingLeadReport(models.Model):
    """One lead that the user may see: which grade it had when it came, and what became of it.

    The grade when it came is the first that is remembered of it: that of its first line of history, written when the
    lead is first scored, or of its first snapshot where that is older, as for leads from before the module. An archived
    lead that was not won is lost.
    """

    _name = "grading.lead.report"
    _inherit = ["grading.figures.report.mixin"]
    _description = "Conversion of Leads"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "lead_id"
    _depends = {
        "crm.lead": COLUMNS,
        "grading.history": ["date", "lead_id", "new_grade_id"],
        "grading.profile": ["grade_id", "lead_id"],
        "grading.snapshot": ["date", "grade_id", "lead_id"],
    }

    lead_id = fields.Many2one("crm.lead", readonly=True)
    user_id = fields.Many2one(help="The salesperson of the lead.")
    team_id = fields.Many2one(help="The sales team of the lead.")
    date = fields.Datetime(string="Created on", readonly=True)
    date_closed = fields.Datetime(string="Closed on", readonly=True)
    grade_id = fields.Many2one(
        string="Grade when Created",
        help="The first grade that is remembered of the lead. Empty for leads that were not graded at first.",
    )
    grade_now_id = fields.Many2one("grading.grade", readonly=True, help="The grade in force now.")
    state = fields.Selection([("open", "Open"), ("won", "Won"), ("lost", "Lost")], string="Status", readonly=True)
    conversion = fields.Float(
        string="Conversion (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Which part of all leads was won; open leads are not won yet.",
    )
    win_rate = FloatOrUnknown(
        string="Won of Closed (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Which part of the leads that are won or lost was won.",
    )
    days_to_sign = FloatOrUnknown(
        string="Days to Sign",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="From the creation of a lead until it was won.",
    )
    expected_revenue = fields.Monetary(readonly=True)
    won_revenue = fields.Monetary(readonly=True, help="The expected revenue of the leads that were won.")

    @property
    def _table_query(self):
        """A lead of no company is graded by the first one, and stands there."""
        return SQL(
            """
            SELECT lead.id, lead.id AS lead_id, contact.commercial_partner_id AS partner_id,
                   COALESCE(lead.company_id, %(first_company)s) AS company_id, lead.user_id, lead.team_id,
                   lead.create_date AS date, lead.date_closed, outcome.state, graded.grade_id,
                   (SELECT profile.grade_id FROM grading_profile AS profile WHERE profile.lead_id = lead.id)
                       AS grade_now_id,
                   CASE WHEN outcome.state = 'won' THEN 100::float8 ELSE 0::float8 END AS conversion,
                   CASE outcome.state WHEN 'won' THEN 100::float8 WHEN 'lost' THEN 0::float8 END AS win_rate,
                   CASE WHEN outcome.state = 'won' AND lead.date_closed IS NOT NULL
                        THEN GREATEST(EXTRACT(EPOCH FROM lead.date_closed - lead.create_date), 0) / 86400
                    END AS days_to_sign,
                   sane.revenue AS expected_revenue,
                   CASE WHEN outcome.state = 'won' THEN sane.revenue ELSE 0 END AS won_revenue
              FROM (%(leads)s) AS lead
        CROSS JOIN LATERAL (
                SELECT CASE WHEN lead.won_status = 'won' THEN 'won'
                            WHEN lead.won_status = 'lost' OR NOT lead.active THEN 'lost'
                            ELSE 'open' END AS state
              ) AS outcome
        CROSS JOIN LATERAL (
                SELECT CASE WHEN ABS(lead.expected_revenue) <= %(sane)s THEN lead.expected_revenue ELSE 0 END AS revenue
              ) AS sane
         LEFT JOIN res_partner AS contact ON contact.id = lead.partner_id
         LEFT JOIN (%(first_grades)s) AS graded ON graded.lead_id = lead.id
            """,
            first_company=self.env["crm.lead"]._grading_first_company().id,
            first_grades=self._first_grades(),
            leads=self._visible_leads(),
            sane=SANE_AMOUNT,
        )

    @api.model
    def _visible_leads(self):
        Lead = self.env["crm.lead"].with_context(active_test=False)
        query = Lead._search(Domain.TRUE) if Lead.has_access("read") else Lead.sudo()._search(Domain.FALSE)
        return query.select(*(SQL.identifier(query.table, name) for name in COLUMNS))

    @api.model
    def _first_grades(self):
        """``SELECT lead_id, grade_id``: the first grade that is remembered of each lead; of one day, the line of
        history counts."""
        return SQL(
            """
            SELECT DISTINCT ON (graded.lead_id) graded.lead_id, graded.grade_id
              FROM (
                SELECT lead_id, date, 1 AS place, id, new_grade_id AS grade_id FROM grading_history
                 WHERE lead_id IS NOT NULL
             UNION ALL
                SELECT lead_id, date, 2, id, grade_id FROM grading_snapshot WHERE lead_id IS NOT NULL
              ) AS graded
          ORDER BY graded.lead_id, graded.date, graded.place, graded.id
            """
        )

    @api.readonly
    @guarded(one=True)
    def action_open(self):
        """Open the lead."""
        return self.lead_id.get_formview_action()
