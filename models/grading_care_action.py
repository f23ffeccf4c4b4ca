from odoo import models
from odoo.exceptions import UserError


class GradingCare(models.Model):
    """What a salesperson does with a contact that is due."""

    _inherit = "grading.care"

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
