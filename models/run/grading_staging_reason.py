from odoo import api, models
from odoo.tools import SQL

from ..base.grading_domain_mixin import sql_case
from .grading_staging_grade import PAIRS_AT_ONCE


class GradingWorktable(models.AbstractModel):
    """Why a profile changes: what the profile sink finds out of a row before it is written, for its line of history.

    A line keeps the points and values that it leaves a row with, and the profile the score (``noted_score``), so slow
    drift adds up. A change of the score alone is told from the last line on, and so is a lower grade that has waited
    for its days of grace; another change is told from what was in force until this run. What takes time, reading the
    values and comparing criteria, is done for rows that get a line alone: in most runs nearly all rows are rewritten,
    as each rank has moved by a hundredth.

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
        """Those of *graded* that differ from the profile in force, numbered, each with what is to be noted of it.

        The columns beside the profile's: ``place``; ``is_noted``, whether it gets a line of history; ``noted``, its new
        ``noted_score``; ``change``, see :meth:`_change_select`, empty where nothing is noted or there was no score.
        """
        return SQL(
            """
            SELECT ROW_NUMBER() OVER (ORDER BY noted.id) AS place, noted.*,
                   noted.is_change OR noted.is_drifted AS is_noted,
                   CASE WHEN noted.is_change OR noted.is_drifted OR noted.old_version IS NULL THEN noted.score
                        ELSE noted.old_noted_score END AS noted,
                   CASE WHEN (noted.is_change OR noted.is_drifted) AND noted.old_score IS NOT NULL
                        THEN (%(change)s) END AS change
              FROM (%(differing)s OFFSET 0) AS noted
            """,
            change=self._change_select(rules),
            differing=self._differing_select(rules),
        )

    @api.model
    def _differing_select(self, rules):
        """*Graded* where it differs from the profile in force, and whether that is worth a line of history: a change of
        grade or stage is, and so is a score that has moved by more than the company's setting since the last line.

        Where a lower grade waits, the score has not moved alone: the line comes with the grade. A profile of which no
        run knows the version comes from before there were any: an update of the module is no reason for a line, and
        drift counts from that run on. A run for an earlier day than the last one notes no drift.
        """
        written, last = self._written_columns(), self._last_judged(rules)
        limit = self.env.company.grading_history_points
        if last["day"] and rules.as_of < last["day"]:
            limit = 0
        versions = {scheme: SQL("%s::int", version) for scheme, version in last["versions"].items()}
        old_version = SQL("GREATEST(grading_profile.scheme_version, %s)", self._by_scheme(versions, SQL("NULL::int")))
        old_score = SQL("COALESCE(grading_profile.noted_score, grading_profile.score)")
        return SQL(
            """
            SELECT graded.*, grading_profile.manual_reason AS old_manual_reason,
                   grading_profile.manual_user_id AS old_manual_user_id,
                   grading_profile.pending_since IS NOT NULL AS has_waited,
                   %(old_version)s AS old_version, %(old_score)s AS old_noted_score,
                   (graded.old_grade_id, graded.old_lifecycle_id)
                       IS DISTINCT FROM (graded.grade_id, graded.lifecycle_id) AS is_change,
                   (%(limit)s > 0 AND %(old_version)s IS NOT NULL AND graded.pending_since IS NULL
                    AND ABS(graded.score - %(old_score)s) > %(limit)s) IS TRUE AS is_drifted
              FROM (%(graded)s) AS graded
         LEFT JOIN grading_profile ON grading_profile.id = graded.id
             WHERE grading_profile.id IS NULL OR (%(new)s) IS DISTINCT FROM (%(old)s)
            """,
            old_version=old_version,
            old_score=old_score,
            limit=limit,
            graded=self._graded_select(rules),
            new=self._list("graded", written),
            old=self._list("grading_profile", written),
        )

    @api.model
    def _change_select(self, rules):
        """What the line of the row *noted* says: ``{"score": the score before, "points": {criterion id: [before,
        after]}, "values": {criterion id: [before, after]}, "is_by_rules": true, "measured": {criterion id: value}}``.

        ``values`` leaves out what a new version moved; of a rank that others moved, both are the same.
        """
        by_percent = self._judging(rules).filtered(lambda scheme: scheme.threshold_mode == "rank")
        return SQL(
            """
            SELECT JSONB_STRIP_NULLS(JSONB_BUILD_OBJECT(
                       'score', MIN(base.score),
                       'points', JSONB_OBJECT_AGG(moves.key, JSONB_BUILD_ARRAY(moves.before, moves.after))
                           FILTER (WHERE moves.key IS NOT NULL),
                       'values', JSONB_OBJECT_AGG(moves.key, JSONB_BUILD_ARRAY(
                           CASE WHEN moves.is_by_rules THEN base.values_after ELSE base.values_before END -> moves.key,
                           base.values_after -> moves.key
                       )) FILTER (WHERE moves.key IS NOT NULL AND NOT (moves.is_by_rules AND base.have_rules_changed)),
                       'is_by_rules', CASE WHEN COUNT(moves.key) > 0
                           THEN COALESCE(SUM(ABS(moves.after - moves.before)) FILTER (WHERE moves.is_by_rules), 0)
                                > SUM(ABS(moves.after - moves.before)) / 2
                           ELSE BOOL_OR(noted.computed_grade_id IS DISTINCT FROM base.computed_grade_id
                                AND (base.have_rules_changed OR noted.scheme_id = ANY(%(by_percent)s))) END,
                       'measured', (JSONB_AGG(base.values_after) -> 0)))
              FROM (%(base)s) AS base LEFT JOIN LATERAL (%(moves)s) AS moves ON TRUE
            """,
            by_percent=by_percent.ids,
            base=self._base_select(rules),
            moves=self._moves_select(rules),
        )

    @api.model
    def _base_select(self, rules):
        """What the row *noted* is compared with: the profile in force, or what the last line left it with.

        The values before are those on the day of the last run over all, for what grows with time.
        """
        last, today = self._last_judged(rules), self._values(rules, rules.as_of)
        return SQL(
            """
            SELECT COALESCE(line.new_score, old.score) AS score,
                   COALESCE(line.points_after, old.points, '{}') AS points,
                   CASE WHEN line.points_after IS NULL THEN old.values_before
                        ELSE line.values_after END AS values_before,
                   old.points AS step_points, old.computed_grade_id, old.have_rules_changed, old.values_unmoved,
                   (SELECT %(today)s FROM (SELECT noted.*) AS grading_profile) AS values_after
              FROM (
                SELECT grading_profile.score, grading_profile.points_detail AS points, grading_profile.noted_score,
                       grading_profile.computed_grade_id, %(before)s AS values_before, %(today)s AS values_unmoved,
                       CASE WHEN noted.old_version IS NULL THEN FALSE
                            WHEN %(measured_otherwise)s THEN TRUE
                            WHEN grading_profile.scheme_id = noted.scheme_id
                            THEN noted.old_version <> noted.scheme_version
                            ELSE %(other_rules)s END AS have_rules_changed
                  FROM grading_profile WHERE grading_profile.id = noted.id OFFSET 0
              ) AS old
         LEFT JOIN LATERAL (
                SELECT line.new_score, line.points_after, line.values_after FROM grading_history AS line
                 WHERE line.profile_id = noted.id AND (noted.has_waited OR NOT noted.is_change)
              ORDER BY line.id DESC LIMIT 1
              ) AS line ON line.new_score = old.noted_score AND line.points_after IS NOT NULL
            OFFSET 0
            """,
            today=today,
            before=self._values(rules, last["day"] or rules.as_of),
            measured_otherwise=last["measured_otherwise"],
            other_rules=bool(last["versions"]) and last["versions"] != self._judging(rules)._versions(),
        )

    @api.model
    def _moves_select(self, rules):
        """The criteria whose points of the row *noted* are not what they were in *base*, and whose move each is."""
        ranks = self._judging(rules).criterion_ids.filtered(lambda criterion: criterion.kind == "rank")
        return SQL(
            """
            SELECT move.key, move.before, move.after,
                   move.step_before IS DISTINCT FROM move.step_after
                   AND CASE WHEN %(measured_otherwise)s OR move.step_before IS NULL OR move.step_after IS NULL
                            THEN base.have_rules_changed
                            ELSE base.values_unmoved -> move.key IS NOT DISTINCT FROM base.values_after -> move.key
                                 AND (base.have_rules_changed OR move.key = ANY(%(ranks)s)) END AS is_by_rules
              FROM (
                SELECT keys.key,
                       COALESCE((base.points ->> keys.key)::numeric, 0) AS before,
                       COALESCE((noted.points_detail ->> keys.key)::numeric, 0) AS after,
                       base.step_points -> keys.key AS step_before, noted.points_detail -> keys.key AS step_after
                  FROM JSONB_OBJECT_KEYS(base.points || COALESCE(noted.points_detail, '{}')) AS keys (key)
              ) AS move
             WHERE move.before <> move.after
            """,
            ranks=[str(criterion_id) for criterion_id in ranks.ids],
            measured_otherwise=self._last_judged(rules)["measured_otherwise"],
        )

    @api.model
    def _judging(self, rules):
        return rules.schemes + rules.prospect_schemes

    @api.model
    def _last_judged(self, rules):
        """What the last run over all customers of the company that came to its end judged by: its day, the versions of
        its schemes, and whether it measured in another way than one of today does.

        A profile that a new version leaves as it is keeps the number of the one before, so that a change of the rules
        rewrites no row that it does not move: that the row has been judged by the new one since, this tells.

        :rtype: dict
        """
        if rules.last_judged is None:
            rules.last_judged = self._read_last_judged(rules)
        return rules.last_judged

    @api.model
    def _read_last_judged(self, rules):
        last = rules.run._last_full(self.env.company)
        versions = (last.scheme_versions or {}).get(rules.subject, {})
        return {
            "day": last.as_of or None,
            "versions": {int(scheme): number for scheme, number in versions.items()},
            "measured_otherwise": bool(last) and last._has_measured_otherwise(),
        }

    @api.model
    def _values(self, rules, as_of):
        """``{criterion id: number that is scored}`` of a row ``grading_profile`` on a day, as far as it is known."""
        return self._by_scheme(
            {scheme.id: self._values_of_scheme(scheme, as_of) for scheme in self._judging(rules)}, SQL("NULL::jsonb")
        )

    @api.model
    def _values_of_scheme(self, scheme, as_of):
        pairs = []
        for criterion in scheme.criterion_ids.filtered(lambda criterion: criterion._is_measured()):
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
