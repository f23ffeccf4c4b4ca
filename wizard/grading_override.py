from odoo import fields, models


class GradingOverride(models.TransientModel):
    """Asks a person for a grade and the reason why it should hold against the rules."""

    _name = "grading.override"
    _description = "Change the Grade"

    partner_ids = fields.Many2many("res.partner", string="Customers")
    lead_ids = fields.Many2many("crm.lead", string="Leads")
    grade_id = fields.Many2one("grading.grade", required=True)
    reason = fields.Char(help="Whoever looks at it later will read it.")
    until = fields.Date(help="The last day of the override; from then on the rules decide again. Empty: for good.")

    def action_confirm(self):
        """Put the override in force.

        :raise ValidationError: an empty reason, an end in the past
        """
        for wizard in self:
            Profile = self.env["grading.profile"]
            profiles = Profile._of_partners(wizard.partner_ids, create=True)
            profiles += Profile._of_leads(wizard.lead_ids, create=True)
            profiles._override(wizard.grade_id, wizard.reason, wizard.until)
        return {"type": "ir.actions.act_window_close"}
