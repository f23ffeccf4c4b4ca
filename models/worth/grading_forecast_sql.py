import math

from odoo import models
from odoo.tools import SQL

from ..base.res_company import DECAY_EPOCH
from .spending import MOST_AMOUNT_LOG

COLUMNS = ("expected_amount", "expected_low", "expected_high", "amount_at_risk")


class GradingForecast(models.Model):
    """The amounts of the customers in SQL, as :mod:`spending` says them."""

    _inherit = "grading.forecast"

    def _outlook_select(self, table):
        """``SELECT partner_id, expected_amount, expected_low, expected_high, amount_at_risk``, in the company's
        currency. Customers without an order have no row; those whom nothing is left of what they bought are expected
        to spend nothing.

        :param odoo.tools.SQL table: a table expression with the profile's columns
        """
        self.ensure_one()
        return self._learned_select(table) if self.method == "learned" else self._rate_select(table)

    # ------------------------------------------------------------
    # Learned
    # ------------------------------------------------------------

    def _learned_select(self, table):
        """*At risk* is what a customer would be expected to spend if looked at on the day of their last order, less
        what is expected. OFFSET 0: each step's numbers are computed once."""
        digits = self.company_id.currency_id.decimal_places
        return SQL(
            """
            SELECT amounts.partner_id,
                   ROUND(COALESCE(amounts.now, 0)::numeric, %(digits)s) AS expected_amount,
                   ROUND(COALESCE(amounts.now * amounts.low, 0)::numeric, %(digits)s) AS expected_low,
                   ROUND(COALESCE(amounts.now * GREATEST(1, amounts.high), 0)::numeric, %(digits)s) AS expected_high,
                   ROUND(COALESCE(GREATEST(0, amounts.fresh - amounts.now), 0)::numeric, %(digits)s) AS amount_at_risk
              FROM (
                SELECT placed.partner_id, %(now)s AS now, %(fresh)s AS fresh, %(low)s AS low, %(high)s AS high
                  FROM (
                    SELECT summed.partner_id, summed.index_now, summed.index_fresh,
                           WIDTH_BUCKET(summed.index_now, %(marks)s) + 1 AS place_now,
                           WIDTH_BUCKET(summed.index_fresh, %(marks)s) + 1 AS place_fresh
                      FROM (%(summed)s OFFSET 0) AS summed OFFSET 0
                  ) AS placed OFFSET 0
              ) AS amounts
            """,
            digits=digits,
            marks=SQL("%s::float8[]", [knot[0] for knot in self.knots]),
            now=self._amount_to_sql(SQL("placed.index_now"), SQL("placed.place_now")),
            fresh=self._amount_to_sql(SQL("placed.index_fresh"), SQL("placed.place_fresh")),
            low=self._bent_to_sql(2, SQL("placed.index_now"), SQL("placed.place_now")),
            high=self._bent_to_sql(3, SQL("placed.index_now"), SQL("placed.place_now")),
            summed=self._summed_select(table),
        )

    def _summed_select(self, table):
        """The weighted sums of the customers: as on the day of the forecast, and as on that of their last order. None
        where an average order is less than the smallest coin."""
        decay = math.log(2) / self.half_life_days
        day = SQL("GREATEST(DATE %s, customer.last_order_date)", self.date)
        fixed = SQL(
            "%s::float8 + %s + %s",
            self.level,
            self._term_to_sql(1, SQL("LN(NULLIF(customer.average_order_amount, 0)::float8)")),
            self._term_to_sql(2, SQL("LN(customer.order_day_count::float8)")),
        )
        return SQL(
            """
            SELECT customer.partner_id,
                   %(fixed)s + %(weight)s::float8 * (
                       customer.faded_order_log - (%(day)s - DATE %(epoch)s) * %(decay)s::float8
                   ) + %(silence)s AS index_now,
                   %(fixed)s + %(weight)s::float8 * (
                       customer.faded_order_log - (customer.last_order_date - DATE %(epoch)s) * %(decay)s::float8
                   ) + %(no_silence)s AS index_fresh
              FROM %(table)s AS customer
             WHERE customer.order_count > 0
            """,
            fixed=fixed,
            weight=self.recent_weight,
            day=day,
            epoch=DECAY_EPOCH,
            decay=decay,
            silence=self._term_to_sql(3, SQL("LN(1 + (%s - customer.last_order_date)::float8)", day)),
            no_silence=self._term_to_sql(3, SQL("0::float8")),
            table=table,
        )

    def _term_to_sql(self, place, value):
        """A weight times a value within its limits; NULL stays NULL."""
        weight = (self.recent_weight, self.average_weight, self.orders_weight, self.silence_weight)[place]
        low, high = self.limits[place - 1]
        return SQL(
            "%(weight)s::float8 * CASE WHEN %(value)s < %(low)s::float8 THEN %(low)s::float8"
            " WHEN %(value)s > %(high)s::float8 THEN %(high)s::float8 ELSE %(value)s END",
            weight=weight,
            value=value,
            low=low,
            high=high,
        )

    def _amount_to_sql(self, index, place):
        """The amount of a weighted sum: between two knots a straight line of the logarithm, beyond them its own step by
        step."""
        logs = [(knot[0], knot[1]) for knot in self.knots]
        line = self._line_to_sql(logs, 1.0, index, place)
        return SQL(
            "EXP(CASE WHEN %(line)s > %(most)s THEN %(most)s ELSE %(line)s END)", line=line, most=MOST_AMOUNT_LOG
        )

    def _bent_to_sql(self, column, index, place):
        """A ratio of the knots: between two of them a straight line, beyond them that of the last."""
        return self._line_to_sql([(knot[0], knot[column]) for knot in self.knots], 0.0, index, place)

    @staticmethod
    def _line_to_sql(points, outer, index, place):
        """A line of pieces as ``(starts)[place] + (slopes)[place] * index``.

        :param points: ``[(at, value)]``
        :param float outer: the slope before the first and after the last of them
        """
        slopes = [outer]
        slopes += [(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(points, points[1:], strict=False)]
        slopes.append(outer)
        marks = [points[0], *points]
        starts = [value - slope * at for (at, value), slope in zip(marks, slopes, strict=True)]
        return SQL("((%s::float8[])[%s] + (%s::float8[])[%s] * %s)", starts, place, slopes, place, index)

    # ------------------------------------------------------------
    # Own rate
    # ------------------------------------------------------------

    def _rate_select(self, table):
        """Orders within the horizon times the amount of an order, each shrunk towards the company's, as far as the
        customer is still there; how far that goes is not known."""
        Purchase = self.env["grading.purchase.model"].with_company(self.company_id)
        now, peak = (Purchase._probability_to_sql(self.date, alias) for alias in ("customer", "fresh"))
        return SQL(
            """
            SELECT rate.partner_id,
                   ROUND((rate.amount * rate.alive)::numeric, %(digits)s) AS expected_amount,
                   NULL::numeric AS expected_low, NULL::numeric AS expected_high,
                   ROUND((rate.amount * (1 - rate.alive))::numeric, %(digits)s) AS amount_at_risk
              FROM (
                SELECT customer.partner_id,
                       (customer.order_count - 1 + %(rate)s::float8)
                           / (GREATEST(DATE %(day)s - customer.first_order_date, 0) + %(horizon)s) * %(horizon)s
                           * GREATEST(customer.order_amount::float8 + %(amount)s::float8, 0)
                           / (customer.order_count + 1) AS amount,
                       LEAST(1, COALESCE(%(now)s / NULLIF(%(peak)s, 0), 1)) AS alive
                  FROM %(table)s AS customer
            CROSS JOIN LATERAL (
                    SELECT customer.order_day_count,
                           DATE %(day)s - (customer.last_order_date - customer.first_order_date) AS first_order_date,
                           GREATEST(DATE %(day)s, customer.last_order_date) AS last_order_date
                  ) AS fresh
                 WHERE customer.order_count > 0
                OFFSET 0
              ) AS rate
            """,
            digits=self.company_id.currency_id.decimal_places,
            rate=self.order_rate,
            day=self.date,
            horizon=self.horizon_days,
            amount=self.order_amount,
            now=now,
            peak=peak,
            table=table,
        )
