from odoo import fields, models

from ..base.fields import SELLERS, ProfileInteger, ProfileMonetary


class ResPartner(models.Model):
    """What the customer is expected to spend, and what of it is at risk."""

    _inherit = "res.partner"

    grading_expected_amount = ProfileMonetary(
        related="grading_figures_id.expected_amount",
        string="Forecast Revenue",
        currency_field="grading_currency_id",
        groups=SELLERS,
        aggregator="sum",
    )
    grading_expected_days = ProfileInteger(
        related="grading_figures_id.expected_days",
        string="Forecast Horizon (days)",
        groups=SELLERS,
        aggregator=None,
    )
    grading_expected_low = ProfileMonetary(
        related="grading_figures_id.expected_low",
        string="Forecast Revenue, Low End",
        currency_field="grading_currency_id",
        groups=SELLERS,
        aggregator=None,
    )
    grading_expected_high = ProfileMonetary(
        related="grading_figures_id.expected_high",
        string="Forecast Revenue, High End",
        currency_field="grading_currency_id",
        groups=SELLERS,
        aggregator=None,
    )
    grading_amount_at_risk = ProfileMonetary(
        related="grading_figures_id.amount_at_risk",
        string="Revenue at Risk",
        currency_field="grading_currency_id",
        groups=SELLERS,
        aggregator="sum",
    )
    grading_risk_reason = fields.Char(
        related="grading_figures_id.risk_reason", string="Why at Risk", related_sudo=True, groups=SELLERS
    )
