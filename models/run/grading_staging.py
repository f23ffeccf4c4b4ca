from contextlib import contextmanager

from odoo import api, models
from odoo.tools import SQL
from odoo.tools.query import Query

from ..base.subject import SUBJECTS
from ..measure.grading_measure_document import ALL_CONTACTS, SHARE_OF_CONTACTS
from ..measure.grading_measure_lead import JUDGED_LEADS
from ..measure.grading_measure_once import FOUND_ONCE
from ..profile.grading_profile_override import MANUAL_FIELDS
from ..score.grading_scheme import DIMENSIONS

# Temporary tables of the session that runs; each step reads the one before. All have the profile's columns, so that a
# domain on grading.profile compiles onto them under that name.
CONTACTS = SQL.identifier("pg_temp", "grading_run_contacts")
POPULATION = SQL.identifier("pg_temp", "grading_run_population")
SHARE = SQL.identifier("pg_temp", "grading_run_share")
COUNTED = SQL.identifier("pg_temp", "grading_run_counted")
MEASURED = SQL.identifier("pg_temp", "grading_run_measured")
SCORED = SQL.identifier("pg_temp", "grading_run_scored")
# What the judge has found of leads and of customers, for the sinks that do not write profiles.
GRADED = {"lead": JUDGED_LEADS, "customer": SQL.identifier("pg_temp", "grading_run_graded")}
PROFILE_CHANGES = SQL.identifier("pg_temp", "grading_run_profile_changes")
STAGING = (CONTACTS, POPULATION, SHARE, SHARE_OF_CONTACTS, *FOUND_ONCE, COUNTED, MEASURED, SCORED, PROFILE_CHANGES)
SCORES = ("score", *(f"{dimension}_score" for dimension in DIMENSIONS))
LEVELS = {f"{dimension}_level": dimension for dimension in DIMENSIONS}
STAGES = ("lifecycle_id", "lifecycle_since")
GRADES = ("computed_grade_id", *MANUAL_FIELDS, "pending_grade_id", "pending_since", "grade_id", "trend", *STAGES)


