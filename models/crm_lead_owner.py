from odoo import models


class CrmLead(models.Model):
    """A lead that takes over others goes on with what is known of their owners, and so do the locks of the pool."""

    _inherit = "crm.lead"

    def _merge_dependences(self, opportunities):
        self.env["grading.ownership"].sudo().search([("lead_id", "in", opportunities.ids)]).lead_id = self
        return super()._merge_dependences(opportunities)
