from odoo import api, fields, models
from odoo.orm.models import NO_ACCESS


class MailActivity(models.Model):
    """An activity that was planned for a contact that is due; done, the clock of that contact starts anew.

    A meeting that was planned as an activity: its message says that it was held, the meeting says when.
    """

    _inherit = "mail.activity"

    grading_care_id = fields.Many2one(
        "grading.care",
        string="Due Contact",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
        groups=NO_ACCESS,  # doing it starts the clock of its contact anew: nobody chooses which
    )

    grading_message_id = fields.Many2one(
        "mail.message",
        string="Message When Done",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
        groups="base.group_user",
    )

    _grading_care_unique = models.UniqueIndex(
        "(grading_care_id) WHERE grading_care_id IS NOT NULL AND active",
        "There is an open activity for this contact already: do it, or cancel it first.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities.sudo()._note_on_cares()
        return activities

    def write(self, vals):
        put_off = self._put_off_by(vals)
        res = super().write(vals)
        if {"active", "grading_care_id"} & vals.keys():
            self.sudo()._note_on_cares()
        for day, activities in put_off.grouped("date_deadline").items():
            activities.grading_care_id.with_env(self.env)._put_off(day)
        return res

    def unlink(self):
        """Who cancels an activity leaves the contact out this time; what goes for another reason does not."""
        cancelled = self.browse() if self.env.su else self.sudo().filtered("active")
        cares = cancelled.grading_care_id.with_env(self.env)
        res = super().unlink()
        cares._skip()
        return res

    def _put_off_by(self, vals):
        """The activities of contacts that a person puts off by writing ``vals``."""
        deadline = fields.Date.to_date(vals.get("date_deadline"))
        if self.env.su or not deadline:
            return self.sudo().browse()
        return self.sudo().filtered(
            lambda activity: activity.active and activity.grading_care_id and activity.date_deadline < deadline
        )

    def _note_on_cares(self):
        """Each contact knows the activity that is open for it."""
        for activity in self.filtered("grading_care_id"):
            care = activity.grading_care_id
            if activity.active:
                care.activity_id = activity
            elif care.activity_id == activity:
                care.activity_id = False

    def _action_done(self, feedback=False, attachment_ids=None):
        done = self.sudo().filtered(lambda activity: activity.active and activity.grading_care_id)
        cares = [
            (channel, activities.grading_care_id)
            for channel, activities in done.grouped(lambda activity: activity.activity_type_id.grading_channel).items()
        ]
        meetings = self.sudo().filtered("calendar_event_id")
        messages, following = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        meetings.exists()._grading_note_messages(messages)
        self.env.flush_all()
        for channel, contacts in cares:
            contacts._restart(channel)
        return messages, following

    def _grading_note_messages(self, messages):
        """Keep which of ``messages`` tells of each activity."""
        left = {}
        for message in messages.sudo():
            left.setdefault((message.model, message.res_id, message.mail_activity_type_id), []).append(message)
        for activity in self:
            if told := left.get((activity.res_model, activity.res_id, activity.activity_type_id)):
                activity.grading_message_id = told.pop(0)
