from dateutil.relativedelta import MO, relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.base.guarded import guarded

# How far ahead each choice looks for a day on which the person works.
CHOICES = {
    "tomorrow": relativedelta(days=1),
    "week": relativedelta(days=1, weekday=MO),
    "month": relativedelta(months=1),
}


class GradingCarePutOff(models.TransientModel):
    """Asks for the day to postpone contacts to."""

    _name = "grading.care.put.off"
    _inherit = ["grading.input.mixin"]
    _description = "Postpone Contacts"

    care_ids = fields.Many2many("grading.care", string="Contacts", required=True)
    choice = fields.Selection(
        [("tomorrow", "Tomorrow"), ("week", "Next week"), ("month", "In a month"), ("date", "On a date")],
        string="Postpone To",
        default="tomorrow",
        required=True,
        help="The first day from then on, on which the responsible user works.",
    )
    date = fields.Date(
        string="Not Before", required=True, compute="_compute_date", store=True, readonly=False, precompute=True
    )

    @api.depends("choice", "care_ids")
    def _compute_date(self):
        for wizard in self:
            if ahead := CHOICES.get(wizard.choice):
                wizard.date = wizard._working_day(wizard._user_today() + ahead)
            elif not wizard.date:
                wizard.date = fields.Date.add(wizard._user_today(), days=1)

    def _working_day(self, day):
        """The first day from ``day`` on, on which the user works who is responsible for all the contacts; the current
        user for those of several."""
        users = self.care_ids.user_id
        user = users if len(users) == 1 else self.env.user
        return self.env["grading.care"].sudo().with_company(self._company())._working_day(user.sudo(), day)

    def _user_today(self):
        return self.env.user._grading_today(self._company())

    def _company(self):
        """The company of all the contacts, whose calendar counts; the current one for those of several."""
        companies = self.care_ids.company_id
        return companies if len(companies) == 1 else self.env.company

    @guarded
    def action_confirm(self):
        """Postpone the contacts.

        :raise AccessError: another user is responsible for a contact
        :raise UserError: the day is today or over
        """
        for wizard in self:
            today = wizard._user_today()
            if wizard.date <= today:
                raise UserError(self.env._("A contact is postponed to a later day: choose tomorrow or after."))
            wizard.care_ids._check_postpone()
            wizard.care_ids._with_due_reasons(today)._postpone(wizard.date)
        return {"type": "ir.actions.act_window_close"}
