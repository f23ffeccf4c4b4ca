from odoo import fields, models

from ..base.fields import INTERNAL, ProfileFloat, check_grading_field


class SaleOrder(models.Model):
    """An order shows the grade and score of its customer."""

    _inherit = "sale.order"

    grading_grade_id = fields.Many2one(
        related="partner_id.grading_grade_id", string="Customer Grade", groups=INTERNAL, readonly=True
    )
    grading_grade_color = fields.Integer(related="grading_grade_id.color", groups=INTERNAL)
    grading_score = ProfileFloat(
        related="partner_id.grading_score", string="Customer Score", groups=INTERNAL, aggregator="avg"
    )

    def _field_to_sql(self, alias, field_expr, query=None):
        check_grading_field(self, field_expr)
        return super()._field_to_sql(alias, field_expr, query)
