from odoo import models
from odoo.tools import SQL

from ..base.context import ByServer, is_by_server

# What begins when a customer or lead is moved, as a condition on the row ``event``.
IS_MOVE = SQL("event.event ~ '^(history|falling):'")


class GradingRun(models.Model):
    """No play starts because of new rules, unless that was asked for when they were published; nor because an update
    of the module has brought other rules, or measures in another way."""

    _inherit = "grading.run"

    def _start_plays(self, rules, first, last, written):
        run = self.with_context(
            grading_silent_rules=self._is_silenced(rules) and ByServer.YES,
            grading_silent_update=self._is_updated() and ByServer.YES,
        )
        return super(GradingRun, run)._start_plays(rules, first, last, written)

    def _is_silenced(self, rules):
        """Whether customers have not been judged yet by a version that was published without plays. Until a run over
        all has, that moves them, even where a small change has made another version since."""
        judging = rules.schemes + rules.prospect_schemes
        known = self.env["grading.worktable"]._last_judged(rules)["versions"]
        silent = judging.filtered(lambda scheme: known.get(scheme.id, 0) < scheme.silent_version)
        return any(self._last_version_judged(rules, scheme) < scheme.silent_version for scheme in silent)

    def _last_version_judged(self, rules, scheme):
        """The last version by which a run over all has judged; the last of these runs may have been one without the
        scheme, while it was archived. 0 if there is none.

        :rtype: int
        """
        [[version]] = self.env.execute_query(
            SQL(
                """
                SELECT MAX((scheme_versions -> %s ->> %s)::int) FROM grading_run
                 WHERE company_id = %s AND scope = 'full' AND scheme_versions IS NOT NULL
                """,
                rules.subject,
                str(scheme.id),
                self.env.company.id,
            )
        )
        return version or 0

    def _is_updated(self):
        """Whether the module was updated from a version that did not note by which rules it judged, or measured in
        another way, or the company has chosen other settings for what is measured: until a run over all has judged
        anew, each customer who is moved may be so because of that.
        """
        last = self._last_full(self.env.company)
        return bool(last) and (not last.scheme_versions or last._has_measured_otherwise())

    def _finish_full(self):
        """An order that an update has made improbable is no news."""
        if not self._looks_back() and self._is_updated():
            plays = self.env["grading.play"].with_company(self.company_id)._in_force("probability_below")._usable()
            plays._pass_over(self.as_of, lambda play: play._time_scope())
        return super()._finish_full()

    def _aloud(self, scope):
        scope = super()._aloud(scope)
        if is_by_server(self.env, "grading_silent_update"):
            # Neither an order that was there when customers were last judged.
            last = self._last_full(self.env.company)
            older = SQL("event.event LIKE 'order:%%' AND event.day < DATE %s", last.as_of)
            return SQL("%s AND NOT %s AND NOT (%s)", scope, IS_MOVE, older)
        if not is_by_server(self.env, "grading_silent_rules"):
            return scope
        # A fall that the days of grace hold back is passed over for good: it comes later, maybe by other rules.
        return SQL(
            "%s AND event.event NOT LIKE 'falling:%%' AND NOT EXISTS (SELECT FROM grading_history AS moved"
            " WHERE moved.rules_changed AND 'history:' || moved.id = event.event)",
            scope,
        )


class GradingPlay(models.Model):
    """A grade that the days of grace hold back falls later: where they began as new rules came, that is still because
    of the rules, also for a play that has come into force since. A night may lie between the publishing and the run
    that judges by it; whether other versions have followed does not matter."""

    _inherit = "grading.play"

    def _grade_events(self, as_of):
        later = SQL("SELECT events.* FROM (%s) AS events", super()._grade_events(as_of))
        return SQL(
            """
            %(later)s
              JOIN grading_profile AS fallen ON fallen.id = events.profile_id
             WHERE %(down)s IS FALSE OR NOT EXISTS (
                       SELECT FROM grading_scheme AS scheme
                         JOIN grading_history AS line ON line.id = events.source_id AND line.user_id IS NULL
                        WHERE scheme.id = fallen.scheme_id AND scheme.grace_days > 0
                          AND events.day - scheme.grace_days - scheme.silent_date BETWEEN 0 AND 1
                   )
            """,
            later=later,
            down=self.trigger == "grade_down",
        )

    def _to_come_select(self, as_of):
        """What new rules have brought is passed over with the rest."""
        return super(GradingPlay, self.with_context(grading_all_falls=ByServer.YES))._to_come_select(as_of)

    def _falling_events(self, as_of):
        events = super()._falling_events(as_of)
        if is_by_server(self.env, "grading_all_falls"):
            return events
        return SQL(
            """
            SELECT events.* FROM (%s) AS events
              JOIN grading_profile AS falling ON falling.id = events.profile_id
             WHERE NOT EXISTS (
                       SELECT FROM grading_scheme AS scheme
                        WHERE scheme.id = falling.scheme_id
                          AND falling.pending_since - scheme.silent_date BETWEEN 0 AND 1
                   )
            """,
            events,
        )
