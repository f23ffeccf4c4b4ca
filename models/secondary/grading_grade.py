from odoo import api, fields, models


class GradingGrade(models.Model):
    _inherit = "grading.grade"

    is_segment = fields.Boolean(
        string="Segment",
        help="Given by schemes beside the grade alone: it has no column, cadence or effort of its own.",
    )

    @api.constrains("is_segment")
    def _check_is_segment(self):
        self.env["grading.threshold"].sudo().search([("grade_id", "in", self.ids)])._check_segment()
