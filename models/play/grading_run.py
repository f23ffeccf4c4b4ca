from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.context import ByServer
from ..run.grading_staging import MEASURED, PROFILE_CHANGES
from .grading_play_trigger import (
    BROUGHT_BY_CHANGE,
    BROUGHT_BY_DOCUMENT,
    BY_ANSWER,
    BY_COMPARISON,
    BY_HISTORY,
    BY_TIME,
    FORMER_COLUMNS,
    IS_NEW,
)

# What the profiles that a run is about to change were before, by their place among the changes.
FORMER = SQL.identifier("pg_temp", "grading_run_former")
# The goals that a run looks for. To find a contact it would go through all recent messages: that is done once a day.
GOALS_OF_RUNS = ("order", "complaint_closed", "satisfaction_up", "grade_up")
# What was entered so long before the last run over all may have been saved after it: an import takes its time.
LONGEST_SAVE = timedelta(days=1)


class GradingRun(models.Model):
    """A run starts the plays of what it changes, in the transaction that changes it, and at the end of a run over all
    customers those that come with the days that pass.

    A run over an earlier day starts none, nor does the first one of a company.
    """

    _inherit = "grading.run"

    def _collect_lead_rules(self):
        rules = super()._collect_lead_rules()
        rules.plays = self._plays_for("lead", rules.problems)
        return rules

    def _collect_customer_rules(self, lead_rules):
        rules = super()._collect_customer_rules(lead_rules)
        rules.plays = self._plays_for("customer", rules.problems)
        if plays := rules.plays + self.env["grading.play"]._in_force("manual"):
            Measure = self.env["grading.measure"]
            measures = rules.plays._profile_measures() | plays._trigger_measures()
            rules.sources |= Measure._sources_of(measures)
            rules.compared |= Measure._compared_of(measures)
        return rules

    def _plays_for(self, subject, problems):
        """The usable plays that a run of today starts for customers or leads.

        :rtype: grading.play
        """
        Play = self.env["grading.play"]
        if self._looks_back():
            return Play
        plays = Play._in_force().filtered(lambda play: play.subject == subject and play.trigger != "manual")
        return self._usable(plays, "_recheck_domain", problems)

    def _start_plays(self, rules, first, last, written):
        """Start the plays of the rows ``first`` to ``last`` of *profile changes*, which have just been written; in the
        same transaction, so that each starts once; what has reached its goal by them ends before.

        :param Rules rules: see :mod:`grading_run_pipeline`
        """
        if self._looks_back():
            return
        key = "lead_id" if rules.subject == "lead" else "partner_id"
        self.env["grading.play.case"]._reach_goals(
            SQL(
                "play_case.%(key)s IN (SELECT %(key)s FROM %(changes)s WHERE place BETWEEN %(first)s AND %(last)s)",
                key=SQL.identifier(key),
                changes=PROFILE_CHANGES,
                first=first,
                last=last,
            ),
            GOALS_OF_RUNS,
        )
        plays = rules.plays or self.env["grading.play"]
        by_history = plays.filtered(lambda play: play.trigger in BY_HISTORY)
        if written.noted:
            noted = SQL("event.source_id = ANY(%s)", written.noted)
            by_history._start(self.as_of, lambda play: self._aloud(play._noted_scope(noted)), self)
        for play in plays.filtered(lambda play: play.trigger in BROUGHT_BY_CHANGE):
            changed = play._compared_scope(first, last, BROUGHT_BY_CHANGE)
            play._pass_over(play._horizon(self.as_of), lambda _play, own=changed: self._silently(own))
        compared = plays.filtered(lambda play: play.trigger in BY_COMPARISON)
        compared._start(self.as_of, lambda play: self._aloud(play._compared_scope(first, last)), self)
        if written.created:  # who is graded for the first time has answered before
            created = SQL("event.profile_id = ANY(%s)", written.created)
            plays.filtered(lambda play: play.trigger in BY_ANSWER)._pass_over(self.as_of, lambda _play: created)

    def _aloud(self, scope):
        """``scope``, those left out whose changes were imported: see :class:`grading.queue`."""
        return SQL("%s AND %s", scope, self.env["grading.queue"]._is_aloud_to_sql())

    def _silently(self, scope):
        """The rest of ``scope``: those whose changes were imported."""
        return SQL("%s AND NOT (%s)", scope, self._aloud(SQL("TRUE")))

    def _run_customers(self, rules, partners, pace):
        result = super()._run_customers(rules, partners, pace)
        looked_at = (*BY_ANSWER, *BROUGHT_BY_DOCUMENT)
        plays = rules.plays and rules.plays.filtered(lambda play: play.trigger in looked_at)
        if plays and (partners is None or partners):
            pace.do(lambda: self._look_at_events(plays))
        return result

    def _look_at_events(self, plays):
        """Of the customers who were judged: start plays for the answers that no run has seen yet, each of which has its
        one chance; and remember the documents that an import has brought, which are no news when they are late."""
        last = self._last_full(self.company_id).date_start
        if not last:
            return
        judged = SQL("grading_profile.partner_id IN (SELECT partner_id FROM %s)", MEASURED)
        new = SQL("event.moment > %s AND %s", last - LONGEST_SAVE, judged)
        answers = plays.filtered(lambda play: play.trigger in BY_ANSWER)
        answers._start(self.as_of, lambda play: self._aloud(SQL("%s AND %s", new, play._answer_scope())), self)
        answers._pass_over(self.as_of, lambda _play: new)
        if not self.env["grading.queue"]._is_any_silent():
            return
        for play in plays.filtered(lambda play: play.trigger in BROUGHT_BY_DOCUMENT):
            brought = SQL(
                "%s AND event.source_id IN (SELECT id FROM %s WHERE create_date > %s)",
                judged,
                SQL.identifier(BROUGHT_BY_DOCUMENT[play.trigger]),
                last - LONGEST_SAVE,
            )
            play._pass_over(play._horizon(self.as_of), lambda _play, own=brought: self._silently(own))

    def _finish_full(self):
        result = super()._finish_full()
        Play = self.env["grading.play"].with_company(self.company_id)
        if self._looks_back():
            return result
        plays = Play._in_force(*BY_TIME)._usable()
        if self._last_full(self.company_id):
            plays._start(self.as_of, lambda play: self._aloud(play._time_scope()), self)
        else:  # what is late or silent when a company is graded for the first time is no news the night after either
            plays._pass_over(self.as_of, lambda _play: SQL("TRUE"))
        return result


