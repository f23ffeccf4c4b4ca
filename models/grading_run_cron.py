from datetime import timedelta

from odoo import api, fields, models

# Changed customers that one incremental run takes from the queue.
QUEUE_BATCH = 1000
KEEP_INCREMENTAL_DAYS = 30


class GradingRun(models.Model):
    """The scheduled actions, and what the buttons say."""

    _inherit = "grading.run"

    @api.model
    def _start(self, companies):
        """Open a full run for each company; the scheduled action carries them out."""
        return self.sudo().create(
            [{"company_id": company.id, "scope": "full", "as_of": company._grading_today()} for company in companies]
        )

    @api.model
    def _last_full(self, company):
        return self.search([("company_id", "=", company.id), ("scope", "=", "full"), ("state", "=", "done")], limit=1)

    @api.model
    def _cron_rescore(self):
        """Rescore every company, one after the other. What a killed or overdue job left open is carried on first."""
        open_runs = [("scope", "=", "full"), ("state", "=", "running")]
        if not self.search_count(open_runs, limit=1):
            self._start(self.env["res.company"].search([("active", "=", True)]))
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(open_runs))
        for run in self.search(open_runs, order="id"):
            run.as_of = max(run.as_of, run.company_id._grading_today())
            run._execute()
            if run.state == "running":
                return
            if not self.env["ir.cron"]._commit_progress(1, remaining=self.search_count(open_runs)):
                return

    @api.model
    def _cron_rescore_queue(self):
        """Rescore the customers that changed, company by company; what is done leaves the queue."""
        Queue = self.env["grading.queue"]
        interrupted = self.search([("scope", "=", "incremental"), ("state", "=", "running")])
        interrupted._fail(self.env._("Interrupted: the customers are still in the queue and will be judged again."))
        self.env["ir.cron"]._commit_progress(remaining=Queue.search_count([]))
        while lines := Queue.search([], limit=QUEUE_BATCH, order="company_id, id"):
            company = lines[0].company_id
            lines = lines.filtered_domain([("company_id", "=", company.id)])
            run = self.with_company(company)._rescore(partners=lines.partner_id)
            if run.state == "running":  # it has become a full one for lack of rulers, and its time was up
                self.env.ref("customer_grading.ir_cron_rescore")._trigger()
            done = len(lines)
            lines.unlink()
            if not self.env["ir.cron"]._commit_progress(done, remaining=Queue.search_count([])):
                return

    @api.autovacuum
    def _gc_incremental(self):
        """Runs over a few changed customers are kept for a month."""
        before = fields.Datetime.now() - timedelta(days=KEEP_INCREMENTAL_DAYS)
        self.search([("scope", "=", "incremental"), ("date_start", "<", before)], limit=10000).unlink()

    def _notify(self):
        """Tell the user how the run went and reload what he looks at."""
        self.ensure_one()
        if self.state == "failed":
            return self._notification(self.message, "danger")
        return self._notification(
            self.env._(
                "%(count)s customers judged, %(changed)s changed.", count=self.profile_count, changed=self.changed_count
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
