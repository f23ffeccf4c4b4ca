from odoo import fields, models
from odoo.tools import SQL

from ..run.grading_run_pipeline import Step

STEP = Step("_create_segment_changes", "_write_segment_batch")


class GradingRun(models.Model):
    """Secondary schemes are judged along, from the same measures, and written after the profiles and before the tags,
    whose rules may ask for segments."""

    _inherit = "grading.run"

    segment_count = fields.Integer(
        string="Segments Changed",
        readonly=True,
        help="Segments beside the grade that were written or left, also where the score alone changed.",
    )

    def _steps(self):
        profiles, *others = super()._steps()
        return (profiles, STEP, *others)

    def _schemes_in_force(self, subject):
        return super()._schemes_in_force(subject).filtered(lambda scheme: not scheme.is_secondary)

    def _collect_schemes(self, subject):
        """A run that judges apart tries one scheme: where that judges beside the grade, it is judged along."""
        rules, trial = super()._collect_schemes(subject), self.trial_scheme_id
        if trial.is_secondary and trial.subject == subject:
            rules.secondary_schemes = self._usable(trial, "_check_usable", rules.problems)
        return rules

    def _collect_rules(self, subject):
        rules = super()._collect_rules(subject)
        companies = ("company_id", "in", (False, self.company_id.id))
        schemes = self.env["grading.scheme"].search([("subject", "=", subject), ("is_secondary", "=", True), companies])
        rules.secondary_schemes = self._usable(schemes, "_check_usable", rules.problems)
        rules.broken_secondary = schemes - rules.secondary_schemes
        return rules

    def _ask_for(self, rules, measures):
        schemes = rules.secondary_schemes
        return super()._ask_for(rules, measures | (schemes._measures_read() if schemes else set()))

    def _measure(self, rules, records):
        result = super()._measure(rules, records)
        if schemes := rules.secondary_schemes:
            env, Staging = self._env_of_ranks(), self.env["grading.worktable"]
            with Staging._planner_for(rules):
                for scheme in schemes:
                    covered = SQL("(%s)", Staging._covered_select(scheme, rules.as_of))
                    rules.cut_points |= env["grading.ruler"]._of_criteria(scheme, covered if rules.fix else None)
        return result

    def _score(self, rules):
        result = super()._score(rules)
        if schemes := rules.secondary_schemes:
            env, Staging = self._env_of_ranks(), self.env["grading.worktable"]
            with Staging._planner_for(rules):
                for scheme in schemes.filtered(lambda scheme: scheme.threshold_mode == "rank"):
                    scored = SQL("(%s)", Staging._points_select(scheme, rules))
                    rules.cut_points |= env["grading.ruler"]._of_schemes(scheme, scored if rules.fix else None)
        return result
