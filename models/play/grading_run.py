from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..run.grading_staging import PROFILE_CHANGES
from .grading_play_trigger import BY_COMPARISON, BY_HISTORY, BY_TIME, FORMER_COLUMNS

# What the profiles that a run is about to change were before, by their place among the changes.
FORMER = SQL.identifier("pg_temp", "grading_run_former")
# The goals that a run looks for. To find a contact it would go through all recent messages: that is done once a day.
GOALS_OF_RUNS = ("order", "complaint_closed", "satisfaction_up", "grade_up")


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
            by_history._start(self.as_of, lambda play: self._aloud(noted), self)
        compared = plays.filtered(lambda play: play.trigger in BY_COMPARISON)
        compared._start(self.as_of, lambda play: self._aloud(play._compared_scope(first, last)), self)

    def _aloud(self, scope):
        """``scope``, those left out whose changes were imported: see :class:`grading.queue`."""
        return SQL("%s AND %s", scope, self.env["grading.queue"]._is_aloud_to_sql())

    def _finish_full(self):
        result = super()._finish_full()
        Play = self.env["grading.play"].with_company(self.company_id)
        if not self._looks_back() and self._last_full(self.company_id):
            plays = Play._in_force(*BY_TIME)._usable()
            plays._start(self.as_of, lambda play: SQL("event.day > %s", play._since_day()), self)
        return result


class GradingPlay(models.Model):
    _inherit = "grading.play"

    def _compared_scope(self, first, last):
        """The events of profiles among the rows ``first`` to ``last`` of *profile changes* that were different before;
        of what was there before the play nothing counts."""
        return SQL(
            """
            event.day >= %(since)s AND event.profile_id IN (
                SELECT profile.id FROM %(former)s AS former
                  JOIN grading_profile AS profile
                    ON profile.partner_id = former.partner_id AND profile.company_id = %(company)s
                 WHERE former.place BETWEEN %(first)s AND %(last)s AND %(changed)s
            )
            """,
            since=self._since_day(),
            former=FORMER,
            company=self.env.company.id,
            first=first,
            last=last,
            changed=BY_COMPARISON[self.trigger],
        )


class GradingWorktable(models.AbstractModel):
    _inherit = "grading.worktable"

    @api.model
    def _create_profile_changes(self, rules):
        count = super()._create_profile_changes(rules)
        if rules.plays and any(play.trigger in BY_COMPARISON for play in rules.plays):
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
                "SELECT changes.place, changes.id, changes.partner_id, %s FROM %s AS changes"
                " LEFT JOIN grading_profile AS profile ON profile.id = changes.id WHERE changes.id > 0 OR %s",
                self._list("profile", FORMER_COLUMNS),
                PROFILE_CHANGES,
                bool(graded_before),
            ),
        )
        self.env.execute_query(SQL("CREATE INDEX ON %s (place)", FORMER))

    @api.model
    def _profiles_written(self, rules, first, last, written):
        rules.run._start_plays(rules, first, last, written)
        return super()._profiles_written(rules, first, last, written)

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
