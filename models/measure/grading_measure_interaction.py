from odoo import api, fields, models
from odoo.tools import SQL

from ..base.fields import MANAGERS, FloatOrUnknown, IntegerOrEmpty
from ..base.res_company import DECAY_EPOCH
from .grading_interaction import LAST_DATES
from .grading_measure import BEST_LEAD
from .grading_measure_document import MANY_CONTACTS

CONTACT_DAYS = 90


class GradingProfile(models.Model):
    """Measured: the contacts with the customer or lead, and the ones that are planned."""

    _inherit = "grading.profile"

    last_contact_date = fields.Date(
        string="Last Contact",
        readonly=True,
        groups=MANAGERS,
        help="The day of the latest contact by any channel. Of a customer: about the best lead.",
    )
    contact_count_90d = IntegerOrEmpty(
        string="Contacts, 90 Days",
        readonly=True,
        groups=MANAGERS,
        help="E-mails in and out, mailings too, activities done and meetings held. Internal notes, messages of the "
        "system, e-mails that did not arrive and declined meetings do not count. Of a customer: about the best lead.",
    )
    engagement_log = fields.Float(
        string="Logarithm of the Engagement",
        readonly=True,
        groups=MANAGERS,
        aggregator=None,
        help="Natural logarithm of the sum of 2^(days since %s ÷ half-life) over all contacts: it does not change with "
        "time." % DECAY_EPOCH,
    )
    engagement = FloatOrUnknown(
        compute="_compute_decayed",
        search="_search_engagement",
        groups=MANAGERS,
        help="All contacts, each counting half for every half-life of its age: yesterday's counts nearly one. "
        "Of a customer: about the best lead.",
    )
    open_activity_count = IntegerOrEmpty(
        string="Open Activities",
        readonly=True,
        groups=MANAGERS,
        help="Activities that are planned and not done. Of a customer: on the best lead.",
    )
    last_online_date = fields.Date(
        string="Last Contact Online",
        readonly=True,
        groups=MANAGERS,
        help="E-mails in and out, text messages, letters, chats, and meetings over a video link.",
    )
    last_call_date = fields.Date(
        string="Last Call",
        readonly=True,
        groups=MANAGERS,
        help="The day of the latest call that was marked as done.",
    )
    last_visit_date = fields.Date(
        string="Last Visit", readonly=True, groups=MANAGERS, help="The day of the latest visit or meeting in person."
    )

    def _search_engagement(self, operator, value):
        return self._search_decayed("engagement", operator, value)


