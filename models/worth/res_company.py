from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .spending_past import LEAST_HORIZON, YEAR

MOST_HORIZON = 2 * YEAR


class ResCompany(models.Model):
    """How far ahead a company looks when it asks what its customers will spend."""

    _inherit = "res.company"

    grading_forecast_days = fields.Integer(string="Forecast Revenue within (days)", default=YEAR, required=True)

    @api.constrains("grading_forecast_days")
    def _check_grading_forecast_days(self):
        for company in self:
            if not LEAST_HORIZON <= company.grading_forecast_days <= MOST_HORIZON:
                raise ValidationError(
                    self.env._(
                        "%(company)s: revenue is expected within %(low)s to %(high)s days, not within %(days)s. "
                        "Set a number of days between these.",
                        company=company.name,
                        low=LEAST_HORIZON,
                        high=MOST_HORIZON,
                        days=company.grading_forecast_days,
                    )
                )

    @api.model
    def _grading_rescore_fields(self):
        """Another horizon is another amount for each customer."""
        return super()._grading_rescore_fields() | {"grading_forecast_days"}

    def _grading_forecast_sentence(self):
        """Within which time revenue is expected, and what the forecast in force said of itself."""
        self.ensure_one()
        forecast = self.env["grading.forecast"].with_company(self)._current()
        if not forecast:
            return self.env._("The first full run learns from all orders what customers will spend.")
        return forecast._sentence()
