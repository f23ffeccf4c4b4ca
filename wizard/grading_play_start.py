from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.base.guarded import guarded

# What becomes of the selection, by the field that counts it; see grading.play._fates().
FATES = {
    "started": "start_count",
    "control": "control_count",
    "running": "running_count",
    "refused": "refused_count",
    "unknown": "unknown_count",
    "other": "other_count",
}


class GradingPlayStart(models.TransientModel):
    """Asks which play to start for a selection of customers or leads, and says for how many it would start."""

    _name = "grading.play.start"
    _inherit = ["grading.input.mixin"]
    _description = "Start a Play"

    partner_ids = fields.Many2many("res.partner", string="Customers")
    lead_ids = fields.Many2many("crm.lead", string="Leads")
    subject = fields.Selection([("customer", "Customers"), ("lead", "Leads")], compute="_compute_subject")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company, readonly=True)
    play_id = fields.Many2one(
        "grading.play",
        domain="[('active', '=', True), ('subject', '=', subject), ('company_id', 'in', (False, company_id))]",
        compute="_compute_play_id",
        store=True,
        readonly=False,
    )

    start_count = fields.Integer(string="Will Start For", compute="_compute_counts")
    control_count = fields.Integer(
        string="Control Group",
        compute="_compute_counts",
        help="They are left alone, so that one sees whether the play helps.",
    )
    running_count = fields.Integer(string="Running Already", compute="_compute_counts")
    refused_count = fields.Integer(
        string="Not to Be Contacted", compute="_compute_counts", help="Archived, or not to be disturbed."
    )
    unknown_count = fields.Integer(
        string="Not Graded", compute="_compute_counts", help="Without a grading profile in your company."
    )
    other_count = fields.Integer(
        string="Left Out by the Play",
        compute="_compute_counts",
        help="They do not meet the filter of the play, it is pausing for them, or the lead is closed.",
    )
    locked_count = fields.Integer(string="Not Yours to Edit", compute="_compute_counts")

    @api.depends("lead_ids")
    def _compute_subject(self):
        for wizard in self:
            wizard.subject = "lead" if wizard.lead_ids else "customer"

    @api.depends("subject")
    def _compute_play_id(self):
        """The first play that is only started by hand, if there is one."""
        for wizard in self:
            plays = wizard._plays().filtered(lambda play: play.trigger == "manual")
            wizard.play_id = plays[:1]

    @api.depends("play_id", "partner_ids", "lead_ids")
    def _compute_counts(self):
        for wizard in self:
            chosen = wizard._subjects()
            editable = chosen._filtered_access("write")
            play = wizard.play_id.sudo()._usable()
            fates = play._fates(editable) if play else {}
            wizard.update({name: fates.get(fate, 0) for fate, name in FATES.items()})
            wizard.locked_count = len(chosen) - len(editable)

    def _subjects(self):
        """The customers, which are the companies of the contacts that were chosen, or the leads. Of thousands nothing
        else is read.

        :rtype: res.partner or crm.lead
        """
        self.ensure_one()
        wizard = self._origin.with_context(prefetch_fields=False)
        return wizard.lead_ids or wizard.partner_ids.commercial_partner_id

    def _plays(self):
        """The plays that can be started for the selection."""
        self.ensure_one()
        in_force = self.env["grading.play"]._in_force()
        return in_force.filtered(lambda play: play.subject == self.subject)

    @guarded(one=True)
    def action_confirm(self):
        """Start the play for those that the user may edit.

        :raise UserError: no play is chosen that fits, or it starts for none of them
        """
        play = self.play_id.sudo()
        if not play or play not in self._plays():
            raise UserError(self.env._("Choose an active play that is made for these customers or leads."))
        cases = play._start_for(self._subjects()._filtered_access("write"))
        if not cases:
            raise UserError(self.env._("“%s” cannot start for any of them: choose others, or another play.", play.name))
        control = cases.search_count([("id", "in", cases.ids), ("state", "=", "control")])
        message = self.env._("“%(play)s” starts for %(count)s.", play=play.name, count=len(cases) - control)
        if control:
            message += " " + self.env._("Left alone as control group: %s.", control)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
