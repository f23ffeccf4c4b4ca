from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..base.subject import SUBJECTS
from ..measure.grading_interaction import CHANNELS


class GradingCare(models.Model):
    """When one customer or lead is to be contacted next by one cadence, and by whom.

    Written by the run and, as soon as a contact is done, at once (:meth:`_restart`); never edited by people.
    """

    _name = "grading.care"
    _inherit = ["grading.lead.access.mixin"]
    _description = "Next Contact"
    _order = "next_date, id"
    _log_access = False  # it is worked out anew every night

    profile_id = fields.Many2one("grading.profile", required=True, ondelete="cascade", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", ondelete="cascade", index="btree_not_null", readonly=True
    )
    lead_id = fields.Many2one("crm.lead", ondelete="cascade", index="btree_not_null", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    cadence_id = fields.Many2one("grading.cadence", required=True, ondelete="cascade", index=True, readonly=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    start_date = fields.Date(
        string="Looked After since", required=True, readonly=True, help="Nobody is late for what was due before."
    )
    last_date = fields.Date(string="Last Contact", readonly=True, aggregator=None)
    done_date = fields.Date(string="Last Done", readonly=True, aggregator=None)
    put_off_date = fields.Date(readonly=True, aggregator=None, help="A person has put it off: it is not due before.")
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
        "(profile_id, cadence_id)", "A customer or lead is looked after by a cadence once."
    )

    @api.depends("partner_id", "lead_id")
    def _compute_display_name(self):
        for care in self:
            care.display_name = (care.lead_id or care.partner_id).display_name

    @api.depends("partner_id", "lead_id.partner_id", "lead_id.phone", "lead_id.email_from")
    def _compute_contact(self):
        for care in self:
            lead = care.lead_id
            care.contact_id = care.partner_id or lead.partner_id
            care.phone = lead.phone or care.contact_id.phone
            care.email = lead.email_from or care.contact_id.email

    def _subject(self):
        """The customer or lead.

        :rtype: res.partner or crm.lead
        """
        self.ensure_one()
        return self.lead_id or self.partner_id

    # ------------------------------------------------------------
    # A contact was made
    # ------------------------------------------------------------

    def _restart(self, channel):
        """These contacts were made just now: their clocks start anew, as the next run will confirm.

        :param str channel: what has been done counts as; ``none`` for paper work, which only counts for itself
        """
        self.env["grading.profile"].flush_model()
        self.flush_model()
        for company, cares in self.sudo().grouped("company_id").items():
            Work = cares.env["grading.worktable"].with_company(company)
            Work._restart_care(cares, channel, company._grading_today())
        self._forget_cache()

    def _close(self):
        """Nobody is to be contacted for these any more: their open activities go."""
        self.sudo().activity_id.unlink()

    @api.model
    def _forget_cache(self):
        """Odoo reads the dates anew."""
        dates = [name for name in self.env["grading.profile"]._fields if name.endswith("_date")]
        self.invalidate_model(flush=False)
        self.env["grading.profile"].invalidate_model(dates, flush=False)
        for model in ("res.partner", "crm.lead"):
            names = [name for name in self.env[model]._fields if name.startswith("grading_next_")]
            self.env[model].invalidate_model(names, flush=False)

    @api.model
    def _forget_archived(self, subject):
        """Customers or leads that have been archived are looked after no longer, whoever archived them and how."""
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

    # What a salesperson does with a contact that is due.

    def action_done(self):
        """The contacts were made: their activities are done, and their clocks start anew.

        :raise AccessError: a customer or lead that the user may not see, or that is another one's and not his to edit
        """
        self.check_access("read")
        for care in self:
            care._subject().check_access("read" if care.user_id == self.env.user else "write")
        unplanned = self.sudo().filtered(lambda care: not care.activity_id)
        (self.sudo().activity_id + unplanned._create_activities(self.env.user)).action_feedback()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _create_activities(self, user):
        """The activities of contacts that nobody had planned yet, for ``user``, who has made them today.

        :rtype: mail.activity
        """
        values = self._prepare_activities({user.id: self._today_of(user)}, user)
        return self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(values)

    def action_open(self):
        """The customer or lead."""
        subject = self._subject()
        return {
            "type": "ir.actions.act_window",
            "res_model": subject._name,
            "res_id": subject.id,
            "views": [(False, "form")],
            "name": subject.display_name,
        }

    def action_call(self):
        """Have the phone of the user dial the number.

        :raise UserError: there is none
        """
        self.ensure_one()
        if not self.phone:
            raise UserError(self.env._("%s has no phone number: open the contact and enter one.", self.display_name))
        return {"type": "ir.actions.act_url", "url": f"tel:{self.phone}", "target": "self"}

    def action_mail(self):
        """Write an e-mail, which counts as a contact as soon as it is sent.

        :raise UserError: there is no address
        """
        self.ensure_one()
        if not self.email:
            raise UserError(self.env._("%s has no e-mail address: open the contact and enter one.", self.display_name))
        subject = self._subject()
        context = {
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

    def _mail_recipients(self):
        """The contact, or who is to be one: a lead that has none yet gets the one that Odoo's own composer would find
        or create for its address.

        :rtype: res.partner
        """
        lead = self.lead_id
        if self.contact_id.email or not lead:
            return self.contact_id
        return lead._partner_find_from_emails_single([lead.email_from])

    # ------------------------------------------------------------
    # Postponing
    # ------------------------------------------------------------

    # Contacts that a person has put off: they are not due before the day that he chose, or are left out this time.

    def action_put_off(self):
        """Ask until when.

        :raise AccessError: a contact of somebody else's, unless it is a manager who asks
        """
        self._check_put_off()
        return {
            "type": "ir.actions.act_window",
            "res_model": "grading.care.put.off",
            "views": [(False, "form")],
            "target": "new",
            "name": self.env._("Put Off"),
            "context": {"default_care_ids": self.ids},
        }

    def _check_put_off(self):
        self.check_access("read")
        if self.env.user.has_group("customer_grading.customer_grading_group_manager"):
            return
        for care in self:
            if care.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "The contact with %s is not yours: whoever is responsible puts it off, or a manager.",
                        care.display_name,
                    )
                )

    def _put_off(self, day):
        """These contacts are not due before ``day``; what is planned of them moves there."""
        cares = self.sudo()
        for care in cares:
            care._postpone(day)
            if care.activity_id.date_deadline != day:
                care.activity_id.date_deadline = day
        cares.profile_id._set_next_dates()

    def _skip(self):
        """These contacts are left out this time: missed, and not due before another interval from today."""
        cares = self.sudo()
        for care in cares:
            today = care.with_company(care.company_id)._today_of(self.env.user)
            care._log_skipped(today)
            care._postpone(today + care.cadence_id._interval())
        cares.profile_id._set_next_dates()

    def _postpone(self, day):
        self.ensure_one()
        due = self.next_date if self.next_date != self.put_off_date else day
        self.write({"put_off_date": day, "next_date": due and max(due, day)})

    def _log_skipped(self, today):
        """The log says that it was missed, as it would have said after a whole interval."""
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
