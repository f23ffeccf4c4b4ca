from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_repr
from odoo.tools.misc import format_date

from ..base.fields import FloatOrUnknown

SCORES = ("expectation", "satisfaction", "recommendation")


class GradingAssessment(models.Model):
    """One conversation or survey: how satisfied a customer was, from 0 to 10, and why.

    A score that was not asked for stays unknown; 0 is an answer. The gap counts more than satisfaction alone: how far
    it lies above what the customer had expected (the disconfirmation of Oliver, 1980).
    """

    _name = "grading.assessment"
    _inherit = ["grading.voice.mixin"]
    _description = "Assessment"
    _order = "date desc, id desc"

    date = fields.Date(required=True, index=True, default=lambda self: self.env.company._grading_today())
    expectation = FloatOrUnknown(
        digits=(4, 1), aggregator="avg", help="What the customer had expected of us, from 0 to 10."
    )
    satisfaction = FloatOrUnknown(
        digits=(4, 1), aggregator="avg", help="How content the customer is with what they got, from 0 to 10."
    )
    recommendation = FloatOrUnknown(
        digits=(4, 1), aggregator="avg", help="How likely the customer is to recommend us, from 0 to 10."
    )
    gap = FloatOrUnknown(
        digits=(4, 1),
        aggregator="avg",
        compute="_compute_gap",
        store=True,
        help="Satisfaction less expectation; unknown unless the customer was asked both.",
    )
    channel = fields.Selection(
        [
            ("visit", "Conversation"),
            ("call", "Phone call"),
            ("online", "E-mail or chat"),
            ("survey", "Survey"),
            ("other", "Other"),
        ],
        default="visit",
        required=True,
    )
    reason_ids = fields.Many2many(
        "grading.assessment.reason", string="Reasons", help="What decides whether the customer stays."
    )
    user_id = fields.Many2one(string="Author")

    @api.depends("partner_id", "date")
    def _compute_display_name(self):
        for assessment in self:
            parts = (assessment.partner_id.name, format_date(self.env, assessment.date))
            assessment.display_name = ", ".join(filter(None, parts))

    @api.depends("expectation", "satisfaction")
    def _compute_gap(self):
        for assessment in self:
            known = assessment.expectation is not False and assessment.satisfaction is not False
            assessment.gap = known and assessment.satisfaction - assessment.expectation

    @api.constrains("date", "company_id")
    def _check_date(self):
        self._refuse_future("date")

    # partner_id is always given: an assessment that is created without any score must be checked, too.
    @api.constrains("partner_id", *SCORES)
    def _check_scores(self):
        for assessment in self:
            known = [name for name in SCORES if assessment[name] is not False]
            if not known:
                raise ValidationError(
                    self.env._(
                        "The assessment “%s” has no score: give at least one of expectation, satisfaction and "
                        "recommendation, from 0 to 10.",
                        assessment.display_name,
                    )
                )
            for name in known:
                if not 0 <= assessment[name] <= 10:
                    raise ValidationError(
                        self.env._(
                            "“%(field)s” of the assessment “%(record)s” is %(score)s: enter a number from 0 to 10.",
                            field=self._fields[name]._description_string(self.env),
                            record=assessment.display_name,
                            score=float_repr(assessment[name], 1),
                        )
                    )

    @api.model
    def _measured_fields(self):
        return super()._measured_fields() | {"date", *SCORES}


class GradingAssessmentReason(models.Model):
    """What may decide whether a customer stays, such as the price."""

    _name = "grading.assessment.reason"
    _description = "Reason of an Assessment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    color = fields.Integer()
