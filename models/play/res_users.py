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
        if not self:
            return
        running = [("state", "=", "running")]
        Case, Activity = self.env["grading.play.case"].sudo(), self.env["mail.activity"].sudo()
        steps = Activity.search([("user_id", "in", self.ids), ("grading_case_id.state", "=", "running")])
        cases = Case.search([*running, ("user_id", "in", self.ids)])
        heirs = {case: case._heir(self) for case in cases | steps.grading_case_id}
        for case in cases:
            case.user_id = heirs[case]
        for step in steps.with_context(mail_activity_quick_update=True):
            if heir := heirs[step.grading_case_id.with_env(Case.env)]:
                step.user_id = heir
