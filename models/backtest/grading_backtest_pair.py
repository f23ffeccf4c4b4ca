from odoo import api, models
from odoo.tools import SQL

from . import chance
from .grading_backtest_sql import RANKED, interval_values


class GradingWorktable(models.AbstractModel):
    """How two schemes differ, paired by customer: among those whom both grade."""

    _inherit = "grading.worktable"

    @api.model
    def _add_differences(self, test, values):
        """Add to the values of the own lines how they differ from those of the other scheme, among those whom both
        grade."""
        for side, table in RANKED.items():
            self._create(table, self._ranked_select(side, SQL("is_own AND is_other")))
        differences = {
            "grade": self._group_differences(test, "grade_id"),
            "tenth": self._group_differences(test, "tenth"),
        }
        for line in values:
            if line["side"] != "own":
                continue
            if line["kind"] == "all":
                line.update(self._differences_of_all())
            elif found := differences[line["kind"]].get(line["grade_id"] or line["tenth"]):
                line.update(interval_values("difference", found))

    @api.model
    def _group_differences(self, test, column):
        """``{grade or tenth: interval}`` of revenue a head, or of leads of the percentage that signed."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH paired AS (
                    SELECT own.%(column)s AS own, other.%(column)s AS other, (own.%(figure)s)::float8 AS figure
                      FROM %(own)s AS own JOIN %(other)s AS other USING (id)
                ), mean AS (
                    SELECT key, AVG(figure) FILTER (WHERE is_own) AS own,
                           AVG(figure) FILTER (WHERE NOT is_own) AS other,
                           COUNT(*) FILTER (WHERE is_own) AS own_count,
                           COUNT(*) FILTER (WHERE NOT is_own) AS other_count
                      FROM (
                        SELECT own AS key, figure, TRUE AS is_own FROM paired
                     UNION ALL
                        SELECT other, figure, FALSE FROM paired
                      ) AS sided
                     WHERE key IS NOT NULL
                  GROUP BY key
                )
                SELECT mean.key, mean.own - mean.other,
                       SUM(POWER(
                           CASE WHEN paired.own = mean.key THEN (paired.figure - mean.own) / mean.own_count ELSE 0 END
                         - CASE WHEN paired.other = mean.key THEN (paired.figure - mean.other) / mean.other_count ELSE 0
                           END, 2)),
                       mean.own_count, mean.other_count, COUNT(*) FILTER (
                           WHERE paired.figure <> 0 AND paired.own IS DISTINCT FROM paired.other
                       )
                  FROM mean JOIN paired ON paired.own = mean.key OR paired.other = mean.key
                 WHERE mean.own_count > 1 AND mean.other_count > 1
              GROUP BY mean.key, mean.own, mean.other, mean.own_count, mean.other_count
                """,
                column=SQL.identifier(column),
                figure=SQL("revenue") if test.subject == "customer" else SQL("hit::int * 100"),
                own=RANKED["own"],
                other=RANKED["other"],
            )
        )
        return {
            key: chance.interval(value, variance, min(carrying, *counts), min(counts) - 1)
            for key, value, variance, *counts, carrying in rows
        }

    @api.model
    def _differences_of_all(self):
        """How the two scores differ in the revenue of their best 20 %, and in the area under their curves."""
        paired = SQL("%s AS own JOIN %s AS other USING (id)", RANKED["own"], RANKED["other"])
        rows = self.env.execute_query(
            SQL(
                "SELECT own.hit, COUNT(*), AVG(own.area - other.area), VAR_SAMP(own.area - other.area),"
                " COUNT(*) FILTER (WHERE own.area <> other.area) FROM %s"
                " WHERE own.area IS NOT NULL AND other.area IS NOT NULL GROUP BY own.hit",
                paired,
            )
        )
        found = chance.area({row[0]: row[1:4] for row in rows}, within=(-1.0, 1.0))
        if sum(row[4] for row in rows) < chance.FEWEST:
            found = chance.Interval(found.value)
        values = interval_values("auc_difference", found)
        [[total]] = self.env.execute_query(SQL("SELECT SUM(revenue) FROM %s", RANKED["own"]))
        if total and total > 0 and all(map(self._is_scored, RANKED)):
            [[value, squares, count, carrying]] = self.env.execute_query(
                SQL(
                    """
                    SELECT rate.value, SUM(POWER((own.best - other.best - rate.value) * own.revenue, 2))
                                       / POWER(%(total)s, 2), COUNT(*),
                           COUNT(*) FILTER (WHERE own.best <> other.best AND own.revenue <> 0)
                      FROM %(paired)s,
                           (SELECT SUM((own.best - other.best) * own.revenue) / %(total)s::float8 AS value
                              FROM %(paired)s) AS rate
                  GROUP BY rate.value
                    """,
                    total=total,
                    paired=paired,
                )
            )
            variance = squares * count / (count - 1) if count > 1 else None
            found = chance.interval(value, variance, carrying, within=(-1.0, 1.0))
            values |= interval_values("best_share_difference", found.percent())
        return values
