import math
from typing import NamedTuple

from ..base.numbers import solve

# How much the company's own past must say before it is believed more than the model: what twenty customers say of a
# number that is as likely as not, 20 × ½ × ½.
SHRINKAGE = 5
# The greatest step of a number between two tries, in units of its own spread.
MOST_STEP = 1
STEPS, NO_STEP = 100, 1e-9
# How far one believes that the season that is to come will be to the seasons before as it was a year ago. Believed
# wholly, chance of the year before would be foretold once more.
SEASON_SHARE = 0.5
# Shares of the peak that a limit can be; the smallest one is as good as none.
SHARES = [place / 100 for place in range(2, 91)]
DEFAULT_SHARE = 0.25
# Of those called lost at least so many were, and what they bought afterwards is at most this share of all revenue.
LEAST_RIGHT, MOST_WRITTEN_OFF = 0.5, 0.15
# The share of the customers that new numbers may move to another stage in a week, unless one customer is more.
MOST_MOVED = 0.01


class Calibration(NamedTuple):
    """How a company's own past corrects the log-odds to buy that the purchase model gives.

    ``level + odds · log-odds − silence · log(1 + silence of the customer in intervals) + orders · log(orders)``. None
    but the level is negative: silence never makes a purchase likelier, and an order never makes one less likely.
    """

    level: float
    odds: float
    silence: float
    orders: float

    def log_odds(self, evidence):
        """The corrected log-odds.

        :param evidence: ``(log-odds of the model, log(1 + silence in intervals), log(orders))``
        :rtype: float
        """
        odds, silence, orders = evidence
        return self.level + self.odds * odds - self.silence * silence + self.orders * orders

    def probability(self, evidence):
        return _logistic(self.log_odds(evidence))


# The model as it is.
UNCALIBRATED = Calibration(0.0, 1.0, 0.0, 0.0)


class CalibrationFit:
    """A logistic regression on what came of former predictions, shrunk towards leaving the model as it is.

    :param outcomes: ``[(evidence, customers, customers who bought, shift)]``, the evidence as :class:`Calibration`
        takes it, the customers by weight; by the shift the log-odds were higher then than they will be
    """

    def __init__(self, outcomes):
        self.rows = [
            ((1.0, odds, -silence, orders), customers, bought, shift)
            for (odds, silence, orders), customers, bought, shift in outcomes
        ]
        total = sum(customers for _row, customers, *_ in self.rows)
        self._spread = [1.0]
        for place in (1, 2, 3):
            mean = sum(row[place] * customers for row, customers, *_ in self.rows) / total
            square = sum((row[place] - mean) ** 2 * customers for row, customers, *_ in self.rows) / total
            self._spread.append(math.sqrt(square) or 1.0)

    def fit(self):
        """The numbers that explain the outcomes best, to six digits.

        What would be negative stays at zero, and the others are fitted again.

        :rtype: Calibration
        """
        fixed = set()
        while True:
            numbers = self._climb([place for place in range(4) if place not in fixed])
            negative = {place for place in (1, 2, 3) if numbers[place] < 0}
            if not negative:
                return Calibration(*(float(f"{number:.6g}") for number in numbers))
            fixed |= negative

    def log_likelihood(self, numbers):
        """How likely the outcomes are by these numbers, less what it costs to leave the model: a logarithm.

        :param Calibration numbers:
        :rtype: float
        """
        total = -sum(self._penalties(numbers)) / 2
        for row, customers, bought, shift in self.rows:
            log_odds = shift + sum(number * value for number, value in zip(numbers, row, strict=True))
            total += bought * log_odds - customers * (max(log_odds, 0.0) + math.log1p(math.exp(-abs(log_odds))))
        return total

    def _penalties(self, numbers):
        return [
            SHRINKAGE * (spread * (number - model)) ** 2
            for number, model, spread in zip(numbers, UNCALIBRATED, self._spread, strict=True)
        ]

    def _climb(self, free):
        """The best numbers by Newton's method, where all but the ``free`` ones are zero."""
        numbers = [number if place in free else 0.0 for place, number in enumerate(UNCALIBRATED)]
        for _step in range(STEPS):
            slopes, curvature = self._slopes(numbers)
            step = solve([[curvature[i][j] for j in free] for i in free], [slopes[i] for i in free])
            length = max(abs(move) * self._spread[place] for place, move in zip(free, step, strict=True))
            for place, move in zip(free, step, strict=True):
                numbers[place] += move * min(1.0, MOST_STEP / max(length, MOST_STEP))
            if length < NO_STEP:
                break
        return numbers

    def _slopes(self, numbers):
        """The slopes of the log-likelihood, and how fast they fall."""
        level, odds, silence, orders = numbers
        slope, curve = [0.0] * 4, [[0.0] * 4 for _place in range(4)]
        for row, customers, bought, shift in self.rows:
            share = _logistic(shift + level + odds * row[1] + silence * row[2] + orders * row[3])
            left, weight = bought - customers * share, customers * share * (1 - share)
            for i in range(4):
                slope[i] += left * row[i]
                weighted = weight * row[i]
                for j in range(i, 4):
                    curve[i][j] += weighted * row[j]
        for i in range(4):
            firmness = SHRINKAGE * self._spread[i] ** 2
            slope[i] -= firmness * (numbers[i] - UNCALIBRATED[i])
            curve[i][i] += firmness
            for j in range(i):
                curve[i][j] = curve[j][i]
        return slope, curve


