from odoo import fields, models

from ..base.fields import SELLERS, ProfileFloat


class SaleOrder(models.Model):
    """An order shows the grade and score that its company gives to the customer."""

    _name = "sale.order"
    _inherit = ["sale.order", "grading.customer.document.mixin"]

    grading_grade_id = fields.Many2one(
        related="grading_partner_profile_id.grade_id", string="Customer Grade", groups=SELLERS, readonly=True
    )
    grading_grade_color = fields.Integer(related="grading_grade_id.color", groups=SELLERS)
    grading_score = ProfileFloat(
        related="grading_partner_profile_id.score", string="Customer Score", groups=SELLERS, aggregator="avg"
    )
    grading_trend = fields.Selection(
        related="grading_partner_profile_id.trend", string="Last Change of the Customer Grade", groups=SELLERS
    )
