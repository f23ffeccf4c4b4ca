import math
import random
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from ...models.purchase.grading_purchase_fit import DAY_ZERO
from ...models.purchase.purchase_past import PurchasePast
from .chance_case import ChanceCase
from .test_purchase_model import AS_OF

TODAY = (AS_OF - DAY_ZERO).days
COLUMNS = ("method", "r", "alpha", "a", "b", "correction_days", "is_calibrated")
LEARNED = (*COLUMNS, "calibration_level", "calibration_odds", "calibration_silence", "calibration_orders", "lost_share")


def calibrated_chance(model, orders, last, days):
    """The probability to buy within the horizon in plain Python, with all that corrects it."""
    x, horizon = min(orders - 1, last // model.correction_days), model.company_id.grading_horizon_days
    growth = (model.alpha + last + days) / (model.alpha + last)
    left = model.a / (model.b + x) * math.exp(min((model.r + x) * math.log(growth), 600)) if model.a else 0
    stays_away = math.exp(-min((model.r + x) * math.log1p(horizon / (model.alpha + last + days)), 600))
    log_odds = model.calibration_level + model.calibration_odds * math.log((1 - stays_away) / (left + stays_away))
    log_odds -= model.calibration_silence * math.log1p(days * (model.r + x) / (model.alpha + last))
    log_odds += model.calibration_orders * math.log(1 + x)
    return 1 / (1 + math.exp(min(-log_odds, 600)))


def simulated_customers(count, days, interval, life=None, shape=1.0, spread=0.3, seed=1):
    """The days and amounts of customers who come one after the other, keep a rhythm and maybe leave for good.

    :param float interval: days between orders on average, the customers' own ones spread by the factor ``spread``
    :param float life: days on average until a customer leaves
    :param float shape: how regular the rhythm is: 1 is none
    """
    rnd = random.Random(seed)
    customers = []
    for _customer in range(count):
        pace = interval * math.exp(rnd.gauss(0, spread))
        now = TODAY - rnd.uniform(0, days)
        end = min(TODAY, now + rnd.expovariate(1 / life)) if life else TODAY
        bought = set()
        while now <= end:
            bought.add(int(now))
            now += rnd.gammavariate(shape, pace / shape)
        customers.append((sorted(bought), [100.0] * len(bought)))
    return customers


class LearningCase(ChanceCase):
    """Models that are learned from purchases that are simulated, none of which are in the database."""

    @contextmanager
    def past(self, customers):
        """Runs look back at these purchases."""

        def of_day(_self, _table, as_of):
            return PurchasePast(customers, TODAY).until((as_of - DAY_ZERO).days)

        with patch.object(self.env.registry["grading.purchase.model"], "_past", of_day):
            yield

    def table_of_past(self, customers, as_of):
        day = (as_of - DAY_ZERO).days
        rows = []
        for days, _amounts in customers:
            if known := [DAY_ZERO + timedelta(one) for one in days if one <= day]:
                rows.append((len(known), known[0], known[-1]))
        return self.table(rows)

    def learn(self, customers, as_of=AS_OF):
        with self.past(customers):
            return self.Model._refit(self.table_of_past(customers, as_of), as_of)

    def error(self, model, customers, day):
        """How far the probabilities of ``day`` are from what came within the horizon, in tenths of equal size."""
        outcomes = PurchasePast(customers, TODAY).outcomes(day, self.company.grading_horizon_days)
        patterns = sorted(outcomes)
        rows = []
        for pattern, chance in zip(patterns, model._probabilities(patterns), strict=True):
            customers_alike, bought = outcomes[pattern]
            rows += [(chance, bought / customers_alike)] * customers_alike
        rows.sort()
        tenths = [rows[len(rows) * place // 10 : len(rows) * (place + 1) // 10] for place in range(10)]
        return sum(abs(sum(chance - came for chance, came in tenth)) for tenth in tenths) / len(rows)
