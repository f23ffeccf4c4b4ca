from odoo import api, fields, models
from odoo.exceptions import ValidationError

# A year can be compared with the one before.
KEPT_MONTHS = (13, 600)


class ResCompany(models.Model):
    """How long a company remembers how its customers were graded."""

    _inherit = "res.company"

    grading_snapshot_months = fields.Integer(string="Snapshots Are Kept for (months)", default=60, required=True)
    grading_partial_month = fields.Date(
        string="Month Partly Remembered",
        help="The end of the month of which not all customers and leads have been remembered yet.",
        readonly=True,
        copy=False,
    )

    def _grading_note_month(self, day):
        """Note that of the month that ended with ``day`` not all have been remembered yet; ``False``: all have.

        :param day: ``datetime.date`` or ``False``
        """
        if self.grading_partial_month != day:
            self.sudo().grading_partial_month = day

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
