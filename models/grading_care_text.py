import functools

from odoo import models
from odoo.tools.misc import format_amount, format_date


class GradingCare(models.Model):
    """What to say to a customer when he is contacted."""

    _inherit = "grading.care"

    def _texts(self):
        """The summary and note of each contact, in the language of the context.

        :rtype: dict[grading.care, tuple[str, markupsafe.Markup]]
        """
        offers = self._open_offers()
        day = functools.cache(lambda date: format_date(self.env, date))  # a few days, for thousands of contacts
        return {care: care.cadence_id._fill_in(care._words(offers, day)) for care in self}

    def _words(self, offers, day):
        """The words for the placeholders.

        :param dict offers: see :meth:`_open_offers`
        :param day: what writes a date as people read it
        """
        self.ensure_one()
        none, profile = self.env._("none"), self.profile_id
        names = offers.get(self.lead_id.id or -self.partner_id.id)
        return {
            "name": self._subject().display_name or "",
            "grade": profile.grade_id.name or none,
            "last_order": day(profile.last_order_date) if profile.last_order_date else none,
            "open_offers": ", ".join(names) if names else none,
            "topics": "; ".join(self._topics(day)) or none,
        }

    def _topics(self, day):
        """What there is to talk about, as short texts; another module can add its own.

        :param day: what writes a date as people read it
        :rtype: list[str]
        """
        profile, topics = self.profile_id, []
        if profile.lifecycle_id:
            topics.append(self.env._("stage: %s", profile.lifecycle_id.name))
        if profile.open_complaint_count:
            topics.append(self.env._("open complaints: %s", profile.open_complaint_count))
        if profile.next_order_date:
            topics.append(self.env._("next order expected on %s", day(profile.next_order_date)))
        if lead := self.lead_id:
            topics.append(self.env._("stage: %s", lead.stage_id.name or "-"))
            if lead.expected_revenue:
                amount = format_amount(self.env, lead.expected_revenue, lead.company_currency)
                topics.append(self.env._("expected: %s", amount))
        elif interests := self.partner_id.grading_interest_ids:
            topics.append(self.env._("interests: %s", ", ".join(interests.mapped("name"))))
        return topics

    def _open_offers(self):
        """The names of the quotations that are open, by the lead's id, and for customers by the negative of theirs.

        :rtype: dict[int, list[str]]
        """
        is_open = [("state", "in", ("draft", "sent")), ("company_id", "in", self.company_id.ids)]
        Order = self.env["sale.order"].sudo()
        offers = {}
        for order in Order.search([*is_open, ("opportunity_id", "in", self.lead_id.ids)], order="id"):
            offers.setdefault(order.opportunity_id.id, []).append(order.name)
        for order in Order.search(
            [*is_open, ("partner_id.commercial_partner_id", "in", self.partner_id.ids)], order="id"
        ):
            offers.setdefault(-order.partner_id.commercial_partner_id.id, []).append(order.name)
        return offers
