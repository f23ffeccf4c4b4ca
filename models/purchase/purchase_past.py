import math
from bisect import bisect_right
from collections import Counter
from typing import NamedTuple

# How far back one looks for what came of a silence: a year has every season once.
YEAR = 365
# Periods of the length of the horizon, at most, in which predictions are compared with what came.
PERIODS = 4
# With fewer customers on either side, what came of them says nothing.
FEW_CUSTOMERS = 20


class Pattern(NamedTuple):
    """All that the purchase model knows of a customer on a day: the purchases so far, the days from the first to the
    last of them, and the days since."""

    orders: int
    span: int
    silence: int


class Silence(NamedTuple):
    """A customer on an earlier day: whether no purchase came in the time that followed, and for how much money."""

    pattern: Pattern
    gone: bool
    amount: float


class Outcome(NamedTuple):
    """What came of the customers of a pattern on an earlier day: how many there were and how many of them bought within
    a horizon; the weight is that of the day."""

    day: int
    weight: float
    pattern: Pattern
    customers: int
    bought: int


class PurchasePast:
    """The purchases of a company's customers, to be looked at as on any earlier day: what was known then, and what
    came.

    :param customers: ``[(days, amounts)]`` of each customer: the days with a purchase, as numbers that ascend, and what
        was bought on each
    :param int today: the day after which nothing is known
    """

    def __init__(self, customers, today):
        self.customers = customers
        self.today = today
        self.start = min((days[0] for days, _amounts in customers), default=today)

    def until(self, day):
        """The past as it was known on ``day``.

        :rtype: PurchasePast
        """
        known = []
        for days, amounts in self.customers:
            place = bisect_right(days, day)
            if place:
                known.append((days[:place], amounts[:place]))
        return PurchasePast(known, day)

    def groups(self):
        """The customers of today as :class:`~.mbg_nbd.PurchaseHistories` takes them.

        :return: ``[(orders after the first, days to the last, days to today, customers)]``
        """
        groups = Counter((len(days) - 1, days[-1] - days[0], self.today - days[0]) for days, _amounts in self.customers)
        return [(*group, count) for group, count in sorted(groups.items())]

    def _seen(self, day):
        """``(pattern, place of the next purchase, days, amounts)`` of each customer on ``day``"""
        for days, amounts in self.customers:
            place = bisect_right(days, day)
            if place:
                yield Pattern(place, days[place - 1] - days[0], day - days[place - 1]), place, days, amounts

    def patterns(self):
        """The customers as they are today.

        :rtype: list[Pattern]
        """
        return [pattern for pattern, _place, _days, _amounts in self._seen(self.today)]

    def outcomes(self, day, within):
        """How many customers of each pattern there were on ``day``, and how many of them bought within so many days.

        :rtype: dict[Pattern, list[int]]
        """
        found = {}
        for pattern, place, days, _amounts in self._seen(day):
            counts = found.setdefault(pattern, [0, 0])
            counts[0] += 1
            counts[1] += place < len(days) and days[place] <= day + within
        return found

    def periods(self, horizon):
        """The days from which one looked ahead by ``horizon`` days until today at the latest: up to three without a gap
        before today, and the one a year ago, which had the season that is to come. Only those before which customers
        had been known for as long.

        The one a year ago weighs as much as the others together, all of them as much as they are.

        :return: ``[(day, weight)]``
        :rtype: list[tuple[int, float]]
        """
        recent = [self.today - place * horizon for place in range(1, min(PERIODS, YEAR // horizon))]
        year_ago = self.today - max(YEAR, horizon)
        days = [day for day in [*recent, year_ago] if day - self.start >= horizon]
        if year_ago not in days or len(days) == 1:
            return [(day, 1.0) for day in days]
        others = len(days) - 1
        return [(day, len(days) / 2 / (1 if day == year_ago else others)) for day in days]

    def season_pairs(self, horizon):
        """The periods before today that can be held against the same season a year earlier: ``(day, day a year
        before)`` of each. Empty where the past is too short, or where a horizon is no season.

        :rtype: list[tuple[int, int]]
        """
        year_ago = self.today - YEAR
        days = [day for day, _weight in self.periods(horizon)]
        if year_ago not in days:
            return []
        pairs = [(day, day - YEAR) for day in days if day > year_ago]
        return [(day, before) for day, before in pairs if before - self.start >= horizon]

    def calibration_outcomes(self, horizon):
        """The outcomes of all :meth:`periods`, and without weight those of the same seasons a year earlier
        (:meth:`season_pairs`); empty where they are too few to learn from.

        :rtype: list[Outcome]
        """
        periods = self.periods(horizon)
        earlier = [(before, 0.0) for _day, before in self.season_pairs(horizon)]
        found = [
            Outcome(day, weight, pattern, *counts)
            for day, weight in [*periods, *earlier]
            for pattern, counts in sorted(self.outcomes(day, horizon).items())
        ]
        weighed = [outcome for outcome in found if outcome.weight]
        bought = sum(outcome.bought for outcome in weighed)
        if min(bought, sum(outcome.customers for outcome in weighed) - bought) < FEW_CUSTOMERS:
            return []
        return found

    def silences(self, horizon):
        """The customers as they were a year ago, and whether they were gone: no purchase until today. Empty where
        customers had not been known for as long before, since silences longer than those seen cannot be judged, or
        where too few are on either side.

        :rtype: list[Silence]
        """
        day = self.today - max(YEAR, horizon)
        if day - self.start < self.today - day:
            return []
        found = [
            Silence(pattern, place == len(days), math.fsum(amounts[place:]))
            for pattern, place, days, amounts in self._seen(day)
        ]
        gone = sum(silence.gone for silence in found)
        return found if min(gone, len(found) - gone) >= FEW_CUSTOMERS else []

    def check_day(self, horizon):
        """The day as of which predictions are held against what came: a year ago, else a horizon ago; ``None`` where
        customers had not been known for as long before."""
        for back in (max(YEAR, horizon), horizon):
            if self.today - back - self.start >= horizon:
                return self.today - back
        return None
