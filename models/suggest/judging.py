"""How well a score tells: the area under its curve, its calibration, and limits between which it is cut into grades.

Plain mathematics. *Naive Bayes* is the method by which Odoo predicts the probability of a lead, on the same rows.
"""

import math
from collections import defaultdict

from ..backtest.chance import curve
from ..base.numbers import logistic

# Odoo's own: so much is added to each frequency.
SMOOTHING = 0.1
LEAST_OF_GRADE = 0.08
GROUPS = 10
LEVEL_STEPS = 20


def area(scores, outcomes):
    """The area under the curve: how often one with the outcome stands before one without; None without both.

    Outcomes between 0 and 1 count as so much of a row with the outcome, and the rest of one without.
    """
    counts = defaultdict(lambda: [0.0, 0.0])
    for score, outcome in zip(scores, outcomes, strict=True):
        counts[score][0] += outcome
        counts[score][1] += 1 - outcome
    hits = misses = won = 0.0
    for _score, (of_hits, of_misses) in sorted(counts.items()):
        won += of_hits * (misses + of_misses / 2)
        hits += of_hits
        misses += of_misses
    return won / (hits * misses) if hits and misses else None


def calibration_error(chances, outcomes):
    """The average distance of what was expected from what came, in tenths by what was expected.

    Of equal chances no tenth has the hits and another one the misses: in each came what came of all of them.
    """
    order = [(chance, came / count) for chance, count, came in _counted(chances, outcomes) for _row in range(count)]
    error = 0.0
    for place in range(GROUPS):
        group = order[place * len(order) // GROUPS : (place + 1) * len(order) // GROUPS]
        if group:
            error += abs(math.fsum(chance - outcome for chance, outcome in group))
    return error / len(order) if order else None


def _counted(scores, outcomes):
    """``[(score, rows, sum of their outcomes), …]``, the lowest score first."""
    counts = defaultdict(lambda: [0, 0.0])
    for score, outcome in zip(scores, outcomes, strict=True):
        counts[score][0] += 1
        counts[score][1] += outcome
    return [(score, *counts[score]) for score in sorted(counts)]


def shrunk_curve(scores, outcomes, effects):
    """Level and slope of the log-odds over a score, as they hold for other rows than those that it was learned from.

    The slope that suits these best is drawn towards none, by the part of their likelihood that so many effects reach by
    chance alone; the level keeps the average. Source: van Houwelingen and le Cessie (1990), *Predictive value of
    statistical models*.

    :param outcomes: 0 or 1, or a rank from 0 to 1
    :param int effects: how many numbers the score was learned by
    """
    groups = _counted(scores, outcomes)
    found = curve(groups)
    if not found:
        return 0.0, 0.0
    level, slope = found
    chances = {score: logistic(level + slope * score) for score, _count, _hits in groups}
    gain = 2 * sum(_likelihood(count, hits, chances[score]) for score, count, hits in groups)
    gain -= 2 * _likelihood(len(outcomes), math.fsum(outcomes))
    # Ranks stray less than what comes or does not.
    strayed = math.fsum((outcome - chances[score]) ** 2 for score, outcome in zip(scores, outcomes, strict=True))
    stray = strayed / math.fsum(count * chances[score] * (1 - chances[score]) for score, count, _hits in groups)
    slope *= max(0.0, 1 - effects * stray / gain) if gain > 0 else 0.0
    for _step in range(LEVEL_STEPS):
        said = [(count, logistic(level + slope * score)) for score, count, _hits in groups]
        short = math.fsum(outcomes) - math.fsum(count * chance for count, chance in said)
        level += max(-1.0, min(1.0, short / math.fsum(count * chance * (1 - chance) for count, chance in said)))
    return level, slope


def best_limits(scores, outcomes, count):
    """Where ``count`` grades begin, the best first, so that each tells most, and each lower one falls short of the one
    before; fewer where the score does not carry as many. The last begins at 0.

    :rtype: list[int]
    """
    values, passed = [], [(0, 0.0)]
    for value, size, hits in reversed(_counted(scores, outcomes)):
        values.append(value)
        passed.append((passed[-1][0] + size, passed[-1][1] + hits))
    least = LEAST_OF_GRADE * len(scores)
    while count > 1:
        if found := _limits(values, passed, count, least):
            return [*(math.ceil(values[end - 1]) for end in found), 0]
        count -= 1
    return [0]


def _limits(values, passed, count, least):
    """After how many of the values each grade but the last ends, by dynamic programming over the likelihood."""
    ends = [place for place in range(1, len(values) + 1) if passed[place][0] >= least]
    best = {0: (0.0, (), math.inf)}
    for grade in range(count):
        following = {}
        for start, (worth, chosen, rate) in best.items():
            for end in ends if grade < count - 1 else [len(values)]:
                size, hits = passed[end][0] - passed[start][0], passed[end][1] - passed[start][1]
                if end <= start or size < least or hits / size >= rate:
                    continue
                found = (worth + _likelihood(size, hits), (*chosen, end), hits / size)
                if end not in following or round(found[0], 7) > round(following[end][0], 7):
                    following[end] = found
        best = following
    return best[len(values)][1][:-1] if len(values) in best else None


def _likelihood(size, hits, chance=None):
    """The log-likelihood of so many hits at a chance, by default the one that suits them best."""
    chance = hits / size if chance is None else chance
    parts = ((hits, chance), (size - hits, 1 - chance))
    return sum(part * math.log(likely) for part, likely in parts if part > 0)


class NaiveBayes:
    """Odoo's predictive lead scoring: each value counted alone among the won and among the lost."""

    def __init__(self, values, outcomes):
        self.won = math.fsum(outcomes)
        self.lost = len(outcomes) - self.won
        self.odds = {}
        for key, column in values.items():
            counts = defaultdict(lambda: [SMOOTHING, SMOOTHING])
            for value, outcome in zip(column, outcomes, strict=True):
                if value is not None:
                    counts[value][0] += outcome
                    counts[value][1] += 1 - outcome
            won, lost = (math.fsum(pair[place] for pair in counts.values()) for place in (0, 1))
            self.odds[key] = {
                value: math.log(pair[0] / won) - math.log(pair[1] / lost) for value, pair in counts.items()
            }

    def log_odds(self, values):
        """The log-odds of each row; what was never seen says nothing."""
        rows = len(next(iter(values.values()), ()))
        found = [math.log(self.won / self.lost)] * rows
        for key, odds in self.odds.items():
            found = [total + odds.get(value, 0.0) for total, value in zip(found, values[key], strict=True)]
        return found
