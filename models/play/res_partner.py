from odoo import models
from odoo.fields import Domain


class ResPartner(models.Model):
    """For a customer who is archived, or not to be disturbed, no play runs."""

    _inherit = "res.partner"

    def _grading_leave_alone(self):
        res = super()._grading_leave_alone()
        about = Domain("partner_id", "in", self.ids) | self._grading_about("lead_id.")
        running = self.env["grading.play.case"].sudo().search(Domain("state", "=", "running") & about)
        running._stop("no_contact")
        return res
