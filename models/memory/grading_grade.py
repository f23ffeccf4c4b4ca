from odoo import api, models
from odoo.exceptions import UserError


class GradingGrade(models.Model):
    """A grade that customers once had is remembered."""

    _inherit = "grading.grade"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_remembered(self):
        for grade in self:
            if count := self.env["grading.snapshot"].sudo().search_count([("grade_id", "=", grade.id)]):
                raise UserError(
                    self.env._(
                        "The grade %(grade)s stands in %(count)s snapshots of customers and leads. "
                        "Archive it instead of deleting it.",
                        grade=grade.display_name,
                        count=count,
                    )
                )
