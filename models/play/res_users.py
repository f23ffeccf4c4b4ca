from odoo import models

from ..base.guarded import guarded


class ResUsers(models.Model):
    """The plays of a user who leaves go on with another one: Odoo removes the activities of a user who is archived."""

    _inherit = "res.users"

    @guarded
    def action_archive(self):
        self.check_access("write")
        self._grading_hand_over_plays()
        return super().action_archive()

    def _grading_hand_over_plays(self):
        """Give the running plays of these users, and what is planned of them, to the leader of the team, without one to
        a manager of Customer Grading."""
        Case, Activity = self.env["grading.play.case"].sudo(), self.env["mail.activity"].sudo()
        cases = Case.search([("state", "=", "running"), ("user_id", "in", self.ids)])
        for heir, own in cases._heirs(self).items():
            own.user_id = heir
        steps = Activity.search([("user_id", "in", self.ids), ("grading_case_id.state", "=", "running")])
        for heir, own in steps.grading_case_id.with_env(Case.env)._heirs(self).items():
            if heir:  # without one Odoo removes them
                planned = steps.filtered(lambda step, own=own: step.grading_case_id in own)
                planned.with_context(mail_activity_quick_update=True).user_id = heir
