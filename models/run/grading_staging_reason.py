from odoo import api, models
from odoo.tools import SQL

from ..base.grading_domain_mixin import sql_case
from .grading_staging_grade import PAIRS_AT_ONCE


class GradingWorktable(models.AbstractModel):
    """Why a profile changes: what the profile sink finds out of a row before it is written, for its line of history.

    What the last line left a row with is its *former* state: ``{"score": 62, "points": {criterion id: points},
    "values": {criterion id: the number that was scored}}``. While the profile moves without a line it keeps that in
    ``last_noted``; the next line empties it. So slow drift adds up, and a run that notes every row keeps nothing. A
    change of the score alone is told from the former state, and so is a lower grade that has waited for its days of
    grace; another change is told from what was in force until this run.

    Whose a move is, is decided for each criterion by the run that writes the line; what had moved before counts as the
    customer's. It is the **rules'** where the measured value is the same as before, both read on the day of the run,
    and the scheme has another version since the row was last judged, or the criterion is a rank, whose cut points were
    fixed anew. A criterion of one of the two sides only is the rules' if the rules have changed at all. Everything else
    is the **customer's**: another value, time that has passed, another answer to the same filter. Where both the rule
    and the value have changed, the move counts as the customer's.
    """

    _inherit = "grading.worktable"

    @api.model
    def _changes_select(self, rules):
        """Those of *graded* that differ from the profile in force, each with what is to be noted of it.

        The columns beside the profile's: ``is_noted`` (whether it gets a line of history), ``noted_score`` (the score
        that the line begins with), ``new_noted`` (the new ``last_noted``) and ``change`` (``{"points": {criterion id:
        [before, after]}, "values": …, "is_by_rules": …}``, empty where nothing is noted or there was no score).
        """
        by_percent = self._judging(rules).filtered(lambda scheme: scheme.threshold_mode == "rank")
        change = SQL(
            """
            SELECT JSONB_STRIP_NULLS(JSONB_BUILD_OBJECT(
                       'points', JSONB_OBJECT_AGG(moves.key, JSONB_BUILD_ARRAY(moves.before, moves.after))
                           FILTER (WHERE moves.key IS NOT NULL),
                       'values', JSONB_OBJECT_AGG(moves.key, JSONB_BUILD_ARRAY(
                           CASE WHEN moves.is_by_rules THEN noted.values_after
                                ELSE COALESCE(noted.since -> 'values', noted.values_before) END -> moves.key,
                           noted.values_after -> moves.key
                       )) FILTER (WHERE NOT (moves.is_by_rules AND noted.have_rules_changed)),
                       'is_by_rules', CASE WHEN COUNT(*) > 0
                           THEN COALESCE(SUM(ABS(moves.after - moves.before)) FILTER (WHERE moves.is_by_rules), 0)
                                > SUM(ABS(moves.after - moves.before)) / 2
                           ELSE noted.computed_grade_id IS DISTINCT FROM noted.old_computed_grade_id
                                AND (noted.have_rules_changed OR noted.scheme_id = ANY(%(by_percent)s)) END))
              FROM (%(moves)s) AS moves
            """,
            by_percent=by_percent.ids,
            moves=self._moves_select(rules),
        )
        return SQL(
            "SELECT noted.*, CASE WHEN noted.is_noted OR noted.old_version IS NULL THEN NULL ELSE noted.former END"
            " AS new_noted, COALESCE((noted.since ->> 'score')::numeric, noted.old_score) AS noted_score,"
            " CASE WHEN noted.is_noted AND noted.old_score IS NOT NULL THEN (%s) END AS change"
            " FROM (%s OFFSET 0) AS noted",
            change,
            self._noted_select(rules),
        )

    @api.model
    def _moves_select(self, rules):
        """The criteria of the row *noted* whose points are not what they were, and whose move each is."""
        ranks = self._judging(rules).criterion_ids.filtered(lambda criterion: criterion.kind == "rank")
        return SQL(
            """
            SELECT move.key, move.before, move.after,
                   move.step_before IS DISTINCT FROM move.step_after
                   AND CASE WHEN move.step_before IS NULL OR move.step_after IS NULL THEN noted.have_rules_changed
                            ELSE noted.values_unmoved -> move.key IS NOT DISTINCT FROM noted.values_after -> move.key
                                 AND (noted.have_rules_changed OR move.key = ANY(%(ranks)s)) END AS is_by_rules
              FROM (
                SELECT keys.key,
                       COALESCE((base.points ->> keys.key)::numeric, 0) AS before,
                       COALESCE((noted.points_detail ->> keys.key)::numeric, 0) AS after,
                       noted.old_points -> keys.key AS step_before, noted.points_detail -> keys.key AS step_after
                  FROM (SELECT COALESCE(noted.since -> 'points', noted.old_points, '{}') AS points) AS base,
                       JSONB_OBJECT_KEYS(base.points || COALESCE(noted.points_detail, '{}')) AS keys (key)
              ) AS move
             WHERE move.before <> move.after
            """,
            ranks=[str(criterion_id) for criterion_id in ranks.ids],
        )

    @api.model
    def _noted_select(self, rules):
        """The differing rows with ``former`` and whether they get a line: a change of grade or stage does, and so does
        a score that has moved by more than the company's setting since the last line. Where a lower grade waits, the
        score has not moved alone: the line comes with the grade.

        A profile of which no run knows the version comes from before there were any: an update of the module is no
        reason for a line, and drift counts from that run on. A run for an earlier day than the last one notes no drift.
        """
        limit = self.env.company.grading_history_points
        last = self._last_judged(rules)
        if last["day"] and rules.as_of < last["day"]:
            limit = 0
        return SQL(
            """
            SELECT settled.*, settled.is_change OR settled.is_drifted AS is_noted,
                   CASE WHEN NOT settled.is_change OR settled.old_pending_since IS NOT NULL THEN settled.former END
                       AS since
              FROM (
                SELECT former.*,
                       (former.old_grade_id, former.old_lifecycle_id)
                           IS DISTINCT FROM (former.grade_id, former.lifecycle_id) AS is_change,
                       (%(limit)s > 0 AND former.old_version IS NOT NULL AND former.pending_since IS NULL
                        AND ABS(former.score - former.former_score) > %(limit)s) IS TRUE AS is_drifted,
                       CASE WHEN former.old_version IS NULL THEN FALSE
                            WHEN former.old_scheme_id = former.scheme_id
                            THEN former.old_version <> former.scheme_version
                            ELSE %(other_rules)s END AS have_rules_changed
                  FROM (
                    SELECT differing.*,
                           COALESCE((differing.last_noted ->> 'score')::numeric, differing.old_score) AS former_score,
                           CASE WHEN differing.is_moved AND differing.last_noted IS NULL
                                THEN JSONB_BUILD_OBJECT('score', differing.old_score, 'points', differing.old_points,
                                                        'values', differing.values_before)
                                ELSE differing.last_noted END AS former
                      FROM (%(differing)s OFFSET 0) AS differing
                  ) AS former
              ) AS settled
            """,
            limit=limit,
            other_rules=bool(last["versions"]) and last["versions"] != self._judging(rules)._versions(),
            differing=self._differing_select(rules),
        )

    @api.model
    def _differing_select(self, rules):
        """*Graded* where it differs from the profile in force, beside what was in force.

        The values are read only where points have moved, or had moved without a line: those before on the day of the
        last run over all, for what grows with time, and on the day of this one, to tell whether they have moved.
        """
        written, last = self._written_columns(), self._last_judged(rules)
        moved = SQL(
            "graded.points_detail IS DISTINCT FROM grading_profile.points_detail"
            " AND grading_profile.points_detail IS NOT NULL"
        )
        kept = SQL("grading_profile.last_noted IS NOT NULL OR (%s)", moved)
        values_after = SQL("(SELECT %s FROM (SELECT graded.*) AS grading_profile)", self._values(rules, rules.as_of))
        values = {
            "values_before": (moved, self._values(rules, last["day"] or rules.as_of)),
            "values_unmoved": (moved, self._values(rules, rules.as_of)),
            "values_after": (kept, values_after),
        }
        versions = {scheme: SQL("%s::int", version) for scheme, version in last["versions"].items()}
        return SQL(
            """
            SELECT graded.*, grading_profile.points_detail AS old_points, grading_profile.scheme_id AS old_scheme_id,
                   grading_profile.computed_grade_id AS old_computed_grade_id,
                   grading_profile.pending_since AS old_pending_since,
                   grading_profile.manual_reason AS old_manual_reason,
                   grading_profile.manual_user_id AS old_manual_user_id,
                   %(moved)s AS is_moved,
                   GREATEST(grading_profile.scheme_version, %(versions)s) AS old_version,
                   %(values)s
              FROM (%(graded)s) AS graded
         LEFT JOIN grading_profile ON grading_profile.id = graded.id
             WHERE grading_profile.id IS NULL OR (%(new)s) IS DISTINCT FROM (%(old)s)
            """,
            moved=moved,
            versions=self._by_scheme(versions, SQL("NULL::int")),
            values=SQL(", ").join(
                SQL("CASE WHEN %s THEN %s END AS %s", read, value, SQL.identifier(name))
                for name, (read, value) in values.items()
            ),
            graded=self._graded_select(rules),
            new=self._list("graded", written),
            old=self._list("grading_profile", written),
        )

    @api.model
    def _judging(self, rules):
        return rules.schemes + rules.prospect_schemes

    @api.model
    def _last_judged(self, rules):
        """What the last run over all customers of the company that came to its end judged by: its day, and the versions
        of its schemes.

        A profile that a new version leaves as it is keeps the number of the one before, so that a change of the rules
        rewrites no row that it does not move: that the row has been judged by the new one since, this tells.

        :rtype: dict
        """
        through = [("company_id", "=", self.env.company.id), ("scope", "=", "full"), ("scheme_versions", "!=", False)]
        last = rules.run.search(through, limit=1)
        versions = (last.scheme_versions or {}).get(rules.subject, {})
        return {"day": last.as_of or None, "versions": {int(scheme): number for scheme, number in versions.items()}}

    @api.model
    def _values(self, rules, as_of):
        """``{criterion id: number that is scored}`` of a row ``grading_profile`` on a day, as far as it is known."""
        return self._by_scheme(
            {scheme.id: self._values_of_scheme(scheme, as_of) for scheme in self._judging(rules)}, SQL("NULL::jsonb")
        )

    @api.model
    def _values_of_scheme(self, scheme, as_of):
        pairs = []
        for criterion in scheme.criterion_ids.filtered(lambda criterion: criterion.kind != "domain"):
            value = self.env["grading.measure"]._value_to_sql(criterion.measure, as_of, criterion.date_unit)
            pairs.append(SQL("%s::text, ROUND((%s)::numeric, 4)", str(criterion.id), value))
        chunks = [pairs[i : i + PAIRS_AT_ONCE] for i in range(0, len(pairs), PAIRS_AT_ONCE)]
        objects = [SQL("JSONB_BUILD_OBJECT(%s)", SQL(", ").join(chunk)) for chunk in chunks] or [SQL("'{}'::jsonb")]
        return SQL("(%s)", SQL(" || ").join(objects))

    @api.model
    def _by_scheme(self, branches, default):
        """``CASE`` by the scheme of ``grading_profile``.

        :param dict branches: ``{scheme id: SQL}``
        """
        return sql_case(
            [(SQL("grading_profile.scheme_id = %s", scheme), value) for scheme, value in branches.items()], default
        )
