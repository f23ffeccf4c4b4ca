from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..base.guarded import guarded

# Days within which a complaint should be dealt with.
DAYS_TO_CLOSE = {"minor": 14, "major": 7, "serious": 2}


class GradingComplaint(models.Model):
    """One complaint of a customer: what went wrong, until when it should be settled, and how it was resolved."""

    _name = "grading.complaint"
    _inherit = ["grading.voice.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Complaint"
    _order = "date_open desc, id desc"

    name = fields.Char(
        string="Topic", compute="_compute_name", store=True, readonly=False, precompute=True, required=True
    )
    severity = fields.Selection(
        [("minor", "Minor"), ("major", "Major"), ("serious", "Serious")],
        default="minor",
        required=True,
        tracking=True,
    )
    date_open = fields.Date(
        string="Opened", required=True, index=True, default=lambda self: self.env.company._grading_today()
    )
    date_due = fields.Date(
        string="Deadline",
        compute="_compute_date_due",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="Suggested by the severity: 14 days for a minor complaint, 7 for a major and 2 for a serious one.",
    )
    date_close = fields.Date(string="Closed on", copy=False, tracking=True)
    outcome = fields.Selection(
        [
            ("resolved", "Resolved"),
            ("compensated", "Compensated"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn by the customer"),
        ],
        copy=False,
        tracking=True,
        help="How the complaint ended.",
    )
    outcome_note = fields.Text(string="Actions Taken", copy=False)
    state = fields.Selection([("open", "Open"), ("closed", "Closed")], compute="_compute_state", store=True)
    is_overdue = fields.Boolean(string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue")
    user_id = fields.Many2one(string="Responsible", tracking=True)

    @api.depends("partner_id", "note")
    def _compute_name(self):
        for complaint in self.filtered(lambda c: not c.name):
            first_line = (complaint.note or "").strip().partition("\n")[0]
            complaint.name = first_line or self.env._("Complaint by %s", complaint.partner_id.name or "")

    @api.depends("severity", "date_open")
    def _compute_date_due(self):
        for complaint in self.filtered("date_open"):
            complaint.date_due = complaint.date_open + timedelta(days=DAYS_TO_CLOSE.get(complaint.severity, 0))

    @api.depends("date_close")
    def _compute_state(self):
        for complaint in self:
            complaint.state = "closed" if complaint.date_close else "open"

    @api.depends("date_close", "date_due", "company_id")
    def _compute_is_overdue(self):
        for complaint in self:
            today = (complaint.company_id or self.env.company)._grading_today()
            complaint.is_overdue = not complaint.date_close and bool(complaint.date_due) and complaint.date_due < today

    def _search_is_overdue(self, operator, _value):
        """Today is that of the user's company, whatever the company of the complaint."""
        if operator != "in":
            return NotImplemented
        return [("date_close", "=", False), ("date_due", "<", self.env.company._grading_today())]

    @api.constrains("date_open", "date_close", "company_id")
    def _check_not_in_future(self):
        self._refuse_future("date_open")
        self._refuse_future("date_close")

    @api.constrains("date_open", "date_due", "date_close")
    def _check_order_of_dates(self):
        for complaint in self:
            for name in ("date_due", "date_close"):
                if complaint[name] and complaint[name] < complaint.date_open:
                    raise ValidationError(
                        self.env._(
                            "“%(field)s” of the complaint “%(record)s” lies before the day on which it was opened, "
                            "%(opened)s: correct one of the two days.",
                            field=self._fields[name]._description_string(self.env),
                            record=complaint.name,
                            opened=complaint.date_open,
                        )
                    )

    @api.model
    def _measured_fields(self):
        return super()._measured_fields() | {"severity", "date_open", "date_close"}

    @guarded
    def action_close(self):
        """Close the complaints today.

        :raise UserError: one of them is closed already, or has no outcome
        """
        for complaint in self:
            if complaint.date_close:
                raise UserError(self.env._("The complaint “%s” is closed already: reopen it first.", complaint.name))
            if not complaint.outcome:
                raise UserError(
                    self.env._(
                        "The complaint “%s” cannot be closed yet: choose its outcome, such as Resolved or Rejected.",
                        complaint.name,
                    )
                )
            complaint.date_close = complaint.company_id._grading_today()

    @guarded
    def action_reopen(self):
        """Reopen the complaints."""
        self.write({"date_close": False, "outcome": False})
