from odoo import models
from odoo.exceptions import UserError


class GradingCare(models.Model):
    """What a salesperson does with a contact that is due."""

    _inherit = "grading.care"

    def action_done(self):
        """The contacts were made: their activities are done, and their clocks start anew.

        :raise AccessError: a customer or lead that the user may not see
        """
        self.check_access("read")
        for care in self:
            activity = care.sudo().activity_id.with_env(self.env)
            if not activity:
                care._subject().check_access("read")
                activity = care._create_activity()
            activity.action_feedback()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _create_activity(self):
        """The activity of a contact that nobody had planned yet, for the one who makes it today."""
        self.ensure_one()
        today = self._today_of(self.env.user)
        care = self.sudo()
        [values] = care.with_context(lang=self.env.user.lang)._prepare_activities({care.user_id.id: today})
        activity = (
            self.env["mail.activity"]
            .sudo()
            .with_context(mail_activity_quick_update=True)
            .create({**values, "user_id": self.env.uid})
        )
        return activity.with_env(self.env)

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
            "default_partner_ids": self.contact_id.ids,
        }
        return {
            "type": "ir.actions.act_window",
            "res_model": "mail.compose.message",
            "views": [(False, "form")],
            "target": "new",
            "context": context,
            "name": self.env._("E-mail to %s", self.display_name),
        }
