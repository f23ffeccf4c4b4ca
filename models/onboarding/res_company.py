from odoo import api, fields, models

from ..base.fields import MANAGERS
from .onboarding_onboarding import FIRST_STEPS


class ResCompany(models.Model):
    _inherit = "res.company"

    grading_first_steps = fields.Json(
        compute="_compute_grading_first_steps",
        groups=MANAGERS,
        help="The panel of first steps above Customers: [{id, title, description, is_done, action}].",
    )

    @api.depends_context("lang", "uid")
    def _compute_grading_first_steps(self):
        onboarding = self.env.ref(FIRST_STEPS, raise_if_not_found=False)
        for company in self:
            company.grading_first_steps = onboarding and onboarding.with_company(company)._grading_steps()

    def write(self, vals):
        """Saving which documents count settles where a company's money comes from."""
        res = super().write(vals)
        if "grading_amount_source" in vals:
            for company in self:
                self.env["onboarding.onboarding.step"].with_company(company)._grading_saved("source")
        return res
