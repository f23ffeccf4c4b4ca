from odoo import models


class GradingGradedMixin(models.AbstractModel):
    """Customers and leads change hands."""

    _inherit = "grading.graded.mixin"

    def write(self, vals):
        if "user_id" not in vals or self.env.context.get("grading_hand_over"):
            return super().write(vals)
        owners = {record: record.user_id for record in self._grading_followed()}
        res = super().write(vals)
        for record, owner in owners.items():
            if record.user_id != owner:
                record._grading_moves()[:1]._move_by_hand(owner, record.user_id)
        return res

    def _grading_moves(self):
        """The changes of owner of these customers or leads, the last one first."""
        name = "lead_id" if self._name == "crm.lead" else "partner_id"
        return self.env["grading.ownership"].sudo().search([(name, "in", self.ids)], order="id desc")

    def _grading_followed(self):
        """Whatever has once changed hands by a rule of a team is followed from then on, whoever moves it."""
        moves = self._grading_moves()
        return moves.lead_id if self._name == "crm.lead" else moves.partner_id

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
        self._grading_moves()._withdraw()
        self.sudo().with_context(mail_auto_subscribe_no_notify=True, grading_hand_over=True).user_id = user
