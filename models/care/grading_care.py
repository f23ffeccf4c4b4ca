from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..base.context import opened_in
from ..base.fields import MANAGERS
from ..base.guarded import guarded
from ..base.subject import SUBJECTS
from ..measure.grading_interaction import CHANNELS

# What tells the next dates after a contact that was just made; all fields of a model without names.
READS = {
    "grading.care": None,
    "grading.profile": None,
    "grading.cadence": None,
    "grading.ownership": ["lead_id", "reason"],
    "crm.lead": ["partner_id", "team_id", "user_id"],
    "crm.team": ["user_id"],
    "mail.activity": ["active", "date_deadline", "date_done", "grading_care_id", "user_id"],
    "res.partner": ["commercial_partner_id", "user_id"],
    "res.users": ["active", "company_ids", "sale_team_id", "share"],
}


class GradingCare(models.Model):
    """The next contact with one customer or lead by one cadence: its date, its channel and the responsible user.

    Written by the run and, as soon as a contact is marked done, at once (:meth:`_mark_done`); users never edit it.
    """

    _name = "grading.care"
    _inherit = ["grading.lead.access.mixin", "grading.job.mixin", "grading.amount.sum.mixin"]
    _description = "Next Contact"
    _order = "next_date, id"
    _log_access = False  # the run rewrites it every night

    profile_id = fields.Many2one("grading.profile", required=True, ondelete="cascade", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", ondelete="cascade", index="btree_not_null", readonly=True
    )
    lead_id = fields.Many2one("crm.lead", ondelete="cascade", index="btree_not_null", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    cadence_id = fields.Many2one("grading.cadence", required=True, ondelete="cascade", index=True, readonly=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    start_date = fields.Date(
        string="Covered since",
        required=True,
        readonly=True,
        help="No contact counts as late that was due before this day.",
    )
    last_date = fields.Date(string="Last Contact", readonly=True, aggregator=None)
    done_date = fields.Date(string="Last Done", readonly=True, aggregator=None)
    put_off_date = fields.Date(
        string="Postponed To",
        readonly=True,
        aggregator=None,
        help="The contact was postponed: it is not due before this day.",
    )
    next_date = fields.Date(string="Next Contact", readonly=True, index="btree_not_null", aggregator=None)
    logged_date = fields.Date(string="Last Due Date in the Log", readonly=True, aggregator=None)
    user_id = fields.Many2one(
        "res.users", string="Responsible", ondelete="set null", index="btree_not_null", readonly=True
    )
    activity_id = fields.Many2one(
        "mail.activity", string="Open Activity", ondelete="set null", index="btree_not_null", readonly=True
    )
    grade_id = fields.Many2one(related="profile_id.grade_id")
    grade_color = fields.Integer(related="grade_id.color")
    contact_id = fields.Many2one("res.partner", compute="_compute_contact")
    phone = fields.Char(compute="_compute_contact")
    email = fields.Char(compute="_compute_contact")

    _profile_cadence_unique = models.UniqueIndex(
        "(profile_id, cadence_id)", "A customer or lead has one next contact for each cadence."
    )

    @api.depends("partner_id", "lead_id")
    def _compute_display_name(self):
        for care in self:
            care.display_name = care._subject().display_name

    @api.depends("partner_id", "lead_id.partner_id", "lead_id.phone", "lead_id.email_from")
    def _compute_contact(self):
        for care in self:
            lead = care.lead_id
            care.contact_id = care.partner_id or lead.partner_id
            care.phone = lead.phone or care.contact_id.phone
            care.email = lead.email_from or care.contact_id.email

    # ------------------------------------------------------------
    # Marking done
    # ------------------------------------------------------------

    def _mark_done(self, channel):
        """Count the next dates from today, on which these contacts were made; the next run will find the same.

        :param str channel: by which the contacts were made; ``none`` for paperwork, which counts for its own cadence
            alone
        """
        for model, names in READS.items():
            self.env[model].flush_model(names)
        for company, cares in self.sudo().grouped("company_id").items():
            Work = cares.env["grading.worktable"].with_company(company)
            Work._mark_care_done(cares, channel, company._grading_today())
        self._forget_cache()

    def _close(self):
        """Remove the open activities of these contacts, which are no longer needed; one that is led by another contact
        goes on without them."""
        cares = self.sudo()
        cares.activity_id.filtered(lambda activity: activity.grading_care_id in cares).unlink()
        cares.activity_id = False

    @api.model
    def _forget_cache(self):
        """Drop the dates from Odoo's cache: SQL has written them."""
        dates = [name for name in self.env["grading.profile"]._fields if name.endswith("_date")]
        self.invalidate_model(flush=False)
        self.env["grading.profile"].invalidate_model(dates, flush=False)
        self.env["mail.activity"].invalidate_model(["grading_care_ids"], flush=False)
        for model in ("res.partner", "crm.lead"):
            names = [name for name in self.env[model]._fields if name.startswith("grading_next_")]
            self.env[model].invalidate_model(names, flush=False)

    @api.model
    def _forget_archived(self, subject):
        """Remove the next contacts of archived customers or leads, also of those that were archived by SQL."""
        name = SUBJECTS[subject].key
        company = self.env.company
        self.search([("company_id", "=", company.id), (f"{name}.active", "=", False)]).unlink()

    def unlink(self):
        self._close()
        profiles = self.profile_id
        res = super().unlink()
        profiles.exists()._set_next_dates()
        return res

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @api.readonly
    @guarded(one=True)
    def action_open(self):
        """Open the customer or lead on its page *Grading*."""
        return opened_in(self._subject()._grading_open_page(), self.company_id)

    @guarded(one=True)
    def action_call(self):
        """Dial the number on the user's phone.

        :raise UserError: there is no number
        """
        if not self.phone:
            raise UserError(self.env._("%s has no phone number: open the contact and enter one.", self.display_name))
        return {"type": "ir.actions.act_url", "url": f"tel:{self.phone}", "target": "self"}

    @guarded(one=True)
    def action_mail(self):
        """Write an e-mail, by the template of what it is written for, if that has one; it counts as a contact as soon
        as it is sent.

        :raise UserError: there is no address
        """
        if not self.email:
            raise UserError(self.env._("%s has no e-mail address: open the contact and enter one.", self.display_name))
        subject = self._subject()
        context = {
            "default_template_id": self._mail_template().id,
            "default_model": subject._name,
            "default_res_ids": subject.ids,
            "default_composition_mode": "comment",
            "default_partner_ids": self._mail_recipients().ids,
        }
        return {
            "type": "ir.actions.act_window",
            "res_model": "mail.compose.message",
            "views": [(False, "form")],
            "target": "new",
            "context": context,
            "name": self.env._("E-mail to %s", self.display_name),
        }

    def _mail_template(self):
        """The template of the first cadence that has one for such a record, among all reasons to contact them: those
        by e-mail or message first, then the contact's own.

        :rtype: mail.template
        """
        reasons = self._reasons()[self].sorted(lambda care: (care.channel != "online", care != self))
        templates = reasons.cadence_id.template_id
        return templates.filtered(lambda template: template.model == self._subject()._name)[:1]

    def _mail_recipients(self):
        """The contact; for a lead without one, the contact that Odoo's own composer finds or creates for its address.

        :rtype: res.partner
        """
        lead = self.lead_id
        if self.contact_id.email or not lead:
            return self.contact_id
        return lead._partner_find_from_emails_single([lead.email_from])

    # ------------------------------------------------------------
    # Postponing
    # ------------------------------------------------------------

    @guarded
    def action_put_off(self):
        """Ask for the day to postpone the contacts to.

        :raise AccessError: another user is responsible for a contact, and this one is no manager
        """
        self._check_postpone()
        return {
            "type": "ir.actions.act_window",
            "res_model": "grading.care.put.off",
            "views": [(False, "form")],
            "target": "new",
            "name": self.env._("Postpone"),
            "context": {"default_care_ids": self.ids},
        }

    def _check_postpone(self):
        self.check_access("read")
        if self.env.user.has_group(MANAGERS):
            return
        for care in self:
            if care.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "You are not responsible for the contact with %s. Ask the responsible user or a manager to "
                        "postpone it.",
                        care.display_name,
                    )
                )

    def _postpone(self, day):
        """Make these contacts due on ``day`` at the earliest, with all that their activities answer, and move these
        there."""
        cares = self.sudo()
        cares |= cares.activity_id.grading_care_ids
        for care in cares:
            care._set_postponed(day)
            if care.activity_id.date_deadline != day:
                care.activity_id.date_deadline = day
        cares.profile_id._set_next_dates()

    def _skip(self):
        """Leave these contacts out once: they are logged as missed, and due again an interval from today."""
        cares = self.sudo()
        for care in cares:
            today = self.env.user._grading_today(care.company_id)
            care._log_skipped(today)
            care._set_postponed(today + care.cadence_id._interval())
        cares.profile_id._set_next_dates()

    def _set_postponed(self, day):
        self.ensure_one()
        due = self.next_date if self.next_date != self.put_off_date else day
        self.write({"put_off_date": day, "next_date": due and max(due, day)})

    def _log_skipped(self, today):
        """Log the contact as missed, as the run does after a whole interval."""
        self.ensure_one()
        due, logged = max(self.next_date or self.start_date, self.start_date), self.logged_date
        if logged and logged >= due:
            due = logged + self.cadence_id._interval()
        if not self.next_date or due > today:
            return
        names = ("profile_id", "partner_id", "lead_id", "company_id", "cadence_id", "user_id", "grade_id")
        self.env["grading.care.log"].create(
            {
                **{name: self[name].id for name in names},
                "channel": self.channel,
                "due_date": due,
                "state": "missed",
            }
        )
        self.logged_date = due
