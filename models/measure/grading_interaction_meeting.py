from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# What a meeting of whole days costs, in hours a day.
DAY_HOURS = 8


class GradingContactSource(models.AbstractModel):
    """Meetings as contacts: which ones count, on which day, and for how long."""

    _inherit = "grading.contact.source"

    @api.model
    def _meetings(self, contacts, leads, tz, events, unused):
        """Those of ``events`` that were not declined, in the columns of :meth:`_contacts_select`; one over a video link
        is a contact online. Nothing where all ways are ``unused``."""
        concerned = {"meeting_about_lead": self._meetings_about_leads(leads, events)}
        if contacts is not None:
            concerned |= self._meetings_with_contacts(contacts, events)
        concerned = [select for way, select in concerned.items() if way not in unused]
        if not concerned:
            return SQL()
        return SQL(
            """
            SELECT event.id AS key, TRUE AS is_meeting, concerned.partner_id, concerned.lead_id, lead.company_id,
                   CASE WHEN event.videocall_location <> '' THEN 'online' ELSE 'visit' END AS channel,
                   event.start AS moment, %(day)s AS day, event.user_id,
                   CASE WHEN event.allday THEN (event.stop_date - event.start_date + 1) * %(day_hours)s
                        ELSE EXTRACT(EPOCH FROM event.stop - event.start) / 3600 END::float8 AS hours,
                   CASE WHEN EXISTS (
                       SELECT FROM mail_activity AS activity
                        WHERE activity.calendar_event_id = event.id AND activity.active IS NOT TRUE
                   ) THEN 0 ELSE 1 END AS counted
              FROM (
                SELECT event_id, partner_id, MAX(lead_id) AS lead_id FROM (%(concerned)s) AS found
              GROUP BY event_id, partner_id
              ) AS concerned
              JOIN (SELECT * FROM calendar_event WHERE %(is_not_declined)s) AS event ON event.id = concerned.event_id
         LEFT JOIN crm_lead AS lead ON lead.id = event.opportunity_id
            """,
            day=self._meeting_day(tz),
            day_hours=DAY_HOURS,
            is_not_declined=self._is_not_declined(),
            concerned=SQL(" UNION ALL ").join(concerned),
        )

    @api.model
    def _meetings_ahead(self):
        """``SELECT partner_id, lead_id`` of the customers and leads with whom a meeting is planned, or was just held:
        it counts before the next run has measured it."""
        events = SQL(
            "(SELECT * FROM calendar_event WHERE active AND stop >= %s AND %s)",
            fields.Datetime.now() - timedelta(days=1),
            self._is_not_declined(),
        )
        concerned = [
            self._meetings_about_leads(SQL("crm_lead"), events),
            *self._meetings_with_contacts(SQL("res_partner"), events).values(),
        ]
        return SQL("SELECT partner_id, lead_id FROM (%s) AS concerned", SQL(" UNION ALL ").join(concerned))

    @api.model
    def _meeting_day(self, tz):
        """The day on which ``event`` begins where ``tz`` is."""
        return SQL(
            "CASE WHEN event.allday THEN event.start_date"
            " ELSE (event.start AT TIME ZONE 'UTC' AT TIME ZONE %s)::date END",
            tz,
        )

    @api.model
    def _held_meetings(self, tz, since, ours, until=None):
        """A table expression, in the columns of ``calendar_event``, of the meetings that are over and were not
        called off. The arguments are those of :meth:`_contacts_select`."""
        conditions = [
            SQL(
                "active AND CASE WHEN allday THEN (stop_date + 1)::timestamp AT TIME ZONE %s AT TIME ZONE 'UTC'"
                " ELSE stop END <= %s",
                tz,
                SQL("LEAST(%s, %s)", fields.Datetime.now(), until) if until else fields.Datetime.now(),
            ),
        ]
        if since:
            conditions.append(SQL("start > %s", since))
        if ours:
            conditions.append(SQL("user_id IS NOT NULL"))
        return SQL("(SELECT * FROM calendar_event WHERE %s)", SQL(" AND ").join(conditions))

    @api.model
    def _is_not_declined(self):
        """Whether a row of ``calendar_event`` was not declined by all who were invited from outside; one to which only
        colleagues were invited is none that the customer could decline. Few decline, so that is looked for first. Asked
        for each meeting, it joins nothing: a run over all takes no nested loops."""
        invited = SQL(
            "SELECT FROM calendar_attendee AS attendee WHERE attendee.event_id = calendar_event.id AND"
            " (SELECT person.partner_share FROM res_partner AS person WHERE person.id = attendee.partner_id)"
            " IS NOT FALSE AND attendee.state"
        )
        return SQL(
            "(NOT EXISTS (%s = 'declined') OR EXISTS (%s IS DISTINCT FROM 'declined'))",
            invited,
            invited,
        )

    @api.model
    def _meetings_about_leads(self, leads, events):
        return SQL(
            """
            SELECT event.id AS event_id, customer.commercial_partner_id AS partner_id, lead.id AS lead_id
              FROM %s AS self
              JOIN crm_lead AS lead ON lead.id = self.id
              JOIN %s AS event ON event.opportunity_id = lead.id
         LEFT JOIN res_partner AS customer ON customer.id = lead.partner_id
            """,
            leads,
            events,
        )

    @api.model
    def _meetings_with_contacts(self, contacts, events):
        """Those that a person of the customer was invited to and did not decline, and those planned on the contact."""
        invited = SQL(
            """
            SELECT attendee.event_id, contact.commercial_partner_id AS partner_id, NULL::int AS lead_id
              FROM calendar_attendee AS attendee
              JOIN %s AS event ON event.id = attendee.event_id
              JOIN %s AS contact ON contact.id = attendee.partner_id
              JOIN res_partner AS person ON person.id = contact.id
             WHERE attendee.state IS DISTINCT FROM 'declined' AND person.partner_share IS NOT FALSE
            """,
            events,
            contacts,
        )
        planned = SQL(
            "SELECT event.id AS event_id, contact.commercial_partner_id AS partner_id, NULL::int AS lead_id"
            " FROM %s AS event"
            " JOIN %s AS contact ON contact.id = event.res_id WHERE event.res_model = 'res.partner'",
            events,
            contacts,
        )
        return {"meeting_invited": invited, "meeting_planned": planned}
