from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..measure.grading_interaction import CHANNELS

# What the categories of Odoo are; any other activity is one that is done in writing.
CATEGORY_CHANNELS = {"phonecall": "call", "meeting": "visit", "upload_file": "none"}
# The type of what tells salespeople that something changes hands.
OWNER_ACTIVITY = "customer_grading.mail_activity_type_owner"


class MailActivityType(models.Model):
    _inherit = "mail.activity.type"

    grading_channel = fields.Selection(
        [*CHANNELS, ("none", "No contact")],
        string="Counts as",
        compute="_compute_grading_channel",
        store=True,
        readonly=False,
        help="What kind of contact with the customer it was when such an activity is done: it decides which cadences "
        "begin anew. Paper work is no contact.",
    )

    @api.depends("category", "decoration_type")
    def _compute_grading_channel(self):
        """By the category; what only warns a colleague of something is no contact with a customer."""
        for kind in self:
            kind.grading_channel = "none" if kind.decoration_type else CATEGORY_CHANNELS.get(kind.category, "online")

    @api.constrains("grading_channel", "category", "decoration_type", "res_model")
    def _check_cadences(self):
        """What cadences plan must count as what they ask for, and be for any contact or lead."""
        cadences = self.env["grading.cadence"].sudo().search([("activity_type_id", "in", self.ids)])
        for kind, used in cadences.grouped("activity_type_id").items():
            unkept = used.filtered(
                lambda cadence, kind=kind: (
                    kind.res_model or cadence.anchor != "activity" and cadence.channel != kind.grading_channel
                )
            )
            if unkept:
                raise ValidationError(
                    self.env._(
                        "The cadences %(cadences)s plan activities of the type “%(type)s”, which must be for any model "
                        "and count as the channel that they ask for: choose another type for them first.",
                        cadences=", ".join(f"“{name}”" for name in unkept.mapped("name")),
                        type=kind.name,
                    )
                )

    @api.model
    def _grading_of_channel(self, xmlid, channel):
        """The type ``xmlid`` that Odoo brings, for cadences of ours; where people have deleted or changed it the first
        one that counts as ``channel``, or a new one.

        :rtype: mail.activity.type
        """
        suitable = [("grading_channel", "=", channel), ("res_model", "=", False)]
        kind = self.env.ref(xmlid, raise_if_not_found=False) or self
        if kind := kind.filtered_domain(suitable) or self.search(suitable, limit=1):
            return kind
        name = dict(self._fields["grading_channel"]._description_selection(self.env))[channel]
        return self.create({"name": name, "grading_channel": channel})

    def write(self, vals):
        former = {kind: kind.grading_channel for kind in self}
        res = super().write(vals)
        if any(kind.grading_channel != channel for kind, channel in former.items()):
            self.env["grading.run"]._start_everywhere()  # for what was done already, too
        return res

    @api.model
    def _get_model_info_by_xmlid(self):
        """Deleted, what it was used for would become a task, and reading a warning a contact."""
        return {**super()._get_model_info_by_xmlid(), OWNER_ACTIVITY: {"res_model": False, "unlink": False}}
