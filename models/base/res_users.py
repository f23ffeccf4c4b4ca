import pytz

from odoo import api, fields, models

# Users who may see the documents of all customers: by Odoo's own sales rights, and because they make the rules.
ALL_CUSTOMERS = ("sales_team.group_sale_salesman_all_leads", "customer_grading.customer_grading_group_manager")


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

    def _grading_salespeople(self):
        """Whose customers' documents the user may see, as Odoo lets them see orders, by the customers' salesperson.

        :return: ``None`` for those of all; else ids of users, with ``False`` for customers without a salesperson
        :rtype: list | None
        """
        self.ensure_one()
        if any(map(self.has_group, ALL_CUSTOMERS)):
            return None
        can_read = self.env["sale.order"].with_user(self).has_access("read")
        return [self.id, False] if can_read else []

    @api.model
    def _grading_latest_today(self):
        """The latest date that today can be anywhere: what is due for no user before it is due for none at all.

        :rtype: datetime.date
        """
        return fields.Date.add(fields.Date.today(), days=1)
