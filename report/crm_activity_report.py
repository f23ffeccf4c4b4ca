from odoo import api, fields, models
from odoo.tools import SQL

from ..models.base.fields import SELLERS, ProfileMany2one


class CrmActivityReport(models.Model):
    """Activities on leads are analyzed by the grade of the lead, and by the grade and the stage of its customer."""

    _name = "crm.activity.report"
    _inherit = ["crm.activity.report", "grading.analysis.mixin"]

    # By way of the lead's own link, all leads would be joined a second time.
    grading_profile_id = ProfileMany2one(
        "grading.profile",
        string="Lead's Grading Profile",
        compute="_compute_grading_profile_id",
        search="_search_grading_profile_id",
        groups=SELLERS,
    )
    grading_grade_id = fields.Many2one(
        related="grading_profile_id.grade_id", string="Grade", groups=SELLERS, readonly=True
    )
    grading_partner_grade_id = fields.Many2one(
        related="grading_partner_profile_id.grade_id", string="Customer Grade", groups=SELLERS, readonly=True
    )

    @api.depends("lead_id.grading_profile_id")
    def _compute_grading_profile_id(self):
        for row in self:
            row.grading_profile_id = row.lead_id.grading_profile_id

    def _search_grading_profile_id(self, operator, value):
        """The condition unchanged: ``_field_to_sql`` and the link's ``join`` compile it to SQL."""
        return [("grading_profile_id", operator, value)]

    @api.model
    def _grading_profile_on(self, alias, coalias, query):
        return SQL("%s = %s", SQL.identifier(coalias, "lead_id"), SQL.identifier(alias, "lead_id"))
