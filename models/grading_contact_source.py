from odoo import api, models
from odoo.tools import SQL

from .grading_measure_engagement import SYSTEM_MESSAGES

CHANNELS = [("online", "Online"), ("call", "Call"), ("visit", "Visit")]
# Messages that need somebody outside: a note among colleagues has none, a mail may have been sent by a colleague.
ADDRESSED_MESSAGES = ("comment", "email")
# A message to somebody in these states has not arrived.
FAILED_STATES = ("bounce", "exception", "canceled")
# What a meeting of whole days costs, in hours each.
DAY_HOURS = 8


class GradingContactSource(models.AbstractModel):
    """What is a real contact with a customer or lead, said once: for the cadences and for the report on effort.

    - **Messages** on the customer's own contacts, leads, orders and invoices: mailings, text messages and letters that
      went out, mails that came in, activities that were done; and, wherever it stands, what somebody of the customer
      wrote or was sent. What the system wrote is none, nor is a note among colleagues, nor a mail that never arrived.
    - **Meetings** that are over, that somebody of the customer was invited to and did not decline, or that were planned
      on his contact or about a lead. One that was done as an activity counts there: the meeting still tells when it
      was, and how long it took.

    Whatever is about a lead counts for the lead and for its customer, in one row. A customer is the commercial entity,
    whatever the depth of the contact.
    """

    _name = "grading.contact.source"
    _description = "Contacts with Customers and Leads"

    @api.model
    def _contacts_select(self, contacts, leads, tz, since=None, ours=False):
        """One row for each contact and customer, or lead without one.

        ``SELECT key, is_meeting, partner_id, lead_id, company_id, channel, moment, day, user_id, hours, counted``:
        ``company_id`` is the one of the order, invoice or lead, if any; ``moment`` is in UTC, ``day`` where ``tz`` is;
        ``user_id`` is who of ours wrote, did or held it, none when the customer did; ``counted`` is 0 for a meeting
        that is among the activities already, else 1.

        :param odoo.tools.SQL contacts: a table expression ``(id, commercial_partner_id)`` of the contacts, ``None``
            when only the leads matter
        :param odoo.tools.SQL leads: a table expression ``(id)`` of the leads
        :param str tz: time zone in which a day begins
        :param datetime.datetime since: only what happened later, in UTC; ``None`` for whatever happened
        :param bool ours: only what somebody of ours wrote, did or held
        :rtype: odoo.tools.SQL
        """
        messages = self._real_messages(since, ours)
        meetings = self._meetings(contacts, leads, tz, self._held_meetings(tz, since, ours))
        if since is None:
            return SQL("%s UNION ALL %s", self._messages(contacts, leads, tz, messages), meetings)
        # What is recent is little, and sought by no index: it is looked for once instead of in each way of touching.
        return SQL(
            "WITH recent AS MATERIALIZED (SELECT * FROM %s AS message) %s UNION ALL %s",
            messages,
            self._messages(contacts, leads, tz, SQL("recent")),
            meetings,
        )

    @api.model
    def _leads_of(self, contacts):
        """A table expression ``(id)`` of all leads of ``contacts``."""
        return SQL(
            "(SELECT lead.id FROM crm_lead AS lead JOIN %s AS contact ON contact.id = lead.partner_id)", contacts
        )

    # ------------------------------------------------------------
    # Messages
    # ------------------------------------------------------------

    @api.model
    def _messages(self, contacts, leads, tz, messages):
        """The columns of :meth:`_contacts_select`, out of ``messages``: see :meth:`_real_messages`."""
        touches = [self._touches_of_leads(leads, messages)]
        if contacts is not None:
            touches += [*self._touches_on_documents(contacts, messages), *self._touches_of_persons(contacts, messages)]
        return SQL(
            """
            SELECT message.id AS key, FALSE AS is_meeting, touch.partner_id, touch.lead_id,
                   COALESCE(sale.company_id, move.company_id, lead.company_id) AS company_id,
                   COALESCE(kind.grading_channel, 'online') AS channel, LEAST(touch.date, event.start) AS moment,
                   LEAST((touch.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date, %(held)s) AS day,
                   author.id AS user_id, 0::float8 AS hours, 1 AS counted
              FROM (
                SELECT id, date, partner_id, MAX(lead_id) AS lead_id FROM (%(touches)s) AS touched
              GROUP BY id, date, partner_id
              ) AS touch
              JOIN mail_message AS message ON message.id = touch.id
         LEFT JOIN mail_activity_type AS kind ON kind.id = message.mail_activity_type_id
         LEFT JOIN mail_activity AS activity ON activity.grading_message_id = message.id
         LEFT JOIN calendar_event AS event ON event.id = activity.calendar_event_id AND event.active
         LEFT JOIN sale_order AS sale ON message.model = 'sale.order' AND sale.id = message.res_id
         LEFT JOIN account_move AS move ON message.model = 'account.move' AND move.id = message.res_id
         LEFT JOIN crm_lead AS lead ON message.model = 'crm.lead' AND lead.id = message.res_id
         LEFT JOIN (SELECT MIN(id) AS id, partner_id FROM res_users WHERE NOT share GROUP BY partner_id) AS author
                ON author.partner_id = message.author_id
             WHERE kind.grading_channel IS DISTINCT FROM 'none'
            """,
            tz=tz,
            held=self._meeting_day(tz),
            touches=SQL(" UNION ALL ").join(touches),
        )

    @api.model
    def _real_messages(self, since, ours):
        """A table expression of the messages that people had to do with: they tell of an activity done, or no machine
        wrote them. The arguments are those of :meth:`_contacts_select`."""
        conditions = [
            SQL(
                "(mail_activity_type_id IS NOT NULL OR message_type <> ALL(%s) AND author_id IS DISTINCT FROM %s)",
                list(SYSTEM_MESSAGES),
                self.env.ref("base.partner_root").id,
            )
        ]
        if since:
            conditions.append(SQL("date > %s", since))
        if ours:
            users = self.env["res.users"].sudo().with_context(active_test=False).search([("share", "=", False)])
            # As a list: the planner knows how much the authors wrote, and takes fitting joins.
            conditions.append(SQL("author_id = ANY(%s)", users.partner_id.ids))
        return SQL(
            "(SELECT id, date, model, res_id, author_id, message_type, mail_activity_type_id, outgoing_email_to"
            " FROM mail_message WHERE %s)",
            SQL(" AND ").join(conditions),
        )

    @api.model
    def _touches_of_leads(self, leads, messages):
        """Messages on leads, ``(id, date, partner_id, lead_id)``; anybody from outside may have written them or got
        them, since a lead need not have a contact yet."""
        return SQL(
            """
            SELECT message.id, message.date, customer.commercial_partner_id AS partner_id, lead.id AS lead_id
              FROM %(leads)s AS self
              JOIN crm_lead AS lead ON lead.id = self.id
              JOIN %(messages)s AS message ON message.model = 'crm.lead' AND message.res_id = lead.id
         LEFT JOIN res_partner AS customer ON customer.id = lead.partner_id
         LEFT JOIN res_partner AS author ON author.id = message.author_id
             WHERE message.mail_activity_type_id IS NOT NULL
                OR message.message_type = ANY(%(addressed)s) AND author.partner_share IS NOT FALSE
                OR (message.message_type <> ALL(%(addressed)s) OR message.outgoing_email_to <> ''
                    OR EXISTS (
                       SELECT FROM res_partner AS person
                         JOIN (%(recipients)s AND sent.mail_message_id = message.id) AS sent
                           ON sent.res_partner_id = person.id
                        WHERE person.partner_share IS NOT FALSE
                    )) AND %(has_arrived)s
            """,
            leads=leads,
            messages=messages,
            addressed=list(ADDRESSED_MESSAGES),
            recipients=self._recipients(),
            has_arrived=self._has_arrived(),
        )

    @api.model
    def _touches_on_documents(self, contacts, messages):
        """Messages on contacts, orders and invoices that went to the customer without saying to whom, or that came from
        an address that nobody knows; and activities done."""
        documents = {
            "res.partner": SQL("SELECT id, commercial_partner_id FROM %s AS contact", contacts),
            "sale.order": self._documents_of(SQL("sale_order"), contacts),
            "account.move": self._documents_of(SQL("account_move"), contacts),
        }
        return [
            SQL(
                """
                SELECT message.id, message.date, document.commercial_partner_id, NULL::int
                  FROM (%(documents)s) AS document
                  JOIN %(messages)s AS message ON message.model = %(model)s AND message.res_id = document.id
                 WHERE message.mail_activity_type_id IS NOT NULL
                    OR message.message_type = ANY(%(addressed)s) AND message.author_id IS NULL
                    OR (message.message_type <> ALL(%(addressed)s) OR message.outgoing_email_to <> '')
                       AND %(has_arrived)s
                """,
                documents=select,
                messages=messages,
                model=model,
                addressed=list(ADDRESSED_MESSAGES),
                has_arrived=self._has_arrived(),
            )
            for model, select in documents.items()
        ]

    @api.model
    def _documents_of(self, table, contacts):
        return SQL(
            "SELECT document.id, contact.commercial_partner_id"
            " FROM %s AS document JOIN %s AS contact ON contact.id = document.partner_id",
            table,
            contacts,
        )

    @api.model
    def _touches_of_persons(self, contacts, messages):
        """Messages, wherever they stand, that somebody of the customer wrote or was sent."""
        persons = SQL(
            """
            (SELECT contact.id, contact.commercial_partner_id
               FROM %s AS contact JOIN res_partner AS person ON person.id = contact.id
              WHERE person.partner_share IS NOT FALSE)
            """,
            contacts,
        )
        written = SQL(
            "SELECT message.id, message.date, person.commercial_partner_id, NULL::int"
            " FROM %s AS message JOIN %s AS person ON person.id = message.author_id"
            " WHERE message.mail_activity_type_id IS NULL",
            messages,
            persons,
        )
        sent = SQL(
            "SELECT message.id, message.date, person.commercial_partner_id, NULL::int"
            " FROM (%s) AS sent JOIN %s AS person ON person.id = sent.res_partner_id"
            " JOIN %s AS message ON message.id = sent.mail_message_id"
            " WHERE message.mail_activity_type_id IS NULL AND %s",
            self._recipients(),
            persons,
            messages,
            self._mail_has_left(),
        )
        return [written, sent]

    @api.model
    def _recipients(self):
        """Whom messages were sent to, ``(mail_message_id, res_partner_id)``: those whom Odoo notified, and those whom
        the sender's own mail had reached already; but for whom it failed."""
        return SQL(
            """
            SELECT sent.mail_message_id, sent.res_partner_id
              FROM (
                SELECT mail_message_id, res_partner_id FROM mail_message_res_partner_rel
             UNION ALL
                SELECT mail_message_id, res_partner_id FROM mail_notification
              ) AS sent
             WHERE NOT EXISTS (
                   SELECT FROM mail_notification AS failed
                    WHERE failed.mail_message_id = sent.mail_message_id
                      AND failed.res_partner_id = sent.res_partner_id AND failed.notification_status = ANY(%s)
               )
            """,
            list(FAILED_STATES),
        )
