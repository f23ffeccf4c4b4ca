from odoo import api, fields, models

from ..base.context import without_client_keys
from ..run.grading_run_apart import Sink
from ..run.grading_run_pipeline import BATCH_SIZE
from ..run.grading_staging import GRADED
from .grading_snapshot import KEPT_MEASURES, month_end


class GradingWorktable(models.AbstractModel):
    """The sink of snapshots: all customers and open leads as judged on the last day of a month."""

    _inherit = "grading.worktable"

    @api.model
    def _write_snapshots(self, rules):
        """Write the snapshots of the customers, or of the leads that were open, of whom there is none.

        They are linked to the profiles of today, by which they are shown.
        """
        self.env["grading.snapshot"]._backfill(rules.subject, GRADED[rules.subject], rules.as_of)
        company = self.env.company
        if rules.subject == "customer" and company.grading_partial_month == rules.as_of:
            company._grading_note_month(False)


class GradingRun(models.Model):
    """When snapshots are taken: as the profiles stand, by the first run of a month; and afterwards, of the months of
    which there is none, by a run that judges their last days."""

    _inherit = "grading.run"

    scope = fields.Selection(selection_add=[("snapshot", "Earlier months")], ondelete={"snapshot": "cascade"})

    @api.model
    def _sinks(self):
        return {**super()._sinks(), "snapshot": Sink(KEPT_MEASURES, "_write_snapshots", "_next_month")}

    # ------------------------------------------------------------
    # The month that has just ended
    # ------------------------------------------------------------

    def _execute(self, partners=None, leads=None):
        if self._is_of_today():
            self.with_company(self.company_id)._remember_last_month()
        return super()._execute(partners, leads)

    def _execute_in_batches(self, partners=None, leads=None):
        run = self.with_company(self.company_id)
        if self._is_of_today():
            run._remember_in_parts()
        is_through = super()._execute_in_batches(partners, leads)
        if is_through and self.exists().scope == "full":  # it may have been deleted meanwhile
            self._commit_batch(0, 1)
            self._retry(run._open_backfill)
        return is_through

    def _is_of_today(self):
        """Whether the run will change how the profiles stand."""
        return self.scope not in self._sinks() and self.as_of == self.company_id._grading_today()

    @api.model
    def _remember_last_month(self):
        """Take the snapshots of the month before in the environment's company, where :meth:`_month_to_remember` says
        so."""
        if day := self._month_to_remember():
            self.env.flush_all()
            self.env["grading.snapshot"]._take(day)
            self.env.company._grading_note_month(False)

    def _remember_in_parts(self):
        """The same in a scheduled action, of as many profiles at a time as a batch has, each part committed.

        Until the last part is written the company notes the month, so that a run after one that was stopped goes on
        with it before it changes anything. Where another run has come to the end of it meanwhile this one is done, too.
        """
        day, last = self._month_to_remember(), 0
        while day and last is not None:
            self._commit_batch(0, 1)
            last = self._retry(lambda day=day, last=last: self._remember_part(day, last))
            self._commit_batch(0, 1)
            day = self._month_to_remember()

    def _remember_part(self, day, after):
        """Take the snapshots of the profiles that follow the one with the id ``after``.

        :return: the id of the last one of them; ``None`` when there are no further ones
        """
        self.env.flush_all()
        limit = BATCH_SIZE
        mine = [("company_id", "=", self.env.company.id), ("id", ">", after)]
        profiles = self.env["grading.profile"].sudo().search(mine, order="id", limit=limit).ids
        self.env["grading.snapshot"]._take(day, profiles)
        is_last = len(profiles) < limit
        self.env.company._grading_note_month(not is_last and day)
        return None if is_last else profiles[-1]

    @api.model
    def _month_to_remember(self):
        """The last day of the month before, if nothing is remembered of it and the profiles stand as it left them: all
        were scored in it, and not all since.

        :rtype: datetime.date | None
        """
        company = self.env.company
        last, day = self._last_full(company).as_of, month_end(company._grading_today(), -1)
        stand = last and day.replace(day=1) <= last <= day
        return day if stand and not self.env["grading.snapshot"]._is_there(day) else None

    # ------------------------------------------------------------
    # Earlier months
    # ------------------------------------------------------------

    @api.model
    def _open_backfill(self):
        """Open a run for the months of which the environment's company remembers nothing; once in a month, and not
        where a user has stopped one.

        :return: the run, or none
        """
        company = self.env.company
        runs = [("company_id", "=", company.id), ("scope", "=", "snapshot")]
        first = fields.Datetime.to_datetime(company._grading_today().replace(day=1))
        known = ["|", ("state", "in", ("running", "stopped")), ("date_start", ">=", first)]
        opened = without_client_keys(self.sudo()).browse()
        if self.sudo().search_count([*runs, *known], limit=1):
            return opened
        self._remember_last_month()
        if months := self.env["grading.snapshot"]._months_missing():
            values = {"company_id": company.id, "scope": "snapshot", "as_of": company._grading_today()}
            opened = opened.create({**values, "day_total": len(months)})
            self._trigger_apart()
        return opened

    @api.model
    def _fill_in_months(self):
        """Judge the months of which the environment's company remembers nothing at once rather than in the background:
        for few customers, such as those of the demo data."""
        for run in self._open_backfill():
            run._execute()

    def _next_month(self):
        """The latest month's end that is still missing, before the one that the run was at.

        :rtype: datetime.date | None
        """
        missing = self.env["grading.snapshot"]._months_missing()
        return max((day for day in missing if day < self.as_of), default=None)
