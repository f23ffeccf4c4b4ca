from odoo import api, models
from odoo.tools import SQL
from odoo.tools.query import Query

from .grading_profile_override import MANUAL_FIELDS
from .grading_scheme import DIMENSIONS

# Temporary tables of the session that runs; each step reads the one before. All have the profile's columns, so that a
# domain on grading.profile compiles onto them under that name.
POPULATION = SQL.identifier("pg_temp", "grading_run_population")
MEASURED = SQL.identifier("pg_temp", "grading_run_measured")
SCORED = SQL.identifier("pg_temp", "grading_run_scored")
GRADED = SQL.identifier("pg_temp", "grading_run_graded")

SCORES = ("score", *(f"{dimension}_score" for dimension in DIMENSIONS))
GRADES = ("computed_grade_id", *MANUAL_FIELDS, "pending_grade_id", "pending_since", "grade_id", "trend", "lifecycle_id")
# jsonb_build_object takes 100 arguments.
PAIRS_AT_ONCE = 40


class GradingWorktable(models.AbstractModel):
    """The tables in which a run works out the new profiles, without touching the ones that people see.

    1. *measured*: a row for every customer with what the sources say and the scheme that covers him;
    2. *scored*: the same with the points of that scheme's criteria;
    3. *graded*: the grade in force and the stage; only rows that differ from the profile that is there.

    The last is written to ``grading_profile`` in batches (:meth:`_write_batch`), each whole: measures, score, grade,
    stage and history together. A row that somebody has changed meanwhile is left to the next rescoring.
    """

    _name = "grading.worktable"
    _description = "Working Table of a Grading Run"

    # ------------------------------------------------------------
    # 1 measure
    # ------------------------------------------------------------

    @api.model
    def _measured_columns(self):
        Measure = self.env["grading.measure"]
        return {Measure._column(name): name for name in Measure._measures()}

    @api.model
    def _written_columns(self):
        """The columns of ``grading_profile`` that a run writes."""
        return [*self._measured_columns(), "scheme_id", *SCORES, "points_detail", *GRADES]

    @api.model
    def _create(self, table, select):
        self.env.execute_query(SQL("DROP TABLE IF EXISTS %s", table))
        self.env.execute_query(SQL("CREATE TEMPORARY TABLE %s AS %s", table, select))

    @api.model
    def _create_measured(self, rules, population, contacts, as_of):
        """Step 1: measure ``population`` with the sources that ``rules`` need, and find everybody's scheme.

        :param rules: a :class:`grading_run.Rules`
        :param odoo.tools.SQL population: ``SELECT partner_id``
        :param odoo.tools.SQL contacts: see :meth:`grading.measure._sources`
        """
        # A table of its own, so that the planner knows how many customers there are.
        self._create(POPULATION, population)
        self.env.execute_query(SQL("ANALYZE %s", POPULATION))
        inner = self._measure_select(rules.sources, contacts, as_of)
        query = self._query(SQL("(%s)", inner))
        scheme = self.env["grading.scheme"]._scheme_to_sql(rules.schemes, query, as_of)
        kept = [name for name in self.env["grading.profile"]._stored_columns() if name != "scheme_id"]
        select = SQL(
            "SELECT %s, grading_profile.left_out,"
            " grading_profile.scheme_id AS old_scheme_id, (%s)::int AS scheme_id FROM %s",
            self._list("grading_profile", kept),
            scheme,
            query.from_clause,
        )
        self._create(MEASURED, select)
        self.env.execute_query(SQL("ANALYZE %s (id, partner_id, scheme_id)", MEASURED))

    @api.model
    def _measure_select(self, sources, contacts, as_of):
        Measure = self.env["grading.measure"]
        selects = Measure._sources(as_of, contacts)
        measured = self._measured_columns()
        columns = []
        for name in self.env["grading.profile"]._stored_columns():
            if name in measured:
                column = self._measure_column(measured[name], sources)
            elif name == "id":
                column = SQL("COALESCE(profile.id, -population.partner_id)")
            elif name == "partner_id":
                column = SQL("population.partner_id")
            elif name == "company_id":
                column = SQL("%s::int", self.env.company.id)
            else:
                column = SQL.identifier("profile", name)
            columns.append(SQL("%s AS %s", column, SQL.identifier(name)))
        columns.append(SQL("source_order.left_out") if "order" in sources else SQL("0 AS left_out"))
        joins = [
            SQL(
                "LEFT JOIN (%(select)s) AS %(alias)s ON %(alias)s.partner_id = population.partner_id",
                select=selects[name],
                alias=SQL.identifier(f"source_{name}"),
            )
            for name in sorted(sources)
        ]
        return SQL(
            "SELECT %s FROM %s AS population"
            " LEFT JOIN grading_profile AS profile"
            " ON profile.partner_id = population.partner_id AND profile.company_id = %s %s",
            SQL(", ").join(columns),
            POPULATION,
            self.env.company.id,
            SQL(" ").join(joins),
        )

    @api.model
    def _measure_column(self, name, sources):
        """What the sources say of one measure; unknown when its source was not needed."""
        measure = self.env["grading.measure"]._measures()[name]
        column = self.env["grading.measure"]._column(name)
        column_type = SQL(self.env["grading.profile"]._fields[column].column_type[0])
        needed = self.env["grading.measure"]._sources_of([name])
        if not needed <= sources:
            return SQL("NULL::%s", column_type)
        value = measure.get("formula") or SQL.identifier(f"source_{measure['source']}", column)
        if measure.get("zero"):
            value = SQL("COALESCE(%s, 0)", value)
        return SQL("(%s)::%s", value, column_type)

    # ------------------------------------------------------------
    # 2 score
    # ------------------------------------------------------------

    @api.model
    def _create_scored(self, schemes, rulers, as_of):
        """Step 2: the points of every criterion, for each scheme's customers; none for whom no scheme covers."""
        selects = [self._score_select(scheme, rulers, as_of) for scheme in schemes]
        nothing = {name: SQL("NULL::numeric") for name in SCORES}
        selects.append(
            SQL(
                "SELECT %s FROM %s AS scoring WHERE scoring.scheme_id IS NULL",
                self._scored_list({**nothing, "points_detail": SQL("NULL::jsonb")}),
                MEASURED,
            )
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
    def _scored_list(self, scores):
        kept = [name for name in self.env["grading.profile"]._stored_columns() if name not in scores]
        return SQL(
            "%s, scoring.old_scheme_id, scoring.score AS old_score, %s",
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
        inner = profile._grade_select(rules.schemes, rulers, SCORED, as_of)
        query = self._query(SQL("(%s)", inner))
        lifecycle = SQL("grading_profile.lifecycle_id")
        if rules.lifecycles is not None:
            lifecycle = self.env["grading.lifecycle"]._to_sql(rules.lifecycles, query, as_of)
        kept = [name for name in self.env["grading.profile"]._stored_columns() if name != "lifecycle_id"]
        graded = query.select(
            self._list("grading_profile", kept),
            SQL("grading_profile.old_grade_id, grading_profile.old_score, grading_profile.reason"),
            SQL("grading_profile.lifecycle_id AS old_lifecycle_id"),
            SQL("(%s)::int AS lifecycle_id", lifecycle),
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

    # ------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------

    @api.model
    def _query(self, table):
        """A query on ``table`` under the profile's name, ready to take the conditions of domains on profiles."""
        Profile = self.env["grading.profile"].sudo()
        return Query(Profile.env, Profile._table, table)

    @api.model
    def _list(self, alias, names):
        return SQL(", ").join(SQL.identifier(alias, name) for name in names)

    @api.model
    def _count(self, table):
        return self.env.execute_query(SQL("SELECT COUNT(*) FROM %s", table))[0][0]

    @api.model
    def _drop(self):
        for table in (POPULATION, MEASURED, SCORED, GRADED):
            self.env.execute_query(SQL("DROP TABLE IF EXISTS %s", table))
