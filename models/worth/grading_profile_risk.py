from odoo import api, fields, models
from odoo.tools import SQL

from ..base.fields import MonetaryOrUnknown

# A silence is told from so much of the customer's own interval on.
LONG_SILENCE = 1.5
# That many percent less than in the year before are told.
MUCH_LESS = 30
# A customer who pays so many days late on average is a late payer, from so many payments on.
LATE_DAYS, FEW_PAYMENTS = 14, 2


class GradingProfile(models.Model):
    """What there is to lose with a customer, and why."""

    _inherit = "grading.profile"

    amount_at_stake = MonetaryOrUnknown(
        string="At Stake",
        compute="_compute_amount_at_stake",
        compute_sudo=True,  # what is read of a lead alone is for managers to filter by
        help="Of a customer the revenue at risk, nothing once they are lost; of a lead or prospect the expected "
        "revenue of the lead.",
    )
    risk_reason = fields.Char(string="Why at Risk", compute="_compute_risk_reason", compute_sudo=True)

    @api.depends("amount_at_risk", "expected_revenue", "is_lost")
    @api.depends_context("company")
    def _compute_amount_at_stake(self):
        for profile in self:
            at_risk = 0 if profile.is_lost else profile.amount_at_risk
            profile.amount_at_stake = profile.expected_revenue if at_risk is False else at_risk

    def _field_to_sql(self, alias, field_expr, query=None):
        """What is at stake as a column, so that one can sort by it and sum it up."""
        if field_expr != "amount_at_stake":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        profile = self.sudo()
        return SQL(
            "COALESCE(CASE WHEN %s <= %s THEN 0 ELSE %s END, %s)",
            profile._field_to_sql(alias, "lost_date", query),
            self._grading_day(),
            profile._field_to_sql(alias, "amount_at_risk", query),
            profile._field_to_sql(alias, "expected_revenue", query),
        )

    @api.depends(lambda self: self._risk_reads())
    @api.depends_context("company", "lang")
    def _compute_risk_reason(self):
        today = self._grading_day()
        for profile in self:
            reasons = "; ".join(profile._risk_reasons(today))
            profile.risk_reason = reasons[:1].upper() + reasons[1:]

    @api.model
    def _risk_reads(self):
        """The fields that :meth:`_risk_reasons` reads."""
        return [
            "order_count",
            "order_day_count",
            "first_order_date",
            "last_order_date",
            "amount_at_risk",
            "order_amount_change",
            "average_days_late",
            "due_invoice_count",
            "overdue_invoice_count",
            "open_complaint_count",
        ]

    def _risk_reasons(self, today):
        """What speaks for it that the customer may leave, weightiest first, as parts of a sentence.

        :param datetime.date today:
        :rtype: list[str]
        """
        self.ensure_one()
        reasons = [
            *self._silence_reasons(today),
            *self._complaint_reasons(),
            *self._payment_reasons(),
            *self._amount_reasons(),
        ]
        return reasons or [*self._last_order_reasons(today)]

    def _last_order_reasons(self, today):
        """Where nothing else speaks for it, each day without an order does, a little."""
        days = self.last_order_date and (today - self.last_order_date).days
        if not days or not self.amount_at_risk or self.amount_at_risk < 0:
            return
        if days == 1:
            yield self.env._("last order yesterday")
        else:
            yield self.env._("last order %s days ago", days)

    def _silence_reasons(self, today):
        days = self.last_order_date and (today - self.last_order_date).days
        if not days:
            return
        # Several orders of one day are one visit: they say nothing of a rhythm.
        known, visits = (self.last_order_date - self.first_order_date).days, self.order_day_count
        usual = known / (visits - 1) if visits > 1 else 0
        if usual and days >= LONG_SILENCE * usual and round(usual) >= 1:
            yield self.env._("silent for %(days)s days, usually %(usual)s", days=days, usual=round(usual))
        elif self.order_count == 1 and days == 1:
            yield self.env._("one order only, yesterday")
        elif self.order_count == 1:
            yield self.env._("one order only, %s days ago", days)

    def _complaint_reasons(self):
        if self.open_complaint_count == 1:
            yield self.env._("complaint open")
        elif self.open_complaint_count:
            yield self.env._("%s complaints open", self.open_complaint_count)

    def _payment_reasons(self):
        if self.overdue_invoice_count == 1:
            yield self.env._("an invoice overdue")
        elif self.overdue_invoice_count:
            yield self.env._("%s invoices overdue", self.overdue_invoice_count)
        paid, days = self.due_invoice_count - self.overdue_invoice_count, self.average_days_late
        if paid >= FEW_PAYMENTS and days >= LATE_DAYS:
            yield self.env._("pays %s days late on average", round(days))

    def _amount_reasons(self):
        change = self.order_amount_change
        if change is not False and change <= -MUCH_LESS:
            yield self.env._("%s %% less than in the year before", round(-change))
