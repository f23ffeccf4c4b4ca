from odoo import api, fields, models
from odoo.tools import SQL

from .grading_contact_source import CHANNELS
from .grading_profile_lead import MANAGERS


class GradingMeasure(models.AbstractModel):
    """When we and the customer, or the people of a lead, last had to do with each other, channel by channel."""

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        touch = {"source": "touch", "lead_source": "touch", "unit": "date", "always": True}
        return {
            **super()._measures(),
            "last_online_date": {**touch, "label": self.env._("Last contact online")},
            "last_call_date": {**touch, "label": self.env._("Last call")},
            "last_visit_date": {**touch, "label": self.env._("Last visit")},
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {**super()._sources(as_of, contacts), "touch": self._touch_source(as_of, contacts)}

    @api.model
    def _lead_sources(self, as_of, leads):
        return {**super()._lead_sources(as_of, leads), "touch": self._lead_touch_source(as_of, leads)}

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
