from odoo import api, models

from ..base.context import ByServer, is_by_server

# What is saved with a scheme and is a step of its own.
THRESHOLDS = {"threshold_ids", "threshold_mode"}


class GradingFirstStepMixin(models.AbstractModel):
    """A rule whose saving is a first step of the company, see :class:`OnboardingOnboardingStep`."""

    _name = "grading.first.step.mixin"
    _description = "Rule that Is a First Step"

    @api.model
    def _first_steps(self, names):
        """Which first steps are done when the fields ``names`` are saved.

        :rtype: list[str]
        """
        raise NotImplementedError

    def _mark_first_steps(self, names):
        for step in self._first_steps(names):
            self.env["onboarding.onboarding.step"]._grading_saved(step)

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        if not is_by_server(self.env, "grading_copies"):
            rules._mark_first_steps({name for vals in vals_list for name in vals})
        return rules

    def copy(self, default=None):
        """A copy is there to be changed: only then something was chosen."""
        copies = super(GradingFirstStepMixin, self.with_context(grading_copies=ByServer.YES)).copy(default)
        return copies.with_env(self.env)

    def write(self, vals):
        res = super().write(vals)
        self._mark_first_steps(set(vals))
        return res


class GradingScheme(models.Model):
    _name = "grading.scheme"
    _inherit = ["grading.scheme", "grading.first.step.mixin"]

    def _mark_first_steps(self, names):
        """A draft decides nothing before it is published."""
        published = self.filtered(lambda scheme: not scheme.is_draft)
        return super(GradingScheme, published)._mark_first_steps(names) if published else None

    @api.model
    def _first_steps(self, names):
        return [
            *(["thresholds"] if names & THRESHOLDS else []),
            *(["scheme"] if names - THRESHOLDS else []),
        ]


class GradingCadence(models.Model):
    _name = "grading.cadence"
    _inherit = ["grading.cadence", "grading.first.step.mixin"]

    @api.model
    def _first_steps(self, names):
        return ["cadences"]
