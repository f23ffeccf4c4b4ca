from contextlib import suppress

from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.exceptions import UserError

from ..base.fields import MANAGERS
from ..base.guarded import guarded
from .onboarding_onboarding import FIRST_STEPS

# What the method of a step opens.
OPENED = {
    "action_grading_open_source": "res.config.settings",
    "action_grading_open_schemes": "grading.scheme",
    "action_grading_open_thresholds": "grading.scheme",
    "action_grading_open_cadences": "grading.cadence",
    "action_grading_open_teams": "crm.team",
}


class OnboardingOnboardingStep(models.Model):
    """A first step is done in a company when a manager has saved there what it is about, or says that it is fine."""

    _inherit = "onboarding.onboarding.step"

    def _grading_is_done(self):
        return self.current_step_state != "not_done"

    def _grading_may_open(self):
        model = OPENED.get(self.sudo().panel_step_open_action_name)
        return bool(model) and self.env[model].has_access("read")

    @api.model
    def _grading_saved(self, name):
        """A person has saved what the first step ``name`` is about: it is done in the current company. What the server
        saves by itself, at an installation above all, says nothing.

        :param str name: the end of the step's XML id
        """
        if self.env.su or not self.env.user.has_group(MANAGERS):
            return
        step = self.env.ref(f"customer_grading.onboarding_onboarding_step_{name}", raise_if_not_found=False)
        if step:
            # What another user saves at the same moment is the same step, done.
            with suppress(UniqueViolation), self.env.cr.savepoint():
                step.sudo().action_set_just_done()

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @guarded(one=True)
    def action_grading_done(self):
        """The step is fine as it is: it is done in the current company."""
        first_steps = self.sudo().env.ref(FIRST_STEPS, raise_if_not_found=False)
        if not first_steps or self.sudo() not in first_steps.step_ids:
            raise UserError(self.env._("This is no first step of Customer Grading: reload the page and try again."))
        self.sudo().action_set_just_done()

    @guarded
    def action_grading_open_source(self):
        return self._grading_open("customer_grading.res_config_settings_action")

    @guarded
    def action_grading_open_schemes(self):
        return self._grading_open("customer_grading.grading_scheme_action")

    @guarded
    def action_grading_open_thresholds(self):
        """Open the scheme by which most customers of the company are graded, with how many get which grade."""
        groups = (
            self.env["grading.profile"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", self.env.company.id),
                    ("scheme_id.active", "=", True),
                    ("scheme_id.subject", "=", "customer"),
                ],
                ["scheme_id"],
                order="__count DESC",
                limit=1,
            )
        )
        action = self._grading_open("customer_grading.grading_scheme_action")
        if not groups:
            return action
        [[scheme]] = groups
        return {**action, "res_id": scheme.id, "views": [(False, "form")], "view_mode": "form"}

    @guarded
    def action_grading_open_cadences(self):
        return self._grading_open("customer_grading.grading_cadence_action")

    @guarded
    def action_grading_open_teams(self):
        return self._grading_open("sales_team.crm_team_action_config")

    @api.model
    def _grading_open(self, xmlid):
        return self.env["ir.actions.act_window"]._for_xml_id(xmlid)
