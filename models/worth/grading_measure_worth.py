from odoo import api, models
from odoo.tools import SQL

from ..base.fields import IntegerOrEmpty, MonetaryOrUnknown
from .grading_forecast_sql import COLUMNS

# What the forecast reads of a customer.
READS = (
    "faded_order_amount",
    "average_order_amount",
    "order_day_count",
    "order_count",
    "order_amount",
    "first_order_date",
    "last_order_date",
)


class GradingMeasure(models.AbstractModel):
    """What a customer will spend, learned from what others like them spent (:class:`grading.forecast`)."""

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        foreseen = {
            "compared": "worth",
            "reads": [*READS],
            "always": True,
            "group": self.env._("Prediction"),
            "unit": "money",
        }
        return {
            **super()._measures(),
            "expected_amount": {**foreseen, "label": self.env._("Forecast revenue")},
            "expected_low": {**foreseen, "label": self.env._("Forecast revenue, low end")},
            "expected_high": {**foreseen, "label": self.env._("Forecast revenue, high end")},
            "amount_at_risk": {**foreseen, "label": self.env._("Revenue at risk")},
        }

    @api.model
    def _compared_sources(self, as_of, table):
        forecast = self.env["grading.forecast"]._current(as_of)
        nothing = SQL(
            "SELECT NULL::int AS partner_id, %s WHERE FALSE",
            SQL(", ").join(SQL("NULL::numeric AS %s", SQL.identifier(name)) for name in COLUMNS),
        )
        outlook = forecast._outlook_select(table) if forecast else nothing
        return {**super()._compared_sources(as_of, table), "worth": outlook}

    @api.model
    def _fix_compared(self, names, table, as_of):
        result = super()._fix_compared(names, table, as_of)  # the purchase model comes first: a rate reads it
        Forecast = self.env["grading.forecast"]
        if "worth" in names and Forecast._is_due(as_of):
            Forecast._refit(table, as_of)
        return result

    @api.model
    def _is_compared_missing(self, names):
        missing = "worth" in names and not self.env["grading.forecast"]._current()
        return missing or super()._is_compared_missing(names)


class GradingProfile(models.Model):
    """Foreseen: what the customer will spend within the company's horizon, and what of it is at risk."""

    _inherit = "grading.profile"

    expected_amount = MonetaryOrUnknown(
        string="Forecast Revenue",
        readonly=True,
        help="What customers like this one spent within the forecast's horizon, untaxed. The horizon is the one of the "
        "settings, or a shorter one where the company's past is too short for it.",
    )
    expected_days = IntegerOrEmpty(
        string="Forecast Horizon (days)",
        compute="_compute_expected_days",
        aggregator=None,
        help="Within how many days the forecast revenue is expected.",
    )
    expected_low = MonetaryOrUnknown(
        string="Forecast Revenue, Low End",
        readonly=True,
        aggregator=None,
        help="Four of five customers like this one spent between the low and the high end.",
    )
    expected_high = MonetaryOrUnknown(
        string="Forecast Revenue, High End",
        readonly=True,
        aggregator=None,
        help="Four of five customers like this one spent between the low and the high end.",
    )
    amount_at_risk = MonetaryOrUnknown(
        string="Revenue at Risk",
        readonly=True,
        help="What would be expected had the customer just ordered, less what is expected: the price of the silence "
        "since the last order. The overview and the list of customers at risk leave out those who are lost.",
    )

    @api.depends("company_id", "expected_amount")
    def _compute_expected_days(self):
        """By the forecast in force: a run that learns a new one writes the amounts of all customers."""
        for company, profiles in self.grouped("company_id").items():
            # Of companies that the user is not in, too: a lead of no company is of the first one.
            forecast = self.env["grading.forecast"].sudo().with_company(company)._current()
            days = forecast.horizon_days or False
            for profile in profiles:
                profile.expected_days = profile.expected_amount is not False and days
