import logging
import time

import psycopg2.errors

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

COLLISIONS = (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected)


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
