from odoo import models


class CrmLead(models.Model):
    """A lead that is archived, and so a lost one, is looked after no longer."""

    _inherit = "crm.lead"

    def write(self, vals):
        res = super().write(vals)
        if vals.get("active") is False:
            self.env["grading.care"].sudo().search([("lead_id", "in", self.ids)]).unlink()
        return res
