import math
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.context import yardstick_of
from ..base.res_company import DECAY_EPOCH
from .spending import fit_curve
from .spending_past import SpendingPast

# As many customers are looked at: those who bought most, whom no other stands for, and others drawn by chance.
SAMPLE, LARGEST = 12000, 4000
# Amounts in force are as good where their sum differs by less than this, and each of them by less on average.
SAME_SUM, SAME_AMOUNTS = 0.05, 0.1
# When no customer has bought anything for so long, that is news.
SILENT_DAYS = 30
# Groups of customers in which what was expected is held against what came.
CHECK_GROUPS = 10
DAY_ZERO = fields.Date.to_date(DECAY_EPOCH)


class GradingForecast(models.Model):
    """How the forecast learns from the company's own past, and why amounts only change when there is news."""

    _inherit = "grading.forecast"

    @api.model
    def _refit(self, table, as_of):
        """Learn from the environment's company's past and keep the result, unless that in force is as good.

        :param odoo.tools.SQL table: a table expression with the profile's columns of all customers of the company
        :param datetime.date as_of: the day on which they are looked at
        :return: the row in force
        :rtype: grading.forecast
        """
        started, company = time.monotonic(), self.env.company
        past = self._past(self._with_archived(table, as_of, "order_count", "order_amount"), as_of)
        values = {
            "company_id": company.id,
            "date": as_of,
            "checked_on": as_of,
            "asked_days": company.grading_forecast_days,
            "half_life_days": company.grading_half_life_days,
            **self._learn(past, table),
        }
        if yardstick := yardstick_of(self.env):
            yardstick.forecast_values = values
            return self._current(as_of)
        former = self._current(as_of)
        if former and former.date <= as_of and self._is_as_good(former, values, past, table):
            former.checked_on = as_of
            return former
        values |= self._check_values(past, values["horizon_days"])
        return self.sudo().create({**values, "duration": time.monotonic() - started})

    @api.model
    def _day_number(self, day):
        """The days from the epoch of recency-weighted sales to ``day``."""
        return (day - DAY_ZERO).days

    # ------------------------------------------------------------
    # What is learned
    # ------------------------------------------------------------

    @api.model
    def _learn(self, past, table):
        """All numbers of a row.

        :param SpendingPast past:
        :rtype: dict
        """
        asked = self.env.company.grading_forecast_days
        horizon, periods = past.longest(asked)
        values = self._rate_values(table, past.today, horizon or asked)
        if not horizon:
            return {"method": "own_rate", "horizon_days": asked, "learned_from": False, **values}
        return {
            "method": "learned",
            "horizon_days": horizon,
            "learned_from": DAY_ZERO + timedelta(days=periods[-1][0]),
            **values,
            **_curve_values(fit_curve(periods, past.today, past.decay, past.season_pairs(horizon, periods))),
        }

    @api.model
    def _rate_values(self, table, today, horizon):
        """How often an average customer orders again within the horizon, as if one order a horizon had been seen
        beside, and the average amount of an order.

        :param int today: a day's number
        """
        [[customers, again, days, amount, orders]] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), SUM(order_count - 1), SUM(GREATEST(DATE %s - first_order_date, 0)),
                       SUM(order_amount)::float8, SUM(order_count)
                  FROM %s AS customer
                 WHERE order_count > 0 AND order_amount > 0
                """,
                DAY_ZERO + timedelta(days=today),
                table,
            )
        )
        return {
            "customer_count": customers,
            "order_rate": ((again or 0) + 1) / ((days or 0) + horizon) * horizon,
            # As it is stored, so that a judging that keeps it in memory says the same.
            "order_amount": self.env.company.currency_id.round(amount / orders) if orders else 0.0,
        }

    def _is_as_good(self, former, values, past, table):
        """Whether the amounts of the row in force are those of the new ``values``, as far as it matters."""
        kept = ("method", "asked_days", "horizon_days", "half_life_days")
        if any(former[name] != values[name] for name in kept):
            return False
        days = past.today - self._day_number(former.date)
        if days < SILENT_DAYS and past.last <= past.today - days:
            return True
        if values["method"] == "own_rate":
            old, new = (self._sum_expected(row, table) for row in (former, self.new(values)))
            return abs(new - old) <= SAME_SUM * old
        curves, buyers = (former._curve(), self.new(values)._curve()), past.buyers(past.today)
        said = [[buyer.weight * curve.expected(buyer, past.decay) for buyer in buyers] for curve in curves]
        before, after = map(math.fsum, said)
        moved = math.fsum(abs(new - old) for old, new in zip(*said, strict=True))
        return abs(after - before) <= SAME_SUM * before and moved <= SAME_AMOUNTS * before

    def _sum_expected(self, forecast, table):
        [[total]] = self.env.execute_query(
            SQL("SELECT SUM(expected_amount)::float8 FROM (%s) AS outlook", forecast._outlook_select(table))
        )
        return total or 0.0

    def _check_values(self, past, horizon):
        """What would have been said a horizon ago, by what was known then, and what came: of the customers in tenths by
        what was said."""
        day = past.today - horizon
        known = past.until(day)
        periods = known.periods(horizon)
        if not periods:
            return {"check_date": False, "check_said": 0.0, "check_came": 0.0, "check_groups": False}
        curve = fit_curve(periods, day, past.decay, known.season_pairs(horizon, periods))
        rows = sorted(
            ((curve.expected(buyer, past.decay), buyer) for buyer in past.buyers(day, horizon)),
            key=lambda row: -row[0],
        )
        groups = [
            [
                round(math.fsum(buyer.weight * amount for amount, buyer in group), 2),
                round(math.fsum(buyer.weight * buyer.came for _amount, buyer in group), 2),
            ]
            for group in tenths(rows)
        ]
        return {
            "check_date": DAY_ZERO + timedelta(days=day),
            "check_said": math.fsum(said for said, _came in groups),
            "check_came": math.fsum(came for _said, came in groups),
            "check_groups": groups,
        }

    # ------------------------------------------------------------
    # What is read
    # ------------------------------------------------------------

    @api.model
    def _past(self, table, as_of):
        """The days with a document of a sample of the customers, what was bought on each, and how many others each
        customer stands for.

        :rtype: SpendingPast
        """
        sample = SQL("(%s)", self._sample_select(table))
        contacts = SQL(
            "(SELECT contact.id, contact.commercial_partner_id FROM res_partner AS contact"
            " JOIN %s AS sample ON sample.partner_id = contact.commercial_partner_id)",
            sample,
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT sample.weight,
                       ARRAY_AGG(bought.day - DATE %(zero)s ORDER BY bought.day),
                       ARRAY_AGG(bought.amount ORDER BY bought.day), ARRAY_AGG(bought.orders ORDER BY bought.day)
                  FROM (
                    SELECT document.partner_id, document.day, SUM(document.amount)::float8 AS amount,
                           COUNT(*) FILTER (WHERE document.is_order) AS orders
                      FROM (%(documents)s) AS document
                     WHERE document.amount IS NOT NULL AND document.day <= %(as_of)s
                  GROUP BY document.partner_id, document.day
                  ) AS bought
                  JOIN %(sample)s AS sample ON sample.partner_id = bought.partner_id
              GROUP BY bought.partner_id, sample.weight
              ORDER BY bought.partner_id
                """,
                zero=DAY_ZERO,
                documents=self.env["grading.measure"]._purchases(as_of, contacts),
                as_of=as_of,
                sample=sample,
            )
        )
        decay = math.log(2) / self.env.company.grading_half_life_days
        return SpendingPast(rows, self._day_number(as_of), decay)

    @api.model
    def _sample_select(self, table):
        """``SELECT partner_id, weight``: the customers who bought most, of all time, and of the others as many as a
        hash of the id draws, each standing for its share of them."""
        return SQL(
            """
            SELECT drawn.partner_id,
                   CASE WHEN drawn.by_amount <= %(largest)s OR drawn.customers <= %(sample)s THEN 1.0
                        ELSE (drawn.customers - %(largest)s)::float8 / (%(sample)s - %(largest)s) END AS weight
              FROM (
                SELECT ranked.*, ROW_NUMBER() OVER (
                           ORDER BY ranked.by_amount > %(largest)s, HASHINT8(ranked.partner_id), ranked.partner_id
                       ) AS place
                  FROM (
                    SELECT customer.partner_id, COUNT(*) OVER () AS customers,
                           ROW_NUMBER() OVER (ORDER BY customer.order_amount DESC, customer.partner_id) AS by_amount
                      FROM %(table)s AS customer
                     WHERE customer.order_count > 0 AND customer.order_amount > 0
                  ) AS ranked
              ) AS drawn
             WHERE drawn.place <= %(sample)s
            """,
            table=table,
            sample=SAMPLE,
            largest=LARGEST,
        )


def tenths(rows):
    """The rows in ten groups that stand for as many customers each.

    :param rows: ``[(amount, Buyer)]`` in their order
    """
    groups = [[] for _place in range(CHECK_GROUPS)]
    total, before = math.fsum(buyer.weight for _amount, buyer in rows), 0.0
    for amount, buyer in rows:
        place = int((before + buyer.weight / 2) / total * CHECK_GROUPS)
        groups[min(place, CHECK_GROUPS - 1)].append((amount, buyer))
        before += buyer.weight
    return groups


def _curve_values(curve):
    """The curve as values of a row."""
    names = ("recent_weight", "average_weight", "orders_weight", "silence_weight")
    return {
        "level": curve.level,
        **dict(zip(names, curve.weights, strict=True)),
        "limits": [list(pair) for pair in curve.limits],
        "knots": [list(knot) for knot in curve.knots],
    }
