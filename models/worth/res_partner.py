from odoo import api, fields, models

from ..base.fields import SELLERS, IntegerOrEmpty, ProfileMonetary


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
    grading_expected_days = IntegerOrEmpty(
        string="Forecast Horizon (days)",
        compute="_compute_grading_expected_days",
        groups=SELLERS,
        aggregator=None,
        help="Within how many days the forecast revenue is expected.",
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

    @api.depends("grading_figures_id.expected_days")
    @api.depends_context("company", "uid")
    def _compute_grading_expected_days(self):
        for partner in self:
            partner.grading_expected_days = partner.grading_figures_id.expected_days
