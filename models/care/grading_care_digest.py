import logging
from datetime import date

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_amount, format_date

from ..base.grading_job_mixin import RACES

_logger = logging.getLogger(__name__)
# From this hour on, by the salesperson's clock, the e-mail of the day is sent.
DIGEST_HOUR = 6
# E-mails that are written between two commits.
DIGEST_BATCH = 50


class GradingCare(models.Model):
    """What the activity of a contact says, and the daily e-mail with the contacts that are due."""

    _inherit = "grading.care"

    def _describe(self):
        """The summary and note of each contact, in the language of the context.

        :rtype: dict[grading.care, tuple[str, markupsafe.Markup]]
        """
        return {care: care.cadence_id._describe_activity(care._placeholder_values()) for care in self}

    def _describe_together(self, described):
        """The type, summary and note of one activity that answers all of these contacts, the leading one first.

        :param dict described: see :meth:`_describe`
        :rtype: dict
        """
        leading = self[:1]
        # By their words for people, not by the names of the cadences, which may tell a grade.
        summary, *others = dict.fromkeys(described[care][0] for care in self)
        if others:
            summary = self.env._("%(summary)s (also: %(reasons)s)", summary=summary, reasons=", ".join(others))
        return {
            "grading_care_id": leading.id,
            "activity_type_id": leading.cadence_id.activity_type_id.id,
            "summary": summary,
            "note": Markup().join(dict.fromkeys(described[care][1] for care in self)),
        }

    def _placeholder_values(self):
        """A text for each placeholder of cadences.

        The activity of a customer is read by each colleague who may open the contact, that of a lead by those who see
        the lead: nothing is filled in that not all of them may see. Of the rest the text says where it stands.

        :rtype: dict[str, str]
        """
        self.ensure_one()
        none, elsewhere = self.env._("none"), self.env._("see the page “Grading”")
        is_lead = bool(self.lead_id)  # who sees a lead sees how it is graded; it has no orders of its own
        return {
            "name": self._subject().display_name or "",
            "grade": self.profile_id.grade_id.name or none if is_lead else elsewhere,
            "last_order": none if is_lead else elsewhere,
            "open_offers": self.env._("see the quotations"),
            "topics": "; ".join(self._topics()) or (none if is_lead else elsewhere),
        }

    def _complaint_topics(self):
        complaints = self.profile_id.open_complaint_count
        return [self.env._("open complaints: %s", complaints)] if complaints else []

    def _order_topics(self):
        """When the next order is, or was, expected.

        :rtype: list[str]
        """
        if not (expected := self.profile_id.next_order_date):
            return []
        if expected < self.company_id._grading_today():
            return [self.env._("an order was expected on %s", format_date(self.env, expected))]
        return [self.env._("next order expected on %s", format_date(self.env, expected))]

    def _stage_topics(self):
        stage = self.profile_id.lifecycle_id
        return [self.env._("stage: %s", stage.name)] if stage else []

    def _topics(self):
        """What there is to talk about, as short texts for all who may open the contact or see the lead; another module
        can add its own.

        :rtype: list[str]
        """
        topics = []
        if lead := self.lead_id:
            topics.append(self.env._("stage: %s", lead.stage_id.name or "-"))
            if lead.expected_revenue:
                amount = format_amount(self.env, lead.expected_revenue, lead.company_currency)
                topics.append(self.env._("expected: %s", amount))
        elif interests := self.partner_id.grading_interest_ids:
            topics.append(self.env._("interests: %s", ", ".join(interests.mapped("name"))))
        return topics

    def _open_offers(self):
        """The names of the open quotations that the user may see, by the customer's id.

        :rtype: dict[int, list[str]]
        """
        Order, offers = self.env["sale.order"].sudo(False), {}
        if not Order.has_access("read"):
            return offers
        is_open = [("state", "in", ("draft", "sent")), ("company_id", "in", self.company_id.ids)]
        orders = Order.search([*is_open, ("partner_id.commercial_partner_id", "in", self.partner_id.ids)], order="id")
        for order in orders.sudo():
            offers.setdefault(order.partner_id.commercial_partner_id.id, []).append(order.name)
        return offers

    # ------------------------------------------------------------
    # Daily e-mail
    # ------------------------------------------------------------

    @api.model
    def _send_digests(self, limit=DIGEST_BATCH):
        """Send the next daily e-mails: one a day to a salesperson, with the contacts due in all companies of the user,
        and one to a manager, with those that are due and that no user is responsible for.

        One that fails is logged, not tried again on this day, and keeps no other one waiting.

        :return: how many users were looked at
        """
        todays = dict(list(self._digest_days().items())[:limit])
        users = self.env["res.users"]._claim_digest(todays)
        for user in users:
            try:
                with self.env.cr.savepoint():
                    self._send_digest(user)
            except RACES:
                raise
            except Exception:
                _logger.exception("The daily e-mail of due contacts for %s failed", user.login)
        return len(users)

    @api.model
    def _send_digest(self, user):
        """The e-mails of one day for ``user``; none without a contact to list.

        They are about no document: each employee may read a user, and so the messages about one.
        """
        for name, contacts in (
            ("mail_template_care_digest", user.grading_due_contacts()),
            ("mail_template_care_digest_unassigned", user.grading_unassigned_contacts()),
        ):
            template = self.env.ref(f"customer_grading.{name}", raise_if_not_found=False)
            if contacts and template:
                alone = {"model": False, "res_id": False}
                template.with_context(lang=user.lang).send_mail(user.id, email_values=alone)

    @api.model
    def _digest_days(self):
        """The users to get an e-mail now, with today's date where each is; only on days on which they work.

        :rtype: dict[res.users, datetime.date]
        """
        companies = self.env["res.company"].search([("grading_care_digest", "=", True)])
        latest = self.env["res.users"]._grading_latest_today()
        domain = [("company_id", "in", companies.ids), ("next_date", "<=", latest)]
        firsts, todays = {}, {}
        for company, user, first in self.sudo()._read_group(domain, ["company_id", "user_id"], ["next_date:min"]):
            for reader in user.filtered("active") or company._grading_managers():
                firsts[reader] = min(first, firsts.get(reader, first))
        for user, first in firsts.items():
            now = user._grading_now(user.company_id)
            is_new = first <= now.date() and (user.grading_digest_date or date.min) < now.date()
            if is_new and user.email and now.hour >= DIGEST_HOUR:
                todays[user] = now.date()
        for company, users in self.env["res.users"].union(*todays).grouped("company_id").items():
            days = self.with_company(company)._working_days({user: todays[user] for user in users})
            for user, day in days.items():
                if day != todays[user]:
                    del todays[user]
        return todays

    @api.model
    def _is_unassigned(self):
        """That no user is responsible, or one who has left since the last run.

        :rtype: odoo.fields.Domain
        """
        return Domain("user_id", "=", False) | Domain("user_id.active", "=", False)

    @api.model
    def _name_the_left(self):
        """Who has left and whose contacts are due in the current company, with no user to make them: for the managers.

        :return: a sentence for each of those users
        :rtype: list[str]
        """
        company = self.env.company
        for model, names in {
            "grading.care": ["company_id", "next_date", "lead_id", "partner_id", "user_id"],
            "crm.lead": ["user_id"],
            "res.partner": ["user_id"],
            "res.users": ["active"],
        }.items():
            self.env[model].flush_model(names)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT owner.id, COUNT(*)
                  FROM grading_care AS care
             LEFT JOIN crm_lead AS lead ON lead.id = care.lead_id
             LEFT JOIN res_partner AS customer ON customer.id = care.partner_id
                  JOIN res_users AS owner
                    ON owner.id = CASE WHEN care.lead_id IS NULL THEN customer.user_id ELSE lead.user_id END
             LEFT JOIN res_users AS responsible ON responsible.id = care.user_id
                 WHERE care.company_id = %s AND care.next_date <= %s AND responsible.active IS NOT TRUE
                   AND NOT owner.active AND owner.id <> %s
              GROUP BY owner.id
                """,
                company.id,
                company._grading_today(),
                SUPERUSER_ID,
            )
        )
        counts = {self.env["res.users"].sudo().browse(user_id): count for user_id, count in rows}
        return [
            self.env._(
                "%(user)s has left, and no team leader is known: %(count)s contacts due have no responsible user.",
                user=user.name,
                count=counts[user],
            )
            for user in self.env["res.users"].sudo().union(*counts).sorted("name")
        ]


class GradingRun(models.Model):
    """A run over all customers names the users who have left customers behind."""

    _inherit = "grading.run"

    def _finish_full(self):
        result = super()._finish_full()
        left = self.env["grading.care"].with_company(self.company_id)._name_the_left()
        self.message = "\n".join(filter(None, [self.message, *left])) or False
        return result
