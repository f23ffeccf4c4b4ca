from odoo import models
from odoo.fields import Domain


class GradingBlacklistMixin(models.AbstractModel):
    """A contact whose address comes onto a blacklist has no open activities of plays by that channel. The firm of the
    contact keeps its own: it is reached at an address of its own."""

    _inherit = "grading.blacklist.mixin"

    def _grading_opt_out(self):
        result = super()._grading_opt_out()
        partners, leads = self._grading_owners_of(self.sudo().filtered("active")._grading_addresses())
        about = Domain("partner_id", "in", partners.ids) | Domain("lead_id", "in", leads.ids)
        running = self.env["grading.play.case"].sudo().search(Domain("state", "=", "running") & about)
        running.activity_ids.filtered(
            lambda activity: activity.activity_type_id.grading_channel == self._grading_channel
        ).unlink()
        return result
