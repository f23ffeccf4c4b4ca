from odoo import models


class CalendarAttendee(models.Model):
    """An invitation that is accepted or declined: a meeting that all have declined is no contact."""

    _inherit = "calendar.attendee"

    def write(self, vals):
        res = super().write(vals)
        if "state" in vals:
            self.sudo().event_id._grading_enqueue_contacts()
        return res
