from odoo import api, models


class CalendarEvent(models.Model):
    """A meeting that is planned, changes or goes: its lead and the customers it is with are scored again."""

    _name = "calendar.event"
    _inherit = ["calendar.event", "grading.lead.contact.mixin"]

    def _grading_enqueue_contacts(self):
        Queue = self.env["grading.queue"]
        Queue._enqueue_leads(self.sudo().opportunity_id)
        Queue._enqueue_contacts("calendar.event", self.ids)

    def _grading_enqueue_former(self, vals):
        """The lead, and where the people change, the former ones too."""
        events, Queue = self.sudo(), self.env["grading.queue"]
        Queue._enqueue_leads(events.opportunity_id)
        if vals is None or self._grading_people_fields() & vals.keys():
            about = [event.res_id for event in events if event.res_model == "res.partner"]
            Queue._enqueue_contacts("res.partner", [*events.partner_ids.ids, *about])

    @api.model
    def _grading_watched_fields(self):
        return self._grading_people_fields() | {
            "active", "allday", "opportunity_id", "start", "start_date", "stop", "videocall_location",
        }  # fmt: skip

    @api.model
    def _grading_people_fields(self):
        """Names of the fields that say with which people a meeting is.

        :rtype: set[str]
        """
        return {"partner_ids", "res_id", "res_model_id"}
