import math
from bisect import bisect_right
from typing import NamedTuple

from ..base.numbers import MOST_LOG, solve

# What one customer spent beyond or below what was to be expected tells at most this share of everything.
MOST_SURPRISE, SURPRISE_ROUNDS = 0.05, 3
# The shares of the buyers whose amounts, orders and silences mark how far these are followed.
LOW_SHARE, HIGH_SHARE = 0.02, 0.98
# Groups of buyers that the curve bends between, and the fewest of a group.
GROUPS, FEW_OF_GROUP = 20, 50
# By how much the logarithm of a group's ratio may well differ from what the weights say: its variance.
BEND_VARIANCE = 0.04
# The share of the customers that a band holds.
BAND = 0.8
# Newton's method: the greatest step of a weight in units of its spread, the last one, how many, and a little firmness.
MOST_STEP, NO_STEP, STEPS, FIRMNESS = 1.0, 1e-8, 60, 1.0
# How far one believes that a season goes the way of the last periods, beside those a year before. Believed wholly,
# chance of the year before would be foretold once more.
DRIFT_SHARE = 0.5
# The logarithm of an amount that no customer spends: more would not fit.
MOST_AMOUNT_LOG = 35.0


class SpendingCurve(NamedTuple):
    """What customers are expected to spend, by what is known of them on a day.

    The logarithm of the amount is a weighted sum of four logarithms (recency-weighted sales, average order, days with
    an order, 1 + days of silence; the last three no further than the limits), bent between ``knots``.

    :param int day: the day on which customers are looked at, or later that of their last order
    :param float level: what is added to the weighted sum
    :param weights: the four weights
    :param limits: the lowest and the highest value of each but the first that is followed
    :param knots: ``[(weighted sum, logarithm of the amount, low ratio, high ratio)]``; the ratios of the ends of the
        band to the amount
    """

    day: int
    level: float
    weights: tuple
    limits: tuple
    knots: tuple

    def index(self, buyer, decay, day=None):
        """The weighted sum.

        :param int day: the day on which the customer is looked at, unless the curve's own
        """
        day = max(self.day, buyer.last) if day is None else day
        values = (buyer.average, buyer.orders, math.log1p(day - buyer.last))
        total = self.level + self.weights[0] * (buyer.faded - decay * day)
        for weight, value, limits in zip(self.weights[1:], values, self.limits, strict=True):
            total += weight * _within(value, limits)
        return total

    def outlook(self, index):
        """The expected amount and the ends of its band.

        :rtype: tuple[float, float, float]
        """
        place = bisect_right([knot[0] for knot in self.knots], index)
        if place in (0, len(self.knots)):
            at, log, low, high = self.knots[min(place, len(self.knots) - 1)]
            expected = math.exp(min(log + index - at, MOST_AMOUNT_LOG))
            return expected, expected * low, expected * max(high, 1.0)
        before, after = self.knots[place - 1 : place + 1]
        share = (index - before[0]) / (after[0] - before[0])
        log, low, high = (one + share * (other - one) for one, other in zip(before[1:], after[1:], strict=True))
        expected = math.exp(min(log, MOST_AMOUNT_LOG))
        return expected, expected * low, expected * max(high, 1.0)

    def expected(self, buyer, decay):
        return self.outlook(self.index(buyer, decay))[0]


