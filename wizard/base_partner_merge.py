from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Move the grading along: the plain rewriting of keys would delete a profile that has a namesake there."""
        Profile = self.env["grading.profile"].sudo()
        sources = Profile.search([("partner_id", "in", src_partners.ids)])
        companies = sources.company_id
        sources._merge_into(dst_partner)
        self.env.flush_all()
        res = super()._update_foreign_keys(src_partners, dst_partner)
        self.env["grading.queue"]._enqueue((dst_partner, company) for company in companies)
        return res
