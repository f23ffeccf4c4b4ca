from odoo import api, models
from odoo.tools import SQL


class GradingComplaint(models.Model):
    """A complaint that is opened, or becomes more severe, starts plays at once; one that is closed ends them."""

    _inherit = "grading.complaint"

    @api.model_create_multi
    def create(self, vals_list):
        complaints = super().create(vals_list)
        complaints._grading_start_plays()
        return complaints

    def write(self, vals):
        res = super().write(vals)
        if "severity" in vals:
            self._grading_start_plays()
        if vals.get("date_close"):
            for company, own in self.sudo().grouped("company_id").items():
                self.env["grading.play.case"].with_company(company)._reach_goals(
                    SQL("play_case.partner_id = ANY(%s)", own.partner_id.ids), ("complaint_closed",)
                )
        return res

    def _grading_start_plays(self):
        """A complaint that was opened before a play came into force does not start it."""
        for company, own in self.sudo().grouped("company_id").items():
            plays = self.env["grading.play"].with_company(company)._in_force("complaint_opened")
            plays._start_by_hand(
                lambda play, own=own: SQL("event.source_id = ANY(%s) AND event.day >= %s", own.ids, play._since_day())
            )