class GradingMeasure(models.AbstractModel):
    """How much a customer or lead and we interact: e-mails, calls, meetings, and what is planned.

    What counts as a contact is said by :class:`GradingContactSource` alone.
    """

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        group = {"group": self.env._("Contacts")}
        of_leads = {"source": BEST_LEAD, "lead_source": "interaction", **group}
        count = {"source": BEST_LEAD, "unit": "count", "zero": True, **group}
        last = {"source": "interaction", "lead_source": "interaction", "unit": "date", "always": True, **group}
        return {
            **super()._measures(),
            "last_contact_date": {**of_leads, "label": self.env._("Last contact"), "unit": "date"},
            "contact_count_90d": {
                **count,
                "lead_source": "interaction",
                "label": self.env._("Number of contacts, 90 days"),
            },
            "engagement": {
                **of_leads,
                "label": self.env._("Engagement, recency-weighted"),
                "column": "engagement_log",
                "unit": "number",
            },
            "open_activity_count": {**count, "lead_source": "activity", "label": self.env._("Open activities")},
            "last_online_date": {**last, "label": self.env._("Last contact online")},
            "last_call_date": {**last, "label": self.env._("Last call")},
            "last_visit_date": {**last, "label": self.env._("Last visit")},
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {**super()._sources(as_of, contacts), "interaction": self._interaction_source(as_of, contacts)}

    @api.model
    def _lead_sources(self, as_of, leads):
        return {
            **super()._lead_sources(as_of, leads),
            "interaction": self._lead_interaction_source(as_of, leads),
            "activity": self._lead_activity_source(as_of, leads),
        }

    # ------------------------------------------------------------
    # Of a customer
    # ------------------------------------------------------------

    @api.model
    def _interaction_source(self, as_of, contacts):
        """The last contacts of customers that count where the environment's company is."""
        Source, tz = self.env["grading.contact.source"], self.env.company._grading_tz()
        leads = Source._leads_of(contacts)
        unused = () if contacts in MANY_CONTACTS else Source._unused_ways(contacts, leads)
        return SQL(
            """
            SELECT contact.partner_id, %(dates)s
              FROM (%(contacts)s) AS contact
             WHERE contact.partner_id IS NOT NULL AND contact.counted > 0 AND contact.day <= %(as_of)s
               AND %(counts_here)s
          GROUP BY contact.partner_id
            """,
            dates=self._last_dates(),
            contacts=Source._contacts_select(contacts, leads, tz, unused=unused, until=self._over_by(as_of)),
            as_of=as_of,
            counts_here=Source._counts_in(self.env.company),
        )

    @api.model
    def _last_dates(self):
        """``MAX(contact.day) FILTER (WHERE contact.channel = 'call') AS last_call_date, …``"""
        return SQL(", ").join(
            SQL(
                "MAX(contact.day) FILTER (WHERE contact.channel = %s) AS %s",
                channel,
                SQL.identifier(name),
            )
            for channel, name in LAST_DATES.items()
        )

    # ------------------------------------------------------------
    # Of a lead
    # ------------------------------------------------------------

    @api.model
    def _lead_interaction_source(self, as_of, leads):
        """The contacts about leads, up to the day on which a lead was won: counted, decayed, and the last ones.

        They come in the order of their days, so that the sum of fractions does not depend on the order of rows.
        OFFSET 0: a contact's day is computed once, not at each of its uses.
        """
        Source, tz = self.env["grading.contact.source"], self.env.company._grading_tz()
        unused = Source._unused_ways(None, leads)
        contacts = Source._contacts_select(None, leads, tz, unused=unused, until=self._over_by(as_of))
        return SQL(
            """
            SELECT contact.lead_id, MAX(contact.day) AS last_contact_date,
                   (COUNT(*) FILTER (WHERE contact.day > contact.until - %(days)s))::int AS contact_count_90d,
                   CASE WHEN SUM(contact.weight) > 0 THEN LN(SUM(contact.weight)) END AS engagement_log,
                   %(dates)s
              FROM (
                SELECT happened.lead_id, happened.day, happened.channel, lead.until,
                       POWER(2::float8, %(exponent)s) AS weight
                  FROM (
                    SELECT lead_id, day, channel FROM (%(contacts)s) AS found WHERE counted > 0 OFFSET 0
                  ) AS happened
                  JOIN %(until)s AS lead ON lead.id = happened.lead_id
                 WHERE happened.day <= lead.until
              ORDER BY happened.lead_id, happened.day
              ) AS contact
          GROUP BY contact.lead_id
            """,
            days=CONTACT_DAYS,
            dates=self._last_dates(),
            exponent=self._decay_exponent(SQL("happened.day")),
            contacts=contacts,
            until=self._leads_until(as_of, leads),
        )

    @api.model
    def _leads_until(self, as_of, leads):
        """A table expression ``(id, until)``: the leads, each with the last day on which a contact counts.

        OFFSET 0: that day is computed once for a lead, not for each of its contacts.
        """
        return SQL(
            """
            (SELECT lead.id, LEAST(DATE %(as_of)s, %(closed)s) AS until
               FROM crm_lead AS lead JOIN %(leads)s AS self ON self.id = lead.id OFFSET 0)
            """,
            as_of=as_of,
            closed=self._lead_closed_date(as_of),
            leads=leads,
        )

    @api.model
    def _lead_activity_source(self, as_of, leads):
        """Activities that were planned and not yet done on the day. Odoo does not remember those that were canceled.

        The day of a done one is asked only where an earlier day is judged apart: in a time zone ahead of the company's
        it may be tomorrow.
        """
        is_open = SQL("activity.active")
        if self._is_past(as_of):
            is_open = SQL("(activity.active OR activity.date_done > %s)", as_of)
        return SQL(
            """
            SELECT activity.res_id AS lead_id, COUNT(*)::int AS open_activity_count
              FROM mail_activity AS activity JOIN %(leads)s AS self ON self.id = activity.res_id
             WHERE activity.res_model = 'crm.lead' AND %(is_open)s AND %(was_there)s
          GROUP BY activity.res_id
            """,
            is_open=is_open,
            was_there=self._was_there("activity", as_of),
            leads=leads,
        )
