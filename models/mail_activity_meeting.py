from odoo import fields, models


class MailActivity(models.Model):
    """A meeting that was planned as an activity: its message says that it was held, the meeting says when."""

    _inherit = "mail.activity"

    grading_message_id = fields.Many2one(
        "mail.message",
        string="Message When Done",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
        groups="base.group_user",
    )

    def _action_done(self, feedback=False, attachment_ids=None):
        meetings = self.sudo().filtered("calendar_event_id")
        messages, following = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        meetings.exists()._grading_note_messages(messages)
        return messages, following

    def _grading_note_messages(self, messages):
        """Keep which of ``messages`` tells of each activity."""
        left = {}
        for message in messages.sudo():
            left.setdefault((message.model, message.res_id, message.mail_activity_type_id), []).append(message)
        for activity in self:
            if told := left.get((activity.res_model, activity.res_id, activity.activity_type_id)):
                activity.grading_message_id = told.pop(0)
