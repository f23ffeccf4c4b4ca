from odoo import api, models
from odoo.tools import SQL

from .grading_domain_mixin import sql_case
from .grading_scheme import DIMENSIONS
from .grading_worktable import GRADED, LEVELS, MEASURED, SCORED, SCORES, STAGES

# jsonb_build_object takes 100 arguments.
PAIRS_AT_ONCE = 40
# Shares of the attainable points from which a sub-score counts as high, and as medium.
HIGH, MEDIUM = 2 / 3, 1 / 3


class GradingWorktable(models.AbstractModel):
    """From what was measured to points, grades and stages."""

    _inherit = "grading.worktable"

    # ------------------------------------------------------------
    # 2 score
    # ------------------------------------------------------------

    @api.model
    def _create_scored(self, schemes, rulers, as_of):
        """Step 2: the points of every criterion, for each scheme's customers; none for whom no scheme covers."""
        selects = [self._score_select(scheme, rulers, as_of) for scheme in schemes]
        nothing = {
            **{name: SQL("NULL::numeric") for name in SCORES},
            **{name: SQL("NULL::varchar") for name in LEVELS},
            "points_detail": SQL("NULL::jsonb"),
        }
        selects.append(
            SQL("SELECT %s FROM %s AS scoring WHERE scoring.scheme_id IS NULL", self._scored_list(nothing), MEASURED)
        )
        self._create(SCORED, SQL(" UNION ALL ").join(selects))

    @api.model
    def _score_select(self, scheme, rulers, as_of):
        query = self._query(MEASURED)
        points = scheme._points_to_sql(query, as_of, rulers)
        query.add_where(SQL("grading_profile.scheme_id = %s", scheme.id))
        named = [(c, SQL.identifier("scoring", f"points_{c.id}")) for c, _sql in points]
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
        attainable = sum(max(0, criterion.points_max) for criterion in criteria)
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
    def _create_graded(self, rules, rulers, as_of):
        """Steps 3 and 4: the grade in force and the stage; keeps the rows that differ from what is there."""
        profile = self.env["grading.profile"]
        inner = profile._grade_select(rules, rulers, SCORED, as_of)
        query = self._query(SQL("(%s)", inner))
        lifecycle = SQL("grading_profile.lifecycle_id")
        if rules.lifecycles is not None:
            lifecycle = self.env["grading.lifecycle"]._to_sql(rules.lifecycles, query, as_of)
        kept = [name for name in profile._stored_columns() if name not in STAGES]
        staged = query.select(
            self._list("grading_profile", kept),
            SQL("grading_profile.old_grade_id, grading_profile.old_score, grading_profile.reason"),
            SQL("grading_profile.lifecycle_id AS old_lifecycle_id, grading_profile.lifecycle_since AS old_since"),
            SQL("(%s)::int AS lifecycle_id", lifecycle),
        )
        graded = SQL(
            "SELECT staged.*, CASE WHEN staged.lifecycle_id IS NULL THEN NULL"
            " WHEN staged.lifecycle_id = staged.old_lifecycle_id THEN COALESCE(staged.old_since, DATE %(as_of)s)"
            " ELSE DATE %(as_of)s END AS lifecycle_since FROM (%(staged)s OFFSET 0) AS staged",
            as_of=as_of,
            staged=staged,
        )
        written = self._written_columns()
        select = SQL(
            "SELECT ROW_NUMBER() OVER (ORDER BY graded.id) AS place, graded.* FROM (%s) AS graded"
            " LEFT JOIN grading_profile AS profile ON profile.id = graded.id"
            " WHERE profile.id IS NULL OR (%s) IS DISTINCT FROM (%s)",
            graded,
            self._list("graded", written),
            self._list("profile", written),
        )
        self._create(GRADED, select)
        self.env.execute_query(SQL("CREATE INDEX ON %s (place)", GRADED))
        return self._count(GRADED)
