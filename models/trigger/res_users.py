from odoo import models


class ResUsers(models.Model):
    """A user who leaves, or comes back: the due contacts of the user get another responsible user."""

    _inherit = "res.users"

    def write(self, vals):
        if "active" not in vals:
            return super().write(vals)
        changed = self.filtered(lambda user: user.active != bool(vals["active"]))
        res = super().write(vals)
        self.env["grading.queue"].sudo()._enqueue_looked_after(changed)
        return res
