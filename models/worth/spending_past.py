import math
from bisect import bisect_right
from typing import NamedTuple

# With fewer buyers the past says too little of what others will spend, and with fewer who bought again nothing at all.
FEW_BUYERS, FEW_RETURNED = 100, 20
# A year has every season once: what followed a year ago says how much money comes in the season that is to come.
YEAR = 365
LEAST_HORIZON = 30


class Buyer(NamedTuple):
    """What is known of a customer on a day, and what was bought in the time that followed.

    :param float faded: logarithm of the recency-weighted sales, in money of day 0
    :param float average: logarithm of the average amount of an order
    :param float orders: logarithm of the days with an order
    :param int last: the day of the last order
    :param float weight: how many customers it stands for
    :param float spent: in the time that followed; not less than nothing
    :param float came: the same, less than nothing where more was returned than bought
    """

    faded: float
    average: float
    orders: float
    last: int
    weight: float
    spent: float
    came: float = 0.0


class SpendingPast:
    """The purchases of a company's customers, to be looked at as on any earlier day.

    :param customers: ``[(weight, days, amounts, orders)]`` of each customer: the days with a document, as numbers that
        ascend, the net amount and the number of purchases on each
    :param int today: the day after which nothing is known
    :param float decay: by how much the logarithm of an amount's weight grows from day to day
    """

    def __init__(self, customers, today, decay):
        self.customers = customers
        self.today = today
        self.decay = decay
        self.start = min((days[0] for _weight, days, _amounts, _orders in customers), default=today)
        self.last = max((days[-1] for _weight, days, _amounts, _orders in customers), default=today)

    def until(self, day):
        """The past as it was known on ``day``."""
        known = []
        for weight, days, amounts, orders in self.customers:
            if place := bisect_right(days, day):
                known.append((weight, days[:place], amounts[:place], orders[:place]))
        return SpendingPast(known, day, self.decay)

    def buyers(self, day, horizon=0):
        """The customers with purchases as they were on ``day``, and what they bought within so many days after.

        :rtype: list[Buyer]
        """
        found = []
        for weight, days, amounts, orders in self.customers:
            place = bisect_right(days, day)
            bought = [spot for spot in range(place) if orders[spot]]
            amount = math.fsum(amounts[:place])
            if not bought or amount <= 0:
                continue
            # In money of the day, so that the exponents stay small.
            faded = math.fsum(amounts[spot] * math.exp(self.decay * (days[spot] - day)) for spot in range(place))
            if faded <= 0:
                continue
            came = math.fsum(amounts[place : bisect_right(days, day + horizon)])
            found.append(
                Buyer(
                    math.log(faded) + self.decay * day,
                    math.log(amount / sum(orders[:place])),
                    math.log(len(bought)),
                    days[bought[-1]],
                    weight,
                    max(0.0, came),
                    came,
                )
            )
        return found

    def periods(self, horizon):
        """The days from which one looked ahead by ``horizon`` days until today at the latest, each with the buyers of
        then: the latest one, and the one a year ago where that is another. The last of them had the season that is to
        come.

        :return: empty where the past before is shorter than the horizon or tells too little
        :rtype: list[tuple[int, list[Buyer]]]
        """
        found = self._telling(dict.fromkeys((self.today - horizon, self.today - max(YEAR, horizon))), horizon)
        return found if found and found[0][0] == self.today - horizon else []

    def _telling(self, days, horizon):
        """``[(day, buyers)]`` of those days before which the past is as long as the horizon and tells enough."""
        found = []
        for day in days:
            if day - self.start >= horizon:
                buyers = self.buyers(day, horizon)
                if len(buyers) >= FEW_BUYERS and sum(buyer.spent > 0 for buyer in buyers) >= FEW_RETURNED:
                    found.append((day, buyers))
        return found

    def season_pairs(self, horizon, periods):
        """The periods of the last year, without a gap before today, that can be held against the same season a year
        earlier; one at least.

        :param list periods: the :meth:`periods` of the horizon; where a year ago is not among them, the level is that
            of the last period already
        :return: ``[((day, buyers), (day a year before, buyers))]``; empty where the horizon is a year or the past is
            too short
        """
        found = []
        if horizon >= YEAR or self.today - YEAR not in dict(periods):
            return found
        for place in range(1, max(2, YEAR // horizon)):
            day = self.today - place * horizon
            pair = self._telling((day, day - YEAR), horizon)
            if len(pair) < 2:
                break
            found.append(tuple(pair))
        return found

    def longest(self, most):
        """The longest time to look ahead that the past allows: ``most`` days, or half, a quarter … of them; 0 where it
        allows none.

        :return: the days, and their :meth:`periods`
        :rtype: tuple[int, list]
        """
        while most >= LEAST_HORIZON:
            if periods := self.periods(most):
                return most, periods
            most //= 2
        return 0, []
