import math
from datetime import datetime

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .grading_measure import FADED_EPOCH

# Below, an order of 1990 or of 2060 leaves the range of a double; above, fading is no longer noticeable.
HALF_LIFE_DAYS = (15, 3650)


class ResCompany(models.Model):
    _inherit = "res.company"

    grading_amount_source = fields.Selection(
        selection=[("order", "Confirmed sales orders"), ("invoice", "Posted invoices and credit notes")],
        string="Customer Grading Source",
        default="order",
        required=True,
    )
    grading_half_life_days = fields.Integer(string="Half-life of an Order (days)", default=90, required=True)

    @api.constrains("grading_half_life_days")
    def _check_grading_half_life_days(self):
        low, high = HALF_LIFE_DAYS
        for company in self:
            if not low <= company.grading_half_life_days <= high:
                raise ValidationError(
                    self.env._(
                        "The half-life of an order of %(company)s is %(days)s days: "
                        "choose a number between %(low)s and %(high)s.",
                        company=company.name,
                        days=company.grading_half_life_days,
                        low=low,
                        high=high,
                    )
                )

    def write(self, vals):
        res = super().write(vals)
        if {"grading_amount_source", "grading_half_life_days"} & vals.keys():
            self.env["grading.ruler"]._drop([("company_id", "in", self.ids)])
            self.env["grading.run"]._start(self)
        return res

    def _grading_tz(self):
        """Time zone of the company's working calendar, in which a day begins for grading.

        :return: name of a time zone that PostgreSQL knows as well, ``UTC`` when none is set
        :rtype: str
        """
        self.ensure_one()
        return self.resource_calendar_id.tz or self.partner_id.tz or "UTC"

    def _grading_today(self):
        """Today's date where the company works.

        :rtype: datetime.date
        """
        now = pytz.utc.localize(fields.Datetime.now())
        return datetime.astimezone(now, pytz.timezone(self._grading_tz())).date()

    def _grading_faded_log(self, day):
        """Logarithm of what one unit of money of ``day`` weighs in a stored faded amount.

        Stored logarithm − this = logarithm of the faded amount in money of ``day``.

        :param datetime.date day:
        :rtype: float
        """
        self.ensure_one()
        return (day - fields.Date.to_date(FADED_EPOCH)).days * math.log(2) / self.grading_half_life_days
