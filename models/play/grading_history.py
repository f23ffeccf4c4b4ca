from odoo import api, models
from odoo.tools import SQL

from .grading_play_trigger import BY_HISTORY


class GradingHistory(models.Model):
    """A line that a person has caused starts the plays that one of a run starts."""

    _inherit = "grading.history"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        for company, own in lines.sudo().grouped("company_id").items():
            plays = self.env["grading.play"].with_company(company)._in_force(*BY_HISTORY)
            plays._start_by_hand(lambda play, own=own: SQL("event.source_id = ANY(%s)", own.ids))
            self.env["grading.play.case"].with_company(company)._reach_goals(
                SQL("play_case.profile_id = ANY(%s)", own.profile_id.ids), ("grade_up",)
            )
        return lines
