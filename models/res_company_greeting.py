from datetime import date, timedelta

from odoo import fields, models


class ResCompany(models.Model):
    """When those who were born on 29 February are greeted in the other years."""

    _inherit = "res.company"

    grading_leap_day = fields.Selection(
        selection=[("february", "28 February"), ("march", "1 March")],
        string="29 February Is Kept on",
        default="february",
        required=True,
    )

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
