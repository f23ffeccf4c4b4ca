from odoo import api, fields, models
from odoo.tools import SQL

from ..models.measure.grading_interaction import CHANNELS

COLUMNS = ("partner_id", "lead_id", "company_id", "cadence_id", "channel", "user_id")


class GradingCareReport(models.Model):
    """One contact that was due until today, on the day on which it was due: made in time, late, missed, or still open.

    The log (``grading.care.log``) knows a contact once something became of it. That leaves out the contacts that are
    still open, and it has one that was made before it was due on a day that is yet to come. Here the former count, and
    the latter count from their day on.
    """

    _name = "grading.care.report"
    _inherit = ["grading.lead.access.mixin", "grading.care.rate.mixin"]
    _description = "Cadences Kept"
    _auto = False
    _order = "due_date desc, id desc"
    _rec_name = "partner_id"
    _depends = {
        "grading.care.log": [*COLUMNS, "due_date", "done_date", "grade_id", "state"],
        "grading.care": [*COLUMNS, "logged_date", "next_date", "profile_id", "start_date"],
        "grading.cadence": ["active", "anchor", "interval_number", "interval_type"],
        "grading.profile": ["grade_id"],
    }

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    lead_id = fields.Many2one("crm.lead", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    cadence_id = fields.Many2one("grading.cadence", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    user_id = fields.Many2one("res.users", string="Responsible", readonly=True)
    grade_id = fields.Many2one("grading.grade", string="Grade Then", readonly=True)
    due_date = fields.Date(string="Due", readonly=True)
    done_date = fields.Date(string="Done", readonly=True)
    state = fields.Selection(
        [("kept", "In time"), ("late", "Late"), ("missed", "Missed"), ("open", "Open")], string="Kept", readonly=True
    )

    open_rate = fields.Float(string="Open (%)", digits=(16, 1), compute="_compute_rates", aggregator="avg")

    @api.model
    def _rates(self):
        return {**super()._rates(), "open_rate": "open"}

    @property
    def _table_query(self):
        """The lines of the log by twice their id, and what is open by twice the id of the next contact and one."""
        companies = self.env["res.company"].sudo().search([("active", "=", True)])
        return SQL(
            """
            WITH company AS (SELECT * FROM %(clocks)s AS clock)
            SELECT line.id::bigint * 2 AS id, %(logged)s, line.grade_id, line.due_date, line.done_date, line.state
              FROM grading_care_log AS line
              JOIN company ON company.id = line.company_id AND line.due_date <= company.today
             UNION ALL
            SELECT care.id::bigint * 2 + 1, %(waiting)s, profile.grade_id, open.day, NULL, 'open'
              FROM grading_care AS care
              JOIN grading_cadence AS cadence ON cadence.id = care.cadence_id AND cadence.active
              JOIN grading_profile AS profile ON profile.id = care.profile_id
        CROSS JOIN LATERAL (SELECT %(open_due)s AS day) AS open
              JOIN company ON company.id = care.company_id AND open.day <= company.today
            """,
            clocks=companies._grading_clocks(),
            logged=SQL(", ").join(SQL.identifier("line", name) for name in COLUMNS),
            waiting=SQL(", ").join(SQL.identifier("care", name) for name in COLUMNS),
            open_due=self.env["grading.worktable"]._open_due(),
        )
