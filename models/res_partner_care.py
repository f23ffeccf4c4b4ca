from odoo import api, fields, models, tools

from .grading_graded_mixin import INTERNAL


class ResPartner(models.Model):
    """Whom to leave in peace, and whose salesperson is responsible for the next contact."""

    _inherit = "res.partner"

    grading_do_not_disturb = fields.Boolean(
        string="Do Not Disturb", groups=INTERNAL, help="No contact is planned for this customer, or for this person."
    )

    @api.model
    @tools.ormcache()
    def _grading_watched_fields(self):
        return super()._grading_watched_fields() | {"user_id"}

    def write(self, vals):
        res = super().write(vals)
        if vals.get("active") is False:
            self._grading_cares().unlink()
        elif vals.get("grading_do_not_disturb"):
            self._grading_cares()._close()
        return res

    def _grading_cares(self):
        """The next contacts with these customers, and about leads of these persons or customers."""
        domain = ["|", ("partner_id", "in", self.ids), ("lead_id.partner_id", "child_of", self.ids)]
        return self.env["grading.care"].sudo().search(domain)
