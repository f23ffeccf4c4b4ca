from odoo import fields, models
from odoo.exceptions import UserError


class GradingCarePutOff(models.TransientModel):
    """Asks a person until when contacts are put off."""

    _name = "grading.care.put.off"
    _description = "Put Off Contacts"

    care_ids = fields.Many2many("grading.care", string="Contacts", required=True)
    date = fields.Date(
        string="Not Before",
        required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=1),
    )

    def action_confirm(self):
        """Put the contacts off.

        :raise AccessError: a contact of somebody else's
        :raise UserError: a day that is over, or today
        """
        for wizard in self:
            if wizard.date <= fields.Date.context_today(wizard):
                raise UserError(self.env._("A contact is put off to a later day: choose tomorrow or after."))
            wizard.care_ids._check_put_off()
            wizard.care_ids._put_off(wizard.date)
        return {"type": "ir.actions.act_window_close"}
