from odoo import api, fields, models
from odoo.exceptions import ValidationError


class GradingOccasionDate(models.Model):
    """The date of a feast in one year, for feasts that go by another calendar, such as the Chinese New Year."""

    _name = "grading.occasion.date"
    _description = "Date of an Occasion"
    _order = "date, id"
    _rec_name = "date"

    occasion_id = fields.Many2one(
        "grading.occasion", required=True, ondelete="cascade", domain=[("kind", "=", "dated")]
    )
    date = fields.Date(required=True, index=True)

    _date_unique = models.Constraint(
        "UNIQUE (occasion_id, date)", "This occasion has this date already: remove one of the two lines."
    )

    @api.constrains("occasion_id")
    def _check_kind(self):
        self.occasion_id._check_lines()


class GradingOccasion(models.Model):
    """Only a feast that is dated year by year has dates."""

    _inherit = "grading.occasion"

    @api.constrains("kind")
    def _check_lines(self):
        for occasion in self.filtered(lambda occasion: occasion.kind != "dated" and occasion.line_ids):
            raise ValidationError(
                self.env._(
                    "“%s” is not dated year by year, so the dates entered for it would never be greeted: "
                    "remove them, or choose “Dated year by year” as the kind of the occasion.",
                    occasion.name,
                )
            )
