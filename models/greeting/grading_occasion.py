from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..base.guarded import guarded

# What can stand in braces in the text of an SMS.
PLACEHOLDERS = ("name", "occasion", "company", "salesperson")


class GradingOccasion(models.Model):
    """A day on which customers are greeted: their own, the same one every year, or one that is dated year by year.

    Birthdays are those of the persons among a customer's contacts; on all other occasions the customer is greeted, the
    commercial entity. :meth:`_due_select` finds the contacts to greet, and for which day.
    """

    _name = "grading.occasion"
    _inherit = ["grading.job.mixin", "grading.text.mixin", "grading.input.mixin", "grading.shared.mixin"]
    _description = "Occasion"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", ondelete="cascade", help="Empty: every company greets on this day.")
    kind = fields.Selection(
        [
            ("birthday", "Birthday"),
            ("anniversary", "Anniversary"),
            ("fixed", "Same day every year"),
            ("dated", "Variable date"),
        ],
        default="fixed",
        required=True,
    )
    anniversary_of = fields.Selection(
        [("founded", "Foundation of the company"), ("first_order", "First order")],
        string="Anniversary of",
        default="first_order",
        required=True,
    )
    month = fields.Integer(default=1, aggregator=None)
    day = fields.Integer(default=1, aggregator=None)
    line_ids = fields.One2many("grading.occasion.date", "occasion_id", string="Dates", copy=True)
    next_date = fields.Date(compute="_compute_next_date", help="The next date of this feast; enter further years.")
    days_before = fields.Integer(
        help="So many days before, the activity is planned or the message sent.", aggregator=None
    )

    # A filter must not vanish, and so greet all customers, when a record that it names is deleted or archived.
    country_ids = fields.Many2many(
        "res.country",
        string="Countries",
        ondelete="restrict",
        help="Empty, like the languages: contacts of every country are greeted.",
    )
    lang_ids = fields.Many2many(
        "res.lang",
        string="Languages",
        ondelete="restrict",
        context={"active_test": False},
        help="Contacts who speak one of these languages are greeted, and those in one of the countries.",
    )
    grade_ids = fields.Many2many(
        "grading.grade",
        string="Grades",
        ondelete="restrict",
        context={"active_test": False},
        help="Empty: customers of every grade are greeted.",
    )

    send_by = fields.Selection(selection="_selection_send_by", string="Greeted by", default="activity", required=True)
    message_grade_ids = fields.Many2many(
        "grading.grade",
        "grading_occasion_message_grade_rel",
        string="Message to Grades",
        ondelete="restrict",
        context={"active_test": False},
        help="Empty: to all who have agreed to it. Customers of other grades are greeted by their salesperson.",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="E-mail Template",
        domain="[('model', '=', 'res.partner')]",
        ondelete="restrict",
        help="Each contact gets it in their own language.",
    )
    sms_text = fields.Text(
        string="SMS Text",
        translate=True,
        help="Each contact gets it in their own language. You can use {name}, {occasion}, {company} and {salesperson}.",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        domain="[('res_model', 'in', (False, 'res.partner'))]",
        ondelete="set null",
        default=lambda self: self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False),
    )
    note = fields.Html(translate=True, help="What the salesperson should know before greeting.")

    greeting_count = fields.Integer(string="Greetings", compute="_compute_greeting_count")
    error = fields.Text(readonly=True, copy=False, help="Why the last greetings on this occasion failed.")

    _days_before_range = models.Constraint(
        "CHECK (days_before BETWEEN 0 AND 60)",
        "A greeting is prepared on the day itself or up to 60 days before: enter a number of days from 0 to 60.",
    )

    @api.model
    def _selection_send_by(self):
        """An SMS can be chosen if Odoo's own SMS module is installed."""
        by_sms = [("sms", self.env._("SMS"))] if "sms.sms" in self.env else []
        return [("activity", self.env._("Activity")), ("email", self.env._("E-mail")), *by_sms]

    @api.depends("kind", "month", "day", "line_ids.date")
    def _compute_next_date(self):
        company = self.env.company
        today = company._grading_today()
        for occasion in self:
            days = []
            if occasion.kind == "dated":
                days = occasion.line_ids.filtered("date").mapped("date")
            elif occasion.kind == "fixed":
                this_year, next_year = (occasion._date_in(company, today.year + years) for years in (0, 1))
                days = [this_year, next_year]
            occasion.next_date = min((day for day in days if day and day >= today), default=False)

    def _date_in(self, company, year):
        """The day of a year on which a fixed feast is kept; None while the day and month entered are no date."""
        if (self.month, self.day) == (2, 29) and (substitute := company._grading_leap_substitute(year)):
            return substitute
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return None

    def copy_data(self, default=None):
        """A copy is archived: it would greet the same customers on the same day once more."""
        vals_list = super().copy_data({"active": False, **(default or {})})
        if "name" not in (default or {}):
            for occasion, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", occasion.name)
        return vals_list

    def _compute_greeting_count(self):
        counts = dict(
            self.env["grading.greeting"]._read_group([("occasion_id", "in", self.ids)], ["occasion_id"], ["__count"])
        )
        for occasion in self:
            occasion.greeting_count = counts.get(occasion._origin, 0)

    # ------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------

    @api.constrains("kind", "month", "day")
    def _check_day(self):
        for occasion in self.filtered(lambda occasion: occasion.kind == "fixed"):
            # Of a leap year: 29 February may be entered.
            if not occasion._date_in(self.env.company, 2024):
                raise ValidationError(
                    self.env._(
                        "“%(occasion)s”: %(day)s/%(month)s is not a valid date (day/month). Enter a month from 1 to 12 "
                        "and a day of that month.",
                        occasion=occasion.name,
                        day=occasion.day,
                        month=occasion.month,
                    )
                )

    @api.model
    def _grading_text_fields(self):
        return ["sms_text"]

    @api.model
    def _grading_placeholders(self):
        return PLACEHOLDERS

    @api.constrains("send_by", "template_id", "sms_text")
    def _check_message(self):
        for occasion in self:
            if occasion.send_by == "email" and occasion.template_id.model != "res.partner":
                raise ValidationError(
                    self.env._("“%s” is greeted by e-mail: choose a template that is made for contacts.", occasion.name)
                )
            if occasion.send_by == "sms" and not occasion.sms_text:
                raise ValidationError(
                    self.env._("“%s” is greeted by SMS: write the text that is to be sent.", occasion.name)
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_greeted(self):
        greeting = self.env["grading.greeting"].sudo().search([("occasion_id", "in", self.ids)], limit=1)
        if greeting:
            raise UserError(
                self.env._(
                    "“%s” has greetings on record. Archive it instead of deleting it.",
                    greeting.occasion_id.name,
                )
            )

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @api.readonly
    @guarded(one=True)
    def action_view_greetings(self):
        """Show the greetings that were made on this occasion."""
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_greeting_action")
        return {**action, "domain": [("occasion_id", "=", self.id)], "context": {}, "display_name": self.name}

    def _sms_body(self, partner, salesperson):
        """The text of the SMS for a contact, in the language of the context.

        :param res.partner partner:
        :param res.users salesperson: may be empty
        :rtype: str
        """
        self.ensure_one()
        values = (partner.name, self.name, self.env.company.name, salesperson.name)
        known = zip(PLACEHOLDERS, values, strict=True)
        return self._fill_in(self.sms_text, {name: value or "" for name, value in known})

    # ------------------------------------------------------------
    # Dates of a variable feast
    # ------------------------------------------------------------

    @api.constrains("kind")
    def _check_lines(self):
        for occasion in self.filtered(lambda occasion: occasion.kind != "dated" and occasion.line_ids):
            raise ValidationError(
                self.env._(
                    "“%s” has no variable date, so no greetings would be made on the dates entered for it. Remove "
                    "them, or choose “Variable date” as the kind of the occasion.",
                    occasion.name,
                )
            )


class GradingOccasionDate(models.Model):
    """The date of a feast in one year, for feasts that go by another calendar, such as the Chinese New Year."""

    _name = "grading.occasion.date"
    _inherit = ["grading.input.mixin", "grading.shared.mixin"]
    _description = "Date of an Occasion"
    _order = "date, id"
    _rec_name = "date"

    occasion_id = fields.Many2one(
        "grading.occasion", required=True, ondelete="cascade", domain=[("kind", "=", "dated")]
    )
    date = fields.Date(required=True, index=True)

    _date_unique = models.Constraint(
        "UNIQUE (occasion_id, date)", "This occasion has this date already: remove one of the two lines."
    )

    def _deciding_rules(self):
        return self.occasion_id

    @api.constrains("occasion_id")
    def _check_kind(self):
        self.occasion_id._check_lines()
