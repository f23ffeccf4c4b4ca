from odoo import api, fields, models
from odoo.exceptions import ValidationError

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
        activity_type = self.env.ref(xmlid, raise_if_not_found=False) or self
        suitable = activity_type.filtered_domain(self._grading_suitable(channel))
        if found := suitable or self._grading_first_of_channel(channel):
            return found
        name = dict(self._fields["grading_channel"]._description_selection(self.env))[channel]
        return self.create({"name": name, "grading_channel": channel})

    @api.model
    def _grading_suitable(self, channel):
        """A domain of the types that a cadence can plan for ``channel``."""
        return [("grading_channel", "=", channel), ("res_model", "=", False)]

    @api.model
    def _grading_first_of_channel(self, channel):
        """The first type, in Odoo's order, that a cadence can plan for ``channel``; maybe none.

        :rtype: mail.activity.type
        """
        return self.search(self._grading_suitable(channel), limit=1)

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
