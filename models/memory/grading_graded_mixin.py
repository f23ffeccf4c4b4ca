from odoo import fields, models

from ..base.fields import SELLERS


class GradingGradedMixin(models.AbstractModel):
    """What is remembered of a customer or lead: the figures for those who may see them, the moves of the grade for all
    who may see the grade."""

    _inherit = "grading.graded.mixin"

    grading_snapshot_ids = fields.One2many(related="grading_figures_id.snapshot_ids", groups=SELLERS)
    grading_move_month = fields.Selection(related="grading_profile_id.move_month", groups=SELLERS)
    grading_move_quarter = fields.Selection(related="grading_profile_id.move_quarter", groups=SELLERS)
    grading_move_year = fields.Selection(related="grading_profile_id.move_year", groups=SELLERS)
