"""How far figures of a few customers can be trusted: intervals of 95 %, and the calibration of a score.

Plain mathematics. Sources: Wilson (1927) for shares, and Agresti and Caffo (2000) for the difference of two; Student
(1908) for means, and Welch (1947) for the difference of two; DeLong, DeLong and Clarke-Pearson (1988) for the area
under the curve; linearization (Särndal, Swensson and Wretman 1992, 5.5) for shares of a sum and for what is paired by
customer.
"""

import math
from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

from ..base.numbers import logistic

# Of 100 such intervals 95 hold the true value: the quantile of the normal distribution, half of what lies within it,
# and the degrees of freedom from which on Student's is the same to six digits.
Z, TAIL, MANY = 1.959963984540054, 0.475, 3e6
# A figure that fewer rows carry has no interval: how far it strays cannot be told from them.
FEWEST = 5
# Sums of equal numbers differ by as much, and such figures stray by nothing.
NOISE, LEAST_NOISE = 1e-9, 1e-12
# Simpson's rule adds up so many slices.
SLICES = 64
# The curve over the score is learned from the leads of four parts of five, and tried on the fifth.
FOLDS = 5
# Newton's method on two numbers.
STEPS, NO_STEP = 50, 1e-10
# As if so little had been seen beside: a score that tells everything has no steepest curve.
RIDGE = 1e-3


class Interval(NamedTuple):
    """A figure and the limits of its interval: None where nothing is known, or too little for limits."""

    value: float = None
    low: float = None
    high: float = None

    def percent(self):
        return Interval(*(None if part is None else 100 * part for part in self))


def share(hits, count):
    """The share of ``hits`` among ``count``, with Wilson's interval."""
    if not count:
        return Interval()
    rate = hits / count
    middle = rate + Z * Z / (2 * count)
    half = Z * math.sqrt(rate * (1 - rate) / count + Z * Z / (4 * count * count))
    whole = 1 + Z * Z / count
    return Interval(rate, max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole))


def interval(value, variance, carrying, freedom=None, within=None):
    """A figure with Student's interval; without limits where too little carries it.

    Where the variance is 0, all that was seen is alike: that says nothing of how far others would stray.

    :param float variance: of the figure; None where it is not known
    :param int carrying: how many rows make the figure what it is
    :param float freedom: degrees of freedom; one fewer than carry it unless given
    :param tuple within: the least and the most that the figure can be
    """
    if value is None or variance is None or carrying < FEWEST:
        return Interval(value)
    error = math.sqrt(max(0.0, variance))
    if error <= NOISE * abs(value) + LEAST_NOISE:
        return Interval(value)
    half = student(carrying - 1 if freedom is None else freedom) * error
    low, high = value - half, value + half
    if within:  # returns can take the figure itself beyond
        low, high = min(value, max(low, within[0])), max(value, min(high, within[1]))
    return Interval(value, low, high)


def mean(total, variance, count, carrying):
    """The mean of ``count`` figures that add up to ``total``.

    :param float variance: of the single figure; None of fewer than two
    :param int carrying: how many of them are not 0
    """
    if not count:
        return Interval()
    return interval(total / count, None if variance is None else variance / count, min(count, carrying), count - 1)


def part_of_sum(value, squares, count, inside, outside):
    """Which part of a sum some of the rows bring, by linearization.

    :param float squares: the sum of the squares of what each row adds to the estimate
    :param int count: how many rows there are
    :param int inside: how many of them bring something of that part
    :param int outside: how many bring something of the rest
    """
    if value is None or squares is None or count < 2:
        return Interval(value)
    return interval(value, squares * count / (count - 1), min(inside, outside), inside + outside - 1, within=(0.0, 1.0))


@lru_cache(maxsize=1000)
def student(freedom):
    """The quantile of Student's distribution beyond which 2.5 % lie: 2.776 at 4 degrees of freedom, 1.96 at many.

    Newton's method from the normal quantile, which is never too great. With *t = √freedom · tan(angle)* the density is
    a power of the cosine, which Simpson's rule adds up to more digits than are shown.
    """
    if freedom > MANY:
        return Z
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    found = Z
    for _step in range(STEPS):
        angle = math.atan(found / math.sqrt(freedom))
        width = angle / SLICES
        heights = [math.cos(width * place) ** (freedom - 1) for place in range(SLICES + 1)]
        area_below = width / 3 * (heights[0] + 4 * sum(heights[1::2]) + 2 * sum(heights[2:-1:2]) + heights[-1])
        density = scale / math.sqrt(freedom) * math.cos(angle) ** (freedom + 1)
        step = (TAIL - scale * area_below) / density
        found += step
        if abs(step) < NO_STEP:
            break
    return found


