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
        born = self.env["res.partner"].sudo().search_fetch(
            [
                ("commercial_partner_id", "in", self.partner_id.ids),
                ("birthdate_date.month_number", "=", self._grading_day().month),
            ],
            ["commercial_partner_id"],
        )  # fmt: skip
        celebrating = born.commercial_partner_id
        for profile in self:
            profile.birthday_this_month = profile.partner_id in celebrating

    def _search_birthday_this_month(self, operator, value):
        if operator != "in":
            return NotImplemented
        month = self._grading_day().month
        celebrating = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                """
                EXISTS (SELECT FROM res_partner AS born
                         WHERE born.commercial_partner_id = %(customer)s AND born.active
                           AND EXTRACT(MONTH FROM born.birthdate_date) = %(month)s)
                """,
                customer=model._field_to_sql(alias, "partner_id", query),
                month=month,
            )
        )
        return celebrating if True in value else ~celebrating
