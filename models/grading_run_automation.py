import logging

from odoo import SUPERUSER_ID, fields, models
from odoo.tools import SQL

from .grading_run import COLLISIONS
from .grading_worktable import GRADED

_logger = logging.getLogger(__name__)

# An automation that fails for so many customers of a batch is given up for the others of that batch.
FAILURES_AT_MOST = 10


class GradingRun(models.Model):
    """What is started for the customers who have entered a stage: Odoo's own automations, for all of them at once."""

    _inherit = "grading.run"

    automation_errors = fields.Text(string="Automations That Failed", readonly=True)

    def _start_automations(self, rules, first, last):
        """Start the automations of the stages that customers have entered among the rows ``first`` to ``last`` of
        *graded*, which have just been written; in the same transaction, so that each starts once.

        :param rules: a :class:`grading_run_rules.Rules`
        """
        stages = (rules.lifecycles or self.env["grading.lifecycle"]).filtered("action_server_id")
        for stage_id, partner_ids in self._entered(stages, first, last) if stages else ():
            stage = stages.browse(stage_id)
            failures, untried = self._run_isolated(stage.action_server_id, partner_ids)
            if failures:
                self._note_failures(stage, failures, untried)

    def _entered(self, stages, first, last):
        """``[(stage id, ids of the customers who have entered it)]`` among the rows that were written."""
        return self.env.execute_query(
            SQL(
                """
                SELECT graded.lifecycle_id, ARRAY_AGG(graded.partner_id ORDER BY graded.place)
                  FROM %(graded)s AS graded
                  JOIN grading_profile AS profile
                    ON profile.partner_id = graded.partner_id AND profile.company_id = graded.company_id
                 WHERE graded.place BETWEEN %(first)s AND %(last)s AND graded.lifecycle_id = ANY(%(stages)s)
                   AND graded.lifecycle_id IS DISTINCT FROM graded.old_lifecycle_id
                   AND profile.write_date = NOW() AT TIME ZONE 'UTC'
              GROUP BY graded.lifecycle_id
              ORDER BY graded.lifecycle_id
                """,
                graded=GRADED,
                first=first,
                last=last,
                stages=stages.ids,
            )
        )

    def _run_isolated(self, action, partner_ids):
        """Run ``action`` for all customers at once; where it fails, for ever smaller parts of them, so that the one who
        makes it fail does not keep it from the others.

        :param ir.actions.server action:
        :param list partner_ids:
        :return: ``[(partner id, error)]``, and how many customers were not tried any more
        """
        failures, parts = [], [partner_ids]
        while parts and len(failures) < FAILURES_AT_MOST:
            part = parts.pop()
            error = self._try_automation(action, part)
            if error and len(part) == 1:
                failures.append((part[0], error))
            elif error:
                half = len(part) // 2
                parts += [part[half:], part[:half]]
        return failures, sum(map(len, parts))

    def _try_automation(self, action, partner_ids):
        """Run ``action`` for these customers.

        :return: what it failed with, and then it has left no trace
        """
        context = {"active_model": "res.partner", "active_ids": partner_ids, "active_id": partner_ids[0]}
        try:
            with self.env.cr.savepoint():
                action.with_user(SUPERUSER_ID).with_context(**context).run()
        except COLLISIONS:
            raise  # with somebody's save: the whole batch is tried again
        except Exception as error:
            _logger.warning("Automation %s of grading run %s failed", action.id, self.id, exc_info=True)
            return error
        return None

    def _note_failures(self, stage, failures, untried):
        """Name on the run whom the automation failed for, and why."""
        customers = self.env["res.partner"].browse(partner_id for partner_id, _error in failures)
        line = self.env._(
            "The automation “%(action)s” of the stage “%(stage)s” failed for %(customers)s: %(error)s",
            action=stage.action_server_id.name,
            stage=stage.name,
            customers=", ".join(customers.mapped("display_name")),
            error=str(failures[0][1]).strip(),
        )
        if untried:
            line += " " + self.env._("It was not started for %s others.", untried)
        self.automation_errors = "\n".join(filter(None, [self.automation_errors, line]))
