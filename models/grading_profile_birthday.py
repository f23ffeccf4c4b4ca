from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class GradingProfile(models.Model):
    """Whose birthday it is this month: the customer's own, or that of one of his contacts."""

    _inherit = "grading.profile"

    birthday_this_month = fields.Boolean(
        compute="_compute_birthday_this_month",
        search="_search_birthday_this_month",
        help="The customer, or one of his contacts, has a birthday in this month.",
    )

    @api.model
    def _grading_day(self):
        """The day of which profiles are asked: the one that a run judges, else today where the company works.

        :rtype: datetime.date
        """
        return self.env.context.get("grading_as_of") or self.env.company._grading_today()

    @api.depends("partner_id.birthdate_date", "partner_id.active", "partner_id.child_ids.birthdate_date")
    @api.depends_context("grading_as_of", "company")
    def _compute_birthday_this_month(self):
        domain = [
            ("commercial_partner_id", "in", self.partner_id.ids),
            ("active", "=", True),
            ("birthdate_date.month_number", "=", self._grading_day().month),
        ]
        celebrating = self.env["res.partner"].sudo().search_fetch(domain, ["commercial_partner_id"])
        customers = celebrating.commercial_partner_id
        for profile in self:
            profile.birthday_this_month = profile.partner_id in customers

    def _search_birthday_this_month(self, operator, value):
        if operator != "in":
            return NotImplemented
        celebrating = Domain.custom(to_sql=self._celebrating_to_sql)
        return celebrating if True in value else ~celebrating

    @api.model
    def _celebrating_to_sql(self, model, alias, query):
        """Whether somebody of the customer was born in the month: looked up by customer, as few or all are judged."""
        person = self.env["res.partner"]._fields
        column = {
            name: SQL.identifier("born", name, to_flush=person[name])
            for name in ("commercial_partner_id", "active", "birthdate_date")
        }
        return SQL(
            """
            EXISTS (SELECT FROM res_partner AS born
                     WHERE %(belongs_to)s = %(customer)s AND %(active)s
                       AND EXTRACT(MONTH FROM %(birthdate)s) = %(month)s)
            """,
            belongs_to=column["commercial_partner_id"],
            customer=model._field_to_sql(alias, "partner_id", query),
            active=column["active"],
            birthdate=column["birthdate_date"],
            month=self._grading_day().month,
        )
