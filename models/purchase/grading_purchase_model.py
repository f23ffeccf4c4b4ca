from odoo import api, fields, models

from ..base.grading_learned_mixin import REFIT_DAYS
from .calibration import Calibration, decline_share

# With fewer customers who have come back, four parameters cannot be told from chance.
FEW_REPEAT_CUSTOMERS = 200


class GradingPurchaseModel(models.Model):
    """The parameters by which a company predicts from a day on which customers will buy again: the modified BG/NBD
    model, corrected by what came of the company's own customers.

    Batislam, Denizel, Filiztekin (2007): customers buy at random at a pace of their own and may leave for good after
    each order, the first included. Paces are spread as a gamma distribution (shape ``r``, ``alpha`` days), the
    probabilities to leave as a beta distribution (``a``, ``b``). For a customer with ``x`` orders after the first, the
    last one ``t`` days and today ``T`` days after it, the formula is in :meth:`_probability_to_sql`. Purchases that are
    but a few days apart on average are corrections and no rhythm: no more than one in ``correction_days`` counts.

    *MBG/NBD*: the four parameters that make the company's own customers most likely (:class:`PurchaseHistories`).

    *NBD*: the same where leaving customers would explain no more than chance: all stay, ``a = 0``.

    *Own buying interval*, where customers are too few for that: the same formula with parameters that are set.
    ``r = 2`` and ``alpha = 2 m``, where ``m`` is the median of the repeat customers' mean days between orders, make
    ``(alpha + t) / (r + x)`` the customer's own interval, shrunk towards the company's as if by two orders; ``a = 1``
    and ``b = 3`` say that one in four leaves after an order, until the customer's own orders say otherwise.

    Three things are learned by looking back, where the past is long enough (:mod:`purchase_past`): the calibration, a
    logistic curve over the model's log-odds, the silence and the number of purchases, from what came within the horizon
    in up to four periods of the last year, half of it from the season that is to come, which is carried on as the last
    periods differ from those of the year before (:func:`seasonal_fit`); the share of its peak below which the
    probability means *Lost*, from the customers of a year ago; and a check, which holds what would have been
    said a year ago against what came.

    The latest row is in force, the former ones are kept. Written by full runs, at most once a week.
    """

    _name = "grading.purchase.model"
    _inherit = ["grading.learned.mixin"]
    _description = "Purchase Model"
    _yardstick_values = "purchase_values"

    date = fields.Date(help="The day as of which it was fitted.")
    method = fields.Selection(
        [
            ("mbg_nbd", "MBG/NBD"),
            ("nbd", "NBD (all customers stay)"),
            ("interval", "Own buying interval (small sample)"),
        ],
        required=True,
        readonly=True,
    )
    r = fields.Float(
        string="r",
        readonly=True,
        aggregator=None,
        help="How alike the customers' paces are: the greater, the more alike; below 1 many buy rarely and few often.",
    )
    alpha = fields.Float(
        string="alpha (days)",
        readonly=True,
        aggregator=None,
        help="The scale of the pace: alpha ÷ r is the average number of days between two orders of an active customer.",
    )
    a = fields.Float(
        string="a",
        readonly=True,
        aggregator=None,
        help="With b, how many leave: after an order a ÷ (a + b) of all new customers do so for good.",
    )
    b = fields.Float(
        string="b",
        readonly=True,
        aggregator=None,
        help="With a, how many leave. Each order of a customer counts like one more in b: the more orders, the less "
        "likely the customer is to leave.",
    )
    order_interval = fields.Float(
        string="Days between Orders",
        compute="_compute_order_interval",
        aggregator=None,
        help="Average number of days between two orders of an active customer.",
    )
    leaving_share = fields.Float(
        string="Leave after an Order",
        compute="_compute_order_interval",
        aggregator=None,
        help="The share of new customers who never come back after an order.",
    )
    log_likelihood = fields.Float(
        string="Log-likelihood",
        readonly=True,
        aggregator=None,
        help="How well the numbers explain the customers; only comparable on the same customers and day.",
    )
    customer_count = fields.Integer(string="Customers", readonly=True, aggregator=None)
    repeat_count = fields.Integer(
        string="With a Second Order",
        readonly=True,
        aggregator=None,
        help="Customers who have ordered again, and not only in the days in which an order counts as a correction.",
    )
    correction_days = fields.Integer(
        string="Days of Corrections",
        default=1,
        readonly=True,
        aggregator=None,
        help="Orders closer together than this many days on average are taken for corrections of one another: a tenth "
        "of the typical interval, at most a week.",
    )

    horizon_days = fields.Integer(
        string="Horizon (days)",
        readonly=True,
        aggregator=None,
        help="Within how many days purchases were foreseen. When the setting changes, the model is fitted anew.",
    )
    is_calibrated = fields.Boolean(
        string="Calibrated",
        readonly=True,
        help="The probabilities are corrected by what customers of this company really did in the past year.",
    )
    calibration_level = fields.Float(string="Level", readonly=True, aggregator=None)
    calibration_odds = fields.Float(string="Weight of the Model", default=1, readonly=True, aggregator=None)
    calibration_silence = fields.Float(string="Weight of Silence", readonly=True, aggregator=None)
    calibration_orders = fields.Float(string="Weight of Orders", readonly=True, aggregator=None)

    lost_share = fields.Float(
        string="Lost below",
        readonly=True,
        aggregator=None,
        help="A customer counts as lost when the probability has fallen below this share of its peak, as the company's "
        "own past says. 0 % where the past is too short: then the percentages of the settings apply.",
    )
    decline_share = fields.Float(
        string="Declining below",
        compute="_compute_decline_share",
        aggregator=None,
        help="Half way to lost: the square root of that share.",
    )
    lost_right = fields.Float(
        string="Rightly Called Lost",
        readonly=True,
        aggregator=None,
        help="Of the customers who would have been called lost back then, the share that has not ordered since.",
    )
    lost_written_off = fields.Float(
        string="Revenue Written Off",
        readonly=True,
        aggregator=None,
        help="What the customers who would have been called lost back then bought since, as a share of all revenue.",
    )

    check_date = fields.Date(
        string="Checked as of", readonly=True, help="The day as of which the predictions are compared with what came."
    )
    check_said = fields.Float(string="Orders Expected Then", readonly=True, aggregator=None)
    check_came = fields.Float(string="Orders That Came", readonly=True, aggregator=None)
    check_bands = fields.Json(readonly=True)
    check_text = fields.Text(string="Expected and Actual Orders", compute="_compute_check_text")
    duration = fields.Float(string="Duration (s)", readonly=True, aggregator="avg")
    message = fields.Text(compute="_compute_message", help="What the company's data does not suffice for.")

    @api.depends("method", "repeat_count", "is_calibrated", "lost_share", "company_id.name")
    @api.depends_context("lang")
    def _compute_message(self):
        for model in self:
            model.message = "\n".join(model._shortcomings())

    def _shortcomings(self):
        """What the company's data does not suffice for, and what takes its place, as sentences."""
        self.ensure_one()
        company = self.company_id.name
        if self.method == "interval" and self.repeat_count < FEW_REPEAT_CUSTOMERS:
            yield self.env._(
                "%(company)s has %(count)s repeat customers; the model needs %(needed)s. "
                "Until then each customer's own order interval, shrunk towards the company average, is used instead.",
                count=self.repeat_count,
                company=company,
                needed=FEW_REPEAT_CUSTOMERS,
            )
        elif self.method == "interval":
            yield self.env._(
                "The purchase model did not converge for %(company)s. "
                "Each customer's own order interval, shrunk towards the company average, is used instead.",
                company=company,
            )
        if not self.is_calibrated:
            yield self.env._(
                "The order history of %(company)s is too short to compare predictions with what came: "
                "the probabilities are not calibrated.",
                company=company,
            )
        if not self.lost_share:
            yield self.env._(
                "The order history of %(company)s is too short to learn when customers are lost: "
                "the percentages of the settings apply.",
                company=company,
            )

    @api.depends("r", "alpha", "a", "b")
    def _compute_order_interval(self):
        for model in self:
            model.order_interval = model.r and model.alpha / model.r
            model.leaving_share = model.a and model.a / (model.a + model.b)

    @api.depends("lost_share")
    def _compute_decline_share(self):
        for model in self:
            model.decline_share = decline_share(model.lost_share)

    @api.depends("check_bands")
    def _compute_check_text(self):
        for model in self:
            lines = [
                self.env._(
                    "Expected %(said)s, came %(came)s (%(count)s customers)",
                    said=_percent(said),
                    came=_percent(came),
                    count=customers,
                )
                for _low, said, came, customers in model.check_bands or []
            ]
            model.check_text = "\n".join(lines)

    def _check_band(self, probability):
        """What was said and what came for customers with about this probability: two shares, or ``None`` where nothing
        could be checked.

        :param float probability:
        :rtype: tuple[float, float] | None
        """
        self.ensure_one()
        bands = self.check_bands or []
        fitting = [band for band in bands if band[0] <= probability] or bands[:1]
        return tuple(fitting[-1][1:3]) if fitting else None

    def _calibration(self):
        """
        :rtype: Calibration
        """
        self.ensure_one()
        return Calibration(
            self.calibration_level, self.calibration_odds, self.calibration_silence, self.calibration_orders
        )

    def _parameters(self):
        self.ensure_one()
        return {"r": self.r, "alpha": self.alpha, "a": self.a, "b": self.b}

    def _shares(self):
        """The shares of its peak below which the probability means that a customer declines, and is lost: those
        learned, or those set where the company wants that or nothing could be learned.

        :rtype: tuple[float, float]
        """
        self.ensure_one()
        company = self.company_id
        if self.lost_share and company.grading_limit_method == "learned":
            return self.decline_share, self.lost_share
        return company.grading_decline_percent / 100, company.grading_lost_percent / 100

    @api.model
    def _is_due(self, as_of):
        """Whether a full run as of that day should fit anew: there is nothing of the week before, or it looks ahead by
        another number of days.

        :param datetime.date as_of:
        :rtype: bool
        """
        current = self._current(as_of)
        if not current or current.horizon_days != self.env.company.grading_horizon_days:
            return True
        return not 0 <= (as_of - current.date).days < REFIT_DAYS


def _percent(share):
    return f"{100 * share:.0f} %"
