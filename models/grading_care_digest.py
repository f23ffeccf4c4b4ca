import logging
from datetime import date, datetime

import pytz

from odoo import api, fields, models

from .grading_care_plan import RACES

_logger = logging.getLogger(__name__)

# From this hour on, where the salesperson is, the digest of the day is sent.
DIGEST_HOUR = 6
# Digests that are written between two commits.
DIGEST_BATCH = 50


class GradingCare(models.Model):
    """One e-mail a day, at most, tells a salesperson which contacts are due, in all of his companies."""

    _inherit = "grading.care"

    @api.model
    def _send_digests(self, limit=DIGEST_BATCH):
        """Send the next digests. One that fails is not tried again on this day, and keeps no other one waiting.

        :return: how many were in hand
        """
        template = self.env.ref("customer_grading.mail_template_care_digest", raise_if_not_found=False)
        if not template:
            return 0
        todays = dict(list(self._digest_days().items())[:limit])
        users = self.env["res.users"]._claim_digest(todays)
        for user in users:
            try:
                with self.env.cr.savepoint():
                    if user.grading_due_contacts():
                        template.with_context(lang=user.lang).send_mail(user.id)
            except RACES:
                raise
            except Exception:
                _logger.exception("The digest of contacts for %s failed", user.login)
        return len(users)

    @api.model
    def _digest_days(self):
        """Who is to get a digest now, and which day it is where he is: a day on which he works.

        :rtype: dict[res.users, datetime.date]
        """
        companies = self.env["res.company"].search([("grading_care_digest", "=", True)])
        tomorrow = fields.Date.add(fields.Date.today(), days=1)  # nowhere is it later than that
        domain = [("company_id", "in", companies.ids), ("user_id", "!=", False), ("next_date", "<=", tomorrow)]
        todays = {}
        for user, first in self.sudo()._read_group(domain, ["user_id"], ["next_date:min"]):
            Care = self.with_company(user.company_id)
            today = Care._today_of(user)
            is_new = first <= today and (user.grading_digest_date or date.min) < today
            if is_new and user.email and Care._is_digest_time(user):
                todays[user] = today
        for company, users in self.env["res.users"].union(*todays).grouped("company_id").items():
            days = self.with_company(company)._working_days({user: todays[user] for user in users})
            for user, day in days.items():
                if day != todays[user]:
                    del todays[user]
        return todays

    @api.model
    def _is_digest_time(self, user):
        now = pytz.utc.localize(fields.Datetime.now())
        zone = pytz.timezone(user.tz or self.env.company._grading_tz())
        return datetime.astimezone(now, zone).hour >= DIGEST_HOUR
