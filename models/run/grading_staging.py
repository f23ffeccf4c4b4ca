from odoo import api, models
from odoo.tools import SQL
from odoo.tools.query import Query

from ..base.grading_domain_mixin import sql_case
from ..profile.grading_profile_override import MANUAL_FIELDS
from ..score.grading_scheme import DIMENSIONS

# What a row is about: the column that holds it, in grading_profile as in the sources, and its own table.
KEYS = {"customer": "partner_id", "lead": "lead_id"}
TABLES = {"customer": "res_partner", "lead": "crm_lead"}
# Temporary tables of the session that runs; each step reads the one before. All have the profile's columns, so that a
# domain on grading.profile compiles onto them under that name.
POPULATION = SQL.identifier("pg_temp", "grading_run_population")
COUNTED = SQL.identifier("pg_temp", "grading_run_counted")
MEASURED = SQL.identifier("pg_temp", "grading_run_measured")
SCORED = SQL.identifier("pg_temp", "grading_run_scored")
GRADED = SQL.identifier("pg_temp", "grading_run_graded")
SCORES = ("score", *(f"{dimension}_score" for dimension in DIMENSIONS))
LEVELS = {f"{dimension}_level": dimension for dimension in DIMENSIONS}
STAGES = ("lifecycle_id", "lifecycle_since")
GRADES = ("computed_grade_id", *MANUAL_FIELDS, "pending_grade_id", "pending_since", "grade_id", "trend", *STAGES)
# jsonb_build_object takes 100 arguments.
PAIRS_AT_ONCE = 40
# Shares of the attainable points from which a sub-score counts as high, and as medium.
HIGH, MEDIUM = 2 / 3, 1 / 3


