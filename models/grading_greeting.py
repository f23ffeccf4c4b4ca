from odoo import api, fields, models
from odoo.tools import SQL


class GradingGreeting(models.Model):
    """One greeting that was made: to whom, on which occasion, and how. Nobody is greeted twice for the same day.

    It is made, with its activity or message, in one transaction: a job that is killed has greeted somebody or not, and
    of two jobs at once the database lets one greet. Where a customer buys from several of our companies, the first of
    them greets.
    """

    _name = "grading.greeting"
    _description = "Greeting"
    _order = "date desc, id desc"

    occasion_id = fields.Many2one("grading.occasion", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Contact", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade", index=True)
    date = fields.Date(required=True, readonly=True, index=True, help="The day that was greeted for.")
    occasion_date_id = fields.Many2one(
        "grading.occasion.date",
        string="Date of the Feast",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="Who was greeted is not greeted again when somebody corrects this date.",
    )
    grade_id = fields.Many2one(
        "grading.grade", readonly=True, ondelete="set null", help="The customer's grade when he was greeted."
    )
    state = fields.Selection(
        [
            ("activity", "Activity"),
            ("email", "E-mail"),
            ("sms", "SMS"),
            ("nobody", "Nobody responsible"),
        ],
        string="Greeted by",
        required=True,
        readonly=True,
        default="nobody",
        help="Nobody responsible: neither the contact nor a lead or order has a salesperson, and no team a leader.",
    )
    obstacle = fields.Selection(
        [
            ("consent", "No consent"),
            ("address", "No e-mail address or phone number"),
            ("blacklist", "On the blacklist"),
            ("module", "SMS is not installed"),
            ("error", "Sending failed"),
        ],
        string="Not Sent Because",
        readonly=True,
        help="Why no message was sent, and the salesperson greets instead.",
    )
    error = fields.Text(readonly=True)
    user_id = fields.Many2one("res.users", string="Responsible", readonly=True, ondelete="set null", index=True)
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, ondelete="set null", index="btree_not_null", context={"active_test": False}
    )
    message_id = fields.Many2one("mail.message", readonly=True, ondelete="set null", index="btree_not_null")

    _occasion_partner_date_unique = models.Constraint(
        "UNIQUE (occasion_id, partner_id, date)",
        "This contact was greeted on this occasion already: nobody is greeted twice for the same day.",
    )

    @api.depends("occasion_id", "partner_id")
    def _compute_display_name(self):
        for greeting in self:
            greeting.display_name = f"{greeting.occasion_id.name}, {greeting.partner_id.display_name}"

    def action_open(self):
        """The contact that was greeted."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
            "name": self.partner_id.display_name,
        }

    @api.model
    def _claim(self, occasion, partner_ids=None):
        """Note greetings on an occasion in the current company, before they are made: whoever is noted is
        greeted by this job and by no other one.

        :param grading.occasion occasion:
        :param list partner_ids: whom of those who are due; all by default
        :return: the greetings, to be made in the same transaction
        """
        due = occasion._due_select(partner_ids)
        if not due:
            return self
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO grading_greeting (
                    occasion_id, partner_id, company_id, date, occasion_date_id, grade_id, state,
                    create_uid, create_date, write_uid, write_date
                )
                SELECT %(occasion)s, due.partner_id, %(company)s, due.date, due.line_id, due.grade_id, 'nobody',
                       %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s, NOW() AT TIME ZONE 'UTC'
                  FROM (%(due)s) AS due
              ORDER BY due.date, due.partner_id
                    ON CONFLICT DO NOTHING
             RETURNING id
                """,
                occasion=occasion.id,
                company=self.env.company.id,
                uid=self.env.uid,
                due=due,
            )
        )
        return self.browse([greeting_id for [greeting_id] in rows])
