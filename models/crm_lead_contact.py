"""What happens around a lead and asks for a new score: messages, activities, meetings, and the way of its stages."""

from odoo import api, models

from .grading_measure_engagement import SYSTEM_MESSAGES


class GradingLeadContactMixin(models.AbstractModel):
    """A record that tells something of leads: when it comes, changes or goes, they are judged anew."""

    _name = "grading.lead.contact.mixin"
    _description = "Contact with a Lead"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env["grading.queue"]._enqueue_leads(records._grading_leads())
        return records

    def write(self, vals):
        if not vals.keys() & self._grading_watched_fields():
            return super().write(vals)
        former = self._grading_leads()
        res = super().write(vals)
        self.env["grading.queue"]._enqueue_leads(former | self._grading_leads())
        return res

    def unlink(self):
        leads = self._grading_leads()
        res = super().unlink()
        self.env["grading.queue"]._enqueue_leads(leads)
        return res

    def _grading_leads(self):
        """The leads of which these records tell something.

        :rtype: crm.lead
        """
        raise NotImplementedError

    @api.model
    def _grading_watched_fields(self):
        """Names of the fields that the measures read.

        :rtype: set[str]
        """
        raise NotImplementedError


class MailMessage(models.Model):
    _name = "mail.message"
    _inherit = ["mail.message", "grading.lead.contact.mixin"]

    def _grading_leads(self):
        contacts = self.sudo().filtered(
            lambda message: (
                message.model == "crm.lead"
                and (message.message_type not in SYSTEM_MESSAGES or message.mail_activity_type_id)
            )
        )
        return self.env["crm.lead"].browse({message.res_id for message in contacts if message.res_id})

    @api.model
    def _grading_watched_fields(self):
        return {"model", "res_id", "date", "message_type", "mail_activity_type_id"}


class MailActivity(models.Model):
    _name = "mail.activity"
    _inherit = ["mail.activity", "grading.lead.contact.mixin"]

    def _grading_leads(self):
        return self.env["crm.lead"].browse({a.res_id for a in self.sudo() if a.res_model == "crm.lead" and a.res_id})

    @api.model
    def _grading_watched_fields(self):
        return {"active", "res_id", "res_model_id"}


class CalendarEvent(models.Model):
    _name = "calendar.event"
    _inherit = ["calendar.event", "grading.lead.contact.mixin"]

    def _grading_leads(self):
        return self.sudo().opportunity_id

    @api.model
    def _grading_watched_fields(self):
        return {"active", "allday", "opportunity_id", "start", "start_date", "stop"}


class CrmStage(models.Model):
    _inherit = "crm.stage"

    @api.model_create_multi
    def create(self, vals_list):
        stages = super().create(vals_list)
        stages.env["grading.run"]._start_everywhere()
        return stages

    def write(self, vals):
        res = super().write(vals)
        if vals.keys() & {"sequence", "is_won", "team_ids"}:
            self.env["grading.run"]._start_everywhere()
        return res

    def unlink(self):
        res = super().unlink()
        self.env["grading.run"]._start_everywhere()
        return res
