from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

YEAR_COMPARISONS = {">=": "<=", "<": ">", ">": "<=", "<=": ">"}


class GradingProfile(models.Model):
    """The days that are kept, as filters ask for them: whether they have come, on the day on which one looks."""

    _inherit = "grading.profile"

    is_overdue = fields.Boolean(
        string="Overdue",
        compute="_compute_is_overdue",
        search="_search_is_overdue",
        help="Has ordered, and by the own rhythm should have ordered again.",
    )
    is_lost = fields.Boolean(
        string="Lost",
        compute="_compute_is_overdue",
        search="_search_is_lost",
        help="Has ordered, and is silent far beyond the own rhythm.",
    )
    customer_years = fields.Integer(
        string="Years a Customer",
        compute="_compute_customer_years",
        search="_search_customer_years",
        aggregator=None,
        help="Full years since the first order.",
    )

    @api.depends("decline_date", "lost_date")
    @api.depends_context("grading_as_of", "company")
    def _compute_is_overdue(self):
        today = self._grading_day()
        for profile in self:
            profile.is_overdue = bool(profile.decline_date) and profile.decline_date <= today
            profile.is_lost = bool(profile.lost_date) and profile.lost_date <= today

    @api.depends("first_order_date")
    @api.depends_context("grading_as_of", "company")
    def _compute_customer_years(self):
        today = self._grading_day()
        for profile in self:
            first = profile.first_order_date
            profile.customer_years = relativedelta(today, first).years if first else 0

    def _search_is_overdue(self, operator, value):
        return self._search_has_come("decline_date", operator, value)

    def _search_is_lost(self, operator, value):
        return self._search_has_come("lost_date", operator, value)

    @api.model
    def _search_has_come(self, name, operator, value):
        if operator != "in":
            return NotImplemented
        come = Domain(name, "<=", self._grading_day())
        return come if True in value else Domain(name, "=", False) | Domain(name, ">", self._grading_day())

    def _search_customer_years(self, operator, value):
        """``("customer_years", ">=", 3)`` is a first order three years ago or earlier."""
        if operator not in YEAR_COMPARISONS or not isinstance(value, int):
            return NotImplemented
        years = value + 1 if operator in (">", "<=") else value
        day = self._grading_day() - relativedelta(years=years)
        found = Domain("first_order_date", YEAR_COMPARISONS[operator], day)
        return found if operator in (">", ">=") else found | Domain("first_order_date", "=", False)
