import logging
import time
from typing import NamedTuple

import psycopg2.errors

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .grading_worktable import MEASURED, SCORED

_logger = logging.getLogger(__name__)

# Profiles written by one statement, and in a scheduled action between two commits: about a second of work.
BATCH_SIZE = 10000
# How often a batch that collides with somebody's save is tried again before the run gives up.
TRIES = 5
COLLISIONS = (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected)


class Rules(NamedTuple):
    """What a run goes by: the rules that can be used, and what to say of those that can not."""

    schemes: models.BaseModel
    lifecycles: models.BaseModel | None  # none: leave the stages as they are
    broken: models.BaseModel  # schemes whose customers are left as they are
    sources: set
    problems: list


class GradingRun(models.Model):
    """One execution of the pipeline for one company: over everybody, or over the customers that changed."""

    _name = "grading.run"
    _description = "Grading Run"
    _order = "date_start desc, id desc"
    _rec_name = "date_start"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    scope = fields.Selection(
        [("full", "Everybody"), ("incremental", "Changed customers")], required=True, default="full", readonly=True
    )
    as_of = fields.Date(required=True, readonly=True, help="The day on which the customers were judged.")
    date_start = fields.Datetime(required=True, default=fields.Datetime.now, readonly=True)
    duration = fields.Float(string="Duration (s)", readonly=True, aggregator="avg")
    profile_count = fields.Integer(string="Judged", readonly=True)
    changed_count = fields.Integer(string="Changed", readonly=True)
    state = fields.Selection(
        [("running", "Running"), ("done", "Done"), ("failed", "Failed")],
        default="running",
        required=True,
        readonly=True,
    )
    message = fields.Text(readonly=True)

    _company_state_index = models.Index("(company_id, scope, state)")

    # ------------------------------------------------------------
    # The one entry
    # ------------------------------------------------------------

    @api.model
    def _rescore(self, partners=None, leads=None, as_of=None):
        """Measure, score and grade customers of the current company; steps 1 to 5 of the pipeline.

        :param res.partner partners: the customers, by any of their contacts; without, everybody
        :param crm.lead leads: the leads; their customers when no partners are given
        :param datetime.date as_of: the day on which to judge; today where the company works
        :return: the run: its state tells how it went, its message names what had to be left out
        :rtype: grading.run
        """
        company = self.env.company
        if partners is None and leads is not None:
            partners = leads.sudo().partner_id
        run = self.sudo().create(
            {
                "company_id": company.id,
                "scope": "full" if partners is None else "incremental",
                "as_of": as_of or company._grading_today(),
            }
        )
        run._execute(partners)
        return run

    def _execute(self, partners=None):
        """Run the pipeline; in a scheduled action batch by batch, each committed, until the time is up.

        A run that fails says so on itself and leaves every customer as he was.
        """
        self.ensure_one()
        run = self.with_company(self.company_id)
        in_cron = bool(self.env.context.get("ir_cron_progress_id"))
        started = time.monotonic()
        try:
            if in_cron:
                run._commit_batch(0, 1)
                run._work(partners, run._commit_batch)
            else:
                with self.env.cr.savepoint():
                    run._work(partners, lambda _done, _left: True)
        except COLLISIONS:
            if not in_cron:
                raise  # the caller's transaction is lost and will be tried again as a whole
            self.env.cr.rollback()
            run._fail(self.env._("Other people kept changing the same customers: run it again."))
        except Exception as error:
            _logger.exception("Grading run %s of %s failed", self.id, self.company_id.name)
            if in_cron:
                self.env.cr.rollback()
            run._fail(str(error))
        finally:
            self.env.invalidate_all()
            self.duration += time.monotonic() - started

    def _fail(self, message):
        """Nobody was judged: that is how a run that broke off differs from one that set a rule aside."""
        self.write({"state": "failed", "message": message, "profile_count": 0})

    def _commit_batch(self, done, left):
        """Commit what is written; whether there is time for another batch."""
        if self.scope == "full":
            waiting = self.search_count([("scope", "=", "full"), ("state", "=", "running"), ("id", "!=", self.id)])
        else:
            waiting = self.env["grading.queue"].search_count([])
        return self.env["ir.cron"]._commit_progress(done, remaining=left + waiting) > 0

    # ------------------------------------------------------------
    # The pipeline
    # ------------------------------------------------------------

    def _work(self, partners, next_batch):
        """The steps, in their order."""
        Work = self.env["grading.worktable"]
        self.env.flush_all()
        # Compiling these statements takes longer than it saves.
        self.env.execute_query(SQL("SET LOCAL jit = off"))
        rules = self._collect_rules()
        if partners is not None and self._rulers_missing(rules.schemes):
            partners, self.scope = None, "full"
        Population = self.env["grading.population"]
        if partners is None:
            # Everybody: the planner, who guesses that few contacts are their own customer, must not go one by one.
            self.env.execute_query(SQL("SET LOCAL enable_nestloop = off"))
        contacts = Population._contacts(partners)
        Population._tidy(contacts)
        Work._create_measured(rules, Population._select(contacts, rules.broken), contacts, self.as_of)
        # A run that goes on keeps the rulers that it began with, unless a rule has changed since.
        fix = partners is None and (not self.profile_count or self._rulers_missing(rules.schemes))
        rulers = self._rulers(rules, fix)
        Work._create_scored(rules.schemes, rulers, self.as_of)
        rulers |= self._scheme_rulers(rules, fix)
        total = Work._create_graded(rules, rulers, self.as_of)
        self.profile_count = Work._count(MEASURED)
        self.message = "\n".join(rules.problems + Work._left_out()) or False
        if self._write_batches(total, next_batch):
            self.state = "failed" if rules.problems else "done"
            Work._drop()

    def _write_batches(self, total, next_batch):
        """Write what has changed; whether all of it was written before the time was up."""
        Work = self.env["grading.worktable"]
        next_batch(0, total)
        for first in range(1, total + 1, BATCH_SIZE):
            last = min(first + BATCH_SIZE - 1, total)
            written = self._again_after_collision(lambda a=first, b=last: Work._write_batch(a, b, self.as_of))
            self.changed_count += written
            if written < last - first + 1:
                Work._requeue(first, last)
            more = next_batch(last - first + 1, total - last)
            if not more and last < total:
                return False
        return True

    def _again_after_collision(self, write):
        if not self.env.context.get("ir_cron_progress_id"):
            return write()
        for attempt in range(TRIES - 1):
            try:
                return write()
            except COLLISIONS:
                self.env.cr.rollback()
                time.sleep(0.1 * 2**attempt)
        return write()

    # ------------------------------------------------------------
    # Rules and rulers
    # ------------------------------------------------------------

    def _collect_rules(self):
        """The active rules of the company; a rule that has gone bad is set aside and named."""
        schemes = self.env["grading.scheme"].search(
            [("subject", "=", "customer"), ("company_id", "in", (False, self.company_id.id))]
        )
        problems = []
        broken = schemes.filtered(lambda scheme: self._is_broken(scheme._check_usable, problems))
        schemes -= broken
        lifecycles = self.env["grading.lifecycle"].search([("active", "=", True)])
        if lifecycles.filtered(lambda stage: self._is_broken(stage._check_domain, problems)):
            lifecycles = None
        measures = schemes._measures_read()
        if lifecycles:
            measures |= lifecycles._profile_measures()
        return Rules(schemes, lifecycles, broken, self.env["grading.measure"]._sources_of(measures), problems)

    def _is_broken(self, check, problems):
        try:
            check()
        except ValidationError as error:
            _logger.warning("Grading run %s sets a rule aside", self.id, exc_info=True)
            problems.append(str(error))
            return True
        return False

    def _ranked(self, schemes):
        return schemes.criterion_ids.filtered(lambda criterion: criterion.kind == "rank")

    def _rulers_missing(self, schemes):
        """Whether a rank has never been measured: then an incremental run has nothing to judge by."""
        Ruler = self.env["grading.ruler"]
        ranked = self._ranked(schemes)
        by_percent = schemes.filtered(lambda scheme: scheme.threshold_mode == "rank")
        return len(Ruler._get(ranked)) < len(ranked) or len(Ruler._get(by_percent)) < len(by_percent)

    def _rulers(self, rules, fix):
        Ruler = self.env["grading.ruler"]
        ranked = self._ranked(rules.schemes)
        if not fix:
            return Ruler._get(ranked)
        return {criterion: Ruler._fix_criterion(criterion, MEASURED) for criterion in ranked}

    def _scheme_rulers(self, rules, fix):
        Ruler = self.env["grading.ruler"]
        by_percent = rules.schemes.filtered(lambda scheme: scheme.threshold_mode == "rank")
        if not fix:
            return Ruler._get(by_percent)
        return {scheme: Ruler._fix_scheme(scheme, SCORED) for scheme in by_percent}
