from odoo import fields, models

from .grading_float_or_unknown import FloatOrUnknown


class GradingProfile(models.Model):
    """Measured: what the customer told us."""

    _inherit = "grading.profile"

    expectation = FloatOrUnknown(digits=(16, 2), readonly=True, aggregator="avg")
    satisfaction = FloatOrUnknown(digits=(16, 2), readonly=True, aggregator="avg")
    satisfaction_gap = FloatOrUnknown(
        string="Satisfaction above Expectation", digits=(16, 2), readonly=True, aggregator="avg"
    )
    recommendation = FloatOrUnknown(digits=(16, 2), readonly=True, aggregator="avg")
    last_assessment_date = fields.Date(string="Last Assessment", readonly=True)
    assessment_count = fields.Integer(string="Assessments", readonly=True)
    open_complaint_count = fields.Integer(string="Open Complaints", readonly=True)
    serious_complaint_count = fields.Integer(string="Open Serious Complaints", readonly=True)
    complaint_count_12m = fields.Integer(string="Complaints, 12 Months", readonly=True)
    complaint_response_days = FloatOrUnknown(
        string="Days to Close a Complaint", digits=(16, 2), readonly=True, aggregator="avg"
    )
