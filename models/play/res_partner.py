from odoo import models
from odoo.fields import Domain


class ResPartner(models.Model):
    """For a customer who is archived, or not to be disturbed, no play runs."""

    _inherit = "res.partner"

    def write(self, vals):
        res = super().write(vals)
        if vals.get("active") is False or vals.get("grading_do_not_disturb"):
            about = Domain("partner_id", "in", self.ids) | self._grading_about("lead_id.")
            running = self.env["grading.play.case"].sudo().search(Domain("state", "=", "running") & about)
            running._stop(self.env._("Not to be contacted"))
        return res
