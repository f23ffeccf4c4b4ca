import math
import statistics
import time
from datetime import date, timedelta

from odoo import api, models
from odoo.tools import SQL

from ..base.context import yardstick_of
from .calibration import bands, is_few, kept_promise, lost_limit, seasonal_fit, step_towards
from .grading_purchase_model import FEW_REPEAT_CUSTOMERS
from .mbg_nbd import PurchaseHistories
from .purchase_past import FEW_CUSTOMERS, YEAR, PurchasePast

# More customers than that teach nothing new: the parameters no longer change, and the fit would take minutes.
SAMPLE = 25000
# The same of the past, of which each order is looked at.
PAST_SAMPLE = 8000
# So many repeat customers of the default interval are added to those that a company has.
DEFAULT_REPEAT_CUSTOMERS = 20
# Orders are corrections within a tenth of the typical interval, but never for more than a week.
CORRECTION_SHARE, MOST_CORRECTION_DAYS = 0.1, 7
# Twice the gain in log-likelihood that chance alone gives four parameters in one of twenty cases (chi-square).
CHANCE_GAIN = 9.488
# A median interval that differs less from the one in force is as good.
SAME_INTERVAL = 0.1
DAY_ZERO = date(2000, 1, 1)
# How far new numbers come at least where even that moves many: those who are all alike move together.
LEAST_STEP = 1 / 64
# What a calibration belongs to.
NUMBERS = ("method", "r", "alpha", "a", "b", "correction_days", "horizon_days")
PARAMETERS = ("r", "alpha", "a", "b")
# Where one of these differs, numbers mean something else.
MEANINGS = ("method", "correction_days", "horizon_days", "is_calibrated")
CALIBRATION = ("calibration_level", "calibration_odds", "calibration_silence", "calibration_orders")


