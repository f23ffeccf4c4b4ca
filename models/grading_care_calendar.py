from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models

# How far ahead to look for a day on which somebody works; who works on none is planned for at once.
HORIZON_DAYS = (14, 366)


class GradingCare(models.Model):
    """On which day somebody can make the contacts that are due for him."""

    _inherit = "grading.care"

    @api.model
    def _today_of(self, user):
        """Today's date where ``user`` is, or where the company works when he does not say.

        :rtype: datetime.date
        """
        now = pytz.utc.localize(fields.Datetime.now())
        return now.astimezone(pytz.timezone(user.tz or self.env.company._grading_tz())).date()

    @api.model
    def _working_day(self, user, day):
        """The first day from ``day`` on that ``user`` works, see :meth:`_working_days`."""
        return self._working_days({user: day})[user]

    @api.model
    def _working_days(self, todays):
        """The first day from today on that each user works: no weekend of his calendar, no holiday, no leave.

        :param dict todays: today's date of each user
        :rtype: dict[res.users, datetime.date]
        """
        company, days = self.env.company, dict(todays)
        resources = {
            user: user.resource_ids.filtered(lambda resource: resource.company_id == company)[:1] for user in todays
        }
        alike = defaultdict(list)
        for user, today in todays.items():
            calendar = resources[user].calendar_id or company.resource_calendar_id
            if calendar:
                alike[calendar, today].append(user)
        for (calendar, today), users in alike.items():
            left = users
            for horizon in HORIZON_DAYS:
                together = self.env["resource.resource"].union(*(resources[user] for user in left))
                working = self._work_days(calendar, together, today, horizon)
                days.update({user: min(working[resources[user].id]) for user in left if working[resources[user].id]})
                left = [user for user in left if not working[resources[user].id]]
                if not left:
                    break
        return days

    @api.model
    def _work_days(self, calendar, resources, day, horizon):
        """The days from ``day`` on, within ``horizon`` days, on which there is work.

        :return: sets of days, by the id of the resource; ``False`` for whoever has none
        :rtype: dict[int | bool, set]
        """
        begin = pytz.timezone(calendar.tz).localize(datetime.combine(day, time.min))
        intervals = calendar._work_intervals_batch(begin, begin + timedelta(days=horizon), resources)
        return {
            resource_id: {start.date() for start, _stop, _attendance in found if start.date() >= day}
            for resource_id, found in intervals.items()
        }
