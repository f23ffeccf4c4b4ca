from odoo import api, models
from odoo.tools import SQL

from ..base.subject import SUBJECTS
from ..run.grading_staging import MEASURED

# What the secondary schemes say of those in question; and what of it differs from what is known, numbered by profile.
SEGMENTS = SQL.identifier("pg_temp", "grading_run_segments")
SEGMENT_CHANGES = SQL.identifier("pg_temp", "grading_run_segment_changes")
# The same where it is not for the profiles: leads are judged before customers, and both are looked at afterwards.
JUDGED_SEGMENTS = {
    subject: SQL.identifier("pg_temp", f"grading_run_segments_of_{subject}s") for subject in ("lead", "customer")
}
# What a scheme beside the grade says itself of those whom it covers: the profile's columns, and those of a segment.
SAID = {name: name for name in ("scheme_id", "score", "points_detail", "grade_id")} | {"computed_grade_id": "grade_id"}
# Only the grade waits for days of grace.
WAITING = ("pending_grade_id", "pending_since")


class GradingWorktable(models.AbstractModel):
    """How secondary schemes are judged: from *measured*, each for all whom its filter covers, and written as far as it
    differs from what is known (:class:`grading.secondary`)."""

    _inherit = "grading.worktable"

    @api.model
    def _drop(self):
        for table in (SEGMENTS, SEGMENT_CHANGES, *JUDGED_SEGMENTS.values()):
            self.env.execute_query(SQL("DROP TABLE IF EXISTS %s", table))
        return super()._drop()

    @api.model
    def _covered_select(self, scheme, as_of):
        """The *measured* rows that a secondary scheme covers, under its name."""
        query = self._query(MEASURED)
        query.add_where(scheme._domain_to_sql(query, as_of))
        kept = [name for name in self.env["grading.profile"]._stored_columns() if name != "scheme_id"]
        asides = SQL("grading_profile.first_order, grading_profile.old_scheme_id")
        return query.select(self._list("grading_profile", kept), asides, SQL("%s AS scheme_id", scheme.id))

    @api.model
    def _points_select(self, scheme, rules):
        """The rows that a secondary scheme covers with their points, in the profile's columns."""
        covered = SQL("(%s)", self._covered_select(scheme, rules.as_of))
        if scheme.criterion_ids:
            return self._score_select(scheme, rules, covered)
        nothing = {"score": SQL("NULL::numeric"), "points_detail": SQL("NULL::jsonb")}
        return SQL("SELECT %s FROM %s AS scoring", self._scored_list(nothing), covered)

    @api.model
    def _segment_select(self, scheme, rules):
        """``SELECT key, scheme_id, score, grade_id, points_detail`` of all whom a secondary scheme covers."""
        query = self._query(SQL("(%s)", self._points_select(scheme, rules)))
        segment = scheme._segment_to_sql(SQL("grading_profile.score"), query, rules.as_of, rules.cut_points)
        return query.select(
            SQL.identifier("grading_profile", SUBJECTS[rules.subject].key),
            SQL("%s::int AS scheme_id", scheme.id),
            SQL("grading_profile.score::numeric AS score"),
            SQL("(%s)::int AS grade_id", segment),
            SQL("grading_profile.points_detail"),
        )

    @api.model
    def _create_segments(self, table, rules):
        """Keep what the secondary schemes of ``rules`` say in the temporary ``table``, a row for each of them and each
        whom it covers."""
        nothing = SQL(
            "SELECT NULL::int AS %s, NULL::int AS scheme_id, NULL::numeric AS score, NULL::int AS grade_id,"
            " NULL::jsonb AS points_detail WHERE FALSE",
            SQL.identifier(SUBJECTS[rules.subject].key),
        )
        selects = [nothing, *(self._segment_select(scheme, rules) for scheme in rules.secondary_schemes)]
        self._create(table, SQL(" UNION ALL ").join(selects))
        self.env.execute_query(SQL("ANALYZE %s", table))

    @api.model
    def _create_graded(self, rules):
        result = super()._create_graded(rules)
        if rules.secondary_schemes:
            with self._planner_for(rules):
                self._create_segments(JUDGED_SEGMENTS[rules.subject], rules)
        return result

    @api.model
    def _judged_by(self, scheme, subject):
        """By a secondary scheme: *graded*, with its own score, points and segment in the place of those of the scheme
        that gives the grade; without any where it does not cover the row."""
        graded = super()._judged_by(scheme, subject)
        if not scheme.is_secondary:
            return graded
        stored = self.env["grading.profile"]._stored_columns()
        columns = [self._list("graded", [name for name in stored if name not in SAID and name not in WAITING])]
        for name, said in SAID.items():
            columns.append(SQL("%s AS %s", SQL.identifier("segment", said), SQL.identifier(name)))
        return SQL(
            "(SELECT %(columns)s, NULL::int AS pending_grade_id, NULL::date AS pending_since FROM %(graded)s AS graded"
            " LEFT JOIN %(segments)s AS segment"
            " ON segment.%(key)s = graded.%(key)s AND segment.scheme_id = %(scheme)s)",
            columns=SQL(", ").join(columns),
            graded=graded,
            segments=JUDGED_SEGMENTS[subject],
            key=SQL.identifier(SUBJECTS[subject].key),
            scheme=scheme.id,
        )

    @api.model
    def _create_segment_changes(self, rules):
        """Find out which customers or leads come to, leave or change a segment, or have another score there.

        Where a segment is left for another one since when it is had is known; of the first one it is not.

        :return: how many customers or leads are concerned
        :rtype: int
        """
        key = SQL.identifier(SUBJECTS[rules.subject].key)
        if not rules.secondary_schemes and not self._is_any_segment(rules.subject):
            return 0
        self._create_segments(SEGMENTS, rules)
        self._create(SEGMENT_CHANGES, self._segment_changes_select(rules, key))
        self._prepare_batches(SEGMENT_CHANGES)
        return self.env.execute_query(SQL("SELECT COALESCE(MAX(place), 0) FROM %s", SEGMENT_CHANGES))[0][0]

    @api.model
    def _is_any_segment(self, subject):
        """Whether customers or leads have a segment, in any company: found by the scheme, of which there are few."""
        [[is_any]] = self.env.execute_query(
            SQL(
                "SELECT EXISTS (SELECT FROM grading_scheme AS scheme WHERE scheme.subject = %s"
                " AND EXISTS (SELECT FROM grading_secondary AS known WHERE known.scheme_id = scheme.id))",
                subject,
            )
        )
        return is_any

    @api.model
    def _segment_changes_select(self, rules, key):
        """*Segments* beside what is known of the same customers or leads, as far as both differ. What a scheme that
        cannot be used has said before stays."""
        return SQL(
            """
            SELECT DENSE_RANK() OVER (ORDER BY COALESCE(due.profile_id, known.profile_id)) AS place,
                   COALESCE(due.profile_id, known.profile_id) AS profile_id, known.id AS known_id,
                   COALESCE(due.scheme_id, known.scheme_id) AS scheme_id, due.profile_id IS NULL AS is_left,
                   due.score, due.grade_id, due.points_detail,
                   CASE WHEN known.grade_id IS NOT DISTINCT FROM due.grade_id THEN known.since
                        WHEN known.id IS NOT NULL THEN DATE %(as_of)s END AS since
              FROM (
                SELECT profile.id AS profile_id, segment.*
                  FROM %(segments)s AS segment
                  JOIN grading_profile AS profile
                    ON profile.%(key)s = segment.%(key)s AND profile.company_id = %(company)s
              ) AS due
         FULL JOIN (
                SELECT own.*
                  FROM %(measured)s AS measured
                  JOIN grading_profile AS profile
                    ON profile.%(key)s = measured.%(key)s AND profile.company_id = %(company)s
                  JOIN grading_secondary AS own ON own.profile_id = profile.id
                 WHERE NOT own.scheme_id = ANY(%(broken)s)
              ) AS known ON known.profile_id = due.profile_id AND known.scheme_id = due.scheme_id
             WHERE due.profile_id IS NULL OR known.id IS NULL
                OR (due.score, due.grade_id, due.points_detail)
                   IS DISTINCT FROM (known.score, known.grade_id, known.points_detail)
            """,
            as_of=rules.as_of,
            segments=SEGMENTS,
            measured=MEASURED,
            key=key,
            company=self.env.company.id,
            broken=rules.broken_secondary.ids if rules.broken_secondary else [],
        )

    @api.model
    def _write_segment_batch(self, rules, first, last):
        """Write what has changed of the customers or leads ``first`` to ``last``.

        :return: what is to be added to the figures of the run
        :rtype: dict[str, int]
        """
        [[count]] = self.env.execute_query(
            SQL(
                """
                WITH batch AS (SELECT * FROM %(changes)s WHERE place BETWEEN %(first)s AND %(last)s),
                gone AS (
                    DELETE FROM grading_secondary AS known USING batch
                     WHERE batch.is_left AND known.id = batch.known_id
                 RETURNING known.id
                ), written AS (
                    INSERT INTO grading_secondary (profile_id, scheme_id, score, grade_id, points_detail, since)
                    SELECT batch.profile_id, batch.scheme_id, batch.score, batch.grade_id, batch.points_detail,
                           batch.since
                      FROM batch
                      JOIN grading_profile AS profile ON profile.id = batch.profile_id
                     WHERE NOT batch.is_left
                        ON CONFLICT (profile_id, scheme_id) DO UPDATE
                       SET score = EXCLUDED.score, grade_id = EXCLUDED.grade_id, since = EXCLUDED.since,
                           points_detail = EXCLUDED.points_detail
                 RETURNING id
                )
                SELECT (SELECT COUNT(*) FROM gone) + (SELECT COUNT(*) FROM written)
                """,
                changes=SEGMENT_CHANGES,
                first=first,
                last=last,
            )
        )
        self.env["grading.secondary"].invalidate_model()
        return {"segment_count": count}
