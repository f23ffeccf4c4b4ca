from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .grading_contact_source import DAY_HOURS


class GradingContactSource(models.AbstractModel):
    _inherit = "grading.contact.source"

    @api.model
    def _meetings(self, contacts, leads, tz):
        """Meetings that are over, in the columns of :meth:`_contacts_select`: of others nobody knows yet whether they
        are held. One over a video link is a contact online."""
        touches = [self._meetings_about_leads(leads)]
        if contacts is not None:
            touches += self._meetings_with_contacts(contacts)
        return SQL(
            """
            SELECT event.id AS key, TRUE AS is_meeting, touch.partner_id, touch.lead_id, lead.company_id,
                   CASE WHEN event.videocall_location <> '' THEN 'online' ELSE 'visit' END AS channel,
                   event.start AS moment,
                   %(day)s AS day,
                   event.user_id,
                   CASE WHEN event.allday THEN (event.stop_date - event.start_date + 1) * %(day_hours)s
                        ELSE EXTRACT(EPOCH FROM event.stop - event.start) / 3600 END::float8 AS hours,
                   CASE WHEN EXISTS (
                       SELECT FROM mail_activity AS activity
                        WHERE activity.calendar_event_id = event.id AND activity.active IS NOT TRUE
                   ) THEN 0 ELSE 1 END AS counted
              FROM (
                SELECT event_id, partner_id, MAX(lead_id) AS lead_id FROM (%(touches)s) AS touched
              GROUP BY event_id, partner_id
              ) AS touch
              JOIN calendar_event AS event ON event.id = touch.event_id
         LEFT JOIN crm_lead AS lead ON lead.id = event.opportunity_id
             WHERE event.active
               AND CASE WHEN event.allday THEN (event.stop_date + 1)::timestamp AT TIME ZONE %(tz)s AT TIME ZONE 'UTC'
                        ELSE event.stop END <= %(now)s
            """,
            tz=tz,
            day=self._meeting_day(tz),
            now=fields.Datetime.now(),
            day_hours=DAY_HOURS,
            touches=SQL(" UNION ALL ").join(touches),
        )

    @api.model
    def _meetings_ahead(self):
        """``SELECT partner_id, lead_id`` of the customers and leads with whom a meeting is planned, or was just held:
        it counts before the next run has measured it."""
        touches = [self._meetings_about_leads(SQL("crm_lead")), *self._meetings_with_contacts(SQL("res_partner"))]
        return SQL(
            """
            SELECT touch.partner_id, touch.lead_id
              FROM (%(touches)s) AS touch
              JOIN calendar_event AS event ON event.id = touch.event_id
             WHERE event.active AND event.stop >= %(since)s
            """,
            touches=SQL(" UNION ALL ").join(touches),
            since=fields.Datetime.now() - timedelta(days=1),
        )

    @api.model
    def _meeting_day(self, tz):
        """The day on which ``event`` begins where ``tz`` is."""
        return SQL(
            "CASE WHEN event.allday THEN event.start_date"
            " ELSE (event.start AT TIME ZONE 'UTC' AT TIME ZONE %s)::date END",
            tz,
        )

    @api.model
    def _meetings_about_leads(self, leads):
        return SQL(
            """
            SELECT event.id AS event_id, customer.commercial_partner_id AS partner_id, lead.id AS lead_id
              FROM %s AS self
              JOIN crm_lead AS lead ON lead.id = self.id
              JOIN calendar_event AS event ON event.opportunity_id = lead.id
         LEFT JOIN res_partner AS customer ON customer.id = lead.partner_id
            """,
            leads,
        )

    @api.model
    def _meetings_with_contacts(self, contacts):
        """Those that a person of the customer was invited to and did not decline, and those planned on his contact."""
        invited = SQL(
            """
            SELECT attendee.event_id, contact.commercial_partner_id, NULL::int
              FROM calendar_attendee AS attendee
              JOIN %s AS contact ON contact.id = attendee.partner_id
              JOIN res_partner AS person ON person.id = contact.id
             WHERE attendee.state IS DISTINCT FROM 'declined' AND person.partner_share IS NOT FALSE
            """,
            contacts,
        )
        planned = SQL(
            "SELECT event.id, contact.commercial_partner_id, NULL::int FROM calendar_event AS event"
            " JOIN %s AS contact ON contact.id = event.res_id WHERE event.res_model = 'res.partner'",
            contacts,
        )
        return [invited, planned]
