from odoo import fields, models
from odoo.exceptions import UserError

from ..models.base.guarded import guarded


class GradingCarePutOff(models.TransientModel):
    """Asks for the day to postpone contacts to."""

    _name = "grading.care.put.off"
    _inherit = ["grading.input.mixin"]
    _description = "Postpone Contacts"

    care_ids = fields.Many2many("grading.care", string="Contacts", required=True)
    date = fields.Date(
        string="Not Before", required=True, default=lambda self: fields.Date.add(self._user_today(), days=1)
    )

    def _user_today(self):
        return self.env.user._grading_today(self.env.company)

    @guarded
    def action_confirm(self):
        """Postpone the contacts.

        :raise AccessError: another user is responsible for a contact
        :raise UserError: the day is today or over
        """
        today = self._user_today()
        for wizard in self:
            if wizard.date <= today:
                raise UserError(self.env._("A contact is postponed to a later day: choose tomorrow or after."))
            wizard.care_ids._check_postpone()
            wizard.care_ids._postpone(wizard.date)
        return {"type": "ir.actions.act_window_close"}
