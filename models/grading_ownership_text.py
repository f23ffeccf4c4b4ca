from markupsafe import Markup

from odoo import models
from odoo.tools.misc import format_amount, format_date

from .mail_activity_type import OWNER_ACTIVITY

# Orders that a new owner is told about.
TOLD_ORDERS = 3


class GradingOwnership(models.Model):
    """What people are told when something changes hands, or is about to."""

    _inherit = "grading.ownership"

    def _tell_new_owners(self):
        """An activity for each new owner, with what is known of the customer or lead."""
        self._tell(
            lambda move: (
                move.new_user_id,
                move.env._("Yours now: %s", move._subject().display_name),
                Markup("<ul>%s</ul>") % Markup().join(Markup("<li>%s</li>") % line for line in move._story()),
            )
        )

    def _tell(self, words):
        """Create an activity for each row, which is no contact with the customer when it is done.

        :param words: gives for a row in the reader's language who is told, the summary and the note
        """
        kind = self.env.ref(OWNER_ACTIVITY, raise_if_not_found=False)
        models_by_name = {name: self.env["ir.model"]._get_id(name) for name in ("res.partner", "crm.lead")}
        Care, values = self.env["grading.care"], []
        for move in self:
            reader = move.new_user_id or move.old_user_id
            user, summary, note = words(move.with_context(lang=reader.lang))
            subject = move._subject()
            values.append(
                {
                    "res_model_id": models_by_name[subject._name],
                    "res_model": subject._name,
                    "res_id": subject.id,
                    "user_id": user.id,
                    "activity_type_id": kind.id if kind else False,
                    "summary": summary,
                    "note": note,
                    "date_deadline": Care._working_day(user, Care._today_of(user)),
                    "automated": True,
                }
            )
        activities = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(values)
        for move, activity in zip(self, activities, strict=True):
            move.activity_id = activity

    def _story(self):
        """What is known of the customer or lead, a line each, in the language of the context.

        :rtype: list[str]
        """
        self.ensure_one()
        profile = self._profile()
        lines = [self.env._("Grade: %s", profile.grade_id.name)] if profile.grade_id else []
        stage = self.lead_id.stage_id.name if self.lead_id else profile.lifecycle_id.name
        if stage:
            lines.append(self.env._("Stage: %s", stage))
        lines += self._story_of_orders()
        contact = max(
            filter(None, (profile.last_online_date, profile.last_call_date, profile.last_visit_date)), default=None
        )
        day = format_date(self.env, contact) if contact else self.env._("never")
        lines.append(self.env._("Last contact: %s", day))
        return lines

    def _profile(self):
        name = "lead_id" if self.lead_id else "partner_id"
        domain = [(name, "=", self[name].id), ("company_id", "=", self.company_id.id)]
        return self.env["grading.profile"].sudo().search(domain, limit=1)

    def _story_of_orders(self):
        customer = (self.partner_id or self.lead_id.partner_id).commercial_partner_id
        if not customer:
            return []
        domain = [
            ("partner_id.commercial_partner_id", "=", customer.id),
            ("company_id", "=", self.company_id.id),
            ("state", "=", "sale"),
        ]
        orders = self.env["sale.order"].sudo().search(domain, order="date_order desc, id desc", limit=TOLD_ORDERS)
        return [
            self.env._(
                "Order %(order)s of %(day)s: %(amount)s",
                order=order.name,
                day=format_date(self.env, order.date_order),
                amount=format_amount(self.env, order.amount_untaxed, order.currency_id),
            )
            for order in orders
        ]
