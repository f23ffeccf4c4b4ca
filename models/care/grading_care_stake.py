from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.fields import MonetaryOrUnknown, unknown_last
from ..base.guarded import guarded
from ..measure.grading_interaction import LAST_DATES
from ..score.grading_criterion_hint import format_money

# So many calls are named as those that are worth most today.
CALLS = 5
# A customer who was in touch within so many days is not called for the silence alone.
RECENT_CONTACT_DAYS = 7


class GradingCare(models.Model):
    """Due contacts by the money that is at stake."""

    _inherit = "grading.care"

    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_at_stake = MonetaryOrUnknown(
        string="At Stake",
        compute="_compute_amount_at_stake",
        help="Of a customer the revenue at risk, nothing once they are lost; of a lead or prospect the expected "
        "revenue of the lead.",
    )

    @api.depends("profile_id.amount_at_stake")
    @api.depends_context("company", "uid")
    def _compute_amount_at_stake(self):
        visible = self.profile_id.sudo(False)._filtered_access("read")
        for care in self:
            profile = care.profile_id.sudo(False) & visible
            care.amount_at_stake = profile.amount_at_stake if profile else False

    def _field_to_sql(self, alias, field_expr, query=None):
        """What is at stake as a column of those whose figures the user may see, so that one can sort by it."""
        if field_expr != "amount_at_stake":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        Profile = self.env["grading.profile"]
        visible = Profile._visible_figures_to_sql("stake")
        return SQL(
            "(SELECT %(amount)s FROM grading_profile AS stake WHERE stake.id = %(profile)s%(visible)s)",
            amount=Profile.sudo()._field_to_sql("stake", "amount_at_stake"),
            profile=self._field_to_sql(alias, "profile_id", query),
            visible=SQL(" AND %s", visible) if visible else SQL(),
        )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name == "amount_at_stake":
            nulls = unknown_last(self._fields[field_name], direction, nulls)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)


class GradingProfile(models.Model):
    """Which calls are worth most today."""

    _inherit = "grading.profile"

    @api.model
    def _worth_calling(self):
        """The user's customers and leads whose contact is due, or whose next order was to have come, or who have begun
        to decline, and who have not been contacted lately, with the most money at stake first. With a lost customer
        none is at stake any more.

        :rtype: grading.profile
        """
        company, user = self.env.company, self.env.user
        today = user._grading_today(company)
        due = Domain("care_ids", "any", [("user_id", "=", user.id), ("next_date", "<=", today)])
        recently = fields.Date.subtract(today, days=RECENT_CONTACT_DAYS)
        late = Domain("next_order_date", "<", today) | Domain("decline_date", "<=", today)
        overdue = Domain("partner_id.user_id", "=", user.id) & late
        overdue &= Domain("is_lost", "=", False) & Domain("partner_id.grading_do_not_disturb", "=", False)
        overdue &= ~Domain.OR(Domain(name, ">=", recently) for name in LAST_DATES.values())
        # The days of former contacts are for managers alone to read, but may decide here.
        visible = Domain("id", "in", self._search(Domain("company_id", "=", company.id)))
        in_use = Domain("partner_id", "=", False) | Domain("partner_id.active", "=", True)
        found = self.sudo().search(visible & in_use & (due | overdue), order="amount_at_stake desc, id", limit=CALLS)
        return found.filtered(lambda profile: profile.amount_at_stake and profile.amount_at_stake > 0).sudo(False)

    @api.model
    @api.readonly
    @guarded
    def get_worth_calling(self):
        """The calls that are worth most today, ready to be drawn.

        :return: ``[{id, name, model, record, amount, reason, phone, grade, color}]``
        :rtype: list[dict]
        """
        calls = []
        for profile in self._worth_calling().sudo():
            record = profile._subject()
            contact = profile.partner_id or profile.lead_id.partner_id
            calls.append(
                {
                    "id": profile.id,
                    "model": record._name,
                    "record": record.id,
                    "name": contact.display_name or record.display_name,
                    "amount": format_money(self.env, profile.amount_at_stake, profile.company_id.currency_id),
                    "reason": profile.risk_reason or profile.lead_id.name or "",
                    "phone": self._allowed_phone(profile.lead_id) or self._allowed_phone(contact),
                    "grade": profile.grade_id.name or "",
                    "color": profile.grade_id.color,
                }
            )
        return calls

    @api.model
    def _allowed_phone(self, record):
        """The phone number of a customer or lead; none that is on the blacklist."""
        return not record.phone_sanitized_blacklisted and record.phone or ""
