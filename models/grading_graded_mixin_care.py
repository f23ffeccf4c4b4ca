from odoo import api, fields, models

from .grading_graded_mixin import INTERNAL


class GradingGradedMixin(models.AbstractModel):
    """When a customer or lead is to be contacted next."""

    _inherit = "grading.graded.mixin"

    grading_next_contact_date = fields.Date(
        related="grading_profile_id.next_contact_date", string="Next Contact", groups=INTERNAL
    )
    grading_next_online_date = fields.Date(
        related="grading_profile_id.next_online_date", string="Next Online Contact", groups=INTERNAL
    )
    grading_next_call_date = fields.Date(
        related="grading_profile_id.next_call_date", string="Next Call", groups=INTERNAL
    )
    grading_next_visit_date = fields.Date(
        related="grading_profile_id.next_visit_date", string="Next Visit", groups=INTERNAL
    )

    @api.model
    def _grading_rules(self):
        cadences = self.env["grading.cadence"].sudo().search([("active", "=", True)])
        return (*super()._grading_rules(), cadences)
