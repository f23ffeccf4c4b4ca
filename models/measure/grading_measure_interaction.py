from odoo import api, fields, models
from odoo.tools import SQL

from ..base.groups import MANAGERS
from .grading_interaction import CHANNELS, SYSTEM_MESSAGES

CONTACT_DAYS = 90


class GradingMeasure(models.AbstractModel):
    """How much a lead and we have to do with each other: mails, calls, meetings, and what is planned."""

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        contact = {"source": "lead", "lead_source": "contact"}
        counts = {"source": "lead", "unit": "count", "zero": True}
        touch = {"source": "touch", "lead_source": "touch", "unit": "date", "always": True}
        return {
            **super()._measures(),
            "last_contact_date": {**contact, "label": self.env._("Last contact"), "unit": "date"},
            "contact_count_90d": {
                **counts,
                "lead_source": "contact",
                "label": self.env._("Number of contacts, 90 days"),
            },
            "engagement": {
                **contact,
                "label": self.env._("Engagement, faded"),
                "column": "engagement_log",
                "unit": "number",
            },
            "open_activity_count": {
                **counts,
                "lead_source": "activity",
                "label": self.env._("Open activities"),
            },
            "last_online_date": {**touch, "label": self.env._("Last contact online")},
            "last_call_date": {**touch, "label": self.env._("Last call")},
            "last_visit_date": {**touch, "label": self.env._("Last visit")},
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {**super()._sources(as_of, contacts), "touch": self._touch_source(as_of, contacts)}

    @api.model
    def _lead_sources(self, as_of, leads):
        return {
            **super()._lead_sources(as_of, leads),
            "contact": self._lead_contact_source(as_of, leads),
            "activity": self._lead_activity_source(leads),
            "touch": self._lead_touch_source(as_of, leads),
        }

    @api.model
    def _lead_contact_source(self, as_of, leads):
        """Contacts of people with people, up to the day on which a lead was won.

        They come in the order of their days, so that the sum of fractions does not depend on the order of rows.
        """
        counted = self._leads_until(as_of, leads)
        return SQL(
            """
            SELECT contact.lead_id, MAX(contact.day) AS last_contact_date,
                   (COUNT(*) FILTER (WHERE contact.day > contact.until - %(days)s))::int AS contact_count_90d,
                   CASE WHEN SUM(contact.weight) > 0 THEN LN(SUM(contact.weight)) END AS engagement_log
              FROM (
                SELECT happened.lead_id, happened.day, happened.until, POWER(2::float8, %(exponent)s) AS weight
                  FROM (%(messages)s UNION ALL %(meetings)s OFFSET 0) AS happened
                 WHERE happened.day <= happened.until
              ORDER BY happened.lead_id, happened.day
              ) AS contact
          GROUP BY contact.lead_id
            """,
            days=CONTACT_DAYS,
            exponent=self._faded_exponent(SQL("happened.day")),
            messages=self._lead_messages(counted),
            meetings=self._lead_meetings(counted),
        )

    @api.model
    def _leads_until(self, as_of, leads):
        """A table expression ``(id, until)``: the leads, each with the last day on which a contact counts.

        OFFSET 0: that day is worked out once for a lead, not for each of its messages.
        """
        return SQL(
            """
            (SELECT lead.id, LEAST(DATE %(as_of)s, %(closed)s) AS until
               FROM crm_lead AS lead JOIN %(leads)s AS self ON self.id = lead.id OFFSET 0)
            """,
            as_of=as_of,
            closed=self._lead_closed_date(),
            leads=leads,
        )

    @api.model
    def _lead_messages(self, leads):
        """Mails in and out, notes, activities done: ``(lead_id, day, until)``."""
        return SQL(
            """
            SELECT lead.id AS lead_id, (message.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day, lead.until
              FROM mail_message AS message
              JOIN %(leads)s AS lead ON lead.id = message.res_id
             WHERE message.model = 'crm.lead'
               AND (message.message_type <> ALL(%(system)s) OR message.mail_activity_type_id IS NOT NULL)
            """,
            tz=self.env.company._grading_tz(),
            leads=leads,
            system=list(SYSTEM_MESSAGES),
        )

    @api.model
    def _lead_meetings(self, leads):
        """Meetings: ``(lead_id, day, until)``. One that was done as an activity is among the messages already."""
        return SQL(
            """
            SELECT lead.id AS lead_id,
                   CASE WHEN event.allday THEN event.start_date
                        ELSE (event.start AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date END AS day,
                   lead.until
              FROM calendar_event AS event
              JOIN %(leads)s AS lead ON lead.id = event.opportunity_id
             WHERE event.active AND NOT EXISTS (
                   SELECT FROM mail_activity AS activity
                    WHERE activity.calendar_event_id = event.id AND activity.active IS NOT TRUE
               )
            """,
            tz=self.env.company._grading_tz(),
            leads=leads,
        )

    @api.model
    def _lead_activity_source(self, leads):
        """Activities that are planned and not yet done."""
        return SQL(
            """
            SELECT activity.res_id AS lead_id, COUNT(*)::int AS open_activity_count
              FROM mail_activity AS activity JOIN %(leads)s AS self ON self.id = activity.res_id
             WHERE activity.res_model = 'crm.lead' AND activity.active
          GROUP BY activity.res_id
            """,
            leads=leads,
        )

    # ------------------------------------------------------------
    # Last contact by channel
    # ------------------------------------------------------------

    @api.model
    def _touch_source(self, as_of, contacts):
        """The last contacts of customers: about documents of the company, and others that its people had.

        What belongs to no document counts wherever its author or organizer works; what the customer sent, everywhere.
        """
        Source = self.env["grading.contact.source"]
        return SQL(
            """
            SELECT touch.partner_id, %(dates)s
              FROM (%(touches)s) AS touch
             WHERE touch.partner_id IS NOT NULL AND touch.counted > 0 AND touch.day <= %(as_of)s
               AND COALESCE(touch.company_id, %(company)s) = %(company)s
               AND (touch.company_id IS NOT NULL OR touch.user_id IS NULL OR touch.user_id = ANY(%(users)s))
          GROUP BY touch.partner_id
            """,
            dates=self._touch_dates(),
            touches=Source._contacts_select(contacts, Source._leads_of(contacts), self.env.company._grading_tz()),
            as_of=as_of,
            company=self.env.company.id,
            users=self.env.company.sudo().with_context(active_test=False).user_ids.ids,
        )

    @api.model
    def _lead_touch_source(self, as_of, leads):
        """The last contacts about leads, up to the day on which a lead was won."""
        Source = self.env["grading.contact.source"]
        return SQL(
            """
            SELECT touch.lead_id, %(dates)s
              FROM (%(touches)s) AS touch
              JOIN %(counted)s AS lead ON lead.id = touch.lead_id
             WHERE touch.counted > 0 AND touch.day <= lead.until
          GROUP BY touch.lead_id
            """,
            dates=self._touch_dates(),
            touches=Source._contacts_select(None, leads, self.env.company._grading_tz()),
            counted=self._leads_until(as_of, leads),
        )

    @api.model
    def _touch_dates(self):
        return SQL(", ").join(
            SQL(
                "MAX(touch.day) FILTER (WHERE touch.channel = %s) AS %s",
                channel,
                SQL.identifier(f"last_{channel}_date"),
            )
            for channel, _label in CHANNELS
        )


class GradingProfile(models.Model):
    _inherit = "grading.profile"

    last_online_date = fields.Date(
        string="Last Contact Online",
        readonly=True,
        groups=MANAGERS,
        help="E-mails in and out, text messages, letters, chats, and meetings over a video link.",
    )
    last_call_date = fields.Date(string="Last Call", readonly=True, groups=MANAGERS)
    last_visit_date = fields.Date(string="Last Visit", readonly=True, groups=MANAGERS)
