from odoo import fields, models

from ..models.base.guarded import guarded


class GradingOverride(models.TransientModel):
    """Asks for the grade that overrides the computed one, the reason, and the last day."""

    _name = "grading.override"
    _inherit = ["grading.input.mixin"]
    _description = "Override Grade"

    partner_ids = fields.Many2many("res.partner", string="Customers")
    lead_ids = fields.Many2many("crm.lead", string="Leads")
    grade_id = fields.Many2one("grading.grade", required=True)
    reason = fields.Char(help="Shown in the explanation and the history of the grade.")
    until = fields.Date(
        help="The last day of the override; then the computed grade applies again. Leave empty for no end date."
    )

    @guarded
    def action_confirm(self):
        """Put the override in force.

        :raise ValidationError: the reason is empty, or the last day has passed
        """
        for wizard in self:
            Profile = self.env["grading.profile"]
            profiles = Profile._of_partners(wizard.partner_ids, create=True)
            profiles += Profile._of_leads(wizard.lead_ids, create=True)
            profiles._override(wizard.grade_id, wizard.reason, wizard.until)
        return {"type": "ir.actions.act_window_close"}
