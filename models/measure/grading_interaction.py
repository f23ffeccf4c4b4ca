from odoo import api, models
from odoo.tools import SQL

# Messages that a machine wrote, except those about an activity that a person has done.
SYSTEM_MESSAGES = ("notification", "auto_comment", "user_notification", "out_of_office")
CHANNELS = [("online", "Online"), ("call", "Call"), ("visit", "Visit")]
# The last contact by each of them, on the profile.
LAST_DATES = {channel: f"last_{channel}_date" for channel, _label in CHANNELS}
# Messages that count only if a person outside the company wrote or received them: a comment may be a note among
# colleagues, an e-mail may have come from one.
ADDRESSED_MESSAGES = ("comment", "email")
# Notifications in these states have not arrived.
FAILED_STATES = ("bounce", "exception", "canceled")
# What a way in which a message concerns a customer asks of it: nothing, that it has left, or that it has arrived.
AS_IT_IS, HAS_LEFT, HAS_ARRIVED = range(3)
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
    def _contacts_select(self, contacts, leads, tz, since=None, ours=False, unused=(), until=None):
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
        :param unused: the ways that need not be looked at, see :meth:`_unused_ways`
        :param odoo.tools.SQL until: the moment by which a meeting must be over, in UTC, if that is not now
        :rtype: odoo.tools.SQL
        """
        messages = self._human_messages(since, ours)
        meetings = self._meetings(contacts, leads, tz, self._held_meetings(tz, since, ours, until), unused)
        if since is None:
            selects = [self._messages(contacts, leads, tz, messages, unused), meetings]
            return SQL(" UNION ALL ").join(filter(None, selects))
        # Recent messages are few, and no index leads to them: they are looked for once instead of once for each way in
        # which a message concerns a customer.
        return SQL(
            "WITH recent AS MATERIALIZED (SELECT * FROM %s AS message) %s UNION ALL %s",
            messages,
            self._messages(contacts, leads, tz, SQL("recent"), unused),
            meetings,
        )

    @api.model
    def _unused_ways(self, contacts, leads):
        """The ways in which nothing concerns these customers or leads; of most customers that is most of them.

        To plan a way that leads nowhere takes longer than to find that out. The arguments are those of
        :meth:`_contacts_select`.

        :rtype: set[str]
        """
        traces = {"meeting_about_lead": self._trace(leads, ("calendar_event", "opportunity_id"))}
        if contacts is not None:
            recipients = [("mail_message_res_partner_rel", "res_partner_id"), ("mail_notification", "res_partner_id")]
            traces |= {
                "message_on_lead": SQL("SELECT FROM %s AS lead", leads),
                "message_written": self._trace(contacts, ("mail_message", "author_id")),
                "message_sent": self._trace(contacts, *recipients),
                "meeting_invited": self._trace(contacts, ("calendar_attendee", "partner_id")),
                "meeting_planned": self._trace(contacts, ("calendar_event", "res_id")),
            }
        exists = SQL(", ").join(SQL("EXISTS (%s)", trace) for trace in traces.values())
        [found] = self.env.execute_query(SQL("SELECT %s", exists))
        return {way for way, is_used in zip(traces, found, strict=True) if not is_used}

    @api.model
    def _trace(self, records, *columns):
        """``SELECT`` of whatever refers to the ``records`` by one of the ``columns``, each a table and its column."""
        return SQL(" UNION ALL ").join(
            SQL(
                "SELECT FROM %s AS trace JOIN %s AS record ON record.id = trace.%s",
                SQL.identifier(table),
                records,
                SQL.identifier(column),
            )
            for table, column in columns
        )

    @api.model
    def _leads_of(self, contacts):
        """A table expression ``(id)`` of all leads of ``contacts``."""
        return SQL(
            "(SELECT lead.id FROM crm_lead AS lead JOIN %s AS contact ON contact.id = lead.partner_id)", contacts
        )

    @api.model
    def _counts_in(self, company):
        """Whether a row ``contact`` of :meth:`_contacts_select` counts where ``company`` is: about a document of the
        company, or about none, if its author or organizer works there; what the customer sent counts everywhere.

        :param res.company company: one
        """
        return SQL(
            "(COALESCE(contact.company_id, %(company)s) = %(company)s AND"
            " (contact.company_id IS NOT NULL OR contact.user_id IS NULL OR %(works_there)s))",
            company=company.id,
            works_there=self._works_in(SQL("contact.user_id"), SQL("%s", company.id)),
        )

    @api.model
    def _works_in(self, user, company):
        """Whether a user may work in a company; both are columns.

        :param odoo.tools.SQL user:
        :param odoo.tools.SQL company:
        """
        return SQL(
            "EXISTS (SELECT FROM res_company_users_rel AS works WHERE works.user_id = %s AND works.cid = %s)",
            user,
            company,
        )

    # ------------------------------------------------------------
    # Messages
    # ------------------------------------------------------------

    @api.model
    def _messages(self, contacts, leads, tz, messages, unused):
        """The columns of :meth:`_contacts_select`, out of ``messages``: see :meth:`_human_messages`."""
        concerned, documents = {"message_on_lead": self._messages_on_leads(leads, messages)}, ["crm.lead"]
        if contacts is not None:
            documents += ["sale.order", "account.move"]
            concerned |= {
                "message_on_document": self._messages_on_documents(contacts, messages),
                **self._messages_of_persons(contacts, messages),
            }
        arrived = self._arrived(self._each_once([select for way, select in concerned.items() if way not in unused]))
        return SQL(
            """
            SELECT message.id AS key, FALSE AS is_meeting, message.partner_id, message.lead_id, message.company_id,
                   COALESCE(activity_type.grading_channel, 'online') AS channel,
                   LEAST(message.date, event.start) AS moment,
                   LEAST((message.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date, %(held)s) AS day,
                   author.id AS user_id, 0::float8 AS hours, 1 AS counted
              FROM (%(messages)s) AS message
         LEFT JOIN mail_activity_type AS activity_type ON activity_type.id = message.mail_activity_type_id
         LEFT JOIN mail_activity AS activity ON activity.grading_message_id = message.id
         LEFT JOIN calendar_event AS event ON event.id = activity.calendar_event_id AND event.active
         LEFT JOIN (SELECT MIN(id) AS id, partner_id FROM res_users WHERE NOT share GROUP BY partner_id) AS author
                ON author.partner_id = message.author_id
             WHERE activity_type.grading_channel IS DISTINCT FROM 'none'
            """,
            tz=tz,
            held=self._meeting_day(tz),
            messages=self._with_company(arrived, documents),
        )

    @api.model
    def _with_company(self, messages, models):
        """The ``messages`` with the company of the document that they are on, where it is one of these ``models``.

        OFFSET 0: what else is joined to them is planned apart, which takes a fraction of the time.
        """
        tables = {model: SQL.identifier(self.env[model]._table) for model in models}
        return SQL(
            "SELECT message.*, COALESCE(%s) AS company_id FROM (%s) AS message %s OFFSET 0",
            SQL(", ").join(SQL("%s.company_id", table) for table in tables.values()),
            messages,
            SQL(" ").join(
                SQL(
                    "LEFT JOIN %(table)s ON message.model = %(model)s AND %(table)s.id = message.res_id",
                    table=table,
                    model=model,
                )
                for model, table in tables.items()
            ),
        )

    @api.model
    def _each_once(self, concerned):
        """Each message once for each customer, in whatever ways it concerns the customer; it is on one document."""
        if len(concerned) == 1:
            return SQL("SELECT way.*, way.needed AS lead_needed FROM (%s) AS way", concerned[0])
        return SQL(
            "SELECT %(message)s, message.partner_id, MAX(message.lead_id) AS lead_id, MIN(message.needed) AS needed,"
            " MAX(message.needed) FILTER (WHERE message.lead_id IS NOT NULL) AS lead_needed"
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
        """Messages on leads, ``(MESSAGE, partner_id, lead_id, needed)``; any person from outside may have
        written or received them, since a lead need not have a contact yet."""
        return SQL(
            """
            SELECT %(message)s, customer.commercial_partner_id AS partner_id, lead.id AS lead_id,
                   CASE WHEN %(is_sure)s THEN %(as_it_is)s ELSE %(has_arrived)s END AS needed
              FROM %(leads)s AS self
              JOIN crm_lead AS lead ON lead.id = self.id
              JOIN %(messages)s AS message ON message.model = 'crm.lead' AND message.res_id = lead.id
         LEFT JOIN res_partner AS customer ON customer.id = lead.partner_id
         LEFT JOIN res_partner AS author ON author.id = message.author_id
             WHERE %(is_sure)s OR message.message_type <> ALL(%(addressed)s) OR message.outgoing_email_to <> ''
                OR EXISTS (
                   SELECT FROM (%(recipients)s) AS sent
                    WHERE (SELECT person.partner_share FROM res_partner AS person WHERE person.id = sent.res_partner_id)
                          IS NOT FALSE
                )
            """,
            message=MESSAGE,
            leads=leads,
            messages=messages,
            is_sure=self._is_sure(SQL("author.partner_share IS NOT FALSE")),
            as_it_is=AS_IT_IS,
            has_arrived=HAS_ARRIVED,
            addressed=list(ADDRESSED_MESSAGES),
            recipients=self._recipients(SQL("message")),
        )

    @api.model
    def _is_sure(self, came_in):
        """Whether ``message`` is a contact on whichever document it is: an activity that was done, or what a person
        wrote who is not one of us.

        :param odoo.tools.SQL came_in: whether such a person is the author
        """
        return SQL(
            "(message.mail_activity_type_id IS NOT NULL OR message.message_type = ANY(%s) AND %s)",
            list(ADDRESSED_MESSAGES),
            came_in,
        )

    @api.model
    def _messages_on_documents(self, contacts, messages):
        """Messages on contacts, orders and invoices that went to the customer without a named recipient, or that came
        from an unknown address; and activities done."""
        documents = {
            "res.partner": SQL("SELECT 'res.partner' AS model, id, commercial_partner_id FROM %s AS contact", contacts),
            "sale.order": self._documents_of("sale.order", SQL("sale_order"), contacts),
            "account.move": self._documents_of("account.move", SQL("account_move"), contacts),
        }
        return SQL(
            """
            SELECT %(message)s, document.commercial_partner_id AS partner_id, NULL::int AS lead_id,
                   CASE WHEN %(is_sure)s THEN %(as_it_is)s ELSE %(has_arrived)s END AS needed
              FROM (%(documents)s) AS document
              JOIN %(messages)s AS message ON message.model = document.model AND message.res_id = document.id
             WHERE %(is_sure)s OR message.message_type <> ALL(%(addressed)s) OR message.outgoing_email_to <> ''
            """,
            message=MESSAGE,
            is_sure=self._is_sure(SQL("message.author_id IS NULL")),
            as_it_is=AS_IT_IS,
            has_arrived=HAS_ARRIVED,
            documents=SQL(" UNION ALL ").join(documents.values()),
            messages=messages,
            addressed=list(ADDRESSED_MESSAGES),
        )

    @api.model
    def _documents_of(self, model, table, contacts):
        return SQL(
            "SELECT %s, document.id, contact.commercial_partner_id"
            " FROM %s AS document JOIN %s AS contact ON contact.id = document.partner_id",
            model,
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
            "SELECT %s, person.commercial_partner_id, NULL::int, %s"
            " FROM %s AS message JOIN %s AS person ON person.id = message.author_id"
            " WHERE message.mail_activity_type_id IS NULL",
            MESSAGE,
            AS_IT_IS,
            messages,
            persons,
        )
        sent = SQL(
            "SELECT %s, person.commercial_partner_id, NULL::int, %s"
            " FROM (%s) AS sent JOIN %s AS person ON person.id = sent.res_partner_id"
            " JOIN %s AS message ON message.id = sent.mail_message_id"
            " WHERE message.mail_activity_type_id IS NULL",
            MESSAGE,
            HAS_LEFT,
            self._recipients(),
            persons,
            messages,
        )
        return {"message_written": written, "message_sent": sent}

    @api.model
    def _recipients(self, message=None):
        """The recipients of messages, ``(mail_message_id, res_partner_id)``: those whom Odoo notified, and those whom
        the sender's own e-mail had reached already; without those for whom it failed.

        :param odoo.tools.SQL message: of which message, where they are asked for in each row; then nothing is joined,
            since a run over all takes no nested loops
        """
        is_recipient = SQL("failed.res_partner_id = sent.res_partner_id")
        failed = SQL(
            "FROM mail_notification AS failed"
            " WHERE failed.mail_message_id = sent.mail_message_id AND failed.notification_status = ANY(%s)",
            list(FAILED_STATES),
        )
        arrived = SQL("NOT EXISTS (SELECT %s AND %s)", failed, is_recipient)
        if message:
            # The recipient is no condition: Odoo's index on it holds each notification that a colleague ever got.
            arrived = SQL(
                "sent.mail_message_id = %s.id AND (SELECT BOOL_OR(%s) %s) IS NOT TRUE", message, is_recipient, failed
            )
        return SQL(
            """
            SELECT sent.mail_message_id, sent.res_partner_id
              FROM (
                SELECT mail_message_id, res_partner_id FROM mail_message_res_partner_rel
             UNION ALL
                SELECT mail_message_id, res_partner_id FROM mail_notification
              ) AS sent
             WHERE %s
            """,
            arrived,
        )
