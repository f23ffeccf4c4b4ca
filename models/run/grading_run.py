import logging
import time
from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.context import without_client_keys
from ..base.grading_job_mixin import COLLISIONS
from ..base.guarded import guarded
from ..measure.grading_measure import MEASURED_BY
from .grading_run_pace import FullNeededError, InBatches, InOneGo, RulesChangedError, TimeUpError

_logger = logging.getLogger(__name__)
FAILED = "Grading run %s of %s failed"
OPEN_RUNS = [("scope", "=", "full"), ("state", "=", "running")]
# A company that was rescored within so many hours has had its turn in a night that goes on.
FRESH_HOURS = 6
# Customers and leads up to which a button works at once; beyond, the scheduled action does it in the background.
RESCORE_AT_ONCE = 20000
# Changed customers and leads that one incremental run takes from the queue.
QUEUE_BATCH = 1000
# Waiting lines that are counted at most, to say how far a job is: a million would be counted at each step.
COUNTED_LINES = 10 * QUEUE_BATCH
KEEP_INCREMENTAL_DAYS = 30
# A run that was stopped so often before it had written anything gives up: it would never be through.
STARTS_AT_MOST = 10


class GradingRun(models.Model):
    """One execution of the pipeline for one company: over all customers and leads, or over those that changed."""

    _name = "grading.run"
    _inherit = ["grading.job.mixin"]
    _description = "Grading Run"
    _order = "date_start desc, id desc"
    _rec_name = "date_start"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    scope = fields.Selection(
        [("full", "All"), ("incremental", "Changed customers and leads")],
        required=True,
        default="full",
        readonly=True,
    )
    as_of = fields.Date(required=True, readonly=True, help="The day as of which they were scored.")
    date_start = fields.Datetime(string="Started", required=True, default=fields.Datetime.now, readonly=True)
    duration = fields.Float(string="Duration (s)", readonly=True, aggregator="avg")
    profile_count = fields.Integer(string="Scored", readonly=True)
    changed_count = fields.Integer(
        string="Changed", readonly=True, help="Each is counted once, also in a run that was interrupted and went on."
    )
    score_count = fields.Integer(string="Scores Changed", readonly=True)
    grade_count = fields.Integer(string="Grades Changed", readonly=True)
    left_count = fields.Integer(
        string="Left", readonly=True, help="Customers and leads that were scored and are still to be written."
    )
    start_count = fields.Integer(string="Starts", readonly=True, help="Since the last batch that was written.")
    are_customers_scored = fields.Boolean(readonly=True, help="If the run is interrupted, it keeps its cut points.")
    keep_cut_points = fields.Boolean(
        readonly=True,
        help="Customers are ranked anew only where a rank has moved by more than the company's settings say.",
    )
    fixed_count = fields.Integer(
        string="Ranked Anew",
        readonly=True,
        help="So many ranks and best percents were measured anew; every score by them was worked out again.",
    )
    tag_count = fields.Integer(
        string="Tags", readonly=True, help="Tags that rules gave, and that they took back, in this run."
    )
    state = fields.Selection(
        [("running", "Running"), ("stopped", "Stopped"), ("done", "Done"), ("failed", "Failed")],
        default="running",
        required=True,
        readonly=True,
    )
    scheme_versions = fields.Json(
        readonly=True,
        help="The versions of the schemes by which a run over all has judged: {subject: {scheme: version}}.",
    )
    measured_by = fields.Integer(
        readonly=True, help="How a run over all has measured: releases that measure in another way have other numbers."
    )
    measured_with = fields.Json(
        readonly=True, help="The settings of the company by which a run over all has measured: {field: value}."
    )
    trial_scheme_id = fields.Many2one(
        "grading.scheme",
        string="Tried Scheme",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
        help="A draft or an archived scheme by which the run judges as if it were in use; never for the profiles.",
    )
    message = fields.Text(readonly=True)

    _company_state_index = models.Index("(company_id, scope, state)")

    # ------------------------------------------------------------
    # The one entry
    # ------------------------------------------------------------

    @api.model
    def _rescore(self, partners=None, leads=None, as_of=None):
        """Measure, score and grade leads and customers of the current company, in the caller's transaction.

        Without ``partners`` and ``leads`` that is all of them. Otherwise a customer is scored with all their leads, and
        a lead with its customer, who may be graded through it.

        :param res.partner partners: customers, by any of their contacts
        :param crm.lead leads: leads
        :param datetime.date as_of: the day to score as of; today where the company works
        :return: the run: its state tells how it went, its message names what had to be left out
        :rtype: grading.run
        """
        run = self._prepare(partners, leads, as_of)
        run._execute(partners, leads)
        return run

    @api.model
    def _prepare(self, partners=None, leads=None, as_of=None):
        """A run of the current company that has not begun yet; the arguments are those of :meth:`_rescore`.

        :rtype: grading.run
        """
        company = self.env.company
        return self.sudo().create(
            {
                "company_id": company.id,
                "scope": "full" if partners is None and leads is None else "incremental",
                "as_of": as_of or company._grading_today(),
            }
        )

    def _execute(self, partners=None, leads=None):
        """Run the pipeline in one go: a run that fails says so on itself and leaves every grade as it was.

        :raise psycopg2.Error: it collides with a user's save: the caller's transaction is lost, to be tried again
        """
        with self._accounted() as run:
            try:
                with self.env.cr.savepoint():
                    run._run_pipeline(partners, leads, InOneGo())
            except COLLISIONS:
                raise
            except Exception as error:
                _logger.exception(FAILED, run.id, run.company_id.name)
                run._fail(str(error))

    def _execute_in_batches(self, partners=None, leads=None):
        """Run the pipeline in a scheduled action, batch by batch, each committed, until the time is up.

        A run whose time is up, or which others keep from a last row, stays open: the next job goes on with it.

        :return: whether it has come to its end; otherwise it is still open, or it has broken off
        :rtype: bool
        """
        with self._accounted() as run:
            try:
                run._count_start()
                run._run_pipeline(partners, leads, InBatches(run))
                return True
            except FullNeededError:
                self.env.cr.rollback()
                run._widen()
            except TimeUpError:
                _logger.info("Grading run %s goes on in the next job", run.id)
            except RulesChangedError:
                self.env.cr.rollback()
                _logger.info("Grading run %s begins again: the rules were changed", run.id)
                run._begin_again()
            except COLLISIONS:
                self.env.cr.rollback()
                _logger.warning("Grading run %s keeps colliding and goes on in the next job", run.id)
            except Exception as error:
                _logger.exception(FAILED, run.id, run.company_id.name)
                self.env.cr.rollback()
                run._fail(str(error))
            return False

    def _count_start(self):
        """
        :raise UserError: the run was stopped again and again, by a limit of the server most likely
        """
        if self.start_count >= STARTS_AT_MOST:
            raise UserError(
                self.env._(
                    "The run was stopped %s times while it measured. Allow scheduled actions more time: raise "
                    "limit_time_real_cron in the server's configuration.",
                    self.start_count,
                )
            )
        self.start_count += 1
        self._commit_batch(0, 1)

    @contextmanager
    def _accounted(self):
        """The run in its own company; the time that it takes is noted on it, whatever happens."""
        self.ensure_one()
        started = time.monotonic()
        try:
            yield self.with_company(self.company_id)
        finally:
            self.env.invalidate_all()
            for run in self.exists():
                run.duration += time.monotonic() - started

    def _check_going_on(self):
        """Called before each step of a job, in the transaction that the step begins. An exception ends the run there:
        extended where a run may be stopped."""

    def _commit_batch(self, done, left):
        """Commit what is written; whether there is time for another batch."""
        if self.scope != "incremental":
            same = [("scope", "=", self.scope), ("state", "=", "running")]
            same = self._open_runs_of_job(self.company_id) if self.scope == "full" else same
            waiting = self.search_count([*same, ("id", "!=", self.id)])
        else:
            self.env["grading.queue"]._flush_requests()
            waiting = self.env["grading.queue"].search_count([], limit=COUNTED_LINES)
        return self.env["ir.cron"]._commit_progress(done, remaining=left + waiting) > 0

    # ------------------------------------------------------------
    # Scheduled actions and buttons
    # ------------------------------------------------------------

    @api.model
    def _open(self, companies, keep_cut_points=False):
        """Open a full run for each company that has none open; the scheduled action carries them out.

        :param bool keep_cut_points: see the field of this name
        """
        companies -= self.sudo().search(OPEN_RUNS).company_id
        values = {"scope": "full", "keep_cut_points": keep_cut_points}
        return without_client_keys(self.sudo()).create(
            [{"company_id": company.id, "as_of": company._grading_today(), **values} for company in companies]
        )

    @api.model
    def _start(self, companies):
        """Have the companies rescored in the background, soon.

        :return: the runs that were opened for it
        """
        runs = self._open(companies)
        self._trigger_full(companies)
        return runs

    @api.model
    def _start_everywhere(self):
        """Have every company rescored in the background: what all of them score by has changed."""
        if not self.env.registry.ready:  # while modules are installed: the first run comes after that
            return
        self._start(self.env["res.company"].sudo().search([("active", "=", True)]))

    @api.model
    def _last_full(self, company):
        """The last run over all of a company that came to its end, and so has judged and written all customers.

        A rule that had to be set aside is named on it, and it counts as failed; it came to its end all the same. Runs
        from before there were versions of schemes have none.

        :rtype: grading.run
        """
        through = ["|", ("state", "=", "done"), ("scheme_versions", "!=", False)]
        return self.search([("company_id", "=", company.id), ("scope", "=", "full"), *through], limit=1)

    def _has_measured_otherwise(self):
        """Whether this run over all has measured in another way than one of today does: by another release of the
        module, or by other settings of the company. Runs from before these were noted have had the same."""
        settings = self.measured_with or self.company_id._grading_measured_with()
        return self.measured_by != MEASURED_BY or settings != self.company_id._grading_measured_with()

    @api.model
    def _cron_rescore(self):
        """Rescore every company, each by its scheduled action (:meth:`_hand_out`), each batch committed.

        What a killed or overdue job left open is carried on first.
        """
        self.env["grading.assessment"]._collect_survey_answers()
        companies = self.env["res.company"].search([("active", "=", True)])
        if self.search_count(OPEN_RUNS, limit=1):
            # Carrying on: companies that had their turn in this night do not get another one.
            since = fields.Datetime.now() - timedelta(hours=FRESH_HOURS)
            companies -= self.search([("scope", "=", "full"), ("date_start", ">", since)]).company_id
        self._hand_out(self._open(companies, keep_cut_points=True))
        self._carry_out(self._open_runs_of_job(self.env["res.company"]))

    @api.model
    def _cron_rescore_queue(self):
        """Rescore the customers and leads that changed, company by company; what is done leaves the queue.

        Each batch is committed.
        """
        self.env["grading.assessment"]._collect_survey_answers()
        Queue = self.env["grading.queue"]
        for interrupted in self.search([("scope", "=", "incremental"), ("state", "=", "running")]):
            interrupted._fail(
                self.env._("Interrupted: the customers and leads are still in the queue and will be scored.")
            )
        Queue._flush_requests()
        # What is put back meanwhile, because a user has it in hand, waits for the next call.
        last = Queue.search([], order="id desc", limit=1).id or 0
        waiting = [("id", "<=", last)]  # what could not be scored now stays in the queue, too
        self.env["ir.cron"]._commit_progress(remaining=Queue.search_count(waiting, limit=COUNTED_LINES))
        while lines := Queue._waiting(waiting, limit=QUEUE_BATCH, order="company_id, id"):
            company = lines[0].company_id
            lines = lines.filtered_domain([("company_id", "=", company.id)])
            run = self.with_company(company)._prepare(lines.partner_id, lines.lead_id)
            is_through = run._execute_in_batches(lines.partner_id, lines.lead_id)
            if run.exists().scope == "full":  # it has not begun, and will find the customers as they are then
                self._trigger_full(company)
            elif run.exists().state == "running":
                return
            elif not is_through:
                waiting += [("company_id", "!=", company.id)]
                continue
            done = len(lines)
            self._retry(lambda lines=lines: lines.exists().unlink())
            if not self.env["ir.cron"]._commit_progress(
                done, remaining=Queue.search_count(waiting, limit=COUNTED_LINES)
            ):
                return
        # Nothing is left to this call: otherwise Odoo would call it again at once, for what could not be scored.
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.autovacuum
    def _gc_incremental(self):
        """Runs over a few that have changed are kept for a month."""
        before = fields.Datetime.now() - timedelta(days=KEEP_INCREMENTAL_DAYS)
        self.search([("scope", "=", "incremental"), ("date_start", "<", before)], limit=10000).unlink()

    @api.model
    def _rescore_by_button(self, partners=None, leads=None):
        """Rescore at once, or in the background when all have to be scored and they are many.

        :return: the action that tells the user
        """
        company = self.env.company
        schemes = self.env["grading.scheme"].search([("company_id", "in", (False, company.id))])
        compared = self.env["grading.measure"]._compared_of(self.env["grading.measure"]._catalog())
        is_full = partners is None and leads is None or self._cut_points_missing(schemes, compared)
        count = self.env["grading.profile"].search_count([("company_id", "=", company.id)])
        if not is_full or count <= RESCORE_AT_ONCE:
            return self._rescore(partners=partners, leads=leads)._notify()
        self._start(company)
        message = self.env._("Rescoring %s customers and leads in the background: see Runs for the progress.", count)
        return self._notification(message, "info")

    @api.readonly
    @guarded(one=True)
    def action_view_changed(self):
        """Show the customers and leads that the run has changed, but for those that were changed again since."""
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_profile_action_changed")
        return {**action, "domain": [("changed_run", "=", self.id)], "context": {}}

    def _notify(self):
        """Tell the user how the run went and reload the screen."""
        self.ensure_one()
        if self.state == "failed":
            return self._notification(self.message, "danger")
        if self.automation_errors:
            return self._notification(self.automation_errors, "warning")
        if not self.profile_count:
            return self._notification(self.env._("Nothing to score: no order, lead or willingness yet."), "warning")
        if not self.score_count and not self.grade_count:
            message = self.env._("%s scored: no score and no grade changed.", self.profile_count)
            return self._notification(message, "success")
        scores, grades = self.score_count, self.grade_count
        message = self.env._(
            "%(count)s scored: %(scores)s and %(grades)s changed.",
            count=self.profile_count,
            scores=self.env._("1 score") if scores == 1 else self.env._("%s scores", scores),
            grades=self.env._("1 grade") if grades == 1 else self.env._("%s grades", grades),
        )
        changed = {"label": self.env._("Show the changed ones"), "url": f"/odoo/{self.id}/grading-changed"}
        return self._notification(f"{message} %s", "success", links=[changed])

    @api.model
    def _notification(self, message, kind, links=()):
        """
        :param links: ``[{label, url}]``, each for a ``%s`` of the message
        """
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Customer Grading"),
                "message": message,
                "links": list(links),
                "type": kind,
                "sticky": kind == "danger",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
