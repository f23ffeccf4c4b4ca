from odoo import fields, models

from ..models.base.fields import SELLERS


class CrmActivityReport(models.Model):
    """Activities on leads are analyzed by the grade of the lead, and by the grade and the stage of its customer."""

    _name = "crm.activity.report"
    _inherit = ["crm.activity.report", "grading.analysis.mixin"]

    grading_grade_id = fields.Many2one(
        related="lead_id.grading_grade_id", string="Grade", groups=SELLERS, readonly=True
    )
    grading_partner_grade_id = fields.Many2one(
        related="grading_partner_profile_id.grade_id", string="Customer Grade", groups=SELLERS, readonly=True
    )
