from odoo import api, fields, models

from .grading_contact_source import CHANNELS

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

    def write(self, vals):
        former = {kind: kind.grading_channel for kind in self}
        res = super().write(vals)
        if any(kind.grading_channel != channel for kind, channel in former.items()):
            self._grading_rescore()
        return res

    @api.model
    def _get_model_info_by_xmlid(self):
        """Deleted, what it was used for would become a task, and reading a warning a contact."""
        return {**super()._get_model_info_by_xmlid(), OWNER_ACTIVITY: {"res_model": False, "unlink": False}}

    @api.model
    def _grading_rescore(self):
        """Another channel for what was done already: have all companies rescored in the background."""
        if not self.env.registry.ready:  # while modules are installed: the first run comes after that
            return
        self.env["grading.run"].sudo()._start(self.env["res.company"].sudo().search([("active", "=", True)]))
