from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    grading_basket_level = fields.Selection(related="company_id.grading_basket_level", readonly=False)
    grading_basket_support = fields.Float(related="company_id.grading_basket_support", readonly=False)
    grading_basket_confidence = fields.Float(related="company_id.grading_basket_confidence", readonly=False)
    grading_basket_lift = fields.Float(related="company_id.grading_basket_lift", readonly=False)
    grading_basket_count = fields.Integer(related="company_id.grading_basket_count", readonly=False)
    grading_basket_months = fields.Integer(related="company_id.grading_basket_months", readonly=False)
    grading_basket_items = fields.Integer(related="company_id.grading_basket_items", readonly=False)
