from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.orm.models import NO_ACCESS

from ..models.base.guarded import guarded
from ..models.measure.grading_interaction import CHANNELS


class GradingCareDone(models.TransientModel):
    """Asks for a word about contacts that were made, marks them done, and knows for a while how to take that back."""

    _name = "grading.care.done"
    _inherit = ["grading.input.mixin"]
    _description = "Mark Contacts Done"

    care_ids = fields.Many2many("grading.care", string="Contacts", required=True)
    feedback = fields.Char(help="What came of it; it stands in the message on the customer or lead.")
    channel = fields.Selection(
        CHANNELS,
        string="Contacted by",
        compute="_compute_channel",
        store=True,
        readonly=False,
        help="A more personal contact also answers the others that are due; those that it does not answer stay due.",
    )
    has_choice = fields.Boolean(compute="_compute_channel", store=True)
    undo = fields.Json(groups=NO_ACCESS)  # users cannot choose what is written back

    @api.depends("care_ids")
    def _compute_channel(self):
        """A contact that answers several can also have been made by a simpler channel."""
        for wizard in self:
            together = [group.mapped("channel") for group in wizard.care_ids._origin._answered_together()]
            channels = together[0] if len(together) == 1 else []
            wizard.has_choice = len(set(channels)) > 1
            wizard.channel = wizard.has_choice and channels[0]

    @guarded(one=True)
    def action_confirm(self):
        """Mark the contacts done, and show when the next ones are due.

        :raise AccessError: see :meth:`grading.care._check_done`
        """
        cares = self.care_ids
        cares._check_done()
        names = list(dict.fromkeys(care._subject().display_name for care in cares))
        note = {"before": cares._state_of_contacts(), "open": cares._open_activities()}
        channel = self.channel if self.has_choice else None
        done, messages, following = cares._make_contacts(self.feedback, channel)
        note.update(done=done.ids, messages=messages.ids, following=following.ids, after=cares._state_of_contacts())
        self.sudo().undo = note
        return {
            "type": "ir.actions.client",
            "tag": "grading_care_done",
            "params": {
                "message": cares._done_message(cares.sudo().profile_id.care_ids, names),
                "done_id": self.id,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    @guarded(one=True)
    def action_undo(self):
        """Take back what the user has just marked done: the activity is open again, the message is gone, and the dates
        are what they were.

        :raise UserError: the customer or lead was contacted since, or this was undone before
        """
        note = self.sudo().undo
        if not note:
            raise UserError(self.env._("This was undone before: reload the page."))
        self.care_ids._check_done()
        self.sudo().undo = False
        self.care_ids._take_back(note)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
