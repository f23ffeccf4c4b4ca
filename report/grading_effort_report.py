from odoo import api, fields, models
from odoo.tools import SQL

from ..models.base.guarded import LARGEST_KEY
from ..models.measure.grading_interaction import CHANNELS


class GradingEffortReport(models.Model):
    """One contact that a user had with a customer or lead: what the selling time was spent on.

    What customers wrote of their own accord took no effort and is left out. The grade is the one in force now, the
    customer's before the lead's; the time is known of meetings only, and is that of their organizer. What belongs to no
    document has a row in each company in which its author works and the customer is graded, as it counts for the
    customer's dates in each.
    """

    _name = "grading.effort.report"
    _inherit = ["grading.lead.access.mixin", "grading.effort.mixin"]
    _description = "Effort by Grade"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _depends = {
        "mail.message": [
            "author_id",
            "date",
            "mail_activity_type_id",
            "message_type",
            "model",
            "outgoing_email_to",
            "partner_ids",
            "res_id",
        ],
        "mail.mail": ["mail_message_id", "state"],
        "mail.notification": ["mail_message_id", "notification_status", "res_partner_id"],
        "mail.activity": ["active", "calendar_event_id", "grading_message_id"],
        "mail.activity.type": ["grading_channel"],
        "calendar.event": ["active", "allday", "opportunity_id", "res_id", "res_model", "start", "stop", "user_id"],
        "calendar.attendee": ["event_id", "partner_id", "state"],
        "res.partner": ["commercial_partner_id", "partner_share"],
        "res.users": ["company_ids", "partner_id", "sale_team_id", "share"],
        "crm.lead": ["company_id", "partner_id"],
        "sale.order": ["company_id", "partner_id"],
        "account.move": ["company_id", "partner_id"],
        "grading.profile": ["company_id", "grade_id", "lead_id", "partner_id"],
    }

    date = fields.Datetime(readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    lead_id = fields.Many2one("crm.lead", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)

    @property
    def _table_query(self):
        return self._effort_select()

    @api.model
    def _effort_select(self, since=None):
        """The rows, as a ``SELECT`` in the columns of this model.

        The key is a hash of the message or meeting and the profile, so that a row keeps it, whatever their ids are, and
        a filter on any column is applied before the rows are worked out. Any two of n rows share a key with a
        probability of n² / 2^54: 1 in 18,000 for a million rows, and 1 in 10^12 on a page of 80.

        :param datetime.datetime since: only what happened later, in UTC; ``None`` for everything
        :rtype: odoo.tools.SQL
        """
        Source = self.env["grading.contact.source"]
        contacts, leads = SQL("res_partner"), SQL("crm_lead")
        return SQL(
            """
            SELECT HASHINT8EXTENDED(contact.key::bigint * 2 + contact.is_meeting::int, COALESCE(customer.id, about.id))
                       & %(largest)s AS id,
                   contact.moment AS date, contact.user_id, author.sale_team_id AS team_id,
                   COALESCE(contact.company_id, about.company_id, customer.company_id) AS company_id,
                   contact.partner_id, contact.lead_id, COALESCE(customer.grade_id, about.grade_id) AS grade_id,
                   contact.channel, contact.counted AS contact_count, contact.hours
              FROM (%(contacts)s) AS contact
              JOIN res_users AS author ON author.id = contact.user_id
         LEFT JOIN grading_profile AS about ON about.lead_id = contact.lead_id
         LEFT JOIN grading_profile AS customer
                ON customer.partner_id = contact.partner_id
               AND (customer.company_id = COALESCE(contact.company_id, about.company_id)
                    OR COALESCE(contact.company_id, about.company_id) IS NULL AND %(works_there)s)
             WHERE contact.moment <= %(now)s AND (about.id IS NOT NULL OR customer.id IS NOT NULL)
            """,
            largest=LARGEST_KEY,
            contacts=Source._contacts_select(contacts, leads, "UTC", since, ours=True),
            works_there=Source._works_in(SQL("contact.user_id"), SQL("customer.company_id")),
            now=fields.Datetime.now(),
        )
