import math
from datetime import date, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

# The day to which time-decayed amounts are stored. Changing it would change every row, and no grade.
DECAY_EPOCH = "2020-01-01"
# Below the first, an order of 1990 or of 2060 leaves the range of a double; above the second, decay is hardly
# noticeable.
HALF_LIFE_DAYS = (15, 3650)
HORIZON_DAYS = (7, 730)
# Of the 23,570 customers of the music shop CDNOW, looked at after their first year, 55 % of those above both limits
# bought in the following half-year, 35 % of those declining and 10 % of those lost.
DECLINE_PERCENT, LOST_PERCENT = 50, 25


class ResCompany(models.Model):
    """How a company grades its customers."""

    _name = "res.company"
    _inherit = ["res.company", "grading.input.mixin"]

    grading_amount_source = fields.Selection(
        selection=[("order", "Confirmed sales orders"), ("invoice", "Posted invoices and credit notes")],
        string="Customer Grading Source",
        default="order",
        required=True,
    )
    grading_half_life_days = fields.Integer(string="Half-life of an Order (days)", default=90, required=True)

    # How far ahead purchases are predicted, and from when on a customer counts as declining and as lost
    grading_horizon_days = fields.Integer(string="Probability to Buy within (days)", default=90, required=True)
    grading_decline_percent = fields.Integer(
        string="Customer Declines below (%)", default=DECLINE_PERCENT, required=True
    )
    grading_lost_percent = fields.Integer(string="Customer Is Lost below (%)", default=LOST_PERCENT, required=True)

    # When a nightly run ranks the customers anew
    grading_ranking_percent = fields.Float(string="Ranks May Move by (%)", default=1, digits=(5, 2), required=True)
    grading_ranking_days = fields.Integer(string="Days between Rankings", default=7, required=True)

    _ranking_percent_range = models.Constraint(
        "CHECK (grading_ranking_percent BETWEEN 0 AND 100)",
        "The percent by which ranks may move must be between 0 and 100. Use 0 to rank anew each night.",
    )
    _ranking_days_positive = models.Constraint(
        "CHECK (grading_ranking_days >= 0)",
        "The days between rankings cannot be negative. Use 0 to rank anew each night.",
    )

    grading_history_points = fields.Integer(string="Points that Make a Line of History", default=10, required=True)

    _history_points_positive = models.Constraint(
        "CHECK (grading_history_points >= 0)",
        "The points of a line of history cannot be negative. Use 0 to note changes of grade and stage alone.",
    )

    # When greetings are created, and when people born on 29 February are greeted in years without that day
    grading_leap_day = fields.Selection(
        selection=[("february", "28 February"), ("march", "1 March")],
        string="29 February Is Kept on",
        default="february",
        required=True,
    )
    grading_greeting_hour = fields.Integer(string="Greetings from (hour)", default=8, required=True)

    _greeting_hour_range = models.Constraint(
        "CHECK (grading_greeting_hour BETWEEN 0 AND 23)",
        "The greeting hour must be between 0 and 23.",
    )

    # How the company keeps in touch with its customers
    grading_visit_counts = fields.Boolean(string="A Visit Counts as a Call, a Call as an Online Contact", default=True)
    grading_plan_contacts = fields.Boolean(string="Plan Contacts as Activities", default=True)
    grading_contacts_per_day = fields.Integer(string="Contacts per Person and Day", default=20, required=True)
    grading_care_digest = fields.Boolean(string="Daily E-mail of Due Contacts")

    _contacts_per_day_positive = models.Constraint(
        "CHECK (grading_contacts_per_day >= 0)",
        "The daily limit cannot be negative. Use 0 for no limit.",
    )

    @api.constrains("grading_half_life_days")
    def _check_grading_half_life_days(self):
        low, high = HALF_LIFE_DAYS
        for company in self:
            if not low <= company.grading_half_life_days <= high:
                raise ValidationError(
                    self.env._(
                        "The half-life of an order of %(company)s is %(days)s days: "
                        "choose a number between %(low)s and %(high)s.",
                        company=company.name,
                        days=company.grading_half_life_days,
                        low=low,
                        high=high,
                    )
                )

    @api.constrains("grading_horizon_days")
    def _check_grading_horizon_days(self):
        low, high = HORIZON_DAYS
        for company in self:
            if not low <= company.grading_horizon_days <= high:
                raise ValidationError(
                    self.env._(
                        "%(company)s expects its customers to buy within %(days)s days: "
                        "choose a number between %(low)s and %(high)s.",
                        company=company.name,
                        days=company.grading_horizon_days,
                        low=low,
                        high=high,
                    )
                )

    @api.constrains("grading_decline_percent", "grading_lost_percent")
    def _check_grading_lost_percent(self):
        for company in self:
            if not 1 <= company.grading_lost_percent < company.grading_decline_percent <= 99:
                raise ValidationError(
                    self.env._(
                        "A customer of %(company)s would decline below %(decline)s %% and be lost below %(lost)s %%: "
                        "choose percents between 1 and 99, the one for lost customers lower than the other.",
                        company=company.name,
                        decline=company.grading_decline_percent,
                        lost=company.grading_lost_percent,
                    )
                )

    def write(self, vals):
        """A change of what is counted, or of how it is read, makes every score of the company outdated."""
        res = super().write(vals)
        if self._grading_cut_point_fields() & vals.keys():
            self.env["grading.ruler"]._drop([("company_id", "in", self.ids)])
        if self._grading_rescore_fields() & vals.keys():
            self.env["grading.run"]._start(self)
        return res

    @api.model
    def _grading_cut_point_fields(self):
        """Names of the settings that decide what customers are compared by: when one changes, the stored cut points are
        no longer valid.

        :rtype: set[str]
        """
        return {"grading_amount_source", "grading_half_life_days"}

    @api.model
    def _grading_rescore_fields(self):
        """Names of the settings that decide on scores, stages or dates: when one changes, all are scored again.

        :rtype: set[str]
        """
        return self._grading_cut_point_fields() | {
            "grading_horizon_days", "grading_decline_percent", "grading_lost_percent", "grading_visit_counts",
        }  # fmt: skip

    def _grading_measured_with(self):
        """These settings, as a run over all notes them.

        :rtype: dict
        """
        self.ensure_one()
        return {name: self[name] for name in sorted(self._grading_rescore_fields())}

    def _grading_tz(self):
        """Time zone of the company's working calendar, in which grading counts its days.

        :return: name of a time zone that PostgreSQL also knows, ``UTC`` when none is set
        :rtype: str
        """
        self.ensure_one()
        company = self.sudo()  # also of a lead of no company, which users of others see
        return company.resource_calendar_id.tz or company.partner_id.tz or "UTC"

    def _grading_rates(self):
        """What turns amounts of these companies into the currency of the company at hand, today, as Odoo's own analyses
        show theirs; without those that have the same.

        :rtype: dict[res.company, float]
        """
        company, Currency = self.env.company, self.env["res.currency"]
        others = self.filtered(lambda other: other.currency_id != company.currency_id)
        today = company._grading_today() if others else None
        return {
            other: Currency._get_conversion_rate(other.currency_id, company.currency_id, company, today)
            for other in others
        }

    def _grading_today(self):
        """Today's date where the company works.

        :rtype: datetime.date
        """
        return self._grading_local(fields.Datetime.now()).date()

    def _grading_local(self, moment):
        """A moment in UTC, as Odoo stores it, where the company works.

        :param datetime.datetime moment: without a time zone
        :return: with that of the company
        :rtype: datetime.datetime
        """
        return pytz.utc.localize(moment).astimezone(pytz.timezone(self._grading_tz()))

    def _grading_clocks(self):
        """A table expression ``(id, tz, today)`` of these companies: where each works, and which day it is there.

        :rtype: odoo.tools.SQL
        """
        return SQL(
            "(SELECT * FROM UNNEST(%s::int[], %s::varchar[], %s::date[]) AS clock (id, tz, today))",
            self.ids,
            [company._grading_tz() for company in self],
            [company._grading_today() for company in self],
        )

    def _grading_decay_log(self, day):
        """Logarithm of the weight of one unit of money of ``day`` in a stored time-decayed amount.

        Stored logarithm − this = logarithm of the time-decayed amount in money of ``day``.

        :param datetime.date day:
        :rtype: float
        """
        self.ensure_one()
        return (day - fields.Date.to_date(DECAY_EPOCH)).days * math.log(2) / self.sudo().grading_half_life_days

    # ------------------------------------------------------------
    # Greetings
    # ------------------------------------------------------------

    def _grading_is_greeting_time(self):
        """Whether the company's greeting hour has been reached today, in its own time zone.

        :rtype: bool
        """
        self.ensure_one()
        return self._grading_local(fields.Datetime.now()).hour >= self.grading_greeting_hour

    def _grading_days_kept(self, first, last):
        """The days of the year that are celebrated from ``first`` to ``last``: each on its own date, and 29 February on
        its substitute in years without it.

        ``[(2, 28, 28 February 2025), (2, 29, 28 February 2025), (3, 1, 1 March 2025)]``

        :param datetime.date first:
        :param datetime.date last:
        :return: ``[(month, day, date on which it is celebrated)]``
        :rtype: list[tuple[int, int, datetime.date]]
        """
        self.ensure_one()
        kept = []
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            kept.append((day.month, day.day, day))
            if day == self._grading_leap_substitute(day.year):
                kept.append((2, 29, day))
        return kept

    def _grading_leap_substitute(self, year):
        """The date that replaces 29 February; None in a leap year."""
        last = date(year, 3, 1) - timedelta(days=1)
        if last.day == 29:
            return None
        return last if self.grading_leap_day == "february" else date(year, 3, 1)
