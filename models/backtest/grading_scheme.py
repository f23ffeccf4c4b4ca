from odoo import models

from ..base.guarded import guarded


class GradingScheme(models.Model):
    """Whether a scheme was right: it is tried on the past."""

    _inherit = "grading.scheme"

    def unlink(self):
        """The back-tests of a scheme stay, with its name; so do those of its draft, which goes with it."""
        drafts = self.sudo().with_context(active_test=False).search([("draft_of_id", "in", self.ids)])
        schemes = self.sudo() | drafts
        self.env["grading.backtest"]._of_schemes(schemes)._keep_without(schemes)
        return super().unlink()

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