class GradingWorktable(models.AbstractModel):
    """The tables in which a run works out the new profiles, without touching the ones that people see.

    1. *counted*: a row for every customer with what the sources say; left out where nothing is compared;
    2. *measured*: the same with what shows in comparison with all others, and the scheme that covers him;
    3. *scored*: the same with the points of that scheme's criteria;
    4. *graded*: the grade in force and the stage; only rows that differ from the profile that is there.

    A run goes through them twice: for the leads, and then for the customers, whose best leads are known by then.

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
        stored = self.env["grading.profile"]._stored_columns()
        return {column: name for name in Measure._measures() if (column := Measure._column(name)) in stored}

    @api.model
    def _written_columns(self):
        """The columns of ``grading_profile`` that a run writes."""
        return [*self._measured_columns(), "scheme_id", *SCORES, *LEVELS, "points_detail", *GRADES]

    @api.model
    def _create(self, table, select):
        self.env.execute_query(SQL("DROP TABLE IF EXISTS %s", table))
        self.env.execute_query(SQL("CREATE TEMPORARY TABLE %s AS %s", table, select))

    @api.model
    def _create_measured(self, rules, population, scope, as_of, fix):
        """Step 1: measure ``population`` with the sources that ``rules`` need, and find everybody's scheme.

        :param rules: a :class:`grading_run_rules.Rules`
        :param odoo.tools.SQL population: ``SELECT`` of the subject's key
        :param odoo.tools.SQL scope: the contacts or leads that count, see :meth:`grading.measure._sources`
        :param bool fix: ``population`` is everybody, and what customers are compared with is fixed anew
        """
        # A table of its own, so that the planner knows how many there are.
        self._create(POPULATION, population)
        self.env.execute_query(SQL("ANALYZE %s", POPULATION))
        inner = self._measure_select(rules, scope, as_of)
        if rules.compared:
            self._create(COUNTED, inner)
            if fix:
                self.env["grading.measure"]._fix_compared(rules.compared, COUNTED, as_of)
            inner = self._compare_select(rules, as_of)
        query = self._query(SQL("(%s)", inner))
        scheme = self.env["grading.scheme"]._scheme_to_sql(rules.schemes, rules.prospect_schemes, query, as_of)
        kept = [name for name in self.env["grading.profile"]._stored_columns() if name != "scheme_id"]
        select = SQL(
            "SELECT %s, grading_profile.left_out, grading_profile.first_order,"
            " grading_profile.scheme_id AS old_scheme_id, (%s)::int AS scheme_id FROM %s",
            self._list("grading_profile", kept),
            scheme,
            query.from_clause,
        )
        self._create(MEASURED, select)
        self.env.execute_query(SQL("ANALYZE %s (id, partner_id, lead_id, scheme_id)", MEASURED))

    @api.model
    def _measure_select(self, rules, scope, as_of):
        Measure = self.env["grading.measure"]
        of_leads = rules.subject == "lead"
        # Leads that are not judged need not be measured; of customers, their contacts' documents count as well.
        judged = SQL("(SELECT lead_id AS id FROM %s)", POPULATION)
        selects = Measure._lead_sources(as_of, judged) if of_leads else Measure._sources(as_of, scope)
        key = SQL.identifier("population", KEYS[rules.subject])
        measured = self._measured_columns()
        columns = []
        for name in self.env["grading.profile"]._stored_columns():
            if name in measured:
                column = self._measure_column(measured[name], rules)
            elif name == "id":
                column = SQL("COALESCE(profile.id, -%s)", key)
            elif name == KEYS[rules.subject]:
                column = key
            elif name == "company_id":
                column = SQL("%s::int", self.env.company.id)
            else:
                column = SQL.identifier("profile", name)
            columns.append(SQL("%s AS %s", column, SQL.identifier(name)))
        return SQL(
            "SELECT %s FROM %s AS population LEFT JOIN grading_profile AS profile ON %s %s",
            SQL(", ").join([*columns, *self._measure_asides(rules)]),
            POPULATION,
            SQL("profile.lead_id = %s", key)
            if of_leads
            else SQL("profile.partner_id = %s AND profile.company_id = %s", key, self.env.company.id),
            SQL(" ").join(
                SQL(
                    "LEFT JOIN (%(select)s) AS %(alias)s ON %(alias)s.%(name)s = %(key)s",
                    select=selects[source],
                    alias=SQL.identifier(f"source_{source}"),
                    name=SQL.identifier(KEYS[rules.subject]),
                    key=key,
                )
                for source in sorted(rules.sources)
            ),
        )

    @api.model
    def _compare_select(self, rules, as_of):
        """The counted rows with what the compared sources say of them."""
        Measure = self.env["grading.measure"]
        measures = Measure._measures()
        selects = Measure._compared_sources(as_of, COUNTED)
        compared = {
            Measure._column(name): measure["compared"]
            for name, measure in measures.items()
            if measure.get("compared") in rules.compared
        }
        columns = []
        for name in self.env["grading.profile"]._stored_columns():
            column = SQL.identifier("counted", name)
            if name in compared:
                column_type = SQL(self.env["grading.profile"]._fields[name].column_type[0])
                column = SQL("%s::%s AS %s", SQL.identifier(compared[name], name), column_type, SQL.identifier(name))
            columns.append(column)
        joins = [
            SQL(
                "LEFT JOIN (%(select)s) AS %(alias)s ON %(alias)s.partner_id = counted.partner_id",
                select=selects[source],
                alias=SQL.identifier(source),
            )
            for source in sorted(rules.compared)
        ]
        return SQL(
            "SELECT %s, counted.left_out, counted.first_order FROM %s AS counted %s",
            SQL(", ").join(columns),
            COUNTED,
            SQL(" ").join(joins),
        )

    @api.model
    def _measure_asides(self, rules):
        """What the next steps need to know beside the profile: documents left out, and whether the first order came."""
        if "order" not in rules.sources:
            return [SQL("0 AS left_out"), SQL("FALSE AS first_order")]
        first = SQL("(profile.order_count = 0 AND source_order.order_count > 0) IS TRUE")  # unknown is not none
        return [SQL("source_order.left_out"), SQL("%s AS first_order", first)]

    @api.model
    def _measure_column(self, name, rules):
        """What the sources say of one measure; unknown when its source was not needed."""
        measure = self.env["grading.measure"]._measures()[name]
        column = self.env["grading.measure"]._column(name)
        column_type = SQL(self.env["grading.profile"]._fields[column].column_type[0])
        zero = measure.get("zero")
        if rules.subject == "lead":
            needed, source = {measure.get("lead_source")}, measure.get("lead_source")
        else:
            needed, source = self.env["grading.measure"]._sources_of([name]) or {None}, measure.get("source")
            zero = zero and "lead_source" not in measure  # who has no lead has no lead with nothing
        if not needed <= rules.sources or "compared" in measure:
            return SQL("NULL::%s", column_type)
        value = measure.get("formula") or SQL.identifier(f"source_{source}", column)
        if zero:
            value = SQL("COALESCE(%s, 0)", value)
        return SQL("(%s)::%s", value, column_type)

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
        for table in (POPULATION, COUNTED, MEASURED, SCORED, GRADED):
            self.env.execute_query(SQL("DROP TABLE IF EXISTS %s", table))

    # ------------------------------------------------------------
    # 2 score
    # ------------------------------------------------------------

    # From what was measured to points, grades and stages.

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
