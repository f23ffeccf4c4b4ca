from odoo import api, models
from odoo.tools import SQL

# Greater exponents would leave the range of a double, which PostgreSQL refuses.
MOST_EXPONENT = 600
# What has no logarithm counts as this.
LEAST_SHARE = 1e-300
# Steps by which a day is searched: together so many days after the last order.
STEPS = [2**power for power in reversed(range(12))]
LAST_DAY = sum(STEPS)


class GradingPurchaseModel(models.Model):
    """The model's predictions in SQL: the probability on a day, and the days on which it will have fallen too low."""

    _inherit = "grading.purchase.model"

    @api.model
    def _probability_to_sql(self, as_of, alias="grading_profile"):
        """The probability that a customer buys within the company's horizon from ``as_of`` on; NULL without an order.

        With the four parameters in force, ``t`` the days from the first order to the last, ``T`` those to ``as_of``, or
        to the last order if that is later, and ``x`` the orders after the first, ``min(order_day_count − 1,
        t ÷ correction_days)``, the model's own is
        ``p = (1 − ((alpha+T) / (alpha+T+horizon))^(r+x)) / (1 + a/(b+x) · ((alpha+T) / (alpha+t))^(r+x))``.
        Calibrated, its log-odds are
        ``level + odds · log(p/(1−p)) − silence · log(1 + (T−t) · (r+x)/(alpha+t)) + orders · log(x+1)``.

        :param datetime.date as_of: the day from which the customer is looked at
        :param str alias: name of the table with the columns of ``grading_profile``
        :rtype: odoo.tools.SQL
        """
        current = self._current(as_of)
        if not current:
            return SQL("NULL::float8")
        Profile = self.env["grading.profile"].sudo()
        count, first, last = (
            Profile._field_to_sql(alias, name) for name in ("order_day_count", "first_order_date", "last_order_date")
        )
        pattern = current._pattern(count, SQL("(%s - %s)", last, first))
        log_odds = current._log_odds_to_sql(days=SQL("GREATEST(DATE %s - %s, 0)", as_of, last), **pattern)
        return SQL("CASE WHEN %s > 0 AND %s <= %s THEN %s END", count, first, last, _share_to_sql(log_odds))

    def _pattern(self, orders, span):
        """What :meth:`_log_odds_to_sql` needs of a customer who has ordered on ``orders`` days over ``span`` days: the
        shape ``r+x``, ``log(a/(b+x))``, the scale ``alpha+t`` and what the number of orders adds.

        :rtype: dict[str, odoo.tools.SQL]
        """
        again = SQL("LEAST(%s - 1, %s / %s)", orders, span, self.correction_days)
        leaving = SQL("LN(%s::float8 / (%s::float8 + %s))", self.a, self.b, again) if self.a else SQL("NULL::float8")
        level = SQL("%s::float8", self.calibration_level)
        if self.calibration_orders:
            level = SQL("(%s + %s::float8 * LN(1 + %s))", level, self.calibration_orders, again)
        return {
            "shape": SQL("(%s::float8 + %s)", self.r, again),
            "leaving": leaving,
            "scale": SQL("(%s::float8 + %s)", self.alpha, span),
            "level": level,
        }

    def _log_odds_to_sql(self, shape, leaving, scale, level, days):
        """The calibrated log-odds of :meth:`_probability_to_sql`, some days after the last order: they only ever fall.

        :param odoo.tools.SQL days: since the last order, not negative
        """
        log_odds = SQL(
            "(%s + %s::float8 * (%s))",
            level,
            self.calibration_odds,
            self._model_log_odds_to_sql(shape, leaving, scale, days),
        )
        if not self.calibration_silence:
            return log_odds
        return SQL("(%s - %s::float8 * %s)", log_odds, self.calibration_silence, _silence_to_sql(shape, scale, days))

    def _model_log_odds_to_sql(self, shape, leaving, scale, days):
        """The log-odds of the model alone: ``log(1 − e^−u) − log(e^v + e^−u)``, where ``e^−u`` is the probability that
        a customer who has stayed does not buy, and ``e^v`` the odds that the customer has left."""
        stays = SQL(
            "LEAST(%s, %s * LN(1 + %s / (%s + %s)))",
            MOST_EXPONENT, shape, self.company_id.grading_horizon_days, scale, days,
        )  # fmt: skip
        buys = SQL("LN(GREATEST(1 - EXP(-%s), %s::float8))", stays, LEAST_SHARE)
        if not self.a:
            return SQL("%s + %s", buys, stays)
        left = SQL("EXP(LEAST(%s, %s + %s * LN(1 + %s / %s)))", MOST_EXPONENT, leaving, shape, days, scale)
        return SQL("%s - LN(%s + EXP(-%s))", buys, left, stays)

    def _evidence(self, patterns):
        """What the calibration reads of customers: the model's log-odds, the logarithm of 1 plus the silence in
        intervals of the customer, and the logarithm of the number of orders.

        :param list patterns: see :class:`~.purchase_past.Pattern`
        :return: a tuple for each of them, in their order
        :rtype: list[tuple[float, float, float]]
        """
        orders, spans, silences = map(list, zip(*patterns, strict=True))
        pattern = self._pattern(SQL("orders"), SQL("span"))
        shape, scale, days = pattern["shape"], pattern["scale"], SQL("silence")
        return self.env.execute_query(
            SQL(
                """
                SELECT %(log_odds)s, %(silence)s, LN(%(shape)s - %(r)s::float8 + 1)
                  FROM UNNEST(%(orders)s::int[], %(spans)s::int[], %(silences)s::int[])
                       WITH ORDINALITY AS pattern (orders, span, silence, place)
              ORDER BY pattern.place
                """,
                log_odds=self._model_log_odds_to_sql(shape, pattern["leaving"], scale, days),
                silence=_silence_to_sql(shape, scale, days),
                shape=shape,
                r=self.r,
                orders=orders,
                spans=spans,
                silences=silences,
            )
        )

    # ------------------------------------------------------------
    # Days
    # ------------------------------------------------------------

    @api.model
    def _dates_select(self, table, as_of):
        """``SELECT (partner_id, decline_date, lost_date)`` of the customers in ``table`` who have ordered.

        Each is the first day on which the probability to buy, if nothing is bought, is below a share of what it was
        right after the last order (:meth:`_shares`); it only ever falls, so the day is found by halving. A
        probability that would not fall so low in 4095 days does so then. Customers with as many orders over as many
        days share their days.

        :param odoo.tools.SQL table: a table expression with the columns of ``grading_profile``
        :param datetime.date as_of: the day of the run
        :rtype: odoo.tools.SQL
        """
        current = self._current(as_of)
        if not current:
            return SQL(
                "SELECT NULL::int AS partner_id, NULL::date AS decline_date, NULL::date AS lost_date WHERE FALSE"
            )
        found = current._patterns_select(table)
        for step in STEPS:
            found = current._halving_select(found, step)
        return SQL(
            """
            SELECT customer.partner_id,
                   customer.last_order_date + LEAST(pattern.decline_days + 1, %(last_day)s) AS decline_date,
                   customer.last_order_date + LEAST(pattern.lost_days + 1, %(last_day)s) AS lost_date
              FROM %(table)s AS customer
              JOIN (%(found)s) AS pattern
                ON pattern.orders = customer.order_day_count
               AND pattern.days = customer.last_order_date - customer.first_order_date
            """,
            table=table,
            found=found,
            last_day=LAST_DAY,
        )

    def _patterns_select(self, table):
        """Each number of orders over a number of days, with what :meth:`_log_odds_to_sql` needs of it, and the log-odds
        below which a customer declines and is lost."""
        decline, lost = self._shares()
        right_after = _share_to_sql(self._log_odds_to_sql(**_COLUMNS, days=SQL("0")))
        return SQL(
            """
            SELECT peak.*, 0 AS decline_days, 0 AS lost_days,
                   LN(%(decline)s::float8 * peak.chance / (1 - %(decline)s::float8 * peak.chance)) AS decline_below,
                   LN(%(lost)s::float8 * peak.chance / (1 - %(lost)s::float8 * peak.chance)) AS lost_below
              FROM (
                SELECT pattern.*, %(right_after)s AS chance
                  FROM (
                    SELECT history.orders, history.days,
                           %(shape)s AS shape, %(leaving)s AS leaving, %(scale)s AS scale, %(level)s AS level
                      FROM (
                        SELECT DISTINCT customer.order_day_count AS orders,
                               customer.last_order_date - customer.first_order_date AS days
                          FROM %(table)s AS customer
                         WHERE customer.order_day_count > 0 AND customer.last_order_date >= customer.first_order_date
                      ) AS history
                  ) AS pattern OFFSET 0
              ) AS peak
            """,
            **self._pattern(SQL("history.orders"), SQL("history.days")),
            table=table,
            decline=decline,
            lost=lost,
            right_after=right_after,
        )

    def _halving_select(self, found, step):
        """``found`` with both days moved on by ``step`` where the probability is not too low even then.

        OFFSET 0: a step's days are computed once, not at each of their uses in the next one.
        """
        moved = [
            SQL(
                "%(days)s + CASE WHEN %(log_odds)s >= %(below)s THEN %(step)s ELSE 0 END AS %(name)s",
                days=days,
                log_odds=self._log_odds_to_sql(**_COLUMNS, days=SQL("(%s + %s)", days, step)),
                below=SQL.identifier(f"{name}_below"),
                step=step,
                name=SQL.identifier(f"{name}_days"),
            )
            for name, days in (("decline", SQL("decline_days")), ("lost", SQL("lost_days")))
        ]
        return SQL(
            "SELECT orders, days, shape, leaving, scale, level, decline_below, lost_below, %s"
            " FROM (%s OFFSET 0) AS searched",
            SQL(", ").join(moved),
            found,
        )


# The parts of a pattern as columns.
_COLUMNS = {name: SQL(name) for name in ("shape", "leaving", "scale", "level")}


def _silence_to_sql(shape, scale, days):
    """``log(1 + silence)``, the silence in intervals of the customer, who orders every ``scale ÷ shape`` days."""
    return SQL("LN(1 + %s * %s / %s)", days, shape, scale)


def _share_to_sql(log_odds):
    return SQL("(1 / (1 + EXP(GREATEST(%s, LEAST(%s, -%s)))))", -MOST_EXPONENT, MOST_EXPONENT, log_odds)
