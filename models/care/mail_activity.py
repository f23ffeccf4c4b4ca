from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.orm.models import NO_ACCESS

from ..base.fields import INTERNAL
from ..measure.grading_interaction import CHANNELS

# The channels of Odoo's categories; any other activity is done in writing.
CATEGORY_CHANNELS = {"phonecall": "call", "meeting": "visit", "upload_file": "none"}
# The type of the activities that notify salespeople of a change of owner.
OWNER_ACTIVITY = "customer_grading.mail_activity_type_owner"


class MailActivityType(models.Model):
    _inherit = "mail.activity.type"

    grading_channel = fields.Selection(
        [*CHANNELS, ("none", "No contact")],
        string="Counts as",
        compute="_compute_grading_channel",
        store=True,
        readonly=False,
        help="The channel by which the customer was contacted when such an activity is done. The next dates of the "
        "cadences by that channel count from then on. Paperwork is no contact.",
    )

    @api.depends("category", "decoration_type")
    def _compute_grading_channel(self):
        """By the category; an activity that only warns a colleague is no contact with a customer."""
        for activity_type in self:
            channel = CATEGORY_CHANNELS.get(activity_type.category, "online")
            activity_type.grading_channel = "none" if activity_type.decoration_type else channel

    @api.constrains("grading_channel", "category", "decoration_type", "res_model")
    def _check_cadences(self):
        """A type that cadences plan counts as their channel, and is for any contact or lead."""
        cadences = self.env["grading.cadence"].sudo().search([("activity_type_id", "in", self.ids)])
        for activity_type, used in cadences.grouped("activity_type_id").items():
            broken = used.filtered(
                lambda cadence, activity_type=activity_type: (
                    activity_type.res_model
                    or cadence.anchor != "activity"
                    and cadence.channel != activity_type.grading_channel
                )
            )
            if broken:
                raise ValidationError(
                    self.env._(
                        "The cadences %(cadences)s plan activities of the type “%(type)s”, which must be for any model "
                        "and count as the channel that they ask for: choose another type for them first.",
                        cadences=", ".join(f"“{name}”" for name in broken.mapped("name")),
                        type=activity_type.name,
                    )
                )

    @api.model
    def _grading_of_channel(self, xmlid, channel):
        """Odoo's own type ``xmlid``, for the shipped cadences; where it was deleted or changed, the first type that
        counts as ``channel``, or a new one.

        :rtype: mail.activity.type
        """
        suitable = [("grading_channel", "=", channel), ("res_model", "=", False)]
        activity_type = self.env.ref(xmlid, raise_if_not_found=False) or self
        if found := activity_type.filtered_domain(suitable) or self.search(suitable, limit=1):
            return found
        name = dict(self._fields["grading_channel"]._description_selection(self.env))[channel]
        return self.create({"name": name, "grading_channel": channel})

    def write(self, vals):
        former = {activity_type: activity_type.grading_channel for activity_type in self}
        res = super().write(vals)
        if any(activity_type.grading_channel != channel for activity_type, channel in former.items()):
            self.env["grading.run"]._start_everywhere()  # the activities done before count anew as well
        return res

    @api.model
    def _get_model_info_by_xmlid(self):
        """Protect our type: without it, warnings would fall back to To-Do and count as customer contacts."""
        return {**super()._get_model_info_by_xmlid(), OWNER_ACTIVITY: {"res_model": False, "unlink": False}}


class MailActivity(models.Model):
    """An activity that was planned for a contact that is due: done, it marks that contact done.

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
            activities.grading_care_id.with_env(self.env)._postpone(day)
        return res

    def unlink(self):
        """Cancelling an activity leaves its contact out once; one that is removed as superuser does not."""
        cancelled = self.browse() if self.env.su else self.sudo().filtered("active")
        cares = cancelled.grading_care_id.with_env(self.env)
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
        """Keep on each next contact the activity that is open for it."""
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
        if meetings:  # the messages are read only for them: doing any other activity costs no query
            meetings.exists()._grading_link_messages(messages)
        if cares:
            self.env.flush_all()  # the new dates are found by SQL, from leads, contacts and users as well
        for channel, contacts in cares:
            contacts._mark_done(channel)
        return messages, following

    def _grading_link_messages(self, messages):
        """Keep on each activity which of ``messages`` was posted when it was done."""
        waiting = {}
        for message in messages.sudo():
            waiting.setdefault((message.model, message.res_id, message.mail_activity_type_id), []).append(message)
        for activity in self:
            if posted := waiting.get((activity.res_model, activity.res_id, activity.activity_type_id)):
                activity.grading_message_id = posted.pop(0)