def fit_curve(periods, today, decay, pairs=()):
    """The curve that the past teaches.

    Two regressions of what was spent on what was known before are averaged, which errs less than either: on the
    recency-weighted sales alone, with a variance like the mean (quasi-Poisson), which says the sum well; and on all
    four, with a variance like the mean to the power of 1.5 (Tweedie), which tells customers apart. The last period
    gives the level and the bends; half way, the level goes the way of the last seasons beside those a year before.

    :param periods: as :meth:`~.spending_past.SpendingPast.periods` has them, not empty
    :param int today: the day as of which the curve is read
    :param float decay: as :class:`~.spending_past.SpendingPast` has it
    :param pairs: as :meth:`~.spending_past.SpendingPast.season_pairs` has them
    :rtype: SpendingCurve
    """
    buyers = [(day, buyer) for day, those in periods for buyer in those]
    rows = [(b.faded - decay * day, b.average, b.orders, math.log1p(max(0, day - b.last))) for day, b in buyers]
    limits = tuple(_limits([row[place] for row in rows]) for place in (1, 2, 3))
    rows = [(row[0], *map(_within, row[1:], limits)) for row in rows]
    weights = [buyer.weight / len(periods) for _day, buyer in buyers]
    scale = _sum(weights, (buyer.spent for _day, buyer in buyers)) / math.fsum(weights)
    spent = [buyer.spent / scale for _day, buyer in buyers]
    told, kept = spent, None
    for _round in range(SURPRISE_ROUNDS):
        if told == kept:
            break  # no customer surprises: the same once more
        level, slopes = _average_fit(rows, told, weights)
        sums = [level + _dot(slopes, row) for row in rows]
        kept, told = told, _without_surprises(spent, [math.exp(_held(total)) for total in sums], weights)
    last = -len(periods[-1][1])
    knots = _knots(sums[last:], told[last:], spent[last:], weights[last:])
    shift = math.log(scale)
    knots = tuple((at + shift, log + shift, low, high) for at, log, low, high in knots)
    curve = SpendingCurve(today, level + shift, tuple(slopes), limits, knots)
    drift = DRIFT_SHARE * _drift(curve, pairs, decay)
    return curve._replace(knots=tuple((at, log + drift, low, high) for at, log, low, high in knots))


def _drift(curve, pairs, decay):
    """By how much the logarithm of what came to what the curve says has risen from the same seasons a year before to
    the last ones, shrunk by its own uncertainty."""
    if not pairs:
        return 0.0
    total, variance = 0.0, 0.0
    for sign, places in ((1, [now for now, _before in pairs]), (-1, [before for _now, before in pairs])):
        for day, buyers in places:
            log, uncertainty = _surplus(curve, day, buyers, decay)
            total += sign * log / len(pairs)
            variance += uncertainty / len(pairs) ** 2
    return total * BEND_VARIANCE / (BEND_VARIANCE + variance)


def _surplus(curve, day, buyers, decay):
    """The logarithm of what came of a period to what the curve says, surprises left out, and its variance."""
    weights = [buyer.weight for buyer in buyers]
    said = [curve.outlook(curve.index(buyer, decay, day))[0] for buyer in buyers]
    spent = [buyer.spent for buyer in buyers]
    ratio = _sum(weights, spent) / _sum(weights, said)
    said = [ratio * amount for amount in said]
    log, variance = _ratio(said, _without_surprises(spent, said, weights), weights)
    return math.log(ratio) + log, variance


def _average_fit(rows, spent, weights):
    """The level and the weights half way between those of the two regressions."""
    simple = _regress([row[:1] for row in rows], spent, weights, 1.0)
    full = _regress(rows, spent, weights, 1.5)
    halves = [(one + other) / 2 for one, other in zip(simple, full, strict=False)]
    return halves[0], [halves[1], *(number / 2 for number in full[2:])]


