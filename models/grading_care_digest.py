from datetime import datetime

import pytz

from odoo import api, fields, models

# From this hour on, where the salesperson is, the digest of the day is sent.
DIGEST_HOUR = 6


class GradingCare(models.Model):
    """One e-mail a day, at most, tells a salesperson which contacts are due."""

    _inherit = "grading.care"

    @api.model
    def _send_digests(self):
        """Send the digests of the current company that have not been sent today, to whoever has something due.

        :return: to whom they were sent
        :rtype: res.users
        """
        company = self.env.company
        template = self.env.ref("customer_grading.mail_template_care_digest", raise_if_not_found=False)
        if not company.grading_care_digest or not template:
            return self.env["res.users"]
        domain = [("company_id", "=", company.id), ("next_date", "<=", fields.Date.add(fields.Date.today(), days=1))]
        users = self.sudo()._read_group([*domain, ("user_id", "!=", False)], ["user_id"])
        awake = self.env["res.users"].union(*(user for [user] in users if self._is_digest_time(user)))
        due = awake.filtered(lambda user: user.email and user.sudo().grading_due_contacts())
        chosen = due._claim_digest({user: self._today_of(user) for user in due})
        for user in chosen:
            template.with_context(lang=user.lang).send_mail(user.id)
        return chosen

    @api.model
    def _is_digest_time(self, user):
        now = pytz.utc.localize(fields.Datetime.now())
        zone = pytz.timezone(user.tz or self.env.company._grading_tz())
        return datetime.astimezone(now, zone).hour >= DIGEST_HOUR
