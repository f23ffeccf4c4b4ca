from odoo import api, fields, models

from ..run.grading_run_apart import Sink
from ..run.grading_staging import GRADED


class GradingWorktable(models.AbstractModel):
    """The sink of suggestions: customers as judged on a day are learned from, or what was learned is tried on them."""

    _inherit = "grading.worktable"

    @api.model
    def _write_suggestion(self, rules):
        suggestion = rules.run._suggestion()
        if rules.subject == "customer" and suggestion:
            suggestion._take_judged(GRADED["customer"], rules.as_of)


class GradingRun(models.Model):
    """A run that judges two earlier days for a suggestion: the one that it learns from, and the one it is tried on."""

    _inherit = "grading.run"

    scope = fields.Selection(selection_add=[("suggest", "Suggestion")], ondelete={"suggest": "cascade"})

    @api.model
    def _sinks(self):
        measures = tuple(self.env["grading.suggestion"]._judged_measures())
        return {**super()._sinks(), "suggest": Sink(measures, "_write_suggestion", "_next_suggestion_day")}

    def _suggestion(self):
        return self.env["grading.suggestion"].sudo().search([("run_id", "=", self.id)], limit=1)

    def _next_suggestion_day(self):
        """The day to learn from, then the one to try it on.

        :rtype: datetime.date | None
        """
        suggestion = self._suggestion()
        if not suggestion or (suggestion.result or {}).get("tried"):
            return None
        return suggestion._days()[bool(suggestion.result)]

    def _fail(self, message):
        result = super()._fail(message)
        if self.scope == "suggest":
            self._suggestion()._refuse(message)
        return result

    def _change_state(self, before, after, refusal):
        result = super()._change_state(before, after, refusal)
        self._unfinished().write({"state": after, "message": False})
        return result

    def unlink(self):
        """What was to be learned by a run that is deleted is to be learned anew."""
        self._unfinished().filtered(lambda suggestion: suggestion.state != "failed").write({"state": "draft"})
        return super().unlink()

    def _unfinished(self):
        """The suggestions that these runs have not come to the end of."""
        suggestions = self.env["grading.suggestion"].sudo()
        return suggestions.search([("run_id", "in", self.ids), ("state", "!=", "done")])