def shared_freedom(parts):
    """Degrees of freedom of the sum of independent estimates, after Welch and Satterthwaite.

    :param parts: ``[(variance of the estimate, how many it comes from)]``
    """
    parts = list(parts)
    strayed = math.fsum(variance for variance, _count in parts) ** 2
    return strayed / math.fsum(variance**2 / (count - 1) for variance, count in parts)


def is_within_chance(left, right):
    """Whether two independent means may well differ by chance alone, by Welch's test.

    :param left, right: ``(mean, variance of the mean, how many it is of)``
    :return: None where too little is known to say
    """
    if any(not variance or count < FEWEST for _value, variance, count in (left, right)):
        return None
    freedom = shared_freedom(side[1:] for side in (left, right))
    return abs(left[0] - right[0]) <= student(freedom) * math.sqrt(left[1] + right[1])


def are_shares_within_chance(left, right):
    """The same of two shares, as if one hit and one miss more had been seen of each (Agresti and Caffo).

    :param left, right: ``(hits, count)``
    """
    rates = [(hits + 1) / (count + 2) for hits, count in (left, right)]
    variances = [rate * (1 - rate) / (side[1] + 2) for rate, side in zip(rates, (left, right), strict=True)]
    return abs(rates[0] - rates[1]) <= Z * math.sqrt(sum(variances))


def area(parts, within=(0.0, 1.0)):
    """The area under the curve with DeLong's variance, and Student's quantile for as few as there are of either kind.

    :param dict parts: ``{hit: (count, mean, variance)}`` of the share of the others that each stands before
    :param tuple within: the least and the most that it can be; of a difference of two areas −1 and 1
    """
    if True not in parts or False not in parts:
        return Interval()
    value, least = parts[True][1], min(count for count, _mean, _variance in parts.values())
    if any(variance is None for _count, _mean, variance in parts.values()):
        return Interval(value)
    strayed = [(variance / count, count) for count, _mean, variance in parts.values()]
    variance = math.fsum(part for part, _count in strayed)
    freedom = shared_freedom(strayed) if variance > 0 and least > 1 else None
    return interval(value, variance, least, freedom, within)


# ----------------------------------------------------------------
# Calibration
# ----------------------------------------------------------------


def expected_shares(groups):
    """What each group would be expected to have of hits, by a logistic curve over the score that was fitted to the
    other parts.

    :param groups: ``[(part, score, count, hits)]``, with parts 0 to 4
    :return: the expected share of each group, None where the other parts do not suffice
    :rtype: list
    """
    curves = {}
    for part in {group[0] for group in groups}:
        curves[part] = curve([group[1:] for group in groups if group[0] != part])
    return [curve and logistic(curve[0] + curve[1] * score) for curve, score in
            ((curves[part], score) for part, score, _count, _hits in groups)]  # fmt: skip


def calibration_error(said, came):
    """The average distance of what was expected from what came, over groups, weighted by their size (ECE).

    :param dict said: ``{group: (count, expected hits)}``
    :param dict came: ``{group: hits}``
    """
    total = sum(count for count, _hits in said.values())
    if not total:
        return None
    return math.fsum(abs(hits - came[group]) for group, (_count, hits) in said.items()) / total


def curve(groups):
    """Level and slope of the logistic curve that makes the groups most likely; None without hits and misses."""
    merged = defaultdict(lambda: [0, 0])
    for score, count, hits in groups:
        merged[score][0] += count
        merged[score][1] += hits
    total, won = (sum(group[place] for group in merged.values()) for place in (0, 1))
    if not 0 < won < total:
        return None
    middle = math.fsum(score * group[0] for score, group in merged.items()) / total
    spread = math.sqrt(math.fsum((score - middle) ** 2 * group[0] for score, group in merged.items()) / total) or 1.0
    level, slope = math.log(won / (total - won)), 0.0
    for _step in range(STEPS):
        first = [0.0, -RIDGE * slope]
        second = [0.0, 0.0, RIDGE]
        for score, (count, hits) in sorted(merged.items()):
            place = (score - middle) / spread
            chance = logistic(level + slope * place)
            surprise, weight = hits - count * chance, count * chance * (1 - chance)
            first[0] += surprise
            first[1] += surprise * place
            second[0] += weight
            second[1] += weight * place
            second[2] += weight * place * place
        determinant = second[0] * second[2] - second[1] ** 2
        if determinant <= 0:
            break
        steps = (
            (second[2] * first[0] - second[1] * first[1]) / determinant,
            (second[0] * first[1] - second[1] * first[0]) / determinant,
        )
        level, slope = level + max(-1.0, min(1.0, steps[0])), slope + max(-1.0, min(1.0, steps[1]))
        if max(map(abs, steps)) < NO_STEP:
            break
    return level - slope * middle / spread, slope / spread
