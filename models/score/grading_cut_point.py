from odoo import api, fields, models
from odoo.tools import SQL

# The most breaks of a rank: with fewer different values ranks are exact, with more they are accurate to 0.1 %.
MAX_BREAKS = 1000


class GradingRuler(models.Model):
    """The cut points of one rank in one company (quantile breaks), fixed at the start of a full run and stored.

    All batches of that run, and the incremental runs until the next full one, use the same cut points, so a customer's
    points do not depend on which others are rescored with them.

    ``marks`` holds ``[[value, share of customers that are lower], …]`` in ascending order for a criterion of kind
    *rank*, ``[[grade id, score at which it begins], …]`` for a scheme whose grades begin at the best percent, and
    ``[[percent, amount at which it begins], …]`` for a measure that has classes of best customers.
    """

    _name = "grading.ruler"
    _description = "Cut Points of a Rank"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    criterion_id = fields.Many2one("grading.criterion", ondelete="cascade", index="btree_not_null")
    scheme_id = fields.Many2one("grading.scheme", ondelete="cascade", index="btree_not_null")
    measure = fields.Char()
    marks = fields.Json()

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
        stored = self.search([(field, "in", rules.ids), ("company_id", "=", self.env.company.id)])
        return {cut_points[field]: cut_points.marks or [] for cut_points in stored}

    @api.model
    def _get_abc_cuts(self, measure):
        """The amounts at which the best percents begin in the current company, ``None`` before the first full run."""
        stored = self.search([("measure", "=", measure), ("company_id", "=", self.env.company.id)])
        return (stored.marks or []) if stored else None

    @api.model
    def _set(self, field, value, breaks):
        """Store ``breaks`` in the current company; cut points that have not changed are not written.

        :param str field: ``criterion_id``, ``scheme_id`` or ``measure``
        :param value: the record's id, or the measure's name
        :param list breaks: the new content of ``marks``
        :return: ``breaks``
        """
        company = self.env.company
        stored = self.search([(field, "=", value), ("company_id", "=", company.id)])
        if not stored:
            self.create({field: value, "company_id": company.id, "marks": breaks})
        elif (stored.marks or []) != breaks:
            stored.marks = breaks
        return breaks

    @api.model
    def _drop(self, domain):
        """Delete cut points whose question has changed; the next run measures them again."""
        self.sudo().search(domain).unlink()

    @api.model
    def _fix_criterion(self, criterion, table):
        """Measure the cut points of a *rank* criterion on all customers of its scheme.

        :param odoo.tools.SQL table: the staging table with the population's measures and schemes
        """
        value = self.env["grading.measure"]._rank_to_sql(criterion.measure, criterion.best)
        rows = self.env.execute_query(
            SQL(
                """
                WITH counted AS (
                    SELECT %(value)s AS value, COUNT(*) AS customers
                      FROM %(table)s AS grading_profile
                     WHERE grading_profile.scheme_id = %(scheme)s AND %(value)s IS NOT NULL
                  GROUP BY 1
                ), ranked AS (
                    SELECT value,
                           COALESCE((SUM(customers) OVER (ORDER BY value) - customers)::float8
                                    / NULLIF(SUM(customers) OVER () - 1, 0), 1)::float8 AS share,
                           COUNT(*) OVER () AS breaks,
                           LEAD(value) OVER (ORDER BY value) IS NULL AS is_best
                      FROM counted
                ), compared AS (
                    SELECT *, LAG(share) OVER (ORDER BY value) AS previous FROM ranked
                )
                SELECT value, share FROM compared
                 WHERE breaks <= %(breaks)s OR is_best OR previous IS NULL
                    OR FLOOR(share * %(breaks)s) > FLOOR(previous * %(breaks)s)
              ORDER BY value
                """,
                value=value,
                table=table,
                scheme=criterion.scheme_id.id,
                breaks=MAX_BREAKS,
            )
        )
        return self._set("criterion_id", criterion.id, [list(row) for row in rows])

    @api.model
    def _fix_scheme(self, scheme, table):
        """Find the scores at which the grades of a scheme by top percent begin; ties with the last one are included."""
        starts = scheme._threshold_starts()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT threshold.grade_id, MIN(ranked.score)::float8
                  FROM UNNEST(%(grades)s::int[], %(percents)s::numeric[]) AS threshold (grade_id, top_percent)
                  JOIN (
                    SELECT score, RANK() OVER (ORDER BY score DESC) AS place, COUNT(*) OVER () AS customers
                      FROM %(table)s AS grading_profile
                     WHERE grading_profile.scheme_id = %(scheme)s
                  ) AS ranked ON ranked.place <= CEIL(ranked.customers * threshold.top_percent / 100)
              GROUP BY threshold.grade_id
              ORDER BY threshold.grade_id
                """,
                grades=[grade.id for grade, _start in starts],
                percents=[-start for _grade, start in starts],
                table=table,
                scheme=scheme.id,
            )
        )
        return self._set("scheme_id", scheme.id, [[str(grade), score] for grade, score in rows])

    @api.model
    def _fix_abc_cuts(self, measure, percents, table):
        """Find the amounts at which the best percents of all buyers begin; ties with the last one are included.

        :param str measure: an amount; customers without it are not buyers
        :param list percents: from the best down
        :param odoo.tools.SQL table: the staging table with the population's measures
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT top.percent, MIN(ranked.amount)::float8
                  FROM UNNEST(%(percents)s::int[]) AS top (percent)
                  JOIN (
                    SELECT %(amount)s AS amount, RANK() OVER (ORDER BY %(amount)s DESC) AS place,
                           COUNT(*) OVER () AS buyers
                      FROM %(table)s AS grading_profile
                     WHERE %(amount)s > 0
                  ) AS ranked ON ranked.place <= CEIL(ranked.buyers * top.percent / 100.0)
              GROUP BY top.percent
              ORDER BY top.percent
                """,
                percents=percents,
                amount=SQL.identifier(measure),
                table=table,
            )
        )
        return self._set("measure", measure, [list(row) for row in rows])
