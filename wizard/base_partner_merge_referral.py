from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Who was referred by one that is merged has been referred by the one that stays."""
        res = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()  # the keys were rewritten behind the cache's back
        dst_partner._grading_merge_referrers(src_partners)
        self.env["grading.queue"]._enqueue_everywhere(dst_partner)
        self.env.flush_all()
        return res
