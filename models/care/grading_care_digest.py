import functools
import logging
from datetime import date, datetime

import pytz

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_amount, format_date

from .grading_care_plan import RACES

_logger = logging.getLogger(__name__)
# From this hour on, where the salesperson is, the digest of the day is sent.
DIGEST_HOUR = 6
# Digests that are written between two commits.
DIGEST_BATCH = 50


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

    # ------------------------------------------------------------
    # Daily e-mail
    # ------------------------------------------------------------

    # One e-mail a day, at most, tells a salesperson which contacts are due, in all of his companies.

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


class ResUsers(models.Model):
    """A salesperson, who gets one e-mail a day with the contacts that are due."""

    _inherit = "res.users"

    grading_digest_date = fields.Date(
        string="Last Digest of Contacts", copy=False, readonly=True, groups="base.group_system"
    )

    @api.private
    def grading_due_contacts(self):
        """The contacts that are due for the user in the companies that want digests, neglected ones first; for the
        template.

        :rtype: grading.care
        """
        self.ensure_one()
        Care = self.env["grading.care"].sudo().with_company(self.company_id)
        companies = self.sudo().company_ids.filtered("grading_care_digest")
        domain = [("company_id", "in", companies.ids), ("user_id", "=", self.id)]
        return Care.search([*domain, ("next_date", "<=", Care._today_of(self))])._visible_to(self)

    @api.model
    def _claim_digest(self, days):
        """Those users who have not had a digest on their day; from now on they have.

        Two workers can not both have a user: the second one fails and tries again.

        :param dict days: the day of each user
        :rtype: res.users
        """
        self.flush_model(["grading_digest_date"])
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE res_users AS person SET grading_digest_date = today.day
                  FROM UNNEST(%s::int[], %s::date[]) AS today(user_id, day)
                 WHERE person.id = today.user_id
                   AND COALESCE(person.grading_digest_date, '-infinity') < today.day
             RETURNING person.id
                """,
                [user.id for user in days],
                list(days.values()),
            )
        )
        self.invalidate_model(["grading_digest_date"], flush=False)
        return self.browse(sorted(user_id for [user_id] in rows))
