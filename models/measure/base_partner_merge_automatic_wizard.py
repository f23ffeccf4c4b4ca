from odoo import models

from ..base.context import ByServer


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Contacts that are merged keep the budget, whether or not the user who merges them sees it."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        whole = {"grading_whole_budget": ByServer.YES}
        return super()._update_values(src_partners.with_context(**whole), dst_partner.with_context(**whole))
