from bisect import bisect_right
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.context import ranking_of, yardstick_of

# The most breaks of a rank: with fewer different values ranks are exact, with more they are accurate to 0.1 %.
MAX_BREAKS = 1000


class GradingRuler(models.Model):
    """The cut points of one rank in one company (quantile breaks), fixed at the start of a full run and stored.

    A rank (mid-rank) is the share of the other customers that are lower, with half of those that are equal: the best
    one alone stands at 1, the last one alone at 0; a thousand equal ones stand at 0.5, and so does a lone customer.
    There is one definition (:meth:`_ranks_to_sql`). The best 5 percent are those that stand at 0.95 or more, so that
    equal ones are in together or out together, and of a thousand equal ones none is among them.

    All batches of that run, and the incremental runs until the next full one, use the same cut points, so a customer's
    points do not depend on which others are rescored with them. A nightly run keeps them as long as no rank has moved
    by more than the company allows, and for so many days at most (:meth:`_is_kept`): else each order would give all
    other customers some hundredths of a point more or less, every night.

    A judging that is not for the profiles keeps its cut points in memory (:class:`~..base.context.Yardstick`).

    ``marks`` holds ``[[value, rank], …]`` in ascending order for a criterion of kind
    *rank*, ``[[grade id, score at which it begins], …]`` for a scheme whose grades begin at the best percent,
    ``[[percent, amount at which it begins], …]`` for a measure that has classes of best customers, and whatever another
    measure compares customers with (*Room to grow*: ``[[amount, product categories], …]``).
    """

    _name = "grading.ruler"
    _description = "Cut Points of a Rank"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    criterion_id = fields.Many2one("grading.criterion", ondelete="cascade", index="btree_not_null")
    scheme_id = fields.Many2one("grading.scheme", ondelete="cascade", index="btree_not_null")
    measure = fields.Char()
    marks = fields.Json()
    fixed_at = fields.Datetime(help="When these cut points were measured.")
    run_id = fields.Many2one("grading.run", string="Measured by", ondelete="set null")

    _criterion_unique = models.UniqueIndex(
        "(criterion_id, company_id) WHERE criterion_id IS NOT NULL",
        "A criterion has one set of cut points in a company.",
    )
    _scheme_unique = models.UniqueIndex(
        "(scheme_id, company_id) WHERE scheme_id IS NOT NULL", "A scheme has one set of cut points in a company."
    )
    _measure_unique = models.UniqueIndex(
        "(measure, company_id) WHERE measure IS NOT NULL", "A measure has one set of cut points in a company."
    )

    @api.model
    def _of_criteria(self, schemes, measured=None):
        """The cut points of the schemes' criteria of kind *rank* in the current company.

        :param odoo.tools.SQL measured: the staging table of all customers, to measure the cut points again; without it
            the stored ones are read
        :rtype: dict[grading.criterion, list]
        """
        ranked = self._ranked(schemes)
        if measured is None:
            return self._get(ranked)
        return {criterion: self._fix_criterion(criterion, measured) for criterion in ranked}

    @api.model
    def _of_schemes(self, schemes, scored=None):
        """The cut points of those schemes whose grades begin with the best percent in the current company.

        :param odoo.tools.SQL scored: the staging table of all customers, to measure the cut points again; without it
            the stored ones are read
        :rtype: dict[grading.scheme, list]
        """
        by_percent = self._by_percent(schemes)
        if scored is None:
            return self._get(by_percent)
        return {scheme: self._fix_scheme(scheme, scored) for scheme in by_percent}

    @api.model
    def _is_missing(self, schemes):
        """Whether some cut points of the schemes have never been measured in the current company."""
        return any(len(self._get(rules)) < len(rules) for rules in (self._ranked(schemes), self._by_percent(schemes)))

    @api.model
    def _ranked(self, schemes):
        return schemes.criterion_ids.filtered(lambda criterion: criterion.kind == "rank")

    @api.model
    def _by_percent(self, schemes):
        return schemes.filtered(lambda scheme: scheme.threshold_mode == "rank")

    @api.model
    def _get(self, rules):
        """The cut points stored for ``rules`` (criteria or schemes) in the current company: ``{rule: breaks}``."""
        field = "criterion_id" if rules._name == "grading.criterion" else "scheme_id"
        if yardstick := yardstick_of(self.env):
            known = yardstick.cut_points
            return {rule: known[field, rule.id] for rule in rules if (field, rule.id) in known}
        stored = self.search_fetch(
            [(field, "in", rules.ids), ("company_id", "=", self.env.company.id)], [field, "marks"]
        )
        return {cut_points[field]: cut_points.marks or [] for cut_points in stored}

    @api.model
    def _of_measure(self, measure):
        """What a measure compares customers with in the current company, ``None`` before the first full run."""
        if yardstick := yardstick_of(self.env):
            return yardstick.cut_points.get(("measure", measure))
        domain = [("measure", "=", measure), ("company_id", "=", self.env.company.id)]
        stored = self.search_fetch(domain, ["marks"])
        return (stored.marks or []) if stored else None

    @api.model
    def _set(self, field, value, breaks, distance):
        """Store ``breaks`` in the current company; cut points that have not changed, or are kept, are not written.

        :param str field: ``criterion_id``, ``scheme_id`` or ``measure``
        :param value: the record's id, or the measure's name
        :param list breaks: the new content of ``marks``
        :param distance: a function of stored ``marks``: by how much a rank differs at most between these and
            ``breaks``, from 0 to 1
        :return: the cut points in force
        """
        if yardstick := yardstick_of(self.env):
            yardstick.cut_points[field, value] = breaks
            return breaks
        company, ranking = self.env.company, ranking_of(self.env)
        stored = self.search([(field, "=", value), ("company_id", "=", company.id)])
        if stored and ranking.keeps and stored._is_kept(distance):
            return stored.marks or []
        measured = {"marks": breaks, "fixed_at": fields.Datetime.now(), "run_id": ranking.run_id}
        if not stored:
            self.create({field: value, "company_id": company.id, **measured})
        elif (stored.marks or []) != breaks:
            stored.write(measured)
        return breaks

    def _is_kept(self, distance):
        """Whether these cut points hold for another night.

        :param distance: see :meth:`_set`
        """
        if not self.fixed_at:
            return False
        company, age = self.company_id, fields.Datetime.now() - self.fixed_at
        # The difference of two sums of shares is never quite what it would be on paper.
        return (
            age < timedelta(days=company.grading_ranking_days)
            and 100 * distance(self.marks or []) <= company.grading_ranking_percent + 1e-9
        )

    @api.model
    def _rank_distance(self, marks, others):
        """By how much the rank of a customer differs at most between two cut points of a criterion, from 0 to 1."""
        if not marks or not others:
            return 0 if marks == others else 1
        ways = [tuple(zip(*breaks, strict=True)) for breaks in (marks, others)]

        def rank(values, ranks, value):
            place = bisect_right(values, value)
            return ranks[place - 1] if place else 0

        return max(abs(rank(*ways[0], value) - rank(*ways[1], value)) for values, _ranks in ways for value in values)

    @api.model
    def _class_distance(self, marks, others, ranks):
        """Which share of the customers would be in another class by other cut points of the best percents, from 0 to 1.

        :param list marks: ``[[class, value at which it begins], …]``
        :param odoo.tools.SQL ranks: see :meth:`_ranks_to_sql`
        """
        starts = [sorted(value for _name, value in breaks) for breaks in (marks, others)]
        if [name for name, _value in marks] != [name for name, _value in others]:
            return 1
        [[share]] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(customers) FILTER (
                           WHERE WIDTH_BUCKET(value::float8, %s::float8[]) <> WIDTH_BUCKET(value::float8, %s::float8[])
                       ) / SUM(customers)::float8, 0) FROM (%s) AS ranked
                """,
                *starts,
                ranks,
            )
        )
        return share

    @api.model
    def _drop(self, domain):
        """Delete cut points whose question has changed; the next run measures them again."""
        self.sudo().search(domain).unlink()

    @api.model
    def _ranks_to_sql(self, value, table, condition):
        """``SELECT value, customers, rank`` of the different values, with how many have each: of 10, 20, 20 and 40 the
        ranks 0, 0.5 and 1.

        :param odoo.tools.SQL value: what is compared, by the alias ``grading_profile``; the more, the better
        :param odoo.tools.SQL table: the staging table with the population
        :param odoo.tools.SQL condition: who is compared; all of them have a value
        """
        return SQL(
            """
            SELECT value, customers,
                   COALESCE((SUM(customers) OVER (ORDER BY value) - customers + (customers - 1) / 2.0)
                            / NULLIF(SUM(customers) OVER () - 1, 0), 0.5) AS rank
              FROM (
                SELECT %(value)s AS value, COUNT(*) AS customers
                  FROM %(table)s AS grading_profile
                 WHERE %(condition)s
              GROUP BY 1
              ) AS counted
            """,
            value=value,
            table=table,
            condition=condition,
        )

    @api.model
    def _fix_criterion(self, criterion, table):
        """Measure the cut points of a *rank* criterion on all customers of its scheme.

        :param odoo.tools.SQL table: the staging table with the population's measures and schemes
        """
        value = self.env["grading.measure"]._rank_to_sql(criterion.measure, criterion.best)
        condition = SQL("grading_profile.scheme_id = %s AND %s IS NOT NULL", criterion.scheme_id.id, value)
        rows = self.env.execute_query(
            SQL(
                """
                WITH compared AS (
                    SELECT value, rank, COUNT(*) OVER () AS breaks, LAG(rank) OVER (ORDER BY value) AS previous,
                           LEAD(value) OVER (ORDER BY value) IS NULL AS is_best
                      FROM (%(ranks)s) AS ranked
                )
                SELECT value, rank::float8 FROM compared
                 WHERE breaks <= %(breaks)s OR is_best OR previous IS NULL
                    OR FLOOR(rank * %(breaks)s) > FLOOR(previous * %(breaks)s)
              ORDER BY value
                """,
                ranks=self._ranks_to_sql(value, table, condition),
                breaks=MAX_BREAKS,
            )
        )
        breaks = [list(row) for row in rows]
        return self._set("criterion_id", criterion.id, breaks, lambda marks: self._rank_distance(marks, breaks))

    @api.model
    def _fix_scheme(self, scheme, table):
        """Find the scores at which the grades of a scheme by top percent begin."""
        starts = scheme._threshold_starts()
        score, condition = SQL("grading_profile.score"), SQL("grading_profile.scheme_id = %s", scheme.id)
        ranks = self._ranks_to_sql(score, table, condition)
        begins = self._find_top([-start for _grade, start in starts], ranks)
        marks = sorted((grade.id, begins[-start]) for grade, start in starts if -start in begins)
        return self._set_classes("scheme_id", scheme.id, [[str(grade_id), score] for grade_id, score in marks], ranks)

    @api.model
    def _fix_abc_cuts(self, measure, percents, table):
        """Find the amounts at which the best percents of all buyers begin.

        :param str measure: an amount; customers without it are not buyers
        :param list percents: from the best down
        :param odoo.tools.SQL table: the staging table with the population's measures
        """
        amount = SQL.identifier(measure)
        return self._fix_best(measure, amount, percents, table, SQL("%s > 0", amount))

    @api.model
    def _fix_best(self, measure, value, percents, table, condition):
        """Find the values at which the best percents begin.

        :param str measure: under which name they are kept
        :param odoo.tools.SQL value: what is compared, by the alias ``grading_profile``
        :param list percents: from the best down
        :param odoo.tools.SQL table: the staging table with the population's measures
        :param odoo.tools.SQL condition: who is compared; all of them have a value
        """
        ranks = self._ranks_to_sql(value, table, condition)
        begins = self._find_top(percents, ranks)
        breaks = [[percent, begins[percent]] for percent in percents if percent in begins]
        return self._set_classes("measure", measure, breaks, ranks)

    @api.model
    def _set_classes(self, field, value, breaks, ranks):
        """:meth:`_set` for classes of the best percents.

        :param odoo.tools.SQL ranks: see :meth:`_ranks_to_sql`
        """
        return self._set(field, value, breaks, lambda marks: self._class_distance(marks, breaks, ranks))

    @api.model
    def _find_top(self, percents, ranks):
        """The values at which the best percents begin; none for a percent that nothing stands high enough for.

        :param list percents: numbers with two decimals at most
        :param odoo.tools.SQL ranks: see :meth:`_ranks_to_sql`
        :rtype: dict[float, float]
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT top.place, MIN(ranked.value)::float8
                  FROM UNNEST(%(percents)s::numeric[]) WITH ORDINALITY AS top (percent, place)
                  JOIN (%(ranks)s) AS ranked ON 100 * ranked.rank >= 100 - top.percent
              GROUP BY top.place
                """,
                percents=percents,
                ranks=ranks,
            )
        )
        return {percents[place - 1]: value for place, value in rows}