def _knots(sums, told, spent, weights):
    """How the curve bends: groups of buyers in the order of their weighted sums, each drawn towards what the sums say
    the more, the less it tells; never falling. The band of a group is what its buyers really spent."""
    total = _sum(weights, (math.exp(_held(total)) for total in sums))
    shift = math.log(_sum(weights, told) / total)
    order = sorted(range(len(sums)), key=lambda place: sums[place])
    count = max(1, min(GROUPS, len(order) // FEW_OF_GROUP))
    knots, floor = [], -math.inf
    for group in range(count):
        members = order[group * len(order) // count : (group + 1) * len(order) // count]
        at = math.fsum(sums[place] for place in members) / len(members)
        said = [math.exp(_held(sums[place] + shift)) for place in members]
        bend = _bend(said, [told[place] for place in members], [weights[place] for place in members])
        floor = max(floor, at + shift + bend)
        ratios = sorted(
            (spent[place] / amount / math.exp(floor - at - shift), weights[place])
            for place, amount in zip(members, said, strict=True)
        )
        if knots and at <= knots[-1][0]:
            continue
        knots.append((at, floor, *_band(ratios)))
    return tuple(knots)


def _bend(said, told, weights):
    """The logarithm of what came to what was said, shrunk by its own uncertainty."""
    log, variance = _ratio(said, told, weights)
    return log * BEND_VARIANCE / (BEND_VARIANCE + variance)


def _ratio(said, told, weights):
    """The logarithm of what came to what was said, a thousandth at least, and its variance."""
    total, came = _sum(weights, said), _sum(weights, told)
    variance = math.fsum((w * (t - s)) ** 2 for w, s, t in zip(weights, said, told, strict=True)) / total**2
    return math.log(max(came, total / 1000) / total), variance


def _band(ratios):
    """The ends of a band that holds four of five: from the first tenth to the ninth, or from zero where a fifth bought
    nothing.

    :param ratios: ``[(ratio, weight)]`` in ascending order
    """
    total = math.fsum(weight for _ratio, weight in ratios)
    nothing = math.fsum(weight for ratio, weight in ratios if ratio <= 0) / total
    below = (1 - BAND) / 2
    if nothing > below:
        below = max(0.0, 2 * below - nothing)
    return (0.0 if nothing > below else _quantile(ratios, below, total)), _quantile(ratios, below + BAND, total)


def _quantile(ratios, share, total):
    seen = 0.0
    for ratio, weight in ratios:
        seen += weight
        if seen >= share * total * (1 - 1e-12):
            return ratio
    return ratios[-1][0]


def _limits(values):
    ordered = sorted(values)
    return tuple(ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (LOW_SHARE, HIGH_SHARE))


def _without_surprises(spent, said, weights):
    """What was spent, but of no customer further from what was said than a share of everything."""
    everything = _sum(weights, said)
    found = []
    for amount, expected, weight in zip(spent, said, weights, strict=True):
        most = MOST_SURPRISE * everything / weight
        found.append(min(max(amount, expected - most), expected + most))
    return found


def _regress(rows, spent, weights, power):
    """Weights of a logarithmic regression by Newton's method, and first the level with which all comes to what was
    spent.

    :param rows: ``[(value, …)]``
    :param float power: the variance grows like the mean to this power
    :return: ``[level, weight, …]``
    """
    size = len(rows[0])
    total = math.fsum(weights)
    means = [_sum(weights, (row[i] for row in rows)) / total for i in range(size)]
    spreads = [math.sqrt(_sum(weights, ((row[i] - means[i]) ** 2 for row in rows)) / total) or 1.0 for i in range(size)]
    centred = [(1.0, *((row[i] - means[i]) / spreads[i] for i in range(size))) for row in rows]
    numbers = [0.0] * (size + 1)
    for _step in range(STEPS):
        slope, curve = _slopes(centred, spent, weights, numbers, power)
        moves = solve(curve, slope)
        length = max(map(abs, moves))
        share = min(1.0, MOST_STEP / max(length, MOST_STEP))
        numbers = [number + share * move for number, move in zip(numbers, moves, strict=True)]
        if length < NO_STEP:
            break
    said, came = _sum(weights, (math.exp(_held(_dot(numbers, row))) for row in centred)), _sum(weights, spent)
    slopes = [number / spread for number, spread in zip(numbers[1:], spreads, strict=True)]
    return [numbers[0] + math.log(came / said) - _dot(slopes, means), *slopes]


def _slopes(rows, spent, weights, numbers, power):
    """The slopes of the quasi-likelihood, and how fast they fall: symmetric and positive."""
    size = len(numbers)
    slope = [0.0] * size
    curve = [[0.0] * size for _place in range(size)]
    for row, amount, weight in zip(rows, spent, weights, strict=True):
        log = _held(_dot(numbers, row))
        pull = weight * math.exp((1 - power) * log)
        said = math.exp(log)
        firm, left = pull * said, pull * (amount - said)
        for i in range(size):
            value = row[i]
            slope[i] += left * value
            weighted = firm * value
            line = curve[i]
            for j in range(i + 1):
                line[j] += weighted * row[j]
    for i in range(size):
        if i:
            slope[i] -= FIRMNESS * numbers[i]
            curve[i][i] += FIRMNESS
        for j in range(i):
            curve[j][i] = curve[i][j]
    return slope, curve


def _within(value, limits):
    return min(max(value, limits[0]), limits[1])


def _sum(weights, values):
    return math.fsum(weight * value for weight, value in zip(weights, values, strict=True))


def _dot(numbers, row):
    return sum(number * value for number, value in zip(numbers, row, strict=True))


def _held(log):
    return min(max(log, -MOST_LOG), MOST_LOG)
