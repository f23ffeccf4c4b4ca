from odoo import api, models
from odoo.tools import SQL

from ..base.grading_domain_mixin import sql_case
from ..base.subject import SUBJECTS
from ..score.grading_scheme import DIMENSIONS
from .grading_staging import GRADED, LEVELS, MEASURED, SCORED, SCORES, STAGES

# jsonb_build_object takes 100 arguments.
PAIRS_AT_ONCE = 40
# Shares of the attainable points from which a sub-score counts as high, and as medium.
HIGH, MEDIUM = 2 / 3, 1 / 3


class GradingWorktable(models.AbstractModel):
    """The second half of the judge: from what was measured to points, grades and stages."""

    _inherit = "grading.worktable"

    # ------------------------------------------------------------
    # 2 score
    # ------------------------------------------------------------

    @api.model
    def _create_scored(self, rules):
        """Step 2: the points of every criterion, for each scheme's customers; none for those whom no scheme covers."""
        selects = [self._score_select(scheme, rules) for scheme in (*rules.schemes, *rules.prospect_schemes)]
        nothing = {
            **{name: SQL("NULL::numeric") for name in SCORES},
            **{name: SQL("NULL::varchar") for name in LEVELS},
            "points_detail": SQL("NULL::jsonb"),
            "scheme_version": SQL("NULL::int"),
        }
        selects.append(
            SQL("SELECT %s FROM %s AS scoring WHERE scoring.scheme_id IS NULL", self._scored_list(nothing), MEASURED)
        )
        self._create(SCORED, SQL(" UNION ALL ").join(selects))

    @api.model
    def _score_select(self, scheme, rules, measured=MEASURED):
        query = self._query(measured)
        points = scheme._points_to_sql(query, rules.as_of, rules.cut_points)
        query.add_where(SQL("grading_profile.scheme_id = %s", scheme.id))
        named = list(scheme.criterion_ids._points_columns("scoring").items())
        scores = {"score": SQL(" + ").join(column for _c, column in named)}
        for dimension in DIMENSIONS:
            columns = [column for c, column in named if c.dimension == dimension]
            scores[f"{dimension}_score"] = SQL(" + ").join(columns) if columns else SQL("NULL::numeric")
        for name, dimension in LEVELS.items():
            scores[name] = self._level(scheme, dimension, scores[f"{dimension}_score"])
        pairs = [SQL("%s::text, %s", str(c.id), column) for c, column in named]
        chunks = [pairs[i : i + PAIRS_AT_ONCE] for i in range(0, len(pairs), PAIRS_AT_ONCE)]
        scores["points_detail"] = SQL(" || ").join(
            SQL("JSONB_BUILD_OBJECT(%s)", SQL(", ").join(chunk)) for chunk in chunks
        )
        scores["scheme_version"] = SQL("%s::int", scheme.version)
        inner = query.select(
            SQL("grading_profile.*"),
            *(SQL("%s AS %s", sql, SQL.identifier(f"points_{c.id}")) for c, sql in points),
        )
        # OFFSET 0 keeps the planner from working out a criterion again for each sum in which it stands.
        return SQL("SELECT %s FROM (%s OFFSET 0) AS scoring", self._scored_list(scores), inner)

    @api.model
    def _level(self, scheme, dimension, score):
        """High, medium or low, by the share of the points that the scheme has for the dimension."""
        criteria = scheme.criterion_ids.filtered(lambda criterion: criterion.dimension == dimension)
        attainable = criteria._attainable()
        if not attainable:
            return SQL("NULL::varchar")
        share = SQL("(%s) / %s::float8", score, attainable)
        return sql_case(
            [(SQL("%s >= %s", share, HIGH), SQL("'3'")), (SQL("%s >= %s", share, MEDIUM), SQL("'2'"))],
            SQL("'1'"),
        )

    @api.model
    def _scored_list(self, scores):
        kept = [name for name in self.env["grading.profile"]._stored_columns() if name not in scores]
        return SQL(
            "%s, scoring.old_scheme_id, scoring.first_order, scoring.score AS old_score, %s",
            self._list("scoring", kept),
            SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in scores.items()),
        )

    # ------------------------------------------------------------
    # 3 grade, 4 life cycle
    # ------------------------------------------------------------

    @api.model
    def _create_graded(self, rules):
        """Keep *graded* as a table, where it is not for the profiles: customers are judged by leads of the same day."""
        table, key = GRADED[rules.subject], SQL.identifier(SUBJECTS[rules.subject].key)
        with self._planner_for(rules):
            self._create(table, self._graded_select(rules))
        self.env.execute_query(SQL("CREATE INDEX ON %s (%s)", table, key))
        self.env.execute_query(SQL("ANALYZE %s (%s)", table, key))

    @api.model
    def _graded_select(self, rules):
        """Steps 3 and 4: ``SELECT`` of all who are scored, with the grade in force and the stage.

        The columns are the profile's; what was in force before is ``old_grade_id``, ``old_score`` and
        ``old_lifecycle_id``, and ``reason`` is what the history says of a change. Of a customer that the first run of a
        company finds in a stage it is unknown since when.
        """
        query = self._query(SQL("(%s)", self._grade_select(rules)))
        lifecycle = SQL("grading_profile.lifecycle_id")
        if rules.lifecycles is not None:
            lifecycle = self.env["grading.lifecycle"]._to_sql(rules.lifecycles, query, rules.as_of)
        kept = [name for name in self.env["grading.profile"]._stored_columns() if name not in STAGES]
        staged = query.select(
            self._list("grading_profile", kept),
            SQL("grading_profile.old_grade_id, grading_profile.old_score, grading_profile.reason"),
            SQL("grading_profile.lifecycle_id AS old_lifecycle_id, grading_profile.lifecycle_since AS old_since"),
            SQL("(%s)::int AS lifecycle_id", lifecycle),
        )
        return SQL(
            "SELECT staged.*, CASE WHEN staged.lifecycle_id = staged.old_lifecycle_id THEN staged.old_since"
            " WHEN staged.lifecycle_id IS NOT NULL AND (staged.old_lifecycle_id IS NOT NULL OR %(graded_before)s)"
            " THEN DATE %(as_of)s END AS lifecycle_since FROM (%(staged)s OFFSET 0) AS staged",
            as_of=rules.as_of,
            graded_before=bool(self._last_judged(rules)["day"]),
            staged=staged,
        )

    @api.model
    def _grade_select(self, rules):
        """The scored rows with their grades; the columns are the profile's, the former ones ``old_…``.

        A valid override is in force. Otherwise the computed grade is, but a lower one waits until the scheme's days of
        grace are over, as the pending grade; a customer who has just come under another scheme, or whose override has
        just ended, does not wait. ``reason`` says what the history will say.

        :param Rules rules: with the schemes by which the rows were scored, and their cut points
        """
        grades = self.env["grading.grade"].search([("active", "in", (True, False))])
        computed = self._computed_select(rules)
        settled = SQL(
            """
            SELECT placed.*,
                   (COALESCE(placed.computed_place, %(worst)s) > placed.old_place
                    AND placed.scheme_id = placed.old_scheme_id AND NOT placed.override_ends
                    AND DATE %(as_of)s - COALESCE(placed.pending_since, DATE %(as_of)s) < placed.grace_days) IS TRUE
                   AND NOT placed.override_holds AS in_grace
              FROM (
                SELECT graded.*,
                       ARRAY_POSITION(%(order)s::int[], graded.computed_grade_id) AS computed_place,
                       ARRAY_POSITION(%(order)s::int[], graded.grade_id) AS old_place
                  FROM (%(computed)s OFFSET 0) AS graded
              ) AS placed
            """,
            as_of=rules.as_of,
            order=grades.ids,
            worst=len(grades) + 1,
            computed=computed,
        )
        return self._in_force_select(settled, grades, rules.as_of)

    @api.model
    def _computed_select(self, rules):
        """The scored rows with their new computed grade, their scheme's grace, and what becomes of an override.

        A prospect goes with their best open lead: where a person has graded the lead, that is the prospect's grade too.
        """
        score = SQL("scored.score")
        schemes = rules.schemes + rules.prospect_schemes
        computed = sql_case(
            [(SQL("scored.scheme_id = %s", s.id), s._grade_to_sql(score, rules.cut_points)) for s in schemes],
            SQL("NULL::int"),
        )
        if rules.prospect_schemes:
            computed = SQL(
                "COALESCE((SELECT lead.manual_grade_id FROM %s AS lead"
                " WHERE lead.lead_id = scored.best_lead_id AND scored.scheme_id = ANY(%s)), %s)",
                self.env["grading.measure"]._graded_leads(),
                rules.prospect_schemes.ids,
                computed,
            )
        grace = sql_case([(SQL("scored.scheme_id = %s", s.id), SQL("%s", s.grace_days)) for s in schemes], SQL("0"))
        kept = [name for name in self.env["grading.profile"]._stored_columns() if name != "computed_grade_id"]
        return SQL(
            """
            SELECT %(kept)s, scored.old_scheme_id, scored.first_order, scored.old_score,
                   (%(computed)s)::int AS computed_grade_id,
                   %(grace)s AS grace_days,
                   (scored.manual_grade_id IS NOT NULL
                    AND COALESCE(scored.manual_until >= %(as_of)s, TRUE)) AS override_holds,
                   COALESCE(scored.manual_until < %(as_of)s, FALSE) AS override_ends
              FROM %(scored)s AS scored
            """,
            kept=SQL(", ").join(SQL.identifier("scored", name) for name in kept),
            computed=computed,
            grace=grace,
            as_of=rules.as_of,
            scored=SCORED,
        )

    @api.model
    def _in_force_select(self, settled, grades, as_of):
        """The settled rows with the grade in force, the pending one, the trend and the reason of a change."""
        changed = {
            "grade_id": SQL(
                "CASE WHEN settled.override_holds THEN settled.manual_grade_id"
                " WHEN settled.in_grace THEN settled.grade_id ELSE settled.computed_grade_id END"
            ),
            "pending_grade_id": SQL("CASE WHEN settled.in_grace THEN settled.computed_grade_id END"),
            "pending_since": SQL("CASE WHEN settled.in_grace THEN COALESCE(settled.pending_since, DATE %s) END", as_of),
            "manual_grade_id": SQL("CASE WHEN NOT settled.override_ends THEN settled.manual_grade_id END"),
            "manual_reason": SQL("CASE WHEN NOT settled.override_ends THEN settled.manual_reason END"),
            "manual_until": SQL("CASE WHEN NOT settled.override_ends THEN settled.manual_until END"),
            "manual_user_id": SQL("CASE WHEN NOT settled.override_ends THEN settled.manual_user_id END"),
        }
        stored = [name for name in self.env["grading.profile"]._stored_columns() if name != "trend"]
        kept = [name for name in stored if name not in changed]
        in_force = SQL(
            "SELECT %s, %s, settled.trend, settled.grade_id AS old_grade_id, settled.old_score, settled.old_scheme_id,"
            " settled.first_order, settled.override_ends, settled.old_place FROM (%s OFFSET 0) AS settled",
            SQL(", ").join(SQL.identifier("settled", name) for name in kept),
            SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in changed.items()),
            settled,
        )
        return SQL(
            """
            SELECT %(stored)s, in_force.old_grade_id, in_force.old_score,
                   CASE WHEN in_force.override_ends THEN 'override_end'
                        WHEN in_force.partner_id IN (%(moved)s) THEN 'moved'
                        WHEN in_force.first_order THEN 'first_order' ELSE 'rescore' END AS reason,
                   CASE WHEN in_force.grade_id IS NOT DISTINCT FROM in_force.old_grade_id
                        THEN COALESCE(in_force.trend, 'same')
                        WHEN in_force.scheme_id IS DISTINCT FROM in_force.old_scheme_id THEN 'same'
                        WHEN ARRAY_POSITION(%(order)s::int[], in_force.grade_id) < in_force.old_place THEN 'up'
                        WHEN ARRAY_POSITION(%(order)s::int[], in_force.grade_id) > in_force.old_place THEN 'down'
                        ELSE 'same' END AS trend
              FROM (%(in_force)s) AS in_force
            """,
            stored=SQL(", ").join(SQL.identifier("in_force", name) for name in stored),
            order=grades.ids,
            in_force=in_force,
            moved=SQL(
                "SELECT partner_id FROM grading_queue WHERE company_id = %s AND reason = 'moved'", self.env.company.id
            ),
        )
