from odoo import models


class CrmLead(models.Model):
    """A merged lead keeps what is remembered of those that were merged into it."""

    _inherit = "crm.lead"

    def _merge_dependences(self, opportunities):
        res = super()._merge_dependences(opportunities)
        self.env["grading.snapshot"].sudo()._merge("lead_id", opportunities.ids, self.id)
        return res
