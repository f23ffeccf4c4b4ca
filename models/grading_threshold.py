from odoo import api, fields, models
from odoo.exceptions import ValidationError


class GradingThreshold(models.Model):
    """Where a grade begins in a scheme: at a score, or with the best so many percent."""

    _name = "grading.threshold"
    _description = "Grading Threshold"
    _order = "scheme_id, sequence, id"
    _rec_name = "grade_id"

    scheme_id = fields.Many2one("grading.scheme", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(related="grade_id.sequence", store=True)
    grade_id = fields.Many2one("grading.grade", required=True, ondelete="restrict")
    threshold_mode = fields.Selection(related="scheme_id.threshold_mode")
    min_score = fields.Float(string="From Score", digits=(16, 2))
    top_percent = fields.Float(
        digits=(5, 2), help="The best so many percent of the scheme's customers, counted from the very best."
    )

    @api.model_create_multi
    def create(self, vals_list):
        thresholds = super().create(vals_list)
        self.env["grading.ruler"]._drop([("scheme_id", "in", thresholds.scheme_id.ids)])
        return thresholds

    def write(self, vals):
        self.env["grading.ruler"]._drop([("scheme_id", "in", self.scheme_id.ids)])
        return super().write(vals)

    @api.constrains("top_percent", "scheme_id")
    def _check_top_percent(self):
        for threshold in self:
            if threshold.threshold_mode == "rank" and not 0 < threshold.top_percent <= 100:
                raise ValidationError(
                    self.env._(
                        "The grade %(grade)s of the scheme “%(scheme)s” begins with the best %(percent)s %%: "
                        "choose more than 0 and at most 100.",
                        grade=threshold.grade_id.display_name,
                        scheme=threshold.scheme_id.name,
                        percent=threshold.top_percent,
                    )
                )
