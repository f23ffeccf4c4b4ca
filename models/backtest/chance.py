"""How far figures of a few customers can be trusted: intervals of 95 %, and the calibration of a score.

Plain mathematics. Sources: Wilson (1927) for shares; the normal interval for means, and Welch (1947) for the difference
of two; DeLong, DeLong and Clarke-Pearson (1988) for the area under the curve; linearization (Särndal, Swensson and
Wretman 1992, 5.5) for shares of a sum and for what is paired by customer.
"""

import math
from collections import defaultdict
from typing import NamedTuple

from ..base.numbers import logistic

# Of 100 such intervals 95 hold the true value: the quantile of the normal distribution.
Z = 1.959963984540054
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


def normal(value, variance):
    """A figure with the variance of its estimate; without one there are no limits."""
    if value is None or variance is None:
        return Interval(value)
    half = Z * math.sqrt(max(0.0, variance))
    return Interval(value, value - half, value + half)


def mean(total, variance, count):
    """The mean of ``count`` figures that add up to ``total``.

    :param float variance: of the single figure; None of fewer than two
    """
    if not count:
        return Interval()
    return normal(total / count, None if variance is None else variance / count)


def is_within_chance(left, right):
    """Whether two independent figures may well differ by chance alone.

    :param left, right: ``(value, variance of the value)``; None of a variance is not known
    """
    if left[1] is None or right[1] is None:
        return True
    return abs(left[0] - right[0]) <= Z * math.sqrt(left[1] + right[1])


def share_variance(rate, count):
    """The variance of a share, as if one hit and one miss had been seen beside: one of none would be certain."""
    likely = (rate * count + 1) / (count + 2)
    return likely * (1 - likely) / count


def area(parts):
    """The area under the curve with DeLong's interval.

    :param dict parts: ``{hit: (count, mean, variance)}`` of the share of the others that each stands before
    """
    if True not in parts or False not in parts:
        return Interval()
    return normal(parts[True][1], _sum_of_variances(parts))


def _sum_of_variances(parts):
    if any(variance is None for _count, _mean, variance in parts.values()):
        return None
    return math.fsum(variance / count for count, _mean, variance in parts.values())


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
