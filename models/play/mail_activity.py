from odoo import fields, models
from odoo.orm.models import NO_ACCESS


class MailActivity(models.Model):
    """An activity that a play has planned: a contact that is made reaches the goal *contact* at once."""

    _inherit = "mail.activity"

    grading_case_id = fields.Many2one(
        "grading.play.case",
        string="Started by Play",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
        groups=NO_ACCESS,  # users cannot choose to which play an activity belongs
    )

    def _action_done(self, feedback=False, attachment_ids=None):
        done = self.sudo().filtered(lambda activity: activity.active and activity.grading_case_id)
        cases = done.filtered(lambda a: a.activity_type_id.grading_channel not in (False, "none")).grading_case_id
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        cases._contact_made()
        return result
