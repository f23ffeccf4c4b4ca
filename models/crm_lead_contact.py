"""What happens around a lead and asks for a new score: messages, activities, meetings, and the way of its stages."""

from odoo import api, models

from .grading_measure_engagement import SYSTEM_MESSAGES


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        messages._grading_enqueue()
        return messages

    def unlink(self):
        leads = self._grading_leads()
        res = super().unlink()
        self.env["grading.queue"]._enqueue_leads(leads.exists())
        return res

    def _grading_enqueue(self):
        self.env["grading.queue"]._enqueue_leads(self._grading_leads())

    def _grading_leads(self):
        """The leads with which these are contacts."""
        contacts = self.sudo().filtered(
            lambda message: (
                message.model == "crm.lead"
                and (message.message_type not in SYSTEM_MESSAGES or message.mail_activity_type_id)
            )
        )
        return self.env["crm.lead"].sudo().browse({message.res_id for message in contacts if message.res_id}).exists()


class MailActivity(models.Model):
    _inherit = "mail.activity"

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities._grading_enqueue()
        return activities

    def write(self, vals):
        if not vals.keys() & {"active", "res_id", "res_model_id"}:
            return super().write(vals)
        former = self._grading_leads()
        res = super().write(vals)
        self.env["grading.queue"]._enqueue_leads(former | self._grading_leads())
        return res

    def unlink(self):
        leads = self._grading_leads()
        res = super().unlink()
        self.env["grading.queue"]._enqueue_leads(leads.exists())
        return res

    def _grading_enqueue(self):
        self.env["grading.queue"]._enqueue_leads(self._grading_leads())

    def _grading_leads(self):
        leads = {activity.res_id for activity in self.sudo() if activity.res_model == "crm.lead" and activity.res_id}
        return self.env["crm.lead"].sudo().browse(leads).exists()


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        events._grading_enqueue()
        return events

    def write(self, vals):
        if not vals.keys() & {"active", "allday", "opportunity_id", "start", "start_date", "stop"}:
            return super().write(vals)
        former = self.sudo().opportunity_id
        res = super().write(vals)
        self.env["grading.queue"]._enqueue_leads(former | self.sudo().opportunity_id)
        return res

    def unlink(self):
        leads = self.sudo().opportunity_id
        res = super().unlink()
        self.env["grading.queue"]._enqueue_leads(leads.exists())
        return res

    def _grading_enqueue(self):
        self.env["grading.queue"]._enqueue_leads(self.sudo().opportunity_id)


class CrmStage(models.Model):
    _inherit = "crm.stage"

    @api.model_create_multi
    def create(self, vals_list):
        stages = super().create(vals_list)
        stages._grading_rescore()
        return stages

    def write(self, vals):
        res = super().write(vals)
        if vals.keys() & {"sequence", "is_won", "team_ids"}:
            self._grading_rescore()
        return res

    def unlink(self):
        res = super().unlink()
        self._grading_rescore()
        return res

    @api.model
    def _grading_rescore(self):
        """The way to the signature has changed for every lead: have all companies rescored in the background."""
        if not self.env.registry.ready:  # while modules are installed: the first run comes after that
            return
        self.env["grading.run"].sudo()._start(self.env["res.company"].sudo().search([("active", "=", True)]))
