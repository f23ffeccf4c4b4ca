from odoo import models


class CrmLead(models.Model):
    """A lead that takes over others keeps their changes of owner, and with these the locks of the pool."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "grading.owned.mixin"]

    def _grading_follow(self):
        rules = self.env["crm.team"]._grading_owner_rules()
        return self.sudo().filtered(lambda lead: lead.team_id.id in rules)

    def _merge_dependences(self, opportunities):
        if self.env["grading.ownership"]._has_any():
            moves = opportunities._grading_moves()
            moves.filtered("is_open")._withdraw()
            moves.flush_recordset()  # a lead has one open warning at most
            moves.lead_id = self
        return super()._merge_dependences(opportunities)
