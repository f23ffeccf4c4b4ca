from odoo import api, fields, models


class MailActivity(models.Model):
    """An activity that was planned for a contact that is due; done, the clock of that contact starts anew."""

    _inherit = "mail.activity"

    grading_care_id = fields.Many2one(
        "grading.care",
        string="Due Contact",
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
        self._check_care_access(vals_list)
        activities = super().create(vals_list)
        for activity in activities.sudo().filtered("grading_care_id"):
            activity.grading_care_id.activity_id = activity
        return activities

    def write(self, vals):
        self._check_care_access([vals])
        res = super().write(vals)
        if vals.get("active") is False:
            self.sudo().grading_care_id.filtered(lambda care: care.activity_id in self).activity_id = False
        return res

    def _check_care_access(self, vals_list):
        """Doing an activity starts the clock of its contact anew: only who sees the contact can plan for it."""
        if not self.env.su:
            ids = {vals.get("grading_care_id") for vals in vals_list} - {None, False}
            self.env["grading.care"].browse(ids).check_access("read")

    def _action_done(self, feedback=False, attachment_ids=None):
        done = self.sudo().filtered(lambda activity: activity.active and activity.grading_care_id)
        cares = [
            (channel, activities.grading_care_id)
            for channel, activities in done.grouped(lambda activity: activity.activity_type_id.grading_channel).items()
        ]
        res = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        self.env.flush_all()
        for channel, contacts in cares:
            contacts._restart(channel)
        return res
