from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmLead(models.Model):
    """For a lead that is won, the goal *order* is reached; for one that is closed, no play runs any longer."""

    _inherit = "crm.lead"

    def _grading_end(self):
        res = super()._grading_end()
        Case = self.env["grading.play.case"]
        running = Case.search(Domain("state", "=", "running") & Domain("lead_id", "in", self.ids))
        for company, own in running.grouped("company_id").items():
            own.with_company(company)._reach_goals(SQL("play_case.id = ANY(%s)", own.ids), ("order",))
        running._stop("lead_closed")
        return res
