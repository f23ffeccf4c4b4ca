from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..measure.grading_interaction import CHANNELS

# Percentages of the contacts that were due, and the state that each counts.
RATES = {"kept_rate": "kept", "late_rate": "late", "missed_rate": "missed"}


class GradingCareLog(models.Model):
    """One contact that was due, and its outcome: made in time, made late, or missed because a whole further interval
    passed without one. Never edited."""

    _name = "grading.care.log"
    _inherit = ["grading.lead.access.mixin"]
    _description = "Due Contact"
    _order = "due_date desc, id desc"
    _log_access = False  # a line is never edited

    profile_id = fields.Many2one("grading.profile", ondelete="set null", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", ondelete="cascade", index="btree_not_null", readonly=True
    )
    lead_id = fields.Many2one("crm.lead", ondelete="cascade", index="btree_not_null", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    cadence_id = fields.Many2one("grading.cadence", required=True, ondelete="cascade", index=True, readonly=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Responsible", ondelete="set null", readonly=True)
    grade_id = fields.Many2one("grading.grade", string="Grade Then", ondelete="restrict", readonly=True)
    due_date = fields.Date(string="Due", required=True, readonly=True)
    done_date = fields.Date(string="Done", readonly=True)
    state = fields.Selection(
        [("kept", "In time"), ("late", "Late"), ("missed", "Missed")], string="Kept", required=True, readonly=True
    )

    kept_rate = fields.Float(string="In Time (%)", digits=(16, 1), compute="_compute_rates", aggregator="avg")
    late_rate = fields.Float(string="Late (%)", digits=(16, 1), compute="_compute_rates", aggregator="avg")
    missed_rate = fields.Float(string="Missed (%)", digits=(16, 1), compute="_compute_rates", aggregator="avg")

    _due_unique = models.UniqueIndex("(profile_id, cadence_id, due_date)", "A contact is due once on a day.")
    _company_date_index = models.Index("(company_id, due_date)")

    @api.depends("state")
    def _compute_rates(self):
        for line in self:
            for name, state in RATES.items():
                line[name] = 100 * (line.state == state)

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """The share of a state among the contacts; the rates are no columns, which would repeat the state."""
        name, _separator, function = aggregate_spec.partition(":")
        if name not in RATES or function != "avg":
            return super()._read_group_select(aggregate_spec, query)
        state = self._field_to_sql(self._table, "state", query)
        return SQL("AVG(CASE WHEN %s = %s THEN 100.0 ELSE 0 END)::float8", state, RATES[name])

    @api.depends("partner_id", "lead_id", "due_date")
    def _compute_display_name(self):
        for line in self:
            subject = (line.lead_id or line.partner_id).display_name
            line.display_name = ", ".join(filter(None, (subject, format_date(self.env, line.due_date))))
