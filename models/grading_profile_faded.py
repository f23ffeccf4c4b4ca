import math
from datetime import date

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .grading_measure import FADED, LOG_LIMIT


class GradingProfile(models.Model):
    """Sums in which everything counts half for every half-life of its age, in what they are worth today.

    Of a lead that was won: in what they were worth on that day, by which it stays judged.
    """

    _inherit = "grading.profile"

    @api.depends(*FADED.values(), "closed_date")
    @api.depends_context("company")
    def _compute_faded(self):
        for profile in self:
            company = profile.company_id
            day = company and min(company._grading_today(), profile.closed_date or date.max)
            for name, log_name in FADED.items():
                if profile[log_name] and company:
                    exponent = profile[log_name] - company._grading_faded_log(day)
                    profile[name] = math.exp(max(-LOG_LIMIT, min(LOG_LIMIT, exponent)))
                else:
                    profile[name] = 0.0

    def _search_faded_order_amount(self, operator, value):
        return self._search_faded("faded_order_amount", operator, value)

    def _search_engagement(self, operator, value):
        return self._search_faded("engagement", operator, value)

    @api.model
    def _search_faded(self, name, operator, value):
        """Compare the stored logarithm, each company's with its own half-life."""
        if operator not in ("<", "<=", ">", ">="):
            raise UserError(
                self.env._(
                    "“%s” fades day by day: ask for more or for less than a number.",
                    self._fields[name]._description_string(self.env),
                )
            )
        log_name, below = FADED[name], operator in ("<", "<=")
        if value <= 0:
            return Domain(log_name, "=", False) if below else Domain(log_name, "!=", False)
        as_of = self.env.context.get("grading_as_of")
        companies = self.env["res.company"].sudo().search([("active", "in", (True, False))])
        domain = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain(
                log_name, operator, math.log(value) + company._grading_faded_log(as_of or company._grading_today())
            )
            for company in companies
        )
        return domain | Domain(log_name, "=", False) if below else domain
