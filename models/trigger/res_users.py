from odoo import models


class ResUsers(models.Model):
    """A user who leaves, or comes back: the due contacts of the user get another responsible user."""

    _inherit = "res.users"

    def write(self, vals):
        if "active" not in vals:
            return super().write(vals)
        changed = self.filtered(lambda user: user.active != bool(vals["active"]))
        res = super().write(vals)
        changed._grading_enqueue_contacts()
        return res

    def _grading_enqueue_contacts(self):
        """Have the customers and leads scored again that these users look after."""
        if not self:
            return
        Queue, own = self.env["grading.queue"], [("user_id", "in", self.ids)]
        cares = self.env["grading.care"].sudo().search(own)
        Queue._enqueue_everywhere(cares.partner_id | self.env["res.partner"].sudo().search(own))
        Queue._enqueue_leads(cares.lead_id | self.env["crm.lead"].sudo().search(own))
