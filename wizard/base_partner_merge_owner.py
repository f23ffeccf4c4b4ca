from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Nobody has two open warnings, and the one that stays keeps its own: else Odoo would delete the history."""
        src_partners._grading_moves().filtered("is_open")._withdraw()
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)
