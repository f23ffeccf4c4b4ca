from odoo import models


class CrmLead(models.Model):
    """A lead that takes over others goes on with what is known of their owners, and so do the locks of the pool."""

    _inherit = "crm.lead"

    def _merge_dependences(self, opportunities):
        moves = opportunities._grading_moves()
        moves.filtered("is_open")._withdraw()
        self.env.flush_all()  # nobody has two open warnings
        moves.lead_id = self
        return super()._merge_dependences(opportunities)
