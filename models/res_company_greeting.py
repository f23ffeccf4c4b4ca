from datetime import date, timedelta

import pytz

from odoo import fields, models


class ResCompany(models.Model):
    """At which hour greetings are made, and when those who were born on 29 February are greeted in the other years."""

    _inherit = "res.company"

    grading_leap_day = fields.Selection(
        selection=[("february", "28 February"), ("march", "1 March")],
        string="29 February Is Kept on",
        default="february",
        required=True,
    )

    grading_greeting_hour = fields.Integer(string="Greetings from (hour)", default=8, required=True)

    _greeting_hour_range = models.Constraint(
        "CHECK (grading_greeting_hour BETWEEN 0 AND 23)",
        "The day has no such hour to greet from: enter an hour from 0, for midnight, to 23.",
    )

    def _grading_is_greeting_time(self):
        """Whether the hour to greet from has come, on today's clock where the company works.

        :rtype: bool
        """
        self.ensure_one()
        now = pytz.utc.localize(fields.Datetime.now()).astimezone(pytz.timezone(self._grading_tz()))
        return now.hour >= self.grading_greeting_hour

    def _grading_days_kept(self, first, last):
        """The days of the year that are kept from ``first`` to ``last``: each its own, and 29 February where there is
        none.

        ``[(2, 28, 28 February 2025), (2, 29, 28 February 2025), (3, 1, 1 March 2025)]``

        :param datetime.date first:
        :param datetime.date last:
        :return: ``[(month, day, on which date)]``
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
        """The day that stands for 29 February; None in a leap year."""
        last = date(year, 3, 1) - timedelta(days=1)
        if last.day == 29:
            return None
        return last if self.grading_leap_day == "february" else date(year, 3, 1)
