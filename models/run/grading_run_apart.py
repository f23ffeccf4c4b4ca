from contextlib import suppress
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import MissingError, UserError

from ..base.context import ByServer, Yardstick
from ..base.guarded import guarded
from .grading_run_pace import TimeUpError


class Sink(NamedTuple):
    """What is done with all customers and leads as judged on a day, apart from the profiles and all that people see.

    A module that adds one gives it a scope of ``grading.run``, and names it in ``grading.run._sinks()``.
    """

    measures: tuple  # names of what it keeps of customers, beside what the rules read
    write: str  # write(rules), a method of grading.worktable, keeps what GRADED[rules.subject] holds
    next_day: str  # next_day(), a method of grading.run: the day to judge next, None at the end


class StoppedError(Exception):
    """A user has stopped the run. What was written is committed."""


class GradingRun(models.Model):
    """Runs that judge apart: all customers and leads, on a day, by the rules in force or others, for their own sink.

    They write nothing but what their sink keeps, and their own progress. What customers are compared with is worked out
    for the day and kept in memory (:class:`~..base.context.Yardstick`), leads are read as they were judged along, and
    unless it is the current month nothing of the profiles is: those in question are the customers and leads of that
    day, each with the computed grade, without override or days of grace.

    A scheduled action of their own carries them on while people work, each step committed: stopped by the server they
    go on with the day that they were at, stopped by a user they wait until that user wants them to go on.
    """

    _inherit = "grading.run"

    day_count = fields.Integer(string="Days Judged", readonly=True)
    day_total = fields.Integer(string="Days to Judge", readonly=True)
    progress = fields.Float(string="Progress (%)", compute="_compute_progress", aggregator=None)

    @api.depends("day_count", "day_total")
    def _compute_progress(self):
        for run in self:
            run.progress = 100 * run.day_count / run.day_total if run.day_total else 0

    @api.model
    def _sinks(self):
        """The sinks by the scope of their runs; extended by whatever adds one.

        :rtype: dict[str, Sink]
        """
        return {}

    # ------------------------------------------------------------
    # The pipeline
    # ------------------------------------------------------------

    def _run_pipeline(self, partners, leads, pace):
        sink = self._sinks().get(self.scope)
        if not sink:
            return super()._run_pipeline(partners, leads, pace)
        self.env.flush_all()
        with suppress(StoppedError):
            self._judge_days(sink, pace)
        self.env["grading.worktable"]._drop()
        return None

    def _judge_days(self, sink, pace):
        """Judge one day after the other, until the sink knows of no further one.

        :raise StoppedError: a user has stopped the run
        :raise TimeUpError: what is left has to wait for the next job
        """
        has_time = True
        while day := getattr(self, sink.next_day)():
            if not has_time:
                raise TimeUpError
            has_time = self._judge_apart(sink, day, pace)
        pace.do(lambda: self.write({"state": "done", "message": False}))

    def _judge_apart(self, sink, day, pace):
        """Judge all customers and leads on a day for a sink, which writes in one transaction.

        :return: whether there is time for another day
        :rtype: bool
        """
        lead_rules, customer_rules = self._judge_all(sink, day, pace)

        def write():
            for rules in (lead_rules, customer_rules):
                getattr(rules.run.env["grading.worktable"], sink.write)(rules)
            self.write({"day_count": self.day_count + 1, "as_of": day, "start_count": 0})

        return pace.do_batch(write, 1, max(0, self.day_total - self.day_count - 1))

    def _judge_all(self, sink, day, pace):
        """Judge all customers and leads on a day: what was found stands in the tables GRADED.

        :return: by which rules, for leads and for customers: two :class:`Rules`
        """
        run = self.with_context(grading_yardstick=self._yardstick(day))
        lead_rules, customer_rules = run._collect_apart(sink, day)
        for rules in (lead_rules, customer_rules):
            run._judge(rules, None, pace)
            pace.do(lambda rules=rules: run.env["grading.worktable"]._create_graded(rules))
            customer_rules.cut_points |= lead_rules.cut_points
        return lead_rules, customer_rules

    def _yardstick(self, day):
        """What customers are to be compared with on ``day``: nothing is known yet. Extended where that is.

        :rtype: Yardstick
        """
        return Yardstick()

    def _check_going_on(self):
        """
        :raise StoppedError: a user has stopped the run, or deleted it
        """
        result = super()._check_going_on()
        try:
            is_apart = self.scope in self._sinks()
        except MissingError as error:  # what was read of it is forgotten where a step is tried again
            raise StoppedError from error
        if is_apart:
            self.invalidate_recordset(["state"])
            if self.exists().state != "running":
                raise StoppedError
        return result

    # ------------------------------------------------------------
    # Rules
    # ------------------------------------------------------------

    def _collect_apart(self, sink, day):
        """The rules for leads and those for customers, by :meth:`_schemes_in_force` and the stages in use.

        :raise UserError: one of them cannot be used: those whom it covers would be judged by others
        :return: two :class:`Rules`
        """
        month = self.company_id._grading_today().replace(day=1)
        lead_rules, customer_rules = (self._collect_schemes(subject) for subject in ("lead", "customer"))
        Measure = self.env["grading.measure"]
        lead_rules.sources = {measure["lead_source"] for measure in Measure._measures_of_leads().values()}
        customer_rules.prospect_schemes = lead_rules.schemes.with_context(grading_through_lead=ByServer.YES)
        customer_rules.lifecycles = self._collect_stages(customer_rules.problems)
        self._ask_for(customer_rules, set(sink.measures))
        for rules in (lead_rules, customer_rules):
            rules.as_of, rules.is_full, rules.fix, rules.former = day, True, True, day >= month
        if problems := [*lead_rules.problems, *customer_rules.problems]:
            raise UserError("\n".join(problems))
        return lead_rules, customer_rules

    # ------------------------------------------------------------
    # The scheduled action, and those who stop it
    # ------------------------------------------------------------

    @api.model
    def _open_apart_domain(self):
        return [("scope", "in", list(self._sinks())), ("state", "=", "running")]

    @api.model
    def _trigger_apart(self):
        """Have the open runs carried on soon."""
        if cron := self.env.ref("customer_grading.ir_cron_judge_apart", raise_if_not_found=False):
            cron.sudo()._trigger()

    @api.model
    def _cron_judge_apart(self):
        """Carry on the runs that judge apart, one after the other. Each step is committed."""
        self._carry_out(self._open_apart_domain())

    def _catch_up(self):
        """A run that judges apart keeps its day."""
        return super()._catch_up() if self.scope not in self._sinks() else None

    @guarded
    def action_stop(self):
        """Stop runs that judge apart; what they have written stays."""
        self._change_state(("running",), "stopped", self.env._("“%s” is not running: there is nothing to stop."))

    @guarded
    def action_continue(self):
        """Have runs go on that were stopped, or that have failed: with the day that they were at."""
        self._change_state(
            ("stopped", "failed"), "running", self.env._("“%s” was not stopped: there is nothing to go on with.")
        )
        self._trigger_apart()

    def _change_state(self, before, after, refusal):
        self.check_access("create")  # as for opening a run
        for run in self:
            if run.scope not in self._sinks() or run.state not in before:
                raise UserError(refusal % run.display_name)
        self.sudo().write({"state": after, "message": False, "start_count": 0})
