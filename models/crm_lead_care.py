from odoo import models


class CrmLead(models.Model):
    """A lead that is archived, and so a lost one, is looked after no longer, nor is one that is won."""

    _inherit = "crm.lead"

    def write(self, vals):
        res = super().write(vals)
        if vals.keys() & {"active", "probability", "stage_id"}:
            closed = self.sudo().filtered(lambda lead: not lead.active or lead.won_status != "pending")
            if closed:
                self.env["grading.care"].sudo().search([("lead_id", "in", closed.ids)]).unlink()
        return res
