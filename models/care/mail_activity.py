from odoo import api, fields, models
from odoo.orm.models import NO_ACCESS

from ..base.fields import INTERNAL


class MailActivity(models.Model):
    """An activity that was planned for contacts that are due: done, it marks those done that such a contact answers.

    Of a meeting that was planned as an activity, the message says that it was held and the meeting says when.
    """

    _inherit = "mail.activity"

    grading_care_id = fields.Many2one(
        "grading.care",
        string="Due Contact",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
        groups=NO_ACCESS,  # the activity marks this contact done: users cannot choose which one
    )

    grading_care_ids = fields.One2many(
        "grading.care", "activity_id", string="Due Contacts Answered", copy=False, readonly=True, groups=NO_ACCESS
    )
    grading_message_id = fields.Many2one(
        "mail.message",
        string="Message When Done",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
        groups=INTERNAL,
    )

    _grading_care_unique = models.UniqueIndex(
        "(grading_care_id) WHERE grading_care_id IS NOT NULL AND active",
        "There is an open activity for this contact already: mark it done or cancel it first.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities.sudo()._grading_link_cares()
        return activities

    def write(self, vals):
        postponed = self._grading_postponed_by(vals)
        res = super().write(vals)
        if {"active", "grading_care_id"} & vals.keys():
            self.sudo()._grading_link_cares()
        for day, activities in postponed.grouped("date_deadline").items():
            activities.grading_care_ids.with_env(self.env)._postpone(day)
        return res

    def unlink(self):
        """Cancelling an activity leaves its contacts out once; one that is removed as superuser does not."""
        cancelled = self.browse() if self.env.su else self.sudo().filtered("active")
        cares = cancelled.grading_care_ids.with_env(self.env)
        res = super().unlink()
        cares._skip()
        return res

    def _grading_postponed_by(self, vals):
        """The activities whose contacts a user postpones by writing ``vals``."""
        deadline = fields.Date.to_date(vals.get("date_deadline"))
        if self.env.su or not deadline:
            return self.sudo().browse()
        return self.sudo().filtered(
            lambda activity: activity.active and activity.grading_care_id and activity.date_deadline < deadline
        )

    def _grading_link_cares(self):
        """Keep on each next contact the activity that is open for it; see :meth:`grading.care._answer_by` for those
        that an activity answers beside its own."""
        for activity in self.filtered("grading_care_id"):
            if activity.active:
                activity.grading_care_id.activity_id = activity
            else:
                activity.grading_care_ids.activity_id = False

    def _action_done(self, feedback=False, attachment_ids=None):
        done = self.sudo().filtered(lambda activity: activity.active and activity.grading_care_id)
        cares = [
            (channel, activities._grading_answered(channel))
            for channel, activities in done.grouped(lambda activity: activity.activity_type_id.grading_channel).items()
        ]
        meetings = self.sudo().filtered("calendar_event_id")
        messages, following = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        if meetings:  # the messages are read only for them: doing any other activity costs no query
            meetings.exists()._grading_link_messages(messages)
        for channel, contacts in cares:
            contacts._mark_done(channel)
        return messages, following

    def _grading_answered(self, channel):
        """The contacts that these activities answer when they are done as a contact by ``channel``: each its own, and
        of the others those that such a contact answers.

        A user may have made a call of a visit: the visit that was due then stays due.

        :rtype: grading.care
        """
        return self.grading_care_id | self.grading_care_ids.filtered(lambda care: channel in care._answered_channels())

    def _grading_link_messages(self, messages):
        """Keep on each activity which of ``messages`` was posted when it was done."""
        waiting = {}
        for message in messages.sudo():
            waiting.setdefault((message.model, message.res_id, message.mail_activity_type_id), []).append(message)
        for activity in self:
            if posted := waiting.get((activity.res_model, activity.res_id, activity.activity_type_id)):
                activity.grading_message_id = posted.pop(0)
