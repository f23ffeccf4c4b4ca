"""What happens with a customer and asks for a new score; see crm_lead_contact.py for leads and so for their customers.

What only shows when the message has gone, as a mail that bounces, or when a meeting is over, or stands on a record that
is nobody's order, as a mail to him about a task, is found by the run of the night.
"""

from odoo import api, models

from .grading_measure_engagement import SYSTEM_MESSAGES

DOCUMENTS = ("res.partner", "sale.order", "account.move")


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        messages._grading_enqueue_contacts()
        return messages

    def write(self, vals):
        if not vals.keys() & self._grading_watched_fields():
            return super().write(vals)
        self._grading_enqueue_contacts()
        res = super().write(vals)
        self._grading_enqueue_contacts()
        return res

    def unlink(self):
        self._grading_enqueue_contacts()
        return super().unlink()

    def _grading_enqueue_contacts(self):
        """Have those judged on whose documents the messages stand, and who sent the mails that came in."""
        Queue = self.env["grading.queue"]
        for message in self.sudo():
            if message.message_type in SYSTEM_MESSAGES and not message.mail_activity_type_id:
                continue
            if message.model in DOCUMENTS:
                Queue._enqueue_contacts(message.model, [message.res_id])
            if message.message_type == "email":
                Queue._enqueue_contacts("res.partner", message.author_id.ids)


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        self.env["grading.queue"]._enqueue_contacts("calendar.event", events.ids)
        return events

    def write(self, vals):
        if not vals.keys() & self._grading_contact_fields():
            return super().write(vals)
        Queue = self.env["grading.queue"]
        if vals.keys() & {"partner_ids", "res_id", "res_model_id"}:
            self._grading_enqueue_people()
        res = super().write(vals)
        Queue._enqueue_contacts("calendar.event", self.ids)
        return res

    def unlink(self):
        self._grading_enqueue_people()
        return super().unlink()

    def _grading_enqueue_people(self):
        """Have those judged with whom the meetings are now, before that is forgotten."""
        events = self.sudo()
        about = [event.res_id for event in events if event.res_model == "res.partner"]
        self.env["grading.queue"]._enqueue_contacts("res.partner", [*events.partner_ids.ids, *about])

    @api.model
    def _grading_contact_fields(self):
        """Names of the fields that the measures of contacts read.

        :rtype: set[str]
        """
        return self._grading_watched_fields() | {"partner_ids", "res_id", "res_model_id", "videocall_location"}


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    def write(self, vals):
        res = super().write(vals)
        if "state" in vals:
            self.env["grading.queue"]._enqueue_contacts("calendar.event", self.sudo().event_id.ids)
        return res
