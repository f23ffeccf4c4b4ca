from odoo import api, models
from odoo.tools import SQL

# Exponents beyond would leave the range of a double, which PostgreSQL refuses.
EXPONENT_LIMIT = 600
# Steps by which a day is searched: together so many days after the last order.
STEPS = [2**power for power in reversed(range(12))]
LAST_DAY = sum(STEPS)


class GradingPurchaseModel(models.Model):
    """What the numbers say of a customer, in SQL."""

    _inherit = "grading.purchase.model"

    @api.model
    def _probability_to_sql(self, as_of, alias="grading_profile"):
        """The probability that a customer buys within the company's horizon from ``as_of`` on; NULL without an order.

        With the four numbers in force, ``x = order_day_count − 1``, ``t`` the days from the first order to the last and
        ``T`` those to ``as_of``, or to the last order if that is later, it is
        ``(1 − ((alpha+T) / (alpha+T+horizon))^(r+x)) / (1 + a/(b+x) · ((alpha+T) / (alpha+t))^(r+x))``.

        :param datetime.date as_of: the day on which one looks
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
        probability = current._chance_to_sql(
            shape=SQL("(%s::float8 + %s - 1)", current.r, count),
            leaving=SQL("LN(%s::float8 / (%s::float8 + %s - 1))", current.a, current.b, count),
            scale=SQL("(%s::float8 + (%s - %s))", current.alpha, last, first),
            days=SQL("GREATEST(DATE %s - %s, 0)", as_of, last),
        )
        return SQL(
            "CASE WHEN %s > 0 AND %s <= %s THEN %s END",
            count, first, last, probability,
        )  # fmt: skip

    def _chance_to_sql(self, shape, leaving, scale, days):
        """The probability of :meth:`_probability_to_sql`, some days after the last order.

        :param odoo.tools.SQL shape: ``r+x``
        :param odoo.tools.SQL leaving: ``log(a/(b+x))``
        :param odoo.tools.SQL scale: ``alpha+t``
        :param odoo.tools.SQL days: since the last order, not negative
        """
        return SQL(
            "(1 - EXP(-LEAST(%(limit)s, %(shape)s * LN(1 + %(horizon)s / (%(scale)s + %(days)s)))))"
            " / (1 + EXP(LEAST(%(limit)s, %(leaving)s + %(shape)s * LN(1 + %(days)s / %(scale)s))))",
            limit=EXPONENT_LIMIT,
            shape=shape,
            leaving=leaving,
            scale=scale,
            days=days,
            horizon=self.company_id.grading_horizon_days,
        )

    @api.model
    def _dates_select(self, table, as_of):
        """``SELECT (partner_id, decline_date, lost_date)`` of the customers in ``table`` who have ordered.

        Each is the first day on which the probability to buy, if nothing is bought, is below the company's percent of
        what it was right after the last order; it only ever falls, so the day is found by halving. Who would not fall
        so low in 4095 days does so then. Customers with as many orders over as many days share their days.

        :param odoo.tools.SQL table: a table expression with the columns of ``grading_profile``
        :param datetime.date as_of: the day on which they are judged
        :rtype: odoo.tools.SQL
        """
        current = self._current(as_of)
        if not current:
            return SQL(
                "SELECT NULL::int AS partner_id, NULL::date AS decline_date, NULL::date AS lost_date WHERE FALSE"
            )
        found = current._rhythms_select(table)
        for step in STEPS:
            found = current._step_select(found, step)
        return SQL(
            """
            SELECT customer.partner_id,
                   customer.last_order_date + LEAST(rhythm.decline_days + 1, %(last_day)s) AS decline_date,
                   customer.last_order_date + LEAST(rhythm.lost_days + 1, %(last_day)s) AS lost_date
              FROM %(table)s AS customer
              JOIN (%(found)s) AS rhythm
                ON rhythm.orders = customer.order_day_count
               AND rhythm.days = customer.last_order_date - customer.first_order_date
            """,
            table=table,
            found=found,
            last_day=LAST_DAY,
        )

    def _rhythms_select(self, table):
        """Each number of orders over a number of days, with what :meth:`_chance_to_sql` needs of it, and the two
        probabilities below which a customer declines and is lost."""
        company = self.company_id
        right_after = self._chance_to_sql(SQL("shape"), SQL("leaving"), SQL("scale"), SQL("0"))
        return SQL(
            """
            SELECT rhythm.*, 0 AS decline_days, 0 AS lost_days,
                   %(decline)s::float8 * %(right_after)s AS decline_below,
                   %(lost)s::float8 * %(right_after)s AS lost_below
              FROM (
                SELECT history.orders, history.days,
                       %(r)s::float8 + history.orders - 1 AS shape,
                       LN(%(a)s::float8 / (%(b)s::float8 + history.orders - 1)) AS leaving,
                       %(alpha)s::float8 + history.days AS scale
                  FROM (
                    SELECT DISTINCT customer.order_day_count AS orders,
                           customer.last_order_date - customer.first_order_date AS days
                      FROM %(table)s AS customer
                     WHERE customer.order_day_count > 0 AND customer.last_order_date >= customer.first_order_date
                  ) AS history
              ) AS rhythm
            """,
            **self._numbers(),
            table=table,
            decline=company.grading_decline_percent / 100,
            lost=company.grading_lost_percent / 100,
            right_after=right_after,
        )

    def _step_select(self, found, step):
        """``found`` with both days moved on by ``step`` where the probability is not too low even then.

        OFFSET 0: a step's days are worked out once, not at each of their uses in the next one.
        """
        moved = [
            SQL(
                "%(days)s + CASE WHEN %(chance)s >= %(below)s THEN %(step)s ELSE 0 END AS %(name)s",
                days=days,
                chance=self._chance_to_sql(SQL("shape"), SQL("leaving"), SQL("scale"), SQL("(%s + %s)", days, step)),
                below=SQL.identifier(f"{name}_below"),
                step=step,
                name=SQL.identifier(f"{name}_days"),
            )
            for name, days in (("decline", SQL("decline_days")), ("lost", SQL("lost_days")))
        ]
        return SQL(
            "SELECT orders, days, shape, leaving, scale, decline_below, lost_below, %s FROM (%s OFFSET 0) AS searched",
            SQL(", ").join(moved),
            found,
        )
