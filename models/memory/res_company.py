from odoo import api, fields, models
from odoo.exceptions import ValidationError

# A year can be compared with the one before.
KEPT_MONTHS = (13, 600)


class ResCompany(models.Model):
    """How long a company remembers how its customers were graded."""

    _inherit = "res.company"

    grading_snapshot_months = fields.Integer(string="Snapshots Are Kept for (months)", default=60, required=True)

    @api.constrains("grading_snapshot_months")
    def _check_grading_snapshot_months(self):
        low, high = KEPT_MONTHS
        for company in self:
            if not low <= company.grading_snapshot_months <= high:
                raise ValidationError(
                    self.env._(
                        "%(company)s would keep snapshots for %(months)s months: "
                        "choose a number between %(low)s and %(high)s.",
                        company=company.name,
                        months=company.grading_snapshot_months,
                        low=low,
                        high=high,
                    )
                )
