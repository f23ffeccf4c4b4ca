from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.base.fields import FloatOrUnknown
from ..models.base.guarded import guarded

COLUMNS = ("company_id", "date_close", "date_due", "date_open", "id", "partner_id", "severity", "user_id")


class GradingComplaintReport(models.Model):
    """One complaint that the user may see, and how long it took to answer and to settle it.

    It is answered by the first message of a user to a person outside the company in its own chatter, by the first
    activity that was done there, or by closing it, whichever was first: what is a message of people, and to whom it
    went, ``grading.contact.source`` says. Days are those where the company works.
    """

    _name = "grading.complaint.report"
    _inherit = ["grading.figures.report.mixin"]
    _description = "Response to Complaints"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "complaint_id"
    _depends = {
        "grading.complaint": COLUMNS,
        "grading.profile": ["company_id", "grade_id", "partner_id"],
        "mail.message": [
            *("author_id", "date", "mail_activity_type_id", "message_type", "model", "partner_ids", "res_id"),
        ],
        "mail.notification": ["mail_message_id", "res_partner_id"],
        "res.partner": ["partner_share"],
        "res.users": ["sale_team_id"],
    }

    complaint_id = fields.Many2one("grading.complaint", readonly=True)
    user_id = fields.Many2one(string="Responsible", help="The user who is to settle the complaint.")
    team_id = fields.Many2one(help="The team of the responsible user.")
    severity = fields.Selection("_select_severities", readonly=True)
    date = fields.Date(string="Opened", readonly=True)
    date_answer = fields.Date(string="First Answer", readonly=True)
    date_close = fields.Date(string="Closed on", readonly=True)
    days_to_answer = FloatOrUnknown(
        string="Days to Answer",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="From the opening to the first message to the customer, to the first activity done on the complaint, or "
        "to its closing.",
    )
    days_to_close = FloatOrUnknown(
        string="Days to Close", digits=(16, 1), readonly=True, aggregator="avg", help="From the opening to the closing."
    )
    in_time_rate = FloatOrUnknown(
        string="Closed in Time (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Which part was closed by the deadline, of the complaints that are closed or past it.",
    )

    @property
    def _table_query(self):
        companies = self.env["res.company"].sudo().search([("active", "=", True)])
        return SQL(
            """
            SELECT complaint.id, complaint.id AS complaint_id, complaint.partner_id, complaint.company_id,
                   complaint.user_id, seller.sale_team_id AS team_id, complaint.severity, complaint.date_open AS date,
                   complaint.date_close, answer.day AS date_answer,
                   (SELECT profile.grade_id FROM grading_profile AS profile
                     WHERE profile.partner_id = complaint.partner_id AND profile.company_id = complaint.company_id)
                       AS grade_id,
                   CASE WHEN answer.day IS NOT NULL THEN GREATEST(answer.day - complaint.date_open, 0)::float8
                    END AS days_to_answer,
                   (complaint.date_close - complaint.date_open)::float8 AS days_to_close,
                   CASE WHEN complaint.date_close <= complaint.date_due THEN 100::float8
                        WHEN complaint.date_close IS NOT NULL OR complaint.date_due < company.today THEN 0::float8
                    END AS in_time_rate
              FROM (%(complaints)s) AS complaint
              JOIN %(clocks)s AS company ON company.id = complaint.company_id
        CROSS JOIN LATERAL (
                SELECT LEAST(
                    complaint.date_close,
                    ((%(first)s) AT TIME ZONE 'UTC' AT TIME ZONE company.tz)::date
                ) AS day
              ) AS answer
         LEFT JOIN res_users AS seller ON seller.id = complaint.user_id
            """,
            complaints=self._visible_complaints(),
            clocks=companies._grading_clocks(),
            first=self._first_message(),
        )

    @api.model
    def _visible_complaints(self):
        query = self.env["grading.complaint"]._search(Domain.TRUE)
        return query.select(*(SQL.identifier(query.table, name) for name in COLUMNS))

    @api.model
    def _first_message(self):
        """When a user first wrote to a person outside the company on the ``complaint``, or did an activity there."""
        Source = self.env["grading.contact.source"].sudo()
        return SQL(
            """
            SELECT MIN(message.date)
              FROM %(messages)s AS message
             WHERE message.model = 'grading.complaint' AND message.res_id = complaint.id
               AND (message.mail_activity_type_id IS NOT NULL OR EXISTS (
                   SELECT FROM res_partner AS person
                     JOIN (%(recipients)s AND sent.mail_message_id = message.id) AS sent
                       ON sent.res_partner_id = person.id
                    WHERE person.partner_share IS NOT FALSE
               ))
            """,
            messages=Source._human_messages(None, ours=True),
            recipients=Source._recipients(),
        )

    @api.model
    def _select_severities(self):
        return self.env["grading.complaint"]._fields["severity"]._description_selection(self.env)

    @api.readonly
    @guarded(one=True)
    def action_open(self):
        """Open the complaint."""
        return self.complaint_id.get_formview_action()
