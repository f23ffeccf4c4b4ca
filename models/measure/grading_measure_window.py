from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..base.fields import IntegerOrEmpty, MonetaryOrUnknown
from .grading_measure import DAYS_OF_YEAR

# Months of the windows beside the year that is always measured.
WINDOWS = (3, 6, 24)


def window_days(months):
    """How many days so many months are, each a twelfth of 365: 91, 182 and 730."""
    return months * DAYS_OF_YEAR // 12


class GradingProfile(models.Model):
    """Measured where a rule asks for it: what the customer has bought in other windows than the last year."""

    _inherit = "grading.profile"

    order_amount_3m = MonetaryOrUnknown(
        string="Amount, 3 Months",
        readonly=True,
        help="Sum of the purchases of the last 3 months, untaxed, less what was credited. Measured where a rule asks "
        "for it.",
    )
    order_amount_6m = MonetaryOrUnknown(
        string="Amount, 6 Months",
        readonly=True,
        help="Sum of the purchases of the last 6 months, untaxed, less what was credited. Measured where a rule asks "
        "for it.",
    )
    order_amount_24m = MonetaryOrUnknown(
        string="Amount, 24 Months",
        readonly=True,
        help="Sum of the purchases of the last 24 months, untaxed, less what was credited. Measured where a rule asks "
        "for it.",
    )
    order_count_3m = IntegerOrEmpty(
        string="Orders, 3 Months",
        readonly=True,
        help="Number of purchases in the last 3 months. Measured where a rule asks for it.",
    )
    order_count_6m = IntegerOrEmpty(
        string="Orders, 6 Months",
        readonly=True,
        help="Number of purchases in the last 6 months. Measured where a rule asks for it.",
    )
    order_count_24m = IntegerOrEmpty(
        string="Orders, 24 Months",
        readonly=True,
        help="Number of purchases in the last 24 months. Measured where a rule asks for it.",
    )

    def _after_order(self, amount, day):
        values = super()._after_order(amount, day)
        for months in WINDOWS:
            values[f"order_amount_{months}m"] = self[f"order_amount_{months}m"] + amount
            values[f"order_count_{months}m"] = self[f"order_count_{months}m"] + 1
        return values


class GradingMeasure(models.AbstractModel):
    """Purchases of other windows: a criterion that asks what is bought lately, or over a longer time, names its window
    by its measure."""

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        sums = {"source": "order_window", "group": self.env._("Purchases"), "zero": True}
        money, count = {**sums, "unit": "money"}, {**sums, "unit": "count"}
        return {
            **super()._measures(),
            "order_amount_3m": {**money, "label": self.env._("Amount, 3 months")},
            "order_amount_6m": {**money, "label": self.env._("Amount, 6 months")},
            "order_amount_24m": {**money, "label": self.env._("Amount, 24 months")},
            "order_count_3m": {**count, "label": self.env._("Number of orders, 3 months")},
            "order_count_6m": {**count, "label": self.env._("Number of orders, 6 months")},
            "order_count_24m": {**count, "label": self.env._("Number of orders, 24 months")},
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {**super()._sources(as_of, contacts), "order_window": self._window_source(as_of, contacts)}

    @api.model
    def _window_source(self, as_of, contacts):
        """Purchases of each window summed up as those of a year are (:meth:`_order_source`), of those with a purchase
        in the longest."""
        columns = []
        for months in WINDOWS:
            within = SQL("purchase.day > DATE %s", as_of - timedelta(days=window_days(months)))
            columns += [
                SQL(
                    "ROUND(COALESCE(SUM(purchase.amount) FILTER (WHERE %s), 0), %s) AS %s",
                    within,
                    self.env.company.currency_id.decimal_places,
                    SQL.identifier(f"order_amount_{months}m"),
                ),
                SQL(
                    "(COUNT(*) FILTER (WHERE purchase.is_order AND %s))::int AS %s",
                    within,
                    SQL.identifier(f"order_count_{months}m"),
                ),
            ]
        return SQL(
            "SELECT purchase.partner_id, %(columns)s FROM (%(purchases)s OFFSET 0) AS purchase"
            " WHERE purchase.day > DATE %(first)s GROUP BY purchase.partner_id",
            columns=SQL(", ").join(columns),
            purchases=self._purchases(as_of, contacts),
            first=as_of - timedelta(days=window_days(max(WINDOWS))),
        )
