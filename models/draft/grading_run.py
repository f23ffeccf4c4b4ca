from odoo import api, fields, models

from ..play.grading_play_trigger import BY_HISTORY
from ..run.grading_run_apart import Sink

# What a preview tells of customers beside what the rules read; see grading.measure.
TOLD_MEASURES = ("order_amount_12m", "order_count_12m", "expected_amount", "best_lead_id")


class GradingRun(models.Model):
    """Previews are worked out by runs that judge apart, as of today, with a draft in the place of its scheme.

    What is learned once a week is taken as the next run over all customers would take it, so that publishing gives what
    was shown.
    """

    _inherit = "grading.run"

    scope = fields.Selection(selection_add=[("preview", "Preview of a draft")], ondelete={"preview": "cascade"})

    @api.model
    def _sinks(self):
        return {**super()._sinks(), "preview": Sink(TOLD_MEASURES, "_write_preview", "_preview_day")}

    def _preview_day(self):
        """Today, once."""
        return None if self.day_count else self.company_id._grading_today()

    def _yardstick(self, day):
        yardstick = super()._yardstick(day)
        if self.scope == "preview":
            for model, name in (("grading.purchase.model", "purchase_values"), ("grading.forecast", "forecast_values")):
                if current := self.env[model]._current(day):
                    setattr(yardstick, name, current._learned_values())
        return yardstick

    def _collect_apart(self, sink, day):
        lead_rules, customer_rules = super()._collect_apart(sink, day)
        if self.scope == "preview":
            cadences, plays = self.env["grading.cadence"]._in_force(), self._previewed_plays()
            measures = cadences._profile_measures() if cadences else set()
            measures |= plays._profile_measures() if plays else set()
            self._ask_for(customer_rules, set(sink.measures) | measures)
            for rules in (lead_rules, customer_rules):
                rules.cadences = self._usable(cadences, "_recheck_domain", [])
                rules.plays = self._usable(plays, "_recheck_domain", []).filtered(
                    lambda play, subject=rules.subject: play.subject == subject
                )
        return lead_rules, customer_rules

    def _previewed_plays(self):
        """The plays that start when a run changes a grade or a stage, or has a grade begin to fall."""
        return self.env["grading.play"]._in_force(*BY_HISTORY, "grade_falling")


class GradingLearnedMixin(models.AbstractModel):
    _inherit = "grading.learned.mixin"

    def _learned_values(self):
        """The row as a :class:`~..base.context.Yardstick` keeps it.

        :rtype: dict
        """
        self.ensure_one()
        names = [name for name, field in self._fields.items() if field.store and name != "id"]
        return {
            name: self[name].id if self._fields[name].type == "many2one" else self[name]
            for name in names
            if name not in models.MAGIC_COLUMNS
        }
