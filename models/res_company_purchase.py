from odoo import api, fields, models
from odoo.exceptions import ValidationError

HORIZON_DAYS = (7, 730)
# Of 23,570 customers of the music shop CDNOW, judged after their first year, those who were above both limits bought in
# the following half-year in 55 of 100 cases, those who declined in 35 and those who were lost in 10.
DECLINE_PERCENT, LOST_PERCENT = 50, 25


class ResCompany(models.Model):
    """How far the company looks ahead, and from when on a customer declines and is lost."""

    _inherit = "res.company"

    grading_horizon_days = fields.Integer(string="Probability to Buy within (days)", default=90, required=True)
    grading_decline_percent = fields.Integer(
        string="Customer Declines below (%)", default=DECLINE_PERCENT, required=True
    )
    grading_lost_percent = fields.Integer(string="Customer Is Lost below (%)", default=LOST_PERCENT, required=True)

    @api.constrains("grading_horizon_days")
    def _check_grading_horizon_days(self):
        low, high = HORIZON_DAYS
        for company in self:
            if not low <= company.grading_horizon_days <= high:
                raise ValidationError(
                    self.env._(
                        "%(company)s expects its customers to buy within %(days)s days: "
                        "choose a number between %(low)s and %(high)s.",
                        company=company.name,
                        days=company.grading_horizon_days,
                        low=low,
                        high=high,
                    )
                )

    @api.constrains("grading_decline_percent", "grading_lost_percent")
    def _check_grading_lost_percent(self):
        for company in self:
            if not 1 <= company.grading_lost_percent < company.grading_decline_percent <= 99:
                raise ValidationError(
                    self.env._(
                        "A customer of %(company)s would decline below %(decline)s %% and be lost below %(lost)s %%: "
                        "choose percents between 1 and 99, the one for lost customers lower than the other.",
                        company=company.name,
                        decline=company.grading_decline_percent,
                        lost=company.grading_lost_percent,
                    )
                )

    def write(self, vals):
        res = super().write(vals)
        if {"grading_horizon_days", "grading_decline_percent", "grading_lost_percent"} & vals.keys():
            self.env["grading.run"]._start(self)
        return res