class GradingPlay(models.Model):
    _inherit = "grading.play"

    def _horizon(self, as_of):
        """The day on which the play starts at the latest for what has begun by ``as_of``.

        :rtype: datetime.date
        """
        return as_of if self.trigger == "probability_below" else as_of + timedelta(days=self.days)

    def _noted_scope(self, noted):
        """Those of the lines ``noted`` that are news: the end of the days of grace is none if an import began them."""
        if self.trigger != "grade_down":
            return noted
        return SQL(
            "%s AND NOT EXISTS (SELECT FROM %s AS former WHERE former.id = event.profile_id"
            " AND grading_profile.passed_events ? (%s || former.pending_since))",
            noted,
            FORMER,
            f"{self.id}:falling:",
        )

    def _time_scope(self):
        """The events since the play is in force that have not passed."""
        return SQL("event.day > %s AND %s", self._since_day(), self._has_not_passed())

    def _answer_scope(self):
        """The answers since the play is in force that have not passed, but for those of a day within the pause after an
        earlier start: they are late, and no reason any more."""
        return SQL(
            """
            event.day >= %(since_day)s AND event.moment > %(since)s AND %(is_open)s AND NOT EXISTS (
                SELECT %(earlier)s AND event.day >= %(start)s AND event.day < %(start)s + %(pause)s
            )
            """,
            start=SQL("(earlier.date_start AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", self.env.company._grading_tz()),
            since_day=self._since_day(),
            since=self.active_since,
            is_open=self._has_not_passed(),
            earlier=self._earlier("grading_profile"),
            pause=self.cooldown_days,
        )

    def _compared_scope(self, first, last, changes=None):
        """The events of profiles among the rows ``first`` to ``last`` of *profile changes* that were different before;
        of what was there before the play nothing counts.

        :param dict changes: what was different, by trigger; those that start plays by default
        """
        return SQL(
            """
            event.day >= %(since)s AND event.%(changed_one)s IN (
                SELECT profile.id FROM %(former)s AS former
                  JOIN grading_profile AS profile
                    ON profile.partner_id = former.partner_id AND profile.company_id = %(company)s
                 WHERE former.place BETWEEN %(first)s AND %(last)s AND %(changed)s
            )
            """,
            since=self._since_day(),
            changed_one=SQL("source_id" if self.trigger == "referral_ordered" else "profile_id"),
            former=FORMER,
            company=self.env.company.id,
            first=first,
            last=last,
            changed=(changes or BY_COMPARISON)[self.trigger],
        )


class GradingWorktable(models.AbstractModel):
    _inherit = "grading.worktable"

    @api.model
    def _create_profile_changes(self, rules):
        count = super()._create_profile_changes(rules)
        if any(play.trigger in {**BY_COMPARISON, **BROUGHT_BY_CHANGE} for play in rules.plays or ()):
            self._create_former(rules)
        return count

    @api.model
    def _create_former(self, rules):
        """Keep of *profile changes* what the profiles were before, as far as plays ask for it.

        Of those who are graded for the first time nothing was known. In the first run of a company these are all
        customers: then none of them is among the rows.
        """
        graded_before = self.env["grading.run"]._last_full(self.env.company)
        self._create(
            FORMER,
            SQL(
                "SELECT * FROM (SELECT changes.place, changes.id, changes.partner_id, %s FROM %s AS changes"
                " LEFT JOIN grading_profile AS profile ON profile.id = changes.id) AS former WHERE %s OR NOT %s",
                self._list("profile", FORMER_COLUMNS),
                PROFILE_CHANGES,
                bool(graded_before),
                IS_NEW,
            ),
        )
        self._prepare_batches(FORMER)

    @api.model
    def _profiles_written(self, rules, first, last, written):
        self.env["grading.play.case"]._link_to(written.created)
        rules.run._start_plays(rules, first, last, written)
        return super()._profiles_written(rules, first, last, written)

    @api.model
    def _requeue(self, subject, ids):
        """A request that was silent stays so."""
        silent = self.env["grading.queue"]._silent_among(subject, ids)
        super()._requeue(subject, [subject_id for subject_id in ids if subject_id not in silent])
        quiet = self.with_context(grading_no_plays=ByServer.YES)
        return super(GradingWorktable, quiet)._requeue(subject, sorted(silent))

    @api.model
    def _drop(self):
        self.env.execute_query(SQL("DROP TABLE IF EXISTS %s", FORMER))
        return super()._drop()


class GradingPopulation(models.AbstractModel):
    """The cases of a lead that has come from another company come along."""

    _inherit = "grading.population"

    @api.model
    def _tidy_leads(self, leads):
        result = super()._tidy_leads(leads)
        company = self.env.company
        came = Domain("profile_id.company_id", "=", company.id) & Domain("company_id", "!=", company.id)
        self.env["grading.play.case"].sudo().search(came & Domain("lead_id", "!=", False)).company_id = company
        return result
