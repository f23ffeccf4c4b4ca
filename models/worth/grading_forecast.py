from odoo import api, fields, models
from odoo.tools import SQL

from ..base.grading_learned_mixin import REFIT_DAYS
from .spending import SpendingCurve


class GradingForecast(models.Model):
    """What a company has learned of how much its customers spend, by what is known of them on a day.

    *Learned*: a curve over what was bought recently, the average order, the number of orders and the silence since the
    last one, fitted to what all customers as they were a horizon ago bought since (:mod:`spending`). Where the horizon
    is shorter than a year and the past long enough, what followed the same day of the year before gives the level, so
    that the season is the right one, and half way the level goes with the last seasons beside those a year before.

    *Own rate*, where too few customers have been known for too short a time: the customer's own number of orders in a
    day and own average order, each shrunk towards the company's, as if by one horizon and by one order, times what is
    left of the probability to buy since the last order.

    The customers are looked at as on the day of the forecast, not as of today: a night that passes changes no amount.
    The latest row is in force, the former ones are kept. Written by full runs, at most once a week, and only where
    amounts have really changed.
    """

    _name = "grading.forecast"
    _inherit = ["grading.learned.mixin"]
    _description = "Forecast of Revenue"
    _yardstick_values = "forecast_values"

    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(help="The day as of which customers are looked at.")
    checked_on = fields.Date(
        string="Last Checked", readonly=True, help="The day on which the amounts were last found to be still right."
    )
    method = fields.Selection(
        [("learned", "Learned from the company's own past"), ("own_rate", "Each customer's own rate (small sample)")],
        required=True,
        readonly=True,
    )
    asked_days = fields.Integer(
        string="Horizon Set (days)",
        readonly=True,
        aggregator=None,
        help="The horizon of the settings. Where the past is too short for it, a shorter one is used.",
    )
    horizon_days = fields.Integer(
        string="Horizon (days)", readonly=True, aggregator=None, help="Within how many days the amounts are expected."
    )
    half_life_days = fields.Integer(
        string="Half-life of an Order (days)",
        readonly=True,
        aggregator=None,
        help="The half-life by which recency-weighted sales were measured.",
    )
    level = fields.Float(readonly=True, aggregator=None)
    recent_weight = fields.Float(string="Weight of Recency-Weighted Sales", readonly=True, aggregator=None)
    average_weight = fields.Float(string="Weight of the Average Order", readonly=True, aggregator=None)
    orders_weight = fields.Float(string="Weight of the Days with an Order", readonly=True, aggregator=None)
    silence_weight = fields.Float(string="Weight of Silence", readonly=True, aggregator=None)
    limits = fields.Json(readonly=True)
    knots = fields.Json(readonly=True)
    order_rate = fields.Float(
        string="Orders per Customer and Horizon",
        readonly=True,
        aggregator=None,
        help="How often an average customer orders again within the horizon.",
    )
    order_amount = fields.Monetary(string="Average Order", readonly=True, aggregator=None)
    customer_count = fields.Integer(string="Customers", readonly=True, aggregator=None)
    learned_from = fields.Date(
        string="Learned as of", readonly=True, help="The day as of which customers were compared with what came since."
    )
    check_date = fields.Date(
        string="Checked as of", readonly=True, help="The day as of which the amounts are compared with what came."
    )
    check_said = fields.Monetary(string="Expected Then", readonly=True, aggregator=None)
    check_came = fields.Monetary(string="What Came", readonly=True, aggregator=None)
    check_groups = fields.Json(readonly=True)
    check_text = fields.Text(string="Expected and Actual Revenue", compute="_compute_check_text")
    duration = fields.Float(string="Duration (s)", readonly=True, aggregator="avg")
    message = fields.Text(compute="_compute_message", help="What the past does not suffice for.")

    @api.depends("method", "horizon_days", "asked_days", "company_id.name")
    @api.depends_context("lang")
    def _compute_message(self):
        """What the company's past does not suffice for, and what takes its place; in the reader's language."""
        for forecast in self:
            forecast.message = False
            if forecast.method == "own_rate":
                forecast.message = self.env._(
                    "The order history of %(company)s is too short, or has too few buyers, to learn what customers "
                    "spend: each customer's own rate, shrunk towards the company average, is used instead.",
                    company=forecast.company_id.name,
                )
            elif forecast.horizon_days != forecast.asked_days:
                forecast.message = self.env._(
                    "The order history of %(company)s is too short to look %(asked)s days ahead: "
                    "the amounts are those of %(days)s days.",
                    company=forecast.company_id.name,
                    asked=forecast.asked_days,
                    days=forecast.horizon_days,
                )

    @api.depends("check_groups")
    def _compute_check_text(self):
        for forecast in self:
            forecast.check_text = "\n".join(
                self.env._(
                    "Tenth %(place)s: expected %(said)s, came %(came)s",
                    place=place,
                    said=forecast.currency_id.format(said),
                    came=forecast.currency_id.format(came),
                )
                for place, (said, came) in enumerate(forecast.check_groups or [], 1)
            )

    def _sentence(self):
        """What a forecast says of itself, for people."""
        self.ensure_one()
        sentences = [self.env._("Revenue is expected within %s days.", self.horizon_days)]
        if self.message:
            sentences.append(self.message)
        if self.check_date:
            sentences.append(
                self.env._(
                    "As of %(day)s, %(said)s would have been expected; %(came)s came.",
                    day=fields.Date.to_string(self.check_date),
                    said=self.currency_id.format(self.check_said),
                    came=self.currency_id.format(self.check_came),
                )
            )
        return " ".join(sentences)

    def _curve(self):
        """
        :rtype: SpendingCurve
        """
        self.ensure_one()
        weights = (self.recent_weight, self.average_weight, self.orders_weight, self.silence_weight)
        return SpendingCurve(
            self._day_number(self.date),
            self.level,
            weights,
            tuple(tuple(pair) for pair in self.limits),
            tuple(tuple(knot) for knot in self.knots),
        )

    @api.model
    def _is_due(self, as_of):
        """Whether a full run as of that day should learn anew: nothing was learned or checked in the week before, or
        what was asked or how sales are weighted has changed.

        :param datetime.date as_of:
        :rtype: bool
        """
        current, company = self._current(as_of), self.env.company
        if not current or current.asked_days != company.grading_forecast_days:
            return True
        if current.half_life_days != company.grading_half_life_days:
            return True
        return not 0 <= (as_of - (current.checked_on or current.date)).days < REFIT_DAYS

    @api.model
    def _forget_archived(self):
        """Expect nothing of archived customers any more: sums over all, such as those of analyses, leave them out."""
        names = ("expected_amount", "expected_low", "expected_high", "amount_at_risk")
        self.env.execute_query(
            SQL(
                """
                UPDATE grading_profile AS profile SET %(nothing)s
                  FROM res_partner AS customer
                 WHERE profile.company_id = %(company)s AND NUM_NONNULLS(%(columns)s) > 0
                   AND customer.id = profile.partner_id AND NOT customer.active
             RETURNING profile.id
                """,
                nothing=SQL(", ").join(SQL("%s = NULL", SQL.identifier(name)) for name in names),
                columns=SQL(", ").join(SQL.identifier("profile", name) for name in names),
                company=self.env.company.id,
            )
        )
        self.env["grading.profile"].invalidate_model(names)
