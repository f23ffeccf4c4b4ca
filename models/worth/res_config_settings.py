from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    grading_forecast_days = fields.Integer(related="company_id.grading_forecast_days", readonly=False)
    grading_forecast_sentence = fields.Char(
        string="Forecast Revenue",
        compute="_compute_grading_forecast_sentence",
        help="What the forecast in force says of itself.",
    )

    @api.depends("company_id")
    def _compute_grading_forecast_sentence(self):
        for settings in self:
            settings.grading_forecast_sentence = settings.company_id._grading_forecast_sentence()
