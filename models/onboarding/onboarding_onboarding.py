from odoo import models

from ..base.guarded import guarded

# The panel of first steps.
FIRST_STEPS = "customer_grading.onboarding_onboarding_grading"


class OnboardingOnboarding(models.Model):
    _inherit = "onboarding.onboarding"

    @guarded
    def action_close_panel_grading(self):
        """Close the panel of first steps in the current company, for all its managers."""
        onboarding = self.sudo().env.ref(FIRST_STEPS, raise_if_not_found=False)
        if onboarding:
            onboarding._search_or_create_progress().action_close()

    def _grading_steps(self):
        """The steps of the panel in the current company as the screen shows them, none when it is closed or all are
        done.

        :return: ``[{id, title, description, is_done, action}]``; without an ``action`` the user may not open the step
        :rtype: list[dict]
        """
        self.ensure_one()
        onboarding = self.sudo()
        steps = onboarding.step_ids
        if onboarding.is_onboarding_closed or all(step._grading_is_done() for step in steps):
            return []
        return [
            {
                "id": step.id,
                "title": step.title,
                "description": step.description,
                "is_done": step._grading_is_done(),
                "action": step.with_env(self.env)._grading_may_open() and step.panel_step_open_action_name,
            }
            for step in steps
        ]
