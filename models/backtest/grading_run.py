from odoo import fields, models

from ..run.grading_run_apart import Sink


class GradingRun(models.Model):
    """A run that judges earlier days for a back-test, by its scheme and by the one that it is compared with."""

    _inherit = "grading.run"

    scope = fields.Selection(selection_add=[("backtest", "Back-test")], ondelete={"backtest": "cascade"})

    def _sinks(self):
        return {**super()._sinks(), "backtest": Sink((), "_write_backtest", "_next_backtest_day")}

    def _backtest(self):
        """The back-test that the run works out; empty once that is deleted or asked otherwise."""
        return self.env["grading.backtest"].sudo().search([("run_id", "=", self.id)], limit=1)

    def _next_backtest_day(self):
        """The earliest day of which there are no figures.

        :rtype: datetime.date | None
        """
        test = self._backtest()
        done = set(test.total_ids.mapped("date"))
        return min((day for day in test._days() if day not in done), default=None) if test else None

    def _judge_all(self, sink, day, pace):
        """By the other scheme first: what that finds is kept aside until the figures are written."""
        if self.scope != "backtest":
            return super()._judge_all(sink, day, pace)
        test, Staging = self._backtest(), self.env["grading.worktable"]
        if test.other_scheme_id:
            pace.do(lambda: self.write({"trial_scheme_id": test.other_scheme_id.id}))
            super()._judge_all(sink, day, pace)
            pace.do(lambda: Staging._keep_other_judgment(test))
        pace.do(lambda: self.write({"trial_scheme_id": test.scheme_id.id}))
        return super()._judge_all(sink, day, pace)

    def _schemes_in_force(self, subject):
        """A scheme that is tried and takes no other's place comes first, so that it grades whom it covers."""
        schemes, trial = super()._schemes_in_force(subject), self.trial_scheme_id
        if not self._is_tried_first() or trial not in schemes or trial.active or trial.draft_of_id.active:
            return schemes
        return trial + (schemes - trial)

    def _is_tried_first(self):
        """Whether the run is about those whom its scheme covers, wherever it stands among the schemes in use."""
        return self.scope == "backtest"
