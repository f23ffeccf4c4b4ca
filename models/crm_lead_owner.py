from odoo import models


class CrmLead(models.Model):
    """A lead that takes over others goes on with what is known of their owners, and so do the locks of the pool."""

    _inherit = "crm.lead"

    def _grading_follow(self):
        rules = self.env["crm.team"]._grading_owner_rules()
        return self.sudo().filtered(lambda lead: lead.team_id.id in rules)

    def _merge_dependences(self, opportunities):
        if self.env["grading.ownership"]._has_any():
            moves = opportunities._grading_moves()
            moves.filtered("is_open")._withdraw()
            self.env.flush_all()  # nobody has two open warnings
            moves.lead_id = self
        return super()._merge_dependences(opportunities)
