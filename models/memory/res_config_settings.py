from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    grading_snapshot_months = fields.Integer(related="company_id.grading_snapshot_months", readonly=False)
