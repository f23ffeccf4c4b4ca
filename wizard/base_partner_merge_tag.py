from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Before anything else: what a profile's rules gave would go with the profile."""
        dst_partner._grading_merge_tags(src_partners)
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)
