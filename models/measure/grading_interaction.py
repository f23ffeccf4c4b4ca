from odoo import api, models
from odoo.tools import SQL

# Messages that a machine wrote, except those about an activity that a person has done.
SYSTEM_MESSAGES = ("notification", "auto_comment", "user_notification", "out_of_office")
CHANNELS = [("online", "Online"), ("call", "Call"), ("visit", "Visit")]
# Messages that count only if a person outside the company wrote or received them: a comment may be a note among
# colleagues, an e-mail may have come from one.
ADDRESSED_MESSAGES = ("comment", "email")
# Notifications in these states have not arrived, and e-mails in these states have not left.
FAILED_STATES = ("bounce", "exception", "canceled")
FAILED_MAILS = ("exception", "cancel")
# What is kept of a message to describe the contact that it is.
MESSAGE = SQL(
    "message.id, message.date, message.model, message.res_id, message.author_id, message.mail_activity_type_id"
)


class GradingContactSource(models.AbstractModel):
    """What counts as a contact with a customer or lead: the only definition, for the measures, the cadences, the public
    pool and the report on effort.

    - **Messages** on the customer's own contacts, leads, orders and invoices: mailings, text messages and letters that
      went out, e-mails that came in, activities that were done; and, on any document, what a person of the customer
      wrote or was sent. What the system wrote is none, nor is an internal note, nor an e-mail that never arrived.
    - **Meetings** that are over, were not declined by all who were invited from outside, and that a person of the
      customer was invited to and did not decline, or that were planned on the contact or about a lead. One that was
      done as an activity counts there: the meeting still says when it was, and how long it took.

    What is about a lead counts for the lead and for its customer, in one row. A customer is the commercial entity,
    whatever the depth of the contact.
    """

    _name = "grading.contact.source"
    _description = "Contacts with Customers and Leads"

    @api.model
    def _contacts_select(self, contacts, leads, tz, since=None, ours=False, until=None):
        """One row for each contact and customer, or lead without a customer.

        ``SELECT key, is_meeting, partner_id, lead_id, company_id, channel, moment, day, user_id, hours, counted``:
        ``company_id`` is the one of the order, invoice or lead, if any; ``moment`` is in UTC, ``day`` where ``tz`` is;
        ``user_id`` is the user who wrote, did or held it, none when the customer did; ``counted`` is 0 for a meeting
        that is among the activities already, else 1.

        :param odoo.tools.SQL contacts: a table expression ``(id, commercial_partner_id)`` of the contacts, ``None``
            when only the leads matter
        :param odoo.tools.SQL leads: a table expression ``(id)`` of the leads
        :param str tz: time zone in which a day begins
        :param datetime.datetime since: only what happened later, in UTC; ``None`` for everything
        :param bool ours: only what a user wrote, did or held
        :param odoo.tools.SQL until: the moment by which a meeting must be over, in UTC, if that is not now
        :rtype: odoo.tools.SQL
        """
        messages = self._human_messages(since, ours)
        meetings = self._meetings(contacts, leads, tz, self._held_meetings(tz, since, ours, until))
        if since is None:
            return SQL("%s UNION ALL %s", self._messages(contacts, leads, tz, messages), meetings)
        # Recent messages are few, and no index leads to them: they are looked for once instead of once for each way in
        # which a message concerns a customer.
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
        """The columns of :meth:`_contacts_select`, out of ``messages``: see :meth:`_human_messages`."""
        concerned, documents = [self._messages_on_leads(leads, messages)], {"crm.lead": SQL("crm_lead")}
        if contacts is not None:
            documents |= {"sale.order": SQL("sale_order"), "account.move": SQL("account_move")}
            concerned += [
                *self._messages_on_documents(contacts, messages),
                *self._messages_of_persons(contacts, messages),
            ]
        return SQL(
            """
            SELECT message.id AS key, FALSE AS is_meeting, message.partner_id, message.lead_id,
                   COALESCE(%(companies)s) AS company_id,
                   COALESCE(activity_type.grading_channel, 'online') AS channel,
                   LEAST(message.date, event.start) AS moment,
                   LEAST((message.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date, %(held)s) AS day,
                   author.id AS user_id, 0::float8 AS hours, 1 AS counted
              FROM (%(concerned)s) AS message
         LEFT JOIN mail_activity_type AS activity_type ON activity_type.id = message.mail_activity_type_id
         LEFT JOIN mail_activity AS activity ON activity.grading_message_id = message.id
         LEFT JOIN calendar_event AS event ON event.id = activity.calendar_event_id AND event.active
         %(documents)s
         LEFT JOIN (SELECT MIN(id) AS id, partner_id FROM res_users WHERE NOT share GROUP BY partner_id) AS author
                ON author.partner_id = message.author_id
             WHERE activity_type.grading_channel IS DISTINCT FROM 'none'
            """,
            tz=tz,
            held=self._meeting_day(tz),
            concerned=self._each_once(concerned),
            companies=SQL(", ").join(SQL("%s.company_id", table) for table in documents.values()),
            documents=SQL(" ").join(
                SQL(
                    "LEFT JOIN %(table)s ON message.model = %(model)s AND %(table)s.id = message.res_id",
                    table=table,
                    model=model,
                )
                for model, table in documents.items()
            ),
        )

    @api.model
    def _each_once(self, concerned):
        """Each message once for each customer, in whatever ways it concerns the customer; on leads there is one way."""
        if len(concerned) == 1:
            return concerned[0]
        return SQL(
            "SELECT %(message)s, message.partner_id, MAX(message.lead_id) AS lead_id"
            " FROM (%(concerned)s) AS message GROUP BY %(message)s, message.partner_id",
            message=MESSAGE,
            concerned=SQL(" UNION ALL ").join(concerned),
        )

    @api.model
    def _human_messages(self, since, ours):
        """A table expression of the messages that people had to do with: they are about an activity that was done, or
        no machine wrote them. The arguments are those of :meth:`_contacts_select`."""
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
    def _messages_on_leads(self, leads, messages):
        """Messages on leads, ``(MESSAGE, partner_id, lead_id)``; any person from outside may have written or received
        them, since a lead need not have a contact yet."""
        return SQL(
            """
            SELECT %(message)s, customer.commercial_partner_id AS partner_id, lead.id AS lead_id
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
            message=MESSAGE,
            leads=leads,
            messages=messages,
            addressed=list(ADDRESSED_MESSAGES),
            recipients=self._recipients(),
            has_arrived=self._has_arrived(),
        )

    @api.model
    def _messages_on_documents(self, contacts, messages):
        """Messages on contacts, orders and invoices that went to the customer without a named recipient, or that came
        from an unknown address; and activities done."""
        documents = {
            "res.partner": SQL("SELECT id, commercial_partner_id FROM %s AS contact", contacts),
            "sale.order": self._documents_of(SQL("sale_order"), contacts),
            "account.move": self._documents_of(SQL("account_move"), contacts),
        }
        return [
            SQL(
                """
                SELECT %(message)s, document.commercial_partner_id, NULL::int
                  FROM (%(documents)s) AS document
                  JOIN %(messages)s AS message ON message.model = %(model)s AND message.res_id = document.id
                 WHERE message.mail_activity_type_id IS NOT NULL
                    OR message.message_type = ANY(%(addressed)s) AND message.author_id IS NULL
                    OR (message.message_type <> ALL(%(addressed)s) OR message.outgoing_email_to <> '')
                       AND %(has_arrived)s
                """,
                message=MESSAGE,
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
    def _messages_of_persons(self, contacts, messages):
        """Messages, on any document, that a person of the customer wrote or was sent."""
        persons = SQL(
            """
            (SELECT contact.id, contact.commercial_partner_id
               FROM %s AS contact JOIN res_partner AS person ON person.id = contact.id
              WHERE person.partner_share IS NOT FALSE)
            """,
            contacts,
        )
        written = SQL(
            "SELECT %s, person.commercial_partner_id, NULL::int"
            " FROM %s AS message JOIN %s AS person ON person.id = message.author_id"
            " WHERE message.mail_activity_type_id IS NULL",
            MESSAGE,
            messages,
            persons,
        )
        sent = SQL(
            "SELECT %s, person.commercial_partner_id, NULL::int"
            " FROM (%s) AS sent JOIN %s AS person ON person.id = sent.res_partner_id"
            " JOIN %s AS message ON message.id = sent.mail_message_id"
            " WHERE message.mail_activity_type_id IS NULL AND %s",
            MESSAGE,
            self._recipients(),
            persons,
            messages,
            self._mail_has_left(),
        )
        return [written, sent]

    @api.model
    def _recipients(self):
        """The recipients of messages, ``(mail_message_id, res_partner_id)``: those whom Odoo notified, and those whom
        the sender's own e-mail had reached already; without those for whom it failed."""
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

    # ------------------------------------------------------------
    # Messages that arrived
    # ------------------------------------------------------------

    @api.model
    def _has_arrived(self):
        """Whether ``message`` has reached a person outside, as far as Odoo knows. Few messages fail, so a failure is
        looked for first."""
        return SQL(
            """
            CASE WHEN %s OR EXISTS (
                    SELECT FROM mail_notification AS failed
                     WHERE failed.mail_message_id = message.id AND failed.notification_status = ANY(%s)
                 ) THEN %s ELSE TRUE END
            """,
            self._has_failed_mail(),
            list(FAILED_STATES),
            self._reached_a_recipient(),
        )

    @api.model
    def _mail_has_left(self):
        """The same where the failures of those who were notified are known already."""
        return SQL("CASE WHEN %s THEN %s ELSE TRUE END", self._has_failed_mail(), self._reached_a_recipient())

    @api.model
    def _has_failed_mail(self):
        return SQL(
            "EXISTS (SELECT FROM mail_mail AS failed WHERE failed.mail_message_id = message.id"
            " AND failed.state = ANY(%s))",
            list(FAILED_MAILS),
        )

    @api.model
    def _reached_a_recipient(self):
        """The notifications of people outside say so; where there are none, the e-mails made of ``message`` do."""
        return SQL(
            """
            COALESCE(
                (SELECT BOOL_OR(notice.notification_status <> ALL(%s))
                   FROM mail_notification AS notice LEFT JOIN res_partner AS person ON person.id = notice.res_partner_id
                  WHERE notice.mail_message_id = message.id AND person.partner_share IS NOT FALSE),
                (SELECT BOOL_OR(mail.state <> ALL(%s)) FROM mail_mail AS mail WHERE mail.mail_message_id = message.id),
                TRUE
            )
            """,
            list(FAILED_STATES),
            list(FAILED_MAILS),
        )