class GradingWorktable(models.AbstractModel):
    """The staging tables in which the judge works out new profiles, without touching the ones that people see.

    0. *contacts*: those whose documents count, where it is not all;
    1. *population*: the keys of those in question; of very many the *shares*, one after the other;
    2. *counted*: a row for each of them with what the sources say; left out where few are, and nothing is compared;
    3. *measured*: the same with what shows in comparison with all others, and the scheme that covers the row;
    4. *scored*: the same with the points of that scheme's criteria;
    5. *graded*, no table but a ``SELECT`` (:meth:`_graded_select`): the grade in force and the stage of each row.

    That is where judging ends. A *sink* does something with what is graded; the profile sink keeps the rows that differ
    from the profile in force as *profile changes*, and writes them in batches (:meth:`_write_profile_batch`), each
    whole: measures, score, grade, stage and history together. The other sinks (:mod:`grading_run_apart`) read all of
    it, and touch no profile.

    A run goes through them twice: for the leads, and then for the customers, whose best leads are known by then.
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
        return {column: name for name in Measure._catalog() if (column := Measure._column(name)) in stored}

    @api.model
    def _written_columns(self):
        """The columns of ``grading_profile`` that a run writes."""
        return [*self._measured_columns(), "scheme_id", *SCORES, *LEVELS, "points_detail", *GRADES]

    @api.model
    def _create(self, table, select):
        """Create the temporary ``table`` anew; how many rows it has."""
        self.env.execute_query(SQL("DROP TABLE IF EXISTS %s", table))
        self.env.execute_query(SQL("CREATE TEMPORARY TABLE %s AS %s", table, select))
        return self.env.cr.rowcount

    @api.model
    def _prepare_batches(self, table, *columns):
        """See to it that the rows of a table are found by their ``place``, and that the planner knows how many a batch
        has: it would guess a two-hundredth of the table, and go through what is joined row by row.

        :param odoo.tools.SQL table: a temporary table of numbered rows
        :param str columns: those that are joined, where there are many others
        """
        self.env.execute_query(SQL("CREATE INDEX ON %s (place)", table))
        looked_at = SQL("(%s)", SQL(", ").join(map(SQL.identifier, ("place", *columns)))) if columns else SQL()
        self.env.execute_query(SQL("ANALYZE %s %s", table, looked_at))

    @api.model
    def _fixed_scope(self, scope):
        """The contacts of a few customers, in a table of their own: the many who ask for them find them at once, and
        the planner knows how many there are. All contacts stay as they are.

        :param odoo.tools.SQL scope: see :meth:`grading.population._scope`
        """
        if scope == ALL_CONTACTS:
            return scope
        self._create(CONTACTS, SQL("SELECT id, commercial_partner_id FROM %s AS contact", scope))
        self.env.execute_query(SQL("ANALYZE %s", CONTACTS))
        return CONTACTS

    @api.model
    def _create_population(self, population):
        """Step 1: the keys of those in question, numbered; how many there are.

        :param odoo.tools.SQL population: ``SELECT`` of the subject's key
        """
        # A table of its own, so that the planner knows how many there are.
        count = self._create(
            POPULATION, SQL("SELECT found.*, ROW_NUMBER() OVER ()::int AS place FROM (%s) AS found", population)
        )
        self.env.execute_query(SQL("ANALYZE %s", POPULATION))
        return count

    @api.model
    def _count_share(self, rules, scope, first, last):
        """Step 2 for the share from place ``first`` to ``last`` of very many: all of them at once would take one long
        statement, and more memory than the server gives it.

        :param Rules rules: see :mod:`grading_run_pipeline`
        :param odoo.tools.SQL scope: the contacts or leads that count, see :meth:`grading.measure._sources`
        """
        key = SQL.identifier("found", SUBJECTS[rules.subject].key)
        # Who has become a contact of another customer since then is left out: no document would be theirs.
        still = SQL(
            "JOIN res_partner AS customer ON customer.id = %s AND customer.commercial_partner_id = %s", key, key
        )
        self._create(
            SHARE,
            SQL(
                "SELECT %s FROM %s AS found %s WHERE found.place BETWEEN %s AND %s",
                key,
                POPULATION,
                still if rules.subject == "customer" else SQL(),
                first,
                last,
            ),
        )
        self.env.execute_query(SQL("ANALYZE %s", SHARE))
        if rules.subject == "customer":
            self._create(
                SHARE_OF_CONTACTS,
                SQL(
                    "SELECT contact.id, contact.commercial_partner_id FROM %s AS contact"
                    " JOIN %s AS share ON share.partner_id = contact.commercial_partner_id",
                    scope,
                    SHARE,
                ),
            )
            self.env.execute_query(SQL("ANALYZE %s", SHARE_OF_CONTACTS))
            self.env["grading.measure"]._find_documents(rules.as_of)
            scope = SHARE_OF_CONTACTS
        select = self._measure_select(rules, scope, SHARE)
        if first == 1:
            self._create(COUNTED, select)
        else:
            self.env.execute_query(SQL("INSERT INTO %s %s", COUNTED, select))

    @api.model
    def _create_measured(self, rules, scope):
        """Steps 2 and 3: measure the population with the sources that ``rules`` need, and find the scheme of each row.

        :param Rules rules: see :mod:`grading_run_pipeline`
        :param odoo.tools.SQL scope: as :meth:`_count_share` has it; ``None`` where all shares are counted
        """
        inner = self._measure_select(rules, scope) if scope else SQL("SELECT * FROM %s", COUNTED)
        if rules.compared:
            if scope:
                self._create(COUNTED, inner)
            if rules.fix:
                self.env["grading.measure"]._fix_compared(rules.compared, COUNTED, rules.as_of)
            inner = self._compare_select(rules)
        query = self._query(SQL("(%s)", inner))
        scheme = self.env["grading.scheme"]._scheme_to_sql(rules.schemes, rules.prospect_schemes, query, rules.as_of)
        kept = [name for name in self.env["grading.profile"]._stored_columns() if name != "scheme_id"]
        select = SQL(
            "SELECT %s, grading_profile.left_out, grading_profile.first_order,"
            " %s AS old_scheme_id, (%s)::int AS scheme_id FROM %s",
            self._list("grading_profile", kept),
            self._old_scheme(rules),
            scheme,
            query.from_clause,
        )
        self._create(MEASURED, select)
        self.env.execute_query(SQL("ANALYZE %s (id, partner_id, lead_id, scheme_id)", MEASURED))

    @api.model
    def _old_scheme(self, rules):
        """The scheme that graded before. One whose draft is tried counts as that draft: published, they are the same,
        so that a lower grade waits for the days of grace."""
        trial, column = rules.run.trial_scheme_id if rules.run else None, SQL("grading_profile.scheme_id")
        if not trial or not trial.draft_of_id:
            return column
        return SQL(
            "CASE WHEN %(column)s = %(base)s THEN %(draft)s ELSE %(column)s END",
            column=column,
            base=trial.draft_of_id.id,
            draft=trial.id,
        )

    @api.model
    def _measure_select(self, rules, scope, population=POPULATION):
        Measure, as_of = self.env["grading.measure"], rules.as_of
        of_leads = rules.subject == "lead"
        # Leads that are not in question need not be measured; of customers, their contacts' documents count as well.
        leads = SQL("(SELECT lead_id AS id FROM %s)", population)
        with Measure._asking_once(scope):
            selects = Measure._lead_sources(as_of, leads) if of_leads else Measure._sources(as_of, scope)
        key = SQL.identifier("population", SUBJECTS[rules.subject].key)
        measured = self._measured_columns()
        columns = []
        for name in self.env["grading.profile"]._stored_columns():
            if name in measured:
                column = self._measure_column(measured[name], rules)
            elif name == "id":
                column = SQL("COALESCE(profile.id, -%s)", key)
            elif name == SUBJECTS[rules.subject].key:
                column = key
            elif name == "company_id":
                column = SQL("%s::int", self.env.company.id)
            else:
                column = SQL.identifier("profile", name)
            columns.append(SQL("%s AS %s", column, SQL.identifier(name)))
        return SQL(
            "SELECT %s FROM %s AS population LEFT JOIN grading_profile AS profile ON %s %s",
            SQL(", ").join([*columns, *self._measure_asides(rules)]),
            population,
            self._former_profile(rules, key),
            SQL(" ").join(
                SQL(
                    "LEFT JOIN (%(select)s) AS %(alias)s ON %(alias)s.%(name)s = %(key)s",
                    select=selects[source],
                    alias=SQL.identifier(f"source_{source}"),
                    name=SQL.identifier(SUBJECTS[rules.subject].key),
                    key=key,
                )
                for source in sorted(rules.sources)
            ),
        )

    @api.model
    def _former_profile(self, rules, key):
        """The condition on which ``profile`` is what is known of one in question already; nothing is of an earlier day:
        an override or days of grace that hold today did not hold then."""
        if not rules.former:
            return SQL("FALSE")
        if rules.subject == "lead":
            return SQL("profile.lead_id = %s", key)
        return SQL("profile.partner_id = %s AND profile.company_id = %s", key, self.env.company.id)

    @api.model
    def _compare_select(self, rules):
        """The counted rows with what the compared sources say of them."""
        Measure = self.env["grading.measure"]
        measures = Measure._catalog()
        selects = Measure._compared_sources(rules.as_of, COUNTED)
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
        measure = self.env["grading.measure"]._catalog()[name]
        column = self.env["grading.measure"]._column(name)
        column_type = SQL(self.env["grading.profile"]._fields[column].column_type[0])
        zero = measure.get("zero")
        if rules.subject == "lead":
            needed, source = {measure.get("lead_source")}, measure.get("lead_source")
        else:
            needed, source = self.env["grading.measure"]._sources_of([name]) or {None}, measure.get("source")
            zero = zero and "lead_source" not in measure  # without a lead nothing is known, which is not 0
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
    def _judged_by(self, scheme, subject):
        """Where the judge has left what a scheme says of customers or leads, for sinks that are about one scheme: a
        table expression of all who are *graded*, with the profile's columns. Extended for schemes that give no grade.

        :param grading.scheme scheme: one of those by which the run judges; none stands for all that give the grade
        """
        return GRADED[subject]

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
        self.env.execute_query(SQL("DROP TABLE IF EXISTS %s", SQL(", ").join((*STAGING, *GRADED.values()))))

    @contextmanager
    def _planner(self, **settings):
        """Settings of PostgreSQL's planner for the statements of the block; afterwards they are what they were before.

        After an error nothing needs to be put back: the rollback does that.
        """
        former = self._set_planner(settings)
        yield
        self._set_planner(former)

    @api.model
    def _set_planner(self, settings):
        """Set ``settings`` for the transaction; what they were before."""
        current = SQL(", ").join(SQL("CURRENT_SETTING(%s) AS %s", name, SQL.identifier(name)) for name in settings)
        changed = SQL(", ").join(SQL("SET_CONFIG(%s, %s, TRUE)", name, value) for name, value in settings.items())
        # OFFSET 0: they are read before any is set.
        [row] = self.env.execute_query(SQL("SELECT former.*, %s FROM (SELECT %s OFFSET 0) AS former", changed, current))
        return dict(zip(settings, row, strict=False))

    @api.model
    def _planner_for(self, rules):
        """The planner's settings for statements that find out what is new.

        Compiling them takes longer than it saves. And over all customers the planner, who guesses that few contacts are
        their own customer and knows nothing yet of rows just written, must not go one by one. For a few customers it
        need not think of what is only good for many, which is most of the time that these take.
        """
        for_many = "on" if rules.is_full else "off"
        return self._planner(jit="off", enable_nestloop="off" if rules.is_full else "on", enable_mergejoin=for_many)

    @api.model
    def _planned(self, rules, create):
        """What ``create(rules)`` returns, under these settings."""
        with self._planner_for(rules):
            return create(rules)
