from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    grading_limit_method = fields.Selection(related="company_id.grading_limit_method", readonly=False)
    grading_learned_limits = fields.Char(
        string="Learned Limits",
        compute="_compute_grading_learned_limits",
        help="What the purchase model in force has learned from the company's own past.",
    )

    @api.depends("company_id")
    def _compute_grading_learned_limits(self):
        for settings in self:
            settings.grading_learned_limits = settings.company_id._grading_learned_limits()