class GradingPurchaseModel(models.Model):
    """How the parameters are learned, and why they only change when there is news.

    Numbers that explain the customers as well as the best ones do stay in force: the four parameters and the
    calibration by their likelihood, the limit of *Lost* by how well it tells those who were gone. So a week without
    news moves no dates.
    """

    _inherit = "grading.purchase.model"

    @api.model
    def _refit(self, table, as_of):
        """Fit the environment's company's customers, archived ones included, and keep the result.

        :param odoo.tools.SQL table: a table expression with ``partner_id``, ``order_day_count``, ``first_order_date``
            and ``last_order_date`` of all customers of the company
        :param datetime.date as_of: the day on which they are looked at
        :return: the row in force
        :rtype: grading.purchase.model
        """
        started = time.monotonic()
        former = self._current(as_of)
        all_then = self._with_archived(table, as_of, "order_day_count", "first_order_date", "last_order_date")
        past = self._past(all_then, as_of)
        values = self._learn(self._groups(all_then, as_of), past, former)
        if yardstick := yardstick_of(self.env):
            yardstick.purchase_values = {**values, "date": as_of}
            return self._current(as_of)
        values |= self._check_values(past)
        customers, repeat_customers = self._count(table, values["correction_days"])
        return self.sudo().create(
            {
                **values,
                "date": as_of,
                "customer_count": customers,
                "repeat_count": repeat_customers,
                "duration": time.monotonic() - started,
            }
        )

    @api.model
    def _learn(self, groups, past, former):
        """All numbers of a row: the parameters, the calibration and the limit of *Lost*.

        :param list groups: the customers, see :class:`PurchaseHistories`
        :param PurchasePast past: what came of them
        :param grading.purchase.model former: the row in force, or none
        :rtype: dict
        """
        company = self.env.company
        days = self._correction_days(groups, former)
        histories = PurchaseHistories((min(x, t // days), t, age, customers) for x, t, age, customers in groups)
        values = {
            "company_id": company.id,
            "horizon_days": company.grading_horizon_days,
            "correction_days": days,
            **self._parameter_values(histories, former if former.correction_days == days else self.browse()),
        }
        same = former and all(former[name] == values[name] for name in NUMBERS)
        values |= self._calibration_values(self.new(values), past, former if same else self.browse())
        values |= self._steady_values(values, past, former)
        values |= self._limit_values(self.new(values), past, former)
        parameters = [values[name] for name in PARAMETERS]
        return {**values, "log_likelihood": histories.log_likelihood(*parameters) if groups else 0.0}

    def _steady_values(self, values, past, former):
        """The numbers themselves, or as far on the way to them from those in force as moves few customers to another
        stage at once, and a little at least, so that they arrive; where these have other meanings, nothing holds them.

        :rtype: dict
        """
        if not former or any(former[name] != values[name] for name in MEANINGS) or not past.customers:
            return {}
        kept = {name: former[name] for name in (*PARAMETERS, *CALIBRATION)}
        patterns, limits = past.patterns(), former._shares()
        stages = former._stages(patterns, limits)
        share = 1.0
        while True:
            blend = {name: (1 - share) * number + share * values[name] for name, number in kept.items()}
            now = self.new({**values, **blend})._stages(patterns, limits)
            moved = sum(one != other for one, other in zip(stages, now, strict=True))
            if is_few(moved, len(patterns)) or share <= LEAST_STEP:
                return blend
            share /= 2

    # ------------------------------------------------------------
    # Parameters
    # ------------------------------------------------------------

    def _parameter_values(self, histories, former):
        """
        :param grading.purchase.model former: the row in force if the same orders count as corrections
        """
        values = None
        if sum(customers for x, _t, _age, customers in histories.groups if x) >= FEW_REPEAT_CUSTOMERS:
            values = self._fitted_values(histories, former)
        return values or self._interval_values(self._typical_interval(histories.groups), former)

    def _typical_interval(self, groups):
        """The median of the repeat customers' mean days between orders, drawn towards the horizon as if by twenty
        customers who order once in it: a few decide nothing for all.

        :rtype: float
        """
        default = self.env.company.grading_horizon_days
        intervals = [t / x for x, t, _age, customers in groups if x and t for _customer in range(customers)]
        if not intervals:
            return float(default)
        own, count = math.log(statistics.median(intervals)), len(intervals)
        logs = count * own + DEFAULT_REPEAT_CUSTOMERS * math.log(default)
        return math.exp(logs / (count + DEFAULT_REPEAT_CUSTOMERS))

    def _correction_days(self, groups, former):
        """How many days apart orders must be on average to be a rhythm; those in force where the typical interval has
        not clearly left what they stand for."""
        days = CORRECTION_SHARE * self._typical_interval(groups)
        kept = former.correction_days
        if kept and (abs(days - kept - 0.5) < 1 or (kept == MOST_CORRECTION_DAYS and days > kept)):
            return kept
        return max(1, min(MOST_CORRECTION_DAYS, int(days)))

    def _fitted_values(self, histories, former):
        """The fitted parameters, or those in force where they are as good; ``None`` where the model does not suit the
        customers."""
        fit = histories.choose()
        if former.method in ("mbg_nbd", "nbd"):
            kept = former._parameters()
            if 2 * (fit.log_likelihood - histories.log_likelihood(*kept.values())) < CHANCE_GAIN:
                return {"method": former.method, **kept}
        if not fit.converged:
            return None
        return {"method": "mbg_nbd" if fit.a else "nbd", "r": fit.r, "alpha": fit.alpha, "a": fit.a, "b": fit.b}

    def _interval_values(self, interval, former):
        """The parameters that are set where none can be fitted, see the class.

        :param float interval: the days between orders of a typical customer
        """
        if former.method == "interval" and abs(former.order_interval / interval - 1) < SAME_INTERVAL:
            interval = former.order_interval
        return {"method": "interval", "r": 2, "alpha": float(f"{2 * interval:.6g}"), "a": 1, "b": 3}

    # ------------------------------------------------------------
    # The company's own past
    # ------------------------------------------------------------

    def _calibration_values(self, model, past, former):
        """
        :param grading.purchase.model model: the parameters, not calibrated
        :param grading.purchase.model former: the row in force if it has the same parameters
        """
        horizon = self.env.company.grading_horizon_days
        outcomes = past.calibration_outcomes(horizon)
        if not outcomes:
            return {"is_calibrated": False, **dict(zip(CALIBRATION, (0.0, 1.0, 0.0, 0.0), strict=True))}
        patterns = sorted({outcome.pattern for outcome in outcomes})
        evidence = dict(zip(patterns, model._evidence(patterns), strict=True))
        seen = [(one.day, one.weight, evidence[one.pattern], one.customers, one.bought) for one in outcomes]
        fit = seasonal_fit(seen, past.season_pairs(horizon), past.today - YEAR)
        best = fit.fit()
        if former.is_calibrated:
            kept = former._calibration()
            if 2 * (fit.log_likelihood(best) - fit.log_likelihood(kept)) < CHANCE_GAIN:
                best = kept
        return {"is_calibrated": True, **dict(zip(CALIBRATION, best, strict=True))}

    def _limit_values(self, model, past, former):
        """
        :param grading.purchase.model model: the parameters with their calibration
        """
        silences = past.silences(self.env.company.grading_horizon_days)
        if not silences:
            return {"lost_share": 0.0, "lost_right": 0.0, "lost_written_off": 0.0}
        left = model._peak_shares([silence.pattern for silence in silences])
        judged = [(share, silence.gone, silence.amount) for share, silence in zip(left, silences, strict=True)]
        limit = lost_limit(judged, former.lost_share or None)
        if former.lost_share and limit.share != former.lost_share:
            share = step_towards(limit.share, former.lost_share, model._peak_shares(past.patterns()))
            limit = kept_promise(judged, share, limit)
        return {"lost_share": limit.share, "lost_right": limit.right, "lost_written_off": limit.written_off}

    def _probabilities(self, patterns):
        calibration = self._calibration()
        return [calibration.probability(evidence) for evidence in self._evidence(patterns)]

    def _stages(self, patterns, limits):
        """How many of the ``limits`` each customer is below."""
        return [sum(left < limit for limit in limits) for left in self._peak_shares(patterns)]

    def _peak_shares(self, patterns):
        """What is left of the probability that each of the customers had right after the last order, as a share."""
        peaks = self._probabilities([pattern._replace(silence=0) for pattern in patterns])
        return [now / peak for now, peak in zip(self._probabilities(patterns), peaks, strict=True)]

    def _check_values(self, past):
        """What would have been said on an earlier day, by what was known then, and what came."""
        horizon = self.env.company.grading_horizon_days
        day = past.check_day(horizon)
        known = past.until(day) if day is not None else None
        if not known or len(known.customers) < FEW_CUSTOMERS:
            return {"check_date": False, "check_said": 0.0, "check_came": 0.0, "check_bands": False}
        then = self.new(self._learn(known.groups(), known, self.browse()))
        outcomes = sorted(past.outcomes(day, horizon).items())
        chances = then._probabilities([pattern for pattern, _counts in outcomes])
        predicted = [(chance, *counts) for chance, (_pattern, counts) in zip(chances, outcomes, strict=True)]
        customers = sum(counts[0] for _pattern, counts in outcomes)
        return {
            "check_date": DAY_ZERO + timedelta(days=day),
            "check_said": math.fsum(chance * count for chance, count, _bought in predicted) / customers,
            "check_came": sum(bought for _chance, _count, bought in predicted) / customers,
            "check_bands": bands(predicted),
        }

    # ------------------------------------------------------------
    # What is read
    # ------------------------------------------------------------

    @api.model
    def _count(self, table, correction_days):
        """How many customers there are, and how many have come back."""
        [row] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), COUNT(*) FILTER (
                           WHERE LEAST(customer.order_day_count - 1,
                                       (customer.last_order_date - customer.first_order_date) / %s) > 0
                       )
                  FROM %s AS customer
                 WHERE customer.order_day_count > 0 AND customer.last_order_date IS NOT NULL
                """,
                correction_days,
                table,
            )
        )
        return row

    @api.model
    def _groups(self, table, as_of):
        """The customers, at most so many that a fit is quick, as :class:`PurchaseHistories` takes them."""
        return self.env.execute_query(
            SQL(
                """
                SELECT sample.order_day_count - 1, sample.last_order_date - sample.first_order_date,
                       GREATEST(%s, sample.last_order_date) - sample.first_order_date, COUNT(*)
                  FROM (%s) AS sample
              GROUP BY 1, 2, 3
                """,
                as_of,
                self._sample_select(table, SAMPLE),
            )
        )

    @api.model
    def _sample_select(self, table, count):
        """A hash of the id decides which customers are looked at: by the id itself they would be the oldest."""
        return SQL(
            """
            SELECT customer.partner_id, customer.order_day_count, customer.first_order_date, customer.last_order_date
              FROM %s AS customer
             WHERE customer.order_day_count > 0 AND customer.last_order_date IS NOT NULL
          ORDER BY HASHINT8(customer.partner_id), customer.partner_id
             LIMIT %s
            """,
            table,
            count,
        )

    @api.model
    def _past(self, table, as_of):
        """The days with a purchase of a sample of the customers, and what was bought on each.

        :rtype: PurchasePast
        """
        contacts = SQL(
            "(SELECT contact.id, contact.commercial_partner_id FROM res_partner AS contact"
            " JOIN (%s) AS sample ON sample.partner_id = contact.commercial_partner_id)",
            self._sample_select(table, PAST_SAMPLE),
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT ARRAY_AGG(bought.day - DATE %(zero)s ORDER BY bought.day),
                       ARRAY_AGG(bought.amount ORDER BY bought.day)
                  FROM (
                    SELECT document.partner_id, document.day, SUM(document.amount)::float8 AS amount
                      FROM (%(documents)s) AS document
                     WHERE document.is_order AND document.amount > 0 AND document.day <= %(as_of)s
                  GROUP BY document.partner_id, document.day
                  ) AS bought
              GROUP BY bought.partner_id
              ORDER BY bought.partner_id
                """,
                zero=DAY_ZERO,
                documents=self.env["grading.measure"]._purchases(as_of, contacts),
                as_of=as_of,
            )
        )
        return PurchasePast(rows, (as_of - DAY_ZERO).days)
