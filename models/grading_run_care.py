from odoo import models
from odoo.tools import SQL

from .grading_run_pipeline import BATCH_SIZE


class GradingRun(models.Model):
    """Step 7 of the pipeline: the next contacts of the customers and leads that were judged."""

    _inherit = "grading.run"

    def _care(self, rules, next_batch):
        """Set the next dates; whether the time was enough."""
        Care = self.env["grading.care"]
        if self.scope == "full":
            Care._forget_archived(rules.subject)
        if not rules.cadences and not Care.search_count([("company_id", "=", self.company_id.id)], limit=1):
            return True
        Work = self.env["grading.worktable"]
        total = self._again_after_collision(lambda: Work._create_care(rules, self.as_of))
        next_batch(0, total)
        self.env.execute_query(SQL("SET LOCAL enable_nestloop = on"))
        for first in range(1, total + 1, BATCH_SIZE):
            last = min(first + BATCH_SIZE - 1, total)
            self._again_after_collision(lambda a=first, b=last: Work._write_care_batch(a, b, self.as_of))
            if not next_batch(last - first + 1, total - last) and last < total:
                return False
        return True

    def _collect_cadences(self, problems):
        """The cadences that can be used; what one that has gone bad had planned stays as it is."""
        cadences = self.env["grading.cadence"]._in_force()
        return cadences.filtered(lambda cadence: not self._is_broken(cadence._check_domain, problems))
