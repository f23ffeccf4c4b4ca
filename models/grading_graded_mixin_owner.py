from odoo import models


class GradingGradedMixin(models.AbstractModel):
    """Customers and leads change hands."""

    _inherit = "grading.graded.mixin"

    def _grading_hand_over(self, user):
        """These are ``user``'s from now on, or nobody's: what was planned for who had them is planned no longer.

        No e-mail goes out: an activity tells the new owner, and he who claims knows.

        :param res.users user: maybe empty
        """
        if not self:
            return
        name = "lead_id" if self._name == "crm.lead" else "partner_id"
        own = [(name, "in", self.ids), ("cadence_id.responsible_type", "=", "salesperson")]
        cares = self.env["grading.care"].sudo().search(own)
        cares._close()
        cares.user_id = user
        warnings = [(name, "in", self.ids), ("reason", "=", "warned"), ("activity_id", "!=", False)]
        self.env["grading.ownership"].sudo().search(warnings).activity_id.filtered("active").unlink()
        self.sudo().with_context(mail_auto_subscribe_no_notify=True).user_id = user
