from odoo import models

from ..base.guarded import guarded


class GradingScheme(models.Model):
    """Whether a scheme was right: it is tried on the past."""

    _inherit = "grading.scheme"

    @guarded(one=True)
    def action_backtest(self):
        """Ask what would have followed by this scheme; of a draft, beside the scheme that it is to replace."""
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_backtest_action")
        return {
            **action,
            "views": [(False, "form")],
            "view_mode": "form",
            "context": {
                "default_scheme_id": self.id,
                "default_subject": self.subject,
                "default_other_scheme_id": self.draft_of_id.id,
                **({"default_company_id": self.company_id.id} if self.company_id else {}),
            },
        }
