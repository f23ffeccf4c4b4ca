from datetime import timedelta

from odoo import api, fields, models

from .grading_queue import POSTPONED
from .grading_run import OPEN_RUNS

NIGHTLY_JOB = "customer_grading.ir_cron_rescore"


class GradingRun(models.Model):
    """Which scheduled action carries out the full runs of which company.

    Where there are several companies, each but the first has an action of its own, which the nightly one makes and
    triggers. While a worker is at a scheduled action Odoo keeps its row locked, and others pass it by (``FOR NO KEY
    UPDATE SKIP LOCKED``): so no company is run by two workers, several companies are run by as many workers as there
    are, on one machine or many, and what a worker that dies leaves open is the next one's.

    The nightly action carries out the runs of the first company, and those of companies whose own action an
    administrator has archived or deleted.
    """

    _inherit = "grading.run"

    @api.model
    def _open_runs_of_job(self, company):
        """Domain of the open runs that are carried out by the same scheduled action as those of ``company``.

        :param res.company company: empty for what the nightly action carries out
        """
        own = self.env["ir.cron"].sudo().search([("grading_company_id", "!=", False)]).grading_company_id
        if company & own:
            return [*OPEN_RUNS, ("company_id", "=", company.id)]
        return [*OPEN_RUNS, ("company_id", "not in", own.ids)]

    @api.model
    def _trigger_full(self, companies):
        """Have the open full runs of the companies carried out soon.

        A user's save may do that, so that no action is made here: two saves at once would collide.
        """
        jobs = self.env["ir.cron"].sudo().search([("grading_company_id", "in", companies.ids)])
        if companies - jobs.grading_company_id:
            nightly = self.env.ref(NIGHTLY_JOB, raise_if_not_found=False)  # it may have been deleted
            jobs += nightly.sudo() if nightly else jobs.browse()
        for job in jobs:
            job._trigger()

    @api.model
    def _hand_out(self, runs):
        """Have each company's own scheduled action carry out its run; where it has none yet, it is made."""
        first = self.env["res.company"].search([("active", "=", True)], order="id", limit=1)
        companies = runs.company_id - first
        own = [("grading_company_id", "in", companies.ids)]
        known = self.env["ir.cron"].with_context(active_test=False).search(own)
        for company in companies - known.grading_company_id:
            self._make_job(company)
        if companies:
            self._trigger_full(companies)

    @api.model
    def _make_job(self, company):
        """The scheduled action of a company. It is triggered; once a day it looks by itself for a run left open."""
        nightly = self.env.ref(NIGHTLY_JOB)
        values = {
            "name": f"{nightly.name} ({company.name})",
            "model_id": self.env["ir.model"]._get_id("grading.run"),
            "state": "code",
            "code": f"model._cron_rescore_company({company.id})",
            "user_id": nightly.user_id.id,
            "interval_number": 1,
            "interval_type": "days",
            "nextcall": fields.Datetime.now() + timedelta(days=1),
            "priority": nightly.priority,
            "grading_company_id": company.id,
        }
        # With an XML id it goes when the module is uninstalled.
        xmlid = f"{NIGHTLY_JOB}_company_{company.id}"
        return self.env["ir.cron"]._load_records([{"xml_id": xmlid, "values": values, "noupdate": True}])

    def _widen(self):
        """Leave a run over some, which has nothing to compare them with, to the company's scheduled action, as one over
        all. Where one is open already it is given up: what it was about waits in the queue, and is tried in a minute.
        """
        if self.search_count([*OPEN_RUNS, ("company_id", "=", self.company_id.id)], limit=1):
            self.unlink()
            self.env["grading.queue"]._trigger(self.env.cr.now() + POSTPONED)
        else:
            self.write({"scope": "full", "start_count": 0})
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _cron_rescore_company(self, company_id):
        """Carry out the open full runs of a company; each batch is committed."""
        self._carry_out(self._open_runs_of_job(self.env["res.company"].browse(company_id)))

    @api.model
    def _carry_out(self, domain):
        """Carry out open runs, one after the other, until the time is up."""
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=self.search_count(domain))
        for run in self.search(domain, order="id"):
            # Any may be gone while another one is carried out, or it itself: what it was for was deleted meanwhile.
            if not run.exists():
                continue
            run._catch_up()
            run._execute_in_batches()
            if run.exists().state == "running" or not commit(1, remaining=self.search_count(domain)):
                return

    def _catch_up(self):
        """A run that was left open overnight judges the day that has come."""
        self.as_of = max(self.as_of, self.company_id._grading_today())

    def _begin_again(self):
        """The rules were changed. A run over all begins again by the new ones; one over some is over: those that it did
        not come to wait in the queue, and the change asks for a run over all."""
        if self.scope == "full":
            self.start_count = 0
        elif self.changed_count:
            self.state = "done"
        else:
            self.unlink()

    def _fail(self, message):
        """Close a run that has broken off; what it had committed stays.

        Perhaps a filter that has passed before fails now: the next run checks each anew, and sets that one aside.
        """
        self.env.registry.clear_cache()
        if self.changed_count:
            message += "\n" + self._left_sentence()
        self.write({"state": "failed", "message": message})

    def _left_sentence(self):
        """How many were changed before the run broke off, and what is left to do."""
        numbers = {"changed": self.changed_count, "left": self.left_count}
        if not self.are_customers_scored:
            return self.env._(
                "%(changed)s leads were changed before that. %(left)s leads and the customers are left for the next "
                "run.",
                **numbers,
            )
        if not self.left_count:
            return self.env._(
                "%(changed)s customers and leads were changed before that. What follows from their grades, such as "
                "tags and next contacts, is left for the next run.",
                **numbers,
            )
        return self.env._(
            "%(changed)s customers and leads were changed before that. %(left)s are left for the next run.", **numbers
        )
