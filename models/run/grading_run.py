import logging
import time
from datetime import timedelta

import psycopg2.errors

from odoo import api, fields, models

_logger = logging.getLogger(__name__)
COLLISIONS = (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected)
OPEN_RUNS = [("scope", "=", "full"), ("state", "=", "running")]
# A company that was rescored within so many hours has had its turn in a night that goes on.
FRESH_HOURS = 6
# Customers and leads up to which a button works at once; beyond, the scheduled action does it in the background.
RESCORE_AT_ONCE = 20000
# Changed customers and leads that one incremental run takes from the queue.
QUEUE_BATCH = 1000
KEEP_INCREMENTAL_DAYS = 30


class GradingRun(models.Model):
    """One execution of the pipeline for one company: over everybody, or over the customers and leads that changed."""

    _name = "grading.run"
    _description = "Grading Run"
    _order = "date_start desc, id desc"
    _rec_name = "date_start"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    scope = fields.Selection(
        [("full", "Everybody"), ("incremental", "Changed customers and leads")],
        required=True,
        default="full",
        readonly=True,
    )
    as_of = fields.Date(required=True, readonly=True, help="The day on which they were judged.")
    date_start = fields.Datetime(required=True, default=fields.Datetime.now, readonly=True)
    duration = fields.Float(string="Duration (s)", readonly=True, aggregator="avg")
    profile_count = fields.Integer(string="Judged", readonly=True)
    changed_count = fields.Integer(string="Changed", readonly=True)
    tag_count = fields.Integer(
        string="Tags", readonly=True, help="Tags that rules gave, and that they took back, in this run."
    )
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
        """Measure, score and grade leads and customers of the current company; steps 1 to 6 of the pipeline.

        Without ``partners`` and ``leads`` that is everybody. Otherwise a customer is judged with all his leads, and a
        lead with its customer, who may be graded through it.

        :param res.partner partners: customers, by any of their contacts
        :param crm.lead leads: leads
        :param datetime.date as_of: the day on which to judge; today where the company works
        :return: the run: its state tells how it went, its message names what had to be left out
        :rtype: grading.run
        """
        company = self.env.company
        run = self.sudo().create(
            {
                "company_id": company.id,
                "scope": "full" if partners is None and leads is None else "incremental",
                "as_of": as_of or company._grading_today(),
            }
        )
        run._execute(partners, leads)
        return run

    def _execute(self, partners=None, leads=None):
        """Run the pipeline; in a scheduled action batch by batch, each committed, until the time is up.

        A run that fails says so on itself and leaves everybody as he was.
        """
        self.ensure_one()
        run = self.with_company(self.company_id)
        in_cron = bool(self.env.context.get("ir_cron_progress_id"))
        started = time.monotonic()
        try:
            if in_cron:
                run._commit_batch(0, 1)
                run._work(partners, leads, run._commit_batch)
            else:
                with self.env.cr.savepoint():
                    run._work(partners, leads, lambda _done, _left: True)
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
    # Scheduled actions and buttons
    # ------------------------------------------------------------

    # The scheduled actions, and what the buttons say.

    @api.model
    def _open(self, companies):
        """Open a full run for each company that has none open; the scheduled action carries them out."""
        companies -= self.sudo().search(OPEN_RUNS).company_id
        return self.sudo().create(
            [{"company_id": company.id, "scope": "full", "as_of": company._grading_today()} for company in companies]
        )

    @api.model
    def _start(self, companies):
        """Have the companies rescored in the background, soon.

        :return: the runs that were opened for it
        """
        runs = self._open(companies)
        if cron := self.env.ref("customer_grading.ir_cron_rescore", raise_if_not_found=False):
            cron.sudo()._trigger()
        return runs

    @api.model
    def _start_everywhere(self):
        """Have every company rescored in the background: what all of them judge by has changed."""
        if not self.env.registry.ready:  # while modules are installed: the first run comes after that
            return
        self.sudo()._start(self.env["res.company"].sudo().search([("active", "=", True)]))

    @api.model
    def _last_full(self, company):
        return self.search([("company_id", "=", company.id), ("scope", "=", "full"), ("state", "=", "done")], limit=1)

    @api.model
    def _cron_rescore(self):
        """Rescore every company, one after the other. What a killed or overdue job left open is carried on first."""
        self.env["grading.assessment"]._collect_survey_answers()
        companies = self.env["res.company"].search([("active", "=", True)])
        if self.search_count(OPEN_RUNS, limit=1):
            # Carrying on: whoever had his turn in this night does not get another one.
            since = fields.Datetime.now() - timedelta(hours=FRESH_HOURS)
            companies -= self.search([("scope", "=", "full"), ("date_start", ">", since)]).company_id
        self._open(companies)
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(OPEN_RUNS))
        for run in self.search(OPEN_RUNS, order="id"):
            run.as_of = max(run.as_of, run.company_id._grading_today())
            run._execute()
            if run.state == "running":
                return
            if not self.env["ir.cron"]._commit_progress(1, remaining=self.search_count(OPEN_RUNS)):
                return

    @api.model
    def _cron_rescore_queue(self):
        """Rescore the customers and leads that changed, company by company; what is done leaves the queue."""
        self.env["grading.assessment"]._collect_survey_answers()
        Queue = self.env["grading.queue"]
        interrupted = self.search([("scope", "=", "incremental"), ("state", "=", "running")])
        interrupted._fail(self.env._("Interrupted: whoever was to be judged is still in the queue and will be."))
        self.env["ir.cron"]._commit_progress(remaining=Queue.search_count([]))
        waiting = []  # what could not be judged now stays in the queue until the next call
        while lines := Queue.search(waiting, limit=QUEUE_BATCH, order="company_id, id"):
            company = lines[0].company_id
            lines = lines.filtered_domain([("company_id", "=", company.id)])
            run = self.with_company(company)._rescore(partners=lines.partner_id, leads=lines.lead_id)
            if run.state == "running":  # it has become a full one for lack of rulers, and its time was up
                self.env.ref("customer_grading.ir_cron_rescore")._trigger()
            if run.state == "failed" and not run.profile_count:
                waiting += [("company_id", "!=", company.id)]
                continue
            done = len(lines)
            lines.unlink()
            if not self.env["ir.cron"]._commit_progress(done, remaining=Queue.search_count(waiting)):
                return

    @api.autovacuum
    def _gc_incremental(self):
        """Runs over a few that have changed are kept for a month."""
        before = fields.Datetime.now() - timedelta(days=KEEP_INCREMENTAL_DAYS)
        self.search([("scope", "=", "incremental"), ("date_start", "<", before)], limit=10000).unlink()

    @api.model
    def _rescore_by_button(self, partners=None, leads=None):
        """Rescore at once, or in the background when everybody has to be judged and they are many.

        :return: the action that tells the user
        """
        company = self.env.company
        schemes = self.env["grading.scheme"].search([("company_id", "in", (False, company.id))])
        compared = self.env["grading.measure"]._compared_of(self.env["grading.measure"]._measures())
        everybody = partners is None and leads is None or self._rulers_missing(schemes, compared)
        count = self.env["grading.profile"].search_count([("company_id", "=", company.id)])
        if not everybody or count <= RESCORE_AT_ONCE:
            return self._rescore(partners=partners, leads=leads)._notify()
        self._start(company)
        message = self.env._("Rescoring %s customers and leads in the background: see Runs for the progress.", count)
        return self._notification(message, "info")

    def _notify(self):
        """Tell the user how the run went and reload what he looks at."""
        self.ensure_one()
        if self.state == "failed":
            return self._notification(self.message, "danger")
        if self.automation_errors:
            return self._notification(self.automation_errors, "warning")
        return self._notification(
            self.env._(
                "%(count)s customers and leads judged, %(changed)s changed.",
                count=self.profile_count,
                changed=self.changed_count,
            ),
            "success",
        )

    @api.model
    def _notification(self, message, kind):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Customer Grading"),
                "message": message,
                "type": kind,
                "sticky": kind == "danger",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
