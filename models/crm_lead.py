from odoo import fields, models

from .grading_profile_link import check_grading_field


class CrmLead(models.Model):
    _inherit = "crm.lead"

    grading_partner_grade_id = fields.Many2one(
        related="partner_id.grading_grade_id", string="Customer Grade", groups="base.group_user", readonly=True
    )
    grading_partner_grade_color = fields.Integer(related="grading_partner_grade_id.color", groups="base.group_user")
    grading_partner_score = fields.Float(
        related="partner_id.grading_score", string="Customer Score", groups="base.group_user", aggregator="avg"
    )

    def _field_to_sql(self, alias, field_expr, query=None):
        check_grading_field(self, field_expr)
        return super()._field_to_sql(alias, field_expr, query)
