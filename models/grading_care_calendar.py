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
        """The first day from ``day`` on that ``user`` works: no weekend of his calendar, no holiday, no leave.

        :rtype: datetime.date
        """
        company = self.env.company
        resource = user.resource_ids.filtered(lambda resource: resource.company_id == company)[:1]
        calendar = resource.calendar_id or company.resource_calendar_id
        if not calendar:
            return day
        begin = pytz.timezone(calendar.tz).localize(datetime.combine(day, time.min))
        for days in HORIZON_DAYS:
            intervals = calendar._work_intervals_batch(begin, begin + timedelta(days=days), resource)
            working = [start.date() for start, _stop, _attendance in intervals[resource.id] if start.date() >= day]
            if working:
                return min(working)
        return day
