from odoo import models


class CrmLead(models.Model):
    """A lead that is won, lost or archived has no next contact."""

    _inherit = "crm.lead"

    def write(self, vals):
        res = super().write(vals)
        if vals.keys() & {"active", "probability", "stage_id"} and (
            closed := self.sudo() - self.sudo()._grading_open()
        ):
            self.env["grading.care"].sudo().search([("lead_id", "in", closed.ids)]).unlink()
        return res
