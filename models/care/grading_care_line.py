from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Operators of a comparison with a day, and whether the day itself and later ones fulfil it.
UNTIL, SINCE = ("<", "<="), (">", ">=")


class GradingCare(models.Model):
    """How due contacts are listed: one line for each customer or lead and responsible user, with all reasons in it; and
    in the calendar, where what is overdue stands on today."""

    _inherit = "grading.care"

    is_line = fields.Boolean(
        string="One Line per Customer",
        compute="_compute_is_line",
        search="_search_is_line",
        help="The first of all contacts that one user has to make with the customer or lead.",
    )
    reason_ids = fields.Many2many(
        "grading.cadence", string="Contact Reasons", compute="_compute_reason_ids", search="_search_reason_ids"
    )
    customer_name = fields.Char(compute="_compute_customer_name")
    topic = fields.Char(compute="_compute_topic", compute_sudo=True)
    calendar_date = fields.Date(
        string="Day in the Calendar",
        compute="_compute_calendar_date",
        search="_search_calendar_date",
        help="The day on which the contact is due; today if that is over.",
    )

    # ------------------------------------------------------------
    # One line for each customer or lead
    # ------------------------------------------------------------

    @api.depends("next_date", "profile_id", "user_id")
    def _compute_is_line(self):
        lines = self.search([("id", "in", self.ids), ("is_line", "=", True)])
        for care in self:
            care.is_line = care in lines

    def _search_is_line(self, operator, value):
        if operator != "in":
            return NotImplemented
        lines = Domain.custom(to_sql=lambda model, alias, query: model._line_to_sql(alias))
        return lines if True in value else ~lines

    @api.model
    def _line_to_sql(self, alias):
        """Whether the row ``alias`` is the first that its user has to make with the customer or lead:
        ``NOT EXISTS (SELECT FROM grading_care AS other WHERE other.profile_id = care.profile_id AND …)``.

        :param str alias: what the query calls the table
        """
        names = ("id", "profile_id", "user_id", "next_date")
        return SQL(
            "NOT EXISTS (SELECT FROM grading_care AS other WHERE other.profile_id = %(profile_id)s"
            " AND other.user_id IS NOT DISTINCT FROM %(user_id)s"
            " AND (other.next_date, other.id) < (%(next_date)s, %(id)s))",
            **{name: SQL.identifier(alias, name, to_flush=self._fields[name]) for name in names},
        )

    @api.depends("next_date", "profile_id", "user_id")
    def _compute_reason_ids(self):
        for care, reasons in self._reasons().items():
            care.reason_ids = reasons.cadence_id

    def _search_reason_ids(self, operator, value):
        """The contacts by such a cadence, and the lines that have one among their reasons."""
        if operator not in ("any", "in"):
            return NotImplemented
        Cadence = self.env["grading.cadence"].with_context(active_test=False)
        cadences = Cadence.search(value if operator == "any" else [("id", "in", list(value))])
        today = self.env.user._grading_today(self.env.company)
        reasons = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "EXISTS (SELECT FROM grading_care AS other WHERE other.profile_id = %(profile_id)s"
                " AND other.user_id IS NOT DISTINCT FROM %(user_id)s AND other.next_date <= %(today)s"
                " AND other.cadence_id = ANY(%(cadences)s))",
                profile_id=SQL.identifier(alias, "profile_id", to_flush=model._fields["profile_id"]),
                user_id=SQL.identifier(alias, "user_id", to_flush=model._fields["user_id"]),
                today=today,
                cadences=cadences.ids,
            )
        )
        return Domain("cadence_id", "in", cadences.ids) | Domain("is_line", "=", True) & reasons

    def _reasons(self):
        """Of each contact all that its user has to make with the customer or lead by then: until today, or until the
        contact is due. The leading one stands first.

        :rtype: dict[grading.care, grading.care]
        """
        today = self.env.user._grading_today(self.env.company)
        last = max([today, *filter(None, self.mapped("next_date"))])
        own = [("profile_id", "in", self.profile_id.ids), ("next_date", "<=", last)]
        due = self.search(own)._leading_first().grouped(lambda care: (care.profile_id, care.user_id))
        reasons = {}
        for care in self:
            until = max(today, care.next_date or today)
            found = due.get((care.profile_id, care.user_id), self.browse())
            reasons[care] = found.filtered(lambda other, until=until: other.next_date <= until) or care
        return reasons

    def _with_due_reasons(self, today):
        """These contacts and, with those that are due today, all that the same user has to make today with the same
        customer or lead.

        :rtype: grading.care
        """
        due = self.filtered(lambda care: care.next_date and care.next_date <= today)
        return self.union(*due._reasons().values())

    @api.depends("contact_id", "lead_id.partner_name", "lead_id.contact_name", "lead_id.email_from")
    def _compute_customer_name(self):
        for care in self:
            lead = care.lead_id
            name = care.contact_id.display_name or lead.partner_name or lead.contact_name or lead.email_from
            care.customer_name = name or lead.display_name

    @api.depends(
        *("lead_id.name", "profile_id.lifecycle_id", "profile_id.next_order_date", "profile_id.open_complaint_count")
    )
    @api.depends_context("uid")
    def _compute_topic(self):
        """What presses comes first, as a list cuts off the rest: complaints, the order that is expected, open offers.
        These are for the readers alone who see the figures and the quotations of the customer."""
        visible, offers = self.profile_id.sudo(False)._filtered_access("read"), self._open_offers()
        for care in self:
            if care.lead_id:
                care.topic = care.lead_id.name
                continue
            topics = [*care._stage_topics(), *care._topics()]
            if names := offers.get(care.partner_id.id):
                topics.insert(0, self.env._("open offers: %s", ", ".join(names)))
            if care.profile_id.sudo(False) in visible:
                topics = [*care._complaint_topics(), *care._order_topics(), *topics]
            text = "; ".join(topics)
            care.topic = text[:1].upper() + text[1:]

    # ------------------------------------------------------------
    # Calendar
    # ------------------------------------------------------------

    @api.depends("next_date")
    @api.depends_context("uid", "tz")
    def _compute_calendar_date(self):
        today = self.env.user._grading_today(self.env.company)
        for care in self:
            care.calendar_date = care.next_date and max(care.next_date, today)

    def _search_calendar_date(self, operator, value):
        """By the date of the contact, and by today for all that are due."""
        today, is_due = self.env.user._grading_today(self.env.company), Domain("next_date", "!=", False)
        if operator == "in":
            days = [fields.Date.to_date(day) for day in value if day]
            found = Domain("next_date", "in", [day for day in days if day > today])
            if today in days:
                found |= Domain("next_date", "<=", today)
            return found if len(days) == len(value) else found | ~is_due
        day = fields.Date.to_date(value)
        found = Domain("next_date", operator, day)
        if operator in UNTIL:
            return found if today < day or today == day and operator == "<=" else Domain.FALSE
        if operator in SINCE:
            return is_due if today > day or today == day and operator == ">=" else found
        return NotImplemented
