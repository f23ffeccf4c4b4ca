from odoo import models


class CrmLead(models.Model):
    """A lead that is won, lost or archived has no next contact."""

    _inherit = "crm.lead"

    def write(self, vals):
        res = super().write(vals)
        if vals.keys() & {"active", "probability", "stage_id"} and (
            closed := self.sudo() - self.sudo()._grading_open()
        ):
            closed._grading_end()
        return res

    def _grading_end(self):
        """Put an end to what is planned about these leads, which are no longer open, as superuser."""
        self.env["grading.care"].search([("lead_id", "in", self.ids)]).unlink()
