import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..base.grading_job_mixin import attempt, said
from ..base.guarded import guarded

_logger = logging.getLogger(__name__)


class GradingGreeting(models.Model):
    """One greeting to a contact, on an occasion, with its activity or message; one at most for the same day.

    Both are created in one transaction, so that a job that is killed leaves no half of a greeting, and of two jobs at
    once the database lets one greet. A customer who buys from several of our companies is greeted by the first of them.
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
        help="Contacts who were greeted are not greeted again when this date is corrected.",
    )
    grade_id = fields.Many2one(
        "grading.grade", readonly=True, ondelete="set null", help="The customer's grade on the day of the greeting."
    )
    state = fields.Selection(
        [
            ("activity", "Activity"),
            ("email", "E-mail"),
            ("sms", "SMS"),
            ("nobody", "No responsible"),
        ],
        string="Greeted by",
        required=True,
        readonly=True,
        default="nobody",
        help="No responsible: neither the contact nor a lead or order has a salesperson, and no team has a leader.",
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
        "This contact was greeted on this occasion already: there is one greeting for the same day.",
    )

    @api.depends("occasion_id", "partner_id")
    def _compute_display_name(self):
        for greeting in self:
            greeting.display_name = f"{greeting.occasion_id.name}, {greeting.partner_id.display_name}"

    @api.readonly
    @guarded(one=True)
    def action_open(self):
        """Open the contact that was greeted."""
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
            "name": self.partner_id.display_name,
        }

    @api.model
    def _claim(self, occasion, partner_ids=None):
        """Create the rows of the greetings that are due on an occasion in the current company: what is claimed so is
        greeted by this job and by no other one.

        :param grading.occasion occasion:
        :param list partner_ids: only these of the contacts that are due; all by default
        :return: the rows; their activities or messages follow in the same transaction
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

    # ------------------------------------------------------------
    # By e-mail or SMS
    # ------------------------------------------------------------

    # Only to contacts who have agreed to it and are on no blacklist. Messages wait in Odoo's own queues, which are sent
    # after the commit: none of a job that fails.

    def _send(self):
        """Send the message of the occasion where it is allowed; the other greetings keep what is in the way.

        :return: the greetings that were sent
        """
        occasion = self.occasion_id
        if occasion.send_by == "activity":
            return self.browse()
        grades = occasion.message_grade_ids
        by_message = self.filtered(lambda greeting: not grades or greeting.grade_id in grades)
        for greeting in by_message:
            greeting.obstacle = greeting._find_obstacle(occasion.send_by)
        sendable = by_message.filtered(lambda greeting: not greeting.obstacle)
        salespeople = sendable.partner_id._grading_salespeople(self.env.company)
        for greeting in sendable:
            greeting.user_id = salespeople[greeting.partner_id]
        sent = sendable._send_isolated()
        sent.state = occasion.send_by
        return sent

    def _find_obstacle(self, send_by):
        """What keeps the contact from being greeted by e-mail or SMS; False when nothing does."""
        partner = self.partner_id
        if send_by == "sms":
            if "sms.sms" not in self.env:
                return "module"
            address, is_blacklisted = partner.phone_sanitized, partner.phone_sanitized_blacklisted
        else:
            address, is_blacklisted = partner.email_normalized, partner.is_blacklisted
        if not partner.grading_greeting_consent:
            return "consent"
        if not address:
            return "address"
        return is_blacklisted and "blacklist"

    def _send_isolated(self):
        """Send to all at once; where that fails to each alone, so that a single one cannot stop the others.

        :return: the greetings that were sent; the others keep their error
        """
        if not self or not self._try_to_send():
            return self
        failed = self.browse()
        for greeting in self:
            if error := greeting._try_to_send():
                greeting.write({"obstacle": "error", "error": error})
                failed |= greeting
        return self - failed

    def _try_to_send(self):
        """Put the messages into the queue.

        :return: the error, if it failed; nothing is queued then
        :rtype: str or None
        """
        error = attempt(self.env, self._queue, _logger, "Greetings %s could not be sent", self.ids)
        return said(error) if error else None

    def _queue(self):
        """Queue the messages of these greetings, each in the language of its contact."""
        groups = self.grouped(lambda greeting: (greeting.partner_id.lang, greeting.user_id))
        for (lang, _user), greetings in groups.items():
            greetings.with_context(lang=lang or self.env.lang)._queue_messages()

    def _queue_messages(self):
        """Queue the messages to contacts of one salesperson and one language, that of the context."""
        occasion, partners, salesperson = self.occasion_id, self.partner_id, self.user_id
        if occasion.send_by == "sms":
            messages = {
                partner: partner._message_sms(occasion._sms_body(partner, salesperson), put_in_queue=True)
                for partner in partners
            }
        else:
            template = occasion.template_id.with_context(
                grading_company=self.env.company, grading_salesperson=salesperson
            )
            # A greeting is no contact with the customer, also in a salesperson's name: see SYSTEM_MESSAGES.
            author = salesperson.partner_id or self.env.company.partner_id
            mails = template.send_mail_batch(
                partners.ids, email_values={"author_id": author.id, "message_type": "auto_comment"}
            )
            messages = {self.env["res.partner"].browse(mail.res_id): mail.mail_message_id for mail in mails}
        for greeting in self:
            greeting.message_id = messages[greeting.partner_id]

    # ------------------------------------------------------------
    # By activity
    # ------------------------------------------------------------

    def _subject(self):
        """The contact, about which the activity is.

        :rtype: res.partner
        """
        self.ensure_one()
        return self.partner_id

    def _plan(self):
        """Create one activity for each greeting, for the salesperson of the contact or else a team leader; greetings
        without either have no responsible."""
        responsible = self.partner_id._grading_responsibles(self.env.company)
        for greeting in self:
            greeting.user_id = responsible.get(greeting.partner_id)
        planned = self.filtered("user_id")
        Activity = self.env["mail.activity"]
        values = Activity._grading_prepare(
            {greeting: greeting.user_id for greeting in planned},
            lambda greetings: {greeting: greeting._describe_activity() for greeting in greetings},
        )
        for greeting, activity in zip(planned, Activity._grading_create_quietly(values), strict=True):
            greeting.activity_id = activity
        planned.state = "activity"
        (self - planned).state = "nobody"

    def _describe_activity(self):
        """What the activity of this greeting says, in the language of the context."""
        occasion = self.occasion_id
        return {
            "activity_type_id": occasion.activity_type_id.id,
            "summary": occasion.name,
            "note": self._activity_note(),
            # What was missed and is made up for is due today.
            "date_deadline": max(self.date, self.company_id._grading_today()),
        }

    def _activity_note(self):
        """The reason for the greeting, why no message was sent, and the note of the occasion."""
        lines = [self._reason(), self._obstacle_sentence()]
        paragraphs = Markup("").join(Markup("<p>%s</p>") % line for line in lines if line)
        return paragraphs + (self.occasion_id.note or "")

    def _reason(self):
        """“Emma Visser turns 52 on 3 May.”"""
        occasion, partner = self.occasion_id, self.partner_id
        values = {"name": partner.name or partner.display_name, "date": format_date(self.env, self.date)}
        if occasion.kind == "birthday":
            years = self.date.year - partner.birthdate_date.year
            return self.env._("%(name)s turns %(years)s on %(date)s.", years=years, **values)
        if occasion.kind != "anniversary":
            return self.env._("%(occasion)s is on %(date)s: greet %(name)s.", occasion=occasion.name, **values)
        if occasion.anniversary_of == "founded":
            years = self.date.year - partner.grading_founded_date.year
            return self.env._("%(name)s celebrates %(years)s years on %(date)s.", years=years, **values)
        years = self.date.year - partner.with_company(self.company_id).grading_profile_id.first_order_date.year
        return self.env._("%(name)s has been a customer for %(years)s years on %(date)s.", years=years, **values)

    def _obstacle_sentence(self):
        if not self.obstacle:
            return ""
        label = dict(self._fields["obstacle"]._description_selection(self.env))[self.obstacle]
        return self.env._("No message was sent: %s.", label)