def seasonal_fit(outcomes, pairs, year_ago):
    """The fit for the season that is to come.

    Where periods can be held against the same seasons a year earlier, each has a level, all else being the same, and
    what is to come lies between two guesses: between the level of the season a year ago and that of the last periods;
    and where the former comes to if the season goes the way of the last periods, which differ by so much from those a
    year earlier. So a company whose customers buy half as often as a year ago is told apart from one out of season.

    :param outcomes: ``[(day, weight, evidence, customers, customers who bought)]``
    :param pairs: ``[(day of a period, that of the same season a year earlier)]``; without any, periods count as they
        are weighed
    :param int year_ago: the day of the period with the season that is to come
    :rtype: CalibrationFit
    """
    days = {}
    for day, weight, evidence, customers, bought in outcomes:
        days.setdefault((day, weight), []).append((evidence, customers, bought))
    weighed = {key: rows for key, rows in days.items() if key[1]}
    fit = _shifted_fit(weighed, {})
    if not pairs:
        return fit
    usual = fit.fit()
    levels = {day: _level(rows, usual) for (day, _weight), rows in days.items()}
    now = math.fsum(levels[day] for day, _before in pairs) / len(pairs)
    then = math.fsum(levels[before] for _day, before in pairs) / len(pairs)
    middle, carried_on = (levels[year_ago] + now) / 2, levels[year_ago] + now - then
    to_come = middle + SEASON_SHARE * (carried_on - middle)
    return _shifted_fit(weighed, {day: level - to_come for day, level in levels.items()})


def _shifted_fit(weighed, shifts):
    return CalibrationFit(
        (evidence, weight * customers, weight * bought, shifts.get(day, 0.0))
        for (day, weight), rows in weighed.items()
        for evidence, customers, bought in rows
    )


def _level(rows, usual):
    """By how much the log-odds of a period are above what a calibration says, shrunk like its numbers.

    :param rows: ``[(evidence, customers, customers who bought)]``
    :param Calibration usual:
    """
    said = [(usual.log_odds(evidence), customers, bought) for evidence, customers, bought in rows]
    level = 0.0
    for _step in range(STEPS):
        slope, curve = -SHRINKAGE * level, float(SHRINKAGE)
        for log_odds, customers, bought in said:
            share = _logistic(log_odds + level)
            slope += bought - customers * share
            curve += customers * share * (1 - share)
        step = max(-MOST_STEP, min(MOST_STEP, slope / curve))
        level += step
        if abs(step) < NO_STEP:
            break
    return level


class LostLimit(NamedTuple):
    """From which share of the peak on a customer is called lost, and how that would have gone: of those called lost the
    share that was (``right``), and the share of all revenue that they brought afterwards (``written_off``).

    ``quality`` is the mean of the share of the gone that is called lost and the share of the others that is not, and
    ``error`` its standard error.
    """

    share: float
    right: float
    written_off: float
    quality: float
    error: float

    def is_allowed(self):
        return self.right >= LEAST_RIGHT and self.written_off <= MOST_WRITTEN_OFF


