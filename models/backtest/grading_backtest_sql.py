import math

from odoo import api, models
from odoo.tools import SQL

from ..base.context import Yardstick
from ..base.subject import SUBJECTS
from ..measure.grading_measure_document import ALL_CONTACTS, SANE_AMOUNT
from . import chance
from .grading_backtest import window_end
from .grading_backtest_line import TENTHS

# What the compared scheme found, what followed, and both brought together: a row for each customer or lead.
OTHER = SQL.identifier("pg_temp", "grading_backtest_other")
BOUGHT = SQL.identifier("pg_temp", "grading_backtest_bought")
ROWS = SQL.identifier("pg_temp", "grading_backtest_rows")
RANKED = {side: SQL.identifier("pg_temp", f"grading_backtest_ranked_{side}") for side in ("own", "other")}
NOTHING = SQL("(SELECT NULL::int AS id, NULL::int AS grade_id, NULL::float8 AS score WHERE FALSE)")
BEST = 0.2


class GradingWorktable(models.AbstractModel):
    """The sink of back-tests: how all were graded on the day, beside what followed, summed up by grade and tenth.

    ::

        graded, what followed -> rows -> ranked (tenth, best 20 %) -> figures of grades, tenths and all
    """

    _inherit = "grading.worktable"

    @api.model
    def _keep_other_judgment(self, test):
        """Put aside what the compared scheme found; the tables GRADED are filled anew for the other one."""
        self._create(OTHER, self._judged_select(test, test.other_scheme_id))

    @api.model
    def _write_backtest(self, rules):
        """Write the figures of a day."""
        test = rules.run._backtest()
        if rules.subject != test.subject:
            return
        self._create_backtest_rows(test, rules.as_of)
        sides = ("own", "other") if test.other_scheme_id else ("own",)
        values = []
        for side in sides:
            self._create(RANKED[side], self._ranked_select(side, SQL.identifier(f"is_{side}")))
            values += self._figures_of(test, rules.as_of, side)
        if len(sides) == 2:
            self._add_differences(test, values)
        self.env["grading.backtest.line"].sudo().create(values)
        for table in (OTHER, BOUGHT, ROWS, *RANKED.values()):
            self.env.execute_query(SQL("DROP TABLE IF EXISTS %s", table))

    # ------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------

    @api.model
    def _judged_select(self, test, scheme):
        """``SELECT id, grade_id, score`` of those whom the scheme grades; without one, of those whom schemes for
        customers, or for leads, grade, and of those who are not graded. A lead that was won on the day is none of
        them, and a prospect is tested as the lead by which they are graded."""
        schemes = self.env["grading.scheme"].with_context(active_test=False)
        covered = SQL("graded.scheme_id = %s", scheme.id)
        if not scheme:
            covered = SQL(
                "(graded.scheme_id IS NULL OR graded.scheme_id = ANY(%s))",
                schemes.search([("subject", "=", test.subject)]).ids,
            )
        return SQL(
            "SELECT graded.%s AS id, graded.grade_id, graded.score::float8 AS score FROM %s AS graded WHERE %s AND %s",
            SQL.identifier(SUBJECTS[test.subject].key),
            self._judged_by(scheme, test.subject),
            covered,
            SQL("graded.closed_date IS NULL") if test.subject == "lead" else SQL("TRUE"),
        )

    @api.model
    def _create_backtest_rows(self, test, day):
        """A row for each customer or lead whom one of the schemes grades: how it was graded, and what followed."""
        until = window_end(day, test.months)
        if test.subject == "customer":
            self._create_bought(day, until)
            after = self._customers_after_select(day, until)
        else:
            after = self._leads_after_select(day, until)
        other = OTHER if test.other_scheme_id else NOTHING
        self._create(
            ROWS,
            SQL(
                """
                SELECT id, own.id IS NOT NULL AS is_own, own.grade_id AS own_grade, own.score AS own_score,
                       other.id IS NOT NULL AS is_other, other.grade_id AS other_grade, other.score AS other_score,
                       COALESCE(after.orders, 0) AS orders, COALESCE(after.revenue, 0)::float8 AS revenue,
                       COALESCE(after.hit, FALSE) AS hit, COALESCE(after.known, FALSE) AS known,
                       COALESCE(after.lost, FALSE) AS lost
                  FROM (%(own)s) AS own FULL JOIN %(other)s AS other USING (id)
             LEFT JOIN (%(after)s) AS after USING (id)
                """,
                own=self._judged_select(test, test.scheme_id),
                other=other,
                after=after,
            ),
        )

    @api.model
    def _create_bought(self, day, until):
        """What the customers of the window's end have bought, of all time as the measures count it, and after the
        day."""
        Measure, Population = self.env["grading.measure"], self.env["grading.population"]
        none = self.env["grading.scheme"].browse()
        self._create(
            BOUGHT,
            SQL(
                """
                SELECT bought.*, COALESCE(since.orders, 0) AS orders, COALESCE(since.revenue, 0) AS revenue
                  FROM (%(order)s) AS bought
                  JOIN (%(population)s) AS population USING (partner_id)
             LEFT JOIN (
                    SELECT partner_id, COUNT(*) FILTER (WHERE is_order) AS orders, SUM(amount) AS revenue
                      FROM (%(purchases)s) AS purchase WHERE day > %(day)s GROUP BY partner_id
                  ) AS since USING (partner_id)
                """,
                order=Measure._order_source(until, ALL_CONTACTS),
                population=Population._select("customer", ALL_CONTACTS, none, until),
                purchases=Measure._purchases(until, ALL_CONTACTS),
                day=day,
            ),
        )
        self.env.execute_query(SQL("ANALYZE %s", BOUGHT))

    @api.model
    def _customers_after_select(self, day, until):
        """``SELECT id, orders, revenue, hit, known, lost`` of those who have ever bought: lost by the purchase model of
        the window's end, learned for it."""
        later = self.with_context(grading_yardstick=Yardstick()).env
        later["grading.measure"]._fix_compared({"purchase"}, BOUGHT, until)
        return SQL(
            """
            SELECT bought.partner_id AS id, bought.orders, bought.revenue, bought.orders > 0 AS hit,
                   bought.first_order_date <= %(day)s AS known, given_up.lost_date <= %(until)s AS lost
              FROM %(bought)s AS bought LEFT JOIN (%(dates)s) AS given_up USING (partner_id)
            """,
            day=day,
            until=until,
            bought=BOUGHT,
            dates=later["grading.purchase.model"]._dates_select(BOUGHT, until),
        )

    @api.model
    def _leads_after_select(self, day, until):
        """The same of leads: signed after the day, for what was expected of them."""
        Measure = self.env["grading.measure"]
        return SQL(
            """
            SELECT lead.id, 1 AS orders, TRUE AS hit, FALSE AS known, FALSE AS lost,
                   CASE WHEN ABS(lead.expected_revenue) <= %(sane)s THEN lead.expected_revenue ELSE 0 END AS revenue
              FROM crm_lead AS lead
             WHERE lead.won_status = 'won' AND lead.date_closed >= %(begin)s AND lead.date_closed < %(end)s
            """,
            sane=SANE_AMOUNT,
            begin=Measure._end_of_day(day),
            end=Measure._end_of_day(until),
        )

    @api.model
    def _ranked_select(self, side, which):
        """The rows of one side with their place by score: the tenth, how much of the row is among the best 20 %, and
        before which share of those of the other outcome it stands. Equal scores share their places.

        :param odoo.tools.SQL which: the condition on the rows
        """
        score = SQL.identifier(f"{side}_score")
        return SQL(
            """
            SELECT placed.*,
                   CASE WHEN score IS NOT NULL
                        THEN LPAD(LEAST(%(tenths)s, FLOOR(10 * (ahead + equal / 2.0) / scored)::int + 1)::text, 2, '0')
                    END AS tenth,
                   CASE WHEN score IS NOT NULL THEN GREATEST(0, LEAST(1, (%(best)s * scored - ahead) / equal)) ELSE 0
                    END::float8 AS best,
                   CASE WHEN score IS NOT NULL AND scored > alike
                        THEN CASE WHEN hit THEN 1 - standing ELSE standing END END AS area
              FROM (
                SELECT counted.*,
                       -- The share of the other outcome that stands before the row, ties counting half.
                       (ahead + equal / 2.0 - alike_ahead - alike_equal / 2.0)::float8
                           / NULLIF(scored - alike, 0) AS standing
                  FROM (
                    SELECT id, %(grade)s AS grade_id, %(score)s AS score, orders, revenue, hit, known, lost,
                           COUNT(%(score)s) OVER () AS scored, COUNT(%(score)s) OVER (PARTITION BY hit) AS alike,
                           RANK() OVER best - 1 AS ahead, COUNT(*) OVER (PARTITION BY %(score)s) AS equal,
                           RANK() OVER alike - 1 AS alike_ahead, COUNT(*) OVER (PARTITION BY hit, %(score)s)
                               AS alike_equal
                      FROM %(rows)s WHERE %(which)s
                    WINDOW best AS (ORDER BY %(score)s DESC NULLS LAST),
                           alike AS (PARTITION BY hit ORDER BY %(score)s DESC NULLS LAST)
                  ) AS counted
              ) AS placed
            """,
            tenths=len(TENTHS),
            best=BEST,
            score=score,
            grade=SQL.identifier(f"{side}_grade"),
            rows=ROWS,
            which=which,
        )

    # ------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------

    @api.model
    def _figures_of(self, test, day, side):
        """Values of the lines of one side: all, each grade, each tenth of the score."""
        scheme = test.scheme_id if side == "own" else test.other_scheme_id
        common = {"backtest_id": test.id, "date": day, "side": side, "scheme_id": scheme.id}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT GROUPING(grade_id, tenth), grade_id, tenth, COUNT(*), SUM(orders), SUM(revenue),
                       VAR_SAMP(revenue), COUNT(*) FILTER (WHERE hit), COUNT(*) FILTER (WHERE known),
                       COUNT(*) FILTER (WHERE known AND lost), COUNT(*) FILTER (WHERE revenue <> 0)
                  FROM %s
              GROUP BY GROUPING SETS ((), (grade_id), (tenth))
                """,
                RANKED[side],
            )
        )
        kinds = {3: "all", 1: "grade", 2: "tenth"}
        grades = self.env["grading.grade"].search([("active", "in", (True, False))]).ids
        [total] = [row[5] for row in rows if kinds[row[0]] == "all"]
        expected, error = self._expected(side)
        values = []
        for grouping, grade, tenth, *figures in rows:
            kind = kinds[grouping]
            if kind == "tenth" and not tenth:
                continue
            line = {**common, "kind": kind, "grade_id": grade, "tenth": tenth, **_line_figures(figures, total)}
            if kind == "all":
                line |= self._figures_of_all(side, total) | {"calibration_error": error, "sequence": 0}
            elif kind == "tenth":
                line |= {"sequence": int(tenth), "expected_rate": expected.get(tenth)}
            else:
                line["sequence"] = grades.index(grade) if grade else len(grades)
            values.append(line)
        return values

    @api.model
    def _figures_of_all(self, side, total):
        """What says how well the score puts customers or leads in order."""
        area = {
            hit: (count, mean, variance)
            for hit, count, mean, variance in self.env.execute_query(
                SQL(
                    "SELECT hit, COUNT(*), AVG(area), VAR_SAMP(area) FROM %s WHERE area IS NOT NULL GROUP BY hit",
                    RANKED[side],
                )
            )
        }
        values = interval_values("auc", chance.area(area), "auc_low", "auc_high")
        if total and total > 0 and self._is_scored(side):
            [figures] = self.env.execute_query(
                SQL(
                    """
                    SELECT rate.value, SUM(POWER((best - rate.value) * revenue, 2)) / POWER(%(total)s, 2), COUNT(*),
                           COUNT(*) FILTER (WHERE revenue <> 0 AND best > 0),
                           COUNT(*) FILTER (WHERE revenue <> 0 AND best < 1)
                      FROM %(ranked)s AS ranked,
                           (SELECT SUM(best * revenue) / %(total)s::float8 AS value FROM %(ranked)s) AS rate
                  GROUP BY rate.value
                    """,
                    total=total,
                    ranked=RANKED[side],
                )
            )
            values |= interval_values("best_share", chance.part_of_sum(*figures).percent())
        return values

    @api.model
    def _is_scored(self, side):
        """Whether there are points to put customers or leads in order by: segments that filters give need none."""
        [[is_scored]] = self.env.execute_query(
            SQL("SELECT EXISTS (SELECT FROM %s WHERE score IS NOT NULL)", RANKED[side])
        )
        return is_scored

    @api.model
    def _expected(self, side):
        """What a curve over the score expects of each tenth, in percent, and how far that is from what came.

        :return: ``({tenth: percent}, error)``
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT tenth, MOD(HASHINT4(id)::bigint + 2147483648, %s)::int AS part, score, COUNT(*),
                       COUNT(*) FILTER (WHERE hit)
                  FROM %s WHERE score IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
                """,
                chance.FOLDS,
                RANKED[side],
            )
        )
        said = chance.expected_shares([row[1:] for row in rows])
        if not rows or None in said:
            return {}, None
        expected, came = {}, {}
        for (tenth, _part, _score, count, hits), rate in zip(rows, said, strict=True):
            before = expected.get(tenth, (0, 0.0))
            expected[tenth] = (before[0] + count, before[1] + count * rate)
            came[tenth] = came.get(tenth, 0) + hits
        error = chance.calibration_error(expected, came)
        return {tenth: 100 * hits / count for tenth, (count, hits) in expected.items()}, 100 * error


def interval_values(name, interval, low=None, high=None):
    """The values of a figure's three fields."""
    low, high = low or f"{name}_low", high or f"{name}_high"
    return {name: interval.value, low: interval.low, high: interval.high}


def _line_figures(figures, total):
    """What all lines say.

    :param figures: how many, orders, revenue, its variance, hits, who had ordered, who of them are lost, of how many
        there is revenue
    :param float total: the revenue of all
    """
    count, orders, revenue, variance, hits, known, lost, carrying = figures
    mean = chance.mean(revenue or 0, variance, count, carrying)
    success = chance.share(hits, count).percent()
    return {
        "customer_count": count,
        "order_count": orders or 0,
        "revenue": revenue or 0,
        "revenue_share": 100 * revenue / total if count and total and total > 0 else None,
        "revenue_mean": mean.value,
        "revenue_low": mean.low,
        "revenue_high": mean.high,
        "revenue_error": None if mean.low is None else math.sqrt(variance / count),
        "success_rate": success.value,
        "success_low": success.low,
        "success_high": success.high,
        "lost_rate": 100 * lost / known if known else None,
    }
