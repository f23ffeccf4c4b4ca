from odoo import api, fields, models

from ..base.fields import SELLERS


class GradingGradedMixin(models.AbstractModel):
    """What is remembered of a customer or lead: the figures for those who may see them, the moves of the grade for all
    who may see the grade."""

    _inherit = "grading.graded.mixin"

    grading_snapshot_ids = fields.One2many(
        "grading.snapshot",
        string="Snapshots",
        compute="_compute_grading_snapshot_ids",
        search="_search_grading_snapshot_ids",
        groups=SELLERS,
    )
    grading_move_month = fields.Selection(related="grading_profile_id.move_month", groups=SELLERS)
    grading_move_quarter = fields.Selection(related="grading_profile_id.move_quarter", groups=SELLERS)
    grading_move_year = fields.Selection(related="grading_profile_id.move_year", groups=SELLERS)

    @api.depends("grading_figures_id.snapshot_ids")
    @api.depends_context("company", "uid")
    def _compute_grading_snapshot_ids(self):
        self._grading_show_rows("grading_snapshot_ids", "snapshot_ids")

    def _search_grading_snapshot_ids(self, operator, value):
        return self._grading_search_rows("snapshot_ids", operator, value)
