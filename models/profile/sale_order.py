from odoo import fields, models

from ..base.fields import SELLERS, ProfileFloat, check_grading_field


class SaleOrder(models.Model):
    """An order shows the grade and score of its customer."""

    _inherit = "sale.order"

    grading_grade_id = fields.Many2one(
        related="partner_id.grading_grade_id", string="Customer Grade", groups=SELLERS, readonly=True
    )
    grading_grade_color = fields.Integer(related="grading_grade_id.color", groups=SELLERS)
    grading_score = ProfileFloat(
        related="partner_id.grading_score", string="Customer Score", groups=SELLERS, aggregator="avg"
    )

    def _field_to_sql(self, alias, field_expr, query=None):
        check_grading_field(self, field_expr)
        return super()._field_to_sql(alias, field_expr, query)
