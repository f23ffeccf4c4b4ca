from odoo import fields, models


class GradingCriterionCase(models.Model):
    """One of the filters of a criterion that asks them in order: the first that is met gives its points."""

    _name = "grading.criterion.case"
    _inherit = ["grading.domain.mixin", "grading.shared.mixin"]
    _description = "Filter of a Criterion"
    _order = "sequence, id"

    name = fields.Char(required=True, help="As the explanation calls it: “Referral”, “Trade fair”.")
    sequence = fields.Integer(default=10, required=True)
    criterion_id = fields.Many2one("grading.criterion", required=True, ondelete="cascade", index=True)
    points = fields.Float(digits=(16, 2))

    def _deciding_rules(self):
        return self.criterion_id.scheme_id
