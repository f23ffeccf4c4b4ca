from odoo import api, models
from odoo.tools import SQL


class GradingComplaint(models.Model):
    """A complaint that is opened, or becomes more severe, starts plays at once; one that is closed ends them. Where it
    turns out to be another customer's, or none, the plays that it has started are called off."""

    _inherit = "grading.complaint"

    @api.model_create_multi
    def create(self, vals_list):
        complaints = super().create(vals_list)
        complaints._grading_start_plays()
        return complaints

    def write(self, vals):
        res = super().write(vals)
        if vals.keys() & {"partner_id", "company_id"}:
            self._grading_running().filtered(lambda case: case._is_of_another())._stop("complaint_moved")
        if vals.keys() & {"severity", "partner_id", "company_id"}:
            self._grading_start_plays()
        if vals.get("date_close"):
            for company, own in self.sudo().grouped("company_id").items():
                self.env["grading.play.case"].with_company(company)._reach_goals(
                    SQL("play_case.partner_id = ANY(%s)", own.partner_id.ids), ("complaint_closed",)
                )
        return res

    def unlink(self):
        self._grading_running()._stop("complaint_deleted")
        return super().unlink()

    def _grading_running(self):
        """The running plays that these complaints have started.

        :rtype: grading.play.case
        """
        running = [("state", "=", "running"), ("complaint_id", "in", self.ids)]
        return self.env["grading.play.case"].sudo().search(running)

    def _grading_start_plays(self):
        """A complaint that was opened before a play came into force does not start it."""
        for company, own in self.sudo().grouped("company_id").items():
            plays = self.env["grading.play"].with_company(company)._in_force("complaint_opened")
            plays._start_by_hand(
                lambda play, own=own: SQL("event.source_id = ANY(%s) AND event.day >= %s", own.ids, play._since_day())
            )


class GradingPlayCase(models.Model):
    _inherit = "grading.play.case"

    def _is_of_another(self):
        """Whether the complaint that has started it is that of another customer, or to another company."""
        complaint, customer = self.complaint_id, self.partner_id.commercial_partner_id
        return (complaint.partner_id.commercial_partner_id, complaint.company_id) != (customer, self.company_id)