def lost_limit(judged, in_force=None):
    """The limit of *Lost* that tells best those who were gone from the others.

    Only limits that write off little revenue, and of which most called lost really were, come into question; where
    there is none, the lowest limit is taken. Of those that are as good within one standard error, the one next to the
    default is taken; the one in force stays while it is as good within two, so that chance moves nothing.

    :param judged: ``[(share of the peak that was left of the probability, gone, amount bought afterwards)]``
    :param float in_force: the share that was learned before
    :rtype: LostLimit
    """
    limits = _tried_limits(sorted(judged), sorted({*SHARES, in_force or DEFAULT_SHARE}))
    allowed = [limit for limit in limits if limit.is_allowed()]
    if not allowed:
        return limits[0]
    best = max(allowed, key=lambda limit: limit.quality)
    for limit in allowed:
        if limit.share == in_force and limit.quality >= best.quality - 2 * best.error:
            return limit
    as_good = [limit for limit in allowed if limit.quality >= best.quality - best.error]
    return min(as_good, key=lambda limit: abs(math.log(limit.share / DEFAULT_SHARE)))


def _tried_limits(judged, shares):
    """How each of the shares, in ascending order, would have done."""
    gone = sum(1 for _left, is_gone, _amount in judged if is_gone)
    stayed = len(judged) - gone
    revenue = math.fsum(amount for _left, _gone, amount in judged)
    tried, place, right, written_off = [], 0, 0, 0.0
    for share in shares:
        while place < len(judged) and judged[place][0] < share:
            right += judged[place][1]
            written_off += judged[place][2]
            place += 1
        found, spared = right / gone, 1 - (place - right) / stayed
        error = math.sqrt(found * (1 - found) / gone + spared * (1 - spared) / stayed) / 2
        of_revenue = written_off / revenue if revenue else 0.0
        tried.append(LostLimit(share, right / place if place else 1.0, of_revenue, (found + spared) / 2, error))
    return tried


def is_few(moved, customers):
    """Whether new numbers may move so many of the customers to another stage at once."""
    return moved <= max(1, MOST_MOVED * customers)


def step_towards(share, former, left):
    """``share``, or as far on the way from the ``former`` limit to it as moves few customers to another stage at once;
    a hundredth at least, so that it arrives.

    :param left: what is left of each customer's peak today, as a share
    :rtype: float
    """
    *way, last = _way(former, share)
    for place in [share, *reversed(way)]:
        moved = sum(_stage(one, place) != _stage(one, former) for one in left)
        if is_few(moved, len(left)):
            return place
    return min([*way, last], key=lambda place: abs(place - former))


def kept_promise(judged, share, target):
    """How the limit ``share`` would have gone, or that of the first share on the way from it to the limit ``target``
    that is allowed, if any is.

    :param judged: as :func:`lost_limit` takes it
    :param LostLimit target: what :func:`lost_limit` has found
    :rtype: LostLimit
    """
    way = [share, *_way(share, target.share)]
    tried = {limit.share: limit for limit in _tried_limits(sorted(judged), sorted(set(way)))}
    return next((tried[place] for place in way if tried[place].is_allowed()), tried[share])


def _way(start, end):
    """The hundredths between two shares in the order from the one to the other, which comes last."""
    between = [place / 100 for place in range(1, 100) if min(start, end) < place / 100 < max(start, end)]
    return [*(between if start < end else reversed(between)), end]


def _stage(left, lost_share):
    return (left < lost_share) + (left < decline_share(lost_share))


def decline_share(lost_share):
    """*Decline* begins half way to *Lost*: when the probability has fallen by the factor that is to come once more.

    ``0.25`` gives ``0.5``
    """
    return math.sqrt(lost_share)


def bands(predicted, count=5):
    """What was predicted beside what came, for customers of about the same probability.

    :param predicted: ``[(probability, customers, customers who bought)]``
    :return: ``[[lowest probability, predicted share, share that bought, customers]]``, as many customers in each as
        their probabilities allow
    """
    rows = sorted(predicted)
    total = sum(customers for _probability, customers, _bought in rows)
    found, sums = [], None
    done = 0
    for probability, customers, bought in rows:
        if sums is None:
            sums = [probability, 0.0, 0, 0]
        sums[1] += probability * customers
        sums[2] += bought
        sums[3] += customers
        done += customers
        if done * count >= total * (len(found) + 1):
            found.append(sums)
            sums = None
    return [[low, said / people, came / people, people] for low, said, came, people in found]


def _logistic(log_odds):
    if log_odds < 0:
        odds = math.exp(max(log_odds, -700.0))
        return odds / (1 + odds)
    return 1 / (1 + math.exp(-log_odds))
