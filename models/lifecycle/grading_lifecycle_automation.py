import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL, split_every

from ..base.grading_job_mixin import attempt
from ..run.grading_staging import PROFILE_CHANGES

_logger = logging.getLogger(__name__)
# Customers for which an automation is started at once. Where one of them makes it fail it is started for each alone.
AT_ONCE = 1000
# After so many failures the others are left to the next full run.
FAILURES_AT_MOST = 10


class GradingAutomation(models.Model):
    """A customer whose stage's automation still has to be started: it failed when the customer entered the stage.

    Tried again in every full run, as long as the customer is in that stage.
    """

    _name = "grading.automation"
    _description = "Automation to Start Again"
    _order = "date, id"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, ondelete="cascade", readonly=True)
    lifecycle_id = fields.Many2one(
        "grading.lifecycle", string="Stage", required=True, ondelete="cascade", index=True, readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    run_id = fields.Many2one("grading.run", ondelete="set null", readonly=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now, readonly=True)
    error = fields.Text(readonly=True, help="Empty: it was given up before it came to this customer.")

    _customer_unique = models.UniqueIndex(
        "(partner_id, lifecycle_id, company_id)", "An automation waits once for a customer."
    )


class GradingRun(models.Model):
    """Starts Odoo's own automations for the customers that have entered a stage, many of them at once.

    A customer that makes one fail does not keep it from the others: the run names that customer, and the next full run
    tries again.
    """

    _inherit = "grading.run"

    automation_errors = fields.Text(string="Automations That Failed", readonly=True)

    def _batch_size(self):
        """Fewer where automations are started: they take longer than the batch itself."""
        size = super()._batch_size()
        return min(size, AT_ONCE) if self._has_automations() else size

    def _has_automations(self):
        return bool(self.env["grading.lifecycle"].search_count([("action_server_id", "!=", False)], limit=1))

    def _start_automations(self, rules, first, last):
        """Start the automations of the stages that customers have entered among the rows ``first`` to ``last`` of
        *profile changes*, which have just been written; in the same transaction, so that each starts once.

        :param Rules rules: see :mod:`grading_run_pipeline`
        """
        stages = (rules.lifecycles or self.env["grading.lifecycle"]).filtered("action_server_id")
        if not stages or self._looks_back():
            return
        for stage_id, partner_ids in self._entered(stages, first, last):
            self._start_automation(stages.browse(stage_id), partner_ids)

    def _finish_full(self):
        self._start_waiting_automations()
        return super()._finish_full()

    def _start_waiting_automations(self):
        """Try again what failed before, for customers that are still in the stage; forget the others."""
        if self._looks_back():
            return
        Waiting = self.env["grading.automation"]
        waiting = Waiting.search([("company_id", "=", self.company_id.id), ("run_id", "!=", self.id)])
        profiles = self.env["grading.profile"].search(
            [("partner_id", "in", waiting.partner_id.ids), ("company_id", "=", self.company_id.id)]
        )
        stages = {profile.partner_id: profile.lifecycle_id for profile in profiles}
        still_there = waiting.filtered(lambda line: stages.get(line.partner_id) == line.lifecycle_id)
        by_stage = still_there.grouped("lifecycle_id")
        partners = {stage: lines.partner_id.ids for stage, lines in by_stage.items() if stage.action_server_id}
        waiting.unlink()
        for stage, partner_ids in partners.items():
            self._start_automation(stage, partner_ids)

    def _looks_back(self):
        """Whether the run is for a day before the one on which it was opened: it shows what would have been, and starts
        nothing. One that works past midnight does not look back."""
        return self.as_of < self.company_id._grading_local(self.date_start).date()

    def _entered(self, stages, first, last):
        """``[(stage id, ids of the customers that have entered it)]`` among the rows that were written."""
        return self.env.execute_query(
            SQL(
                """
                SELECT changes.lifecycle_id, ARRAY_AGG(changes.partner_id ORDER BY changes.place)
                  FROM %(changes)s AS changes
                  JOIN grading_profile AS profile
                    ON profile.partner_id = changes.partner_id AND profile.company_id = changes.company_id
                 WHERE changes.place BETWEEN %(first)s AND %(last)s AND changes.lifecycle_id = ANY(%(stages)s)
                   AND changes.lifecycle_id IS DISTINCT FROM changes.old_lifecycle_id
                   AND profile.write_date = NOW() AT TIME ZONE 'UTC'
              GROUP BY changes.lifecycle_id
              ORDER BY changes.lifecycle_id
                """,
                changes=PROFILE_CHANGES,
                first=first,
                last=last,
                stages=stages.ids,
            )
        )

    def _start_automation(self, stage, partner_ids):
        """Start the automation of one stage; keep and name the customers for which it failed.

        One that waits for it and has left the stage and come back meanwhile gets it now, and no longer waits.
        """
        self.env["grading.automation"].search(
            [
                ("lifecycle_id", "=", stage.id),
                ("company_id", "=", self.company_id.id),
                ("partner_id", "in", list(partner_ids)),
            ]
        ).unlink()
        failed = self._start_each(partner_ids, lambda ids: self._run_action(stage, ids))
        if failed:
            self._keep_failed(stage, failed)

    def _run_action(self, stage, partner_ids):
        stage._check_action_server()  # its model may have been changed since
        context = {"active_model": "res.partner", "active_ids": list(partner_ids), "active_id": partner_ids[0]}
        stage.action_server_id.with_user(SUPERUSER_ID).with_context(**context).run()

    def _start_each(self, ids, start):
        """Start something for many records at once; where that fails, for each of them alone.

        :param start: a function of ids
        :return: ``{id: error}`` of those for which it failed; the error is None for those that were not tried
        :rtype: dict
        """
        failed = {}
        for part in split_every(AT_ONCE, ids):
            if len(failed) < FAILURES_AT_MOST and not self._try_start(start, part):
                continue
            for record_id in part:
                given_up = len(failed) >= FAILURES_AT_MOST
                error = None if given_up else self._try_start(start, (record_id,))
                if error or given_up:
                    failed[record_id] = error
        return failed

    def _try_start(self, start, ids):
        """
        :return: the error with which it failed, and then it has left no trace in the database; None when it worked
        """
        text = "An automation failed in grading run %s"
        return attempt(self.env, lambda: start(ids), _logger, text, self.id)

    def _keep_failed(self, stage, failed):
        """Have the automation started again for ``failed`` in the next full run, and say so on this one.

        :param dict failed: see :meth:`_start_each`
        """
        tried = {partner_id: error for partner_id, error in failed.items() if error}
        line = self.env._(
            "The automation “%(action)s” of the stage “%(stage)s” failed for %(customers)s: %(error)s",
            action=stage.action_server_id.name,
            stage=stage.name,
            customers=", ".join(self.env["res.partner"].browse(tried).mapped("display_name")),
            error=str(next(iter(tried.values()))).strip(),
        )
        self._note_automation_error(
            line, self._not_started(failed), self.env._("It is started again in the next full run.")
        )
        common = {"lifecycle_id": stage.id, "company_id": self.company_id.id, "run_id": self.id}
        self.env["grading.automation"].create(
            [
                {**common, "partner_id": partner_id, "error": error and str(error)}
                for partner_id, error in failed.items()
            ]
        )

    def _not_started(self, failed):
        """A sentence on those that were not tried, when there are any; ``failed`` as in :meth:`_start_each`."""
        count = sum(not error for error in failed.values())
        return count and self.env._("It was not started for %s others.", count)

    def _note_automation_error(self, *sentences):
        line = " ".join(filter(None, sentences))
        self.automation_errors = "\n".join(filter(None, [self.automation_errors, line]))


class GradingWorktable(models.AbstractModel):
    _inherit = "grading.worktable"

    @api.model
    def _profiles_written(self, rules, first, last, written):
        """Entering a stage starts its automation, in the transaction that writes it."""
        rules.run._start_automations(rules, first, last)
        return super()._profiles_written(rules, first, last, written)
