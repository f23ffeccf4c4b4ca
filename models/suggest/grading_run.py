import time

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..run.grading_run_apart import Sink, StoppedError
from ..run.grading_staging import GRADED

# A run that was killed so often before its suggestion was learned gives up: it would be killed for ever.
STARTS_AT_MOST = 3
# Between the parts of learning it is asked once in so many seconds whether a user has stopped it.
ASKED_EVERY = 1.0


class Watch:
    """Called between the parts of learning: ends it where a user has stopped its run, or deleted it.

    It asks with a connection of its own, since the transaction that learns sees nothing of what users do meanwhile. A
    run that is not committed yet is the caller's, and cannot be stopped by others.
    """

    def __init__(self, run):
        self.run_id, self.registry = run.id, run.env.registry
        self.asked, self.was_there = time.monotonic(), False

    def __call__(self):
        """
        :raise StoppedError: learning is not wanted any more
        """
        if time.monotonic() - self.asked < ASKED_EVERY:
            return
        with self.registry.cursor() as cr:
            cr.execute(SQL("SELECT state FROM grading_run WHERE id = %s", self.run_id))
            found = cr.fetchone()
        if found[0] != "running" if found else self.was_there:
            raise StoppedError
        self.asked, self.was_there = time.monotonic(), bool(found)


class GradingWorktable(models.AbstractModel):
    """The sink of suggestions: customers as judged on a day are learned from, or what was learned is tried on them."""

    _inherit = "grading.worktable"

    @api.model
    def _write_suggestion(self, rules):
        suggestion = rules.run._suggestion()
        if rules.subject == "customer" and suggestion:
            suggestion._take_judged(GRADED["customer"], rules.as_of)


class GradingRun(models.Model):
    """A run that works out a suggestion in the background: it judges two earlier days, the one that is learned from
    and the one that it is tried on, or it learns from what there is, in one transaction.

    It learns for the user who has asked, in their language: the one that has created the run.
    """

    _inherit = "grading.run"

    scope = fields.Selection(selection_add=[("suggest", "Suggestion")], ondelete={"suggest": "cascade"})

    @api.model
    def _sinks(self):
        measures = tuple(self.env["grading.suggestion"]._judged_measures())
        return {**super()._sinks(), "suggest": Sink(measures, "_write_suggestion", "_next_suggestion_day")}

    def _suggestion(self):
        """What the run works out; empty once that is deleted or asked otherwise."""
        suggestion = self.env["grading.suggestion"].sudo().search([("run_id", "=", self.id)], limit=1)
        asker = self.create_uid or self.env.user
        suggestion = suggestion.with_user(asker).sudo().with_company(suggestion.company_id)
        return suggestion.with_context(lang=self.env.lang or asker.lang)

    def _run_pipeline(self, partners, leads, pace):
        suggestion = self._suggestion() if self.scope == "suggest" else None
        if not suggestion or suggestion._is_judged_apart():
            return super()._run_pipeline(partners, leads, pace)
        try:
            # Reported as progress, so that Odoo does not postpone the job for a day where learning is killed.
            pace.do(lambda: self.write({"message": False}))
            pace.do(lambda: self._learn(suggestion))
        except StoppedError:
            self.env.cr.rollback()  # to see what the user has done
        return None

    def _judge_apart(self, sink, day, pace):
        try:
            return super()._judge_apart(sink, day, pace)
        except StoppedError:
            if self.scope == "suggest":
                self.env.cr.rollback()
            raise

    def _learn(self, suggestion):
        """Learn from what there is. A user who stops it meanwhile ends it at the next part, and behind the last one
        collides with what is written at the end, which is then rolled back."""
        suggestion._or_refuse(suggestion._learn_now)
        self.write({"state": suggestion.state, "message": suggestion.message, "day_count": 1, "start_count": 0})

    def _count_start(self):
        """
        :raise UserError: learning came to no end again and again, by a limit of the server most likely
        """
        if self.scope == "suggest" and self.start_count >= STARTS_AT_MOST:
            raise UserError(
                self._suggestion().env._(
                    "Learning did not come to its end in %s attempts. Most likely the server has stopped it: allow "
                    "scheduled actions more time, and raise limit_time_real_cron in the server's configuration.",
                    self.start_count,
                )
            )
        return super()._count_start()

    def _execute_in_batches(self, partners=None, leads=None):
        is_through = super()._execute_in_batches(partners, leads)
        run = self.exists()
        if run.scope == "suggest" and run.state in ("done", "failed"):
            for suggestion in run._suggestion():  # with its scheme it may be gone
                suggestion._tell_end()
        return is_through

    def _is_tried_first(self):
        return self.scope == "suggest" or super()._is_tried_first()

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
