from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    grading_amount_source = fields.Selection(related="company_id.grading_amount_source", readonly=False)
    grading_half_life_days = fields.Integer(related="company_id.grading_half_life_days", readonly=False)
