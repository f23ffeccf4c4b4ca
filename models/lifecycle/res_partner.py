from odoo import fields, models

from ..base.fields import FloatOrUnknown, ProfileMonetary
from ..base.groups import INTERNAL


class ResPartner(models.Model):
    """Where a customer stands in the life cycle, and how it buys compared with its own past."""

    _inherit = "res.partner"

    grading_lifecycle_since = fields.Date(
        related="grading_profile_id.lifecycle_since", string="In Stage since", groups=INTERNAL
    )
    grading_decline_date = fields.Date(
        related="grading_profile_id.decline_date", string="Declining from", groups=INTERNAL
    )
    grading_lost_date = fields.Date(related="grading_profile_id.lost_date", string="Lost from", groups=INTERNAL)
    grading_purchase_probability = FloatOrUnknown(
        related="grading_profile_id.purchase_probability",
        string="Probability to Buy",
        groups=INTERNAL,
        aggregator="avg",
    )
    grading_order_amount_prev_12m = ProfileMonetary(
        related="grading_profile_id.order_amount_prev_12m",
        string="Amount, 12 Months Before",
        currency_field="grading_currency_id",
        groups=INTERNAL,
        aggregator="sum",
    )
    grading_order_amount_change = FloatOrUnknown(
        related="grading_profile_id.order_amount_change",
        string="Change of Amount (%)",
        groups=INTERNAL,
        aggregator="avg",
    )
    grading_top_prev_12m = fields.Selection(
        related="grading_profile_id.top_prev_12m", string="Among the Best Before", groups=INTERNAL
    )
