import pytz

from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _grading_now(self, company):
        """The time where the user is, or where ``company`` works for a user without a time zone.

        A company's own day is :meth:`~.ResCompany._grading_today`; lists of what a user has to do go by the user's.

        :param res.company company:
        :rtype: datetime.datetime
        """
        self.ensure_one()
        zone = pytz.timezone(self.tz or company._grading_tz())
        return pytz.utc.localize(fields.Datetime.now()).astimezone(zone)

    def _grading_today(self, company):
        """Today's date where the user is, see :meth:`_grading_now`.

        :rtype: datetime.date
        """
        return self._grading_now(company).date()

    @api.model
    def _grading_latest_today(self):
        """The latest date that today can be anywhere: what is due for no user before it is due for none at all.

        :rtype: datetime.date
        """
        return fields.Date.add(fields.Date.today(), days=1)
