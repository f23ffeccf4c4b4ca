"""Whole points for a few criteria, learned from what came of earlier rows: a logistic regression on bands and names
with forward selection, rounded to what a person would write.

Plain mathematics. Each step looks for the criterion that explains most of what is left unexplained in the fifth of the
rows that it was not learned from, and then fits all of them anew (Newton's method with a ridge). Effects of a measure
are made monotone (pool adjacent violators) unless a bend explains clearly more. Sources: Siddiqi, *Credit Risk
Scorecards* (2006), for points from log-odds; Hastie, Tibshirani and Friedman (2009), 3.3 and 4.4; Barlow et al. (1972).
"""

from collections import defaultdict
from typing import NamedTuple

from ..base.numbers import logistic, solve
from .judging import shrunk_curve
from .sums import as_codes, as_values, combined, sums_by

MOST_CRITERIA, TOTAL = 8, 100
# Names are put together in so many levels at most.
MOST_LEVELS = 6
FOLDS = 5
# How much likelier a criterion must make the rows that it was not learned from, and a bend the others. Little is enough
# for a criterion: where few rows have the outcome, more would leave out what is true.
LEAST_GAIN, BEND_GAIN = 0.5, 6.0
# How firmly effects are held at zero: as if so much had been seen that says nothing.
RIDGE, SHRINK = 1.0, 8.0
STEPS = 8
# Sums are compared on so many digits, lest the order of adding decides.
DIGITS = 7


class Term(NamedTuple):
    """A criterion: the codes of a field in groups with an effect each; of bands every code is a group of its own, names
    that tell about the same are one."""

    field: object
    groups: tuple  # the group of each code

    @property
    def size(self):
        return max(self.groups) + 1


class Criterion(NamedTuple):
    """A criterion with whole points: by bands ``((lower bound, points), …)`` or by names ``((names, points), …)``, and
    without data, or for all other names."""

    key: str
    bands: tuple = ()
    cases: tuple = ()
    if_none: int = 0

    @property
    def most(self):
        return max([self.if_none, *(points for _which, points in self.bands or self.cases)])

    def of(self, value):
        """The points for a value."""
        if self.cases:
            return next((points for names, points in self.cases if value in names), self.if_none)
        if value is None:
            return self.if_none
        return next((points for bound, points in reversed(self.bands) if value >= bound), 0)


class Scorecard(NamedTuple):
    """Criteria, and the curve from their points to the chance: level and slope of the log-odds."""

    criteria: tuple
    level: float
    slope: float

    def scores(self, values):
        """The points of each row.

        :param dict values: ``{field: [value of each row]}``
        """
        rows = len(next(iter(values.values()), ()))
        scores = [0] * rows
        for criterion in self.criteria:
            known = {value: criterion.of(value) for value in set(values[criterion.key])}
            scores = [score + known[value] for score, value in zip(scores, values[criterion.key], strict=True)]
        return scores

    def chance(self, score):
        return logistic(self.level + self.slope * score)


def nothing():
    """What is called between the parts of learning, where no user can stop it."""


def learn(fields, values, outcomes, between=nothing):
    """The scorecard that tells the outcomes best.

    :param fields: the fields that may be used, see :class:`.bands.Field`
    :param dict values: ``{field: [value of each row]}``, in an order that has nothing to do with the outcomes
    :param outcomes: what came of each row: 0 or 1, or a rank from 0 to 1
    :param between: called between the parts; by an exception it ends there
    :rtype: Scorecard
    """
    learner = Learner(fields, values, outcomes, between)
    for _place in range(MOST_CRITERIA):
        if not learner.add():
            break
    criteria = learner.criteria()
    scores = Scorecard(criteria, 0.0, 0.0).scores(values) or [0] * len(outcomes)
    effects = sum(term.size - 1 for term in learner.terms)
    return Scorecard(criteria, *shrunk_curve(scores, outcomes, effects))


class Learner:
    """The rows, the criteria chosen so far, and what these leave unexplained."""

    def __init__(self, fields, values, outcomes, between=nothing):
        self.between = between
        self.fields = sorted(fields, key=lambda field: field.key)
        self.rows = len(outcomes)
        self.outcomes = outcomes
        self.codes = {field.key: as_codes(field.codes(values[field.key])) for field in self.fields}
        folds = as_codes([row % FOLDS for row in range(self.rows)])
        self.fold_codes = {field.key: combined(self.codes[field.key], field.size, folds) for field in self.fields}
        self.counts = {
            field.key: sums_by(self.codes[field.key], as_values([1.0] * self.rows), field.size) for field in self.fields
        }
        self.terms, self.effects, self.level = [], [], 0.0
        self._fit()

    # ------------------------------------------------------------
    # Choosing
    # ------------------------------------------------------------

    def add(self):
        """Add the criterion that explains most of what is left; whether there is one."""
        best = None
        for field in self.fields:
            if any(term.field == field for term in self.terms):
                continue
            self.between()
            surprise, weight = (
                sums_by(self.fold_codes[field.key], values, field.size * FOLDS) for values in self._left()
            )
            gain, term = (self._band_gain if field.bounds else self._name_gain)(field, surprise, weight)
            if term and gain > LEAST_GAIN and (best is None or round(gain, DIGITS) > best[0]):
                best = (round(gain, DIGITS), term)
        if not best:
            return False
        self.terms.append(best[1])
        self._fit()
        return True

    def _left(self):
        """What is left unexplained of each row, and how much each says: outcome less chance, chance × its opposite."""
        if self._left_over is None:
            known = {cell: logistic(self._log_odds(cell)) for cell in self.cells}
            chances = [known[cell] for cell in self.row_cells]
            surprise = [outcome - chance for outcome, chance in zip(self.outcomes, chances, strict=True)]
            self._left_over = as_values(surprise), as_values([chance * (1 - chance) for chance in chances])
        return self._left_over

    def _by_fold(self, field, sums):
        size = field.size
        return [sums[size * fold : size * (fold + 1)] for fold in range(FOLDS)]

    def _band_gain(self, field, surprise, weight):
        """What a criterion of bands would explain of the parts that it is not learned from."""
        gain, size = 0.0, field.size
        folds = list(zip(self._by_fold(field, surprise), self._by_fold(field, weight), strict=True))
        for tried in range(FOLDS):
            first, second = ([sum(folds[fold][part][code] for fold in range(FOLDS) if fold != tried)
                              for code in range(size)] for part in (0, 1))  # fmt: skip
            effects = _shaped(first, second, len(field.bounds))
            gain += sum(
                effect * s - effect * effect * w / 2 for effect, s, w in zip(effects, *folds[tried], strict=True)
            )
        return gain, Term(field, tuple(range(size)))

    def _name_gain(self, field, surprise, weight):
        """What a criterion of names, put together in levels, would explain of the parts that it is not learned from."""
        gain, size = 0.0, field.size
        folds = list(zip(self._by_fold(field, surprise), self._by_fold(field, weight), strict=True))
        for tried in range(FOLDS):
            first, second = ([sum(folds[fold][part][code] for fold in range(FOLDS) if fold != tried)
                              for code in range(size)] for part in (0, 1))  # fmt: skip
            for members in _levels(first, second):
                effect = sum(first[code] for code in members) / (sum(second[code] for code in members) + SHRINK)
                tried_s, tried_w = (sum(folds[tried][part][code] for code in members) for part in (0, 1))
                gain += effect * tried_s - effect * effect * tried_w / 2
        first, second = ([sum(folds[fold][part][code] for fold in range(FOLDS)) for code in range(size)]
                         for part in (0, 1))  # fmt: skip
        levels = _levels(first, second)
        if len(levels) < 2:
            return 0.0, None
        # Other names, where there were none to learn from, are a group about which nothing is known.
        places = {code: level for level, members in enumerate(levels) for code in members}
        return gain, Term(field, tuple(places.get(code, len(levels)) for code in range(size)))

    # ------------------------------------------------------------
    # Fitting
    # ------------------------------------------------------------

    def _fit(self):
        """Fit the effects of all criteria together, on the rows that are alike put together."""
        keys = [[term.groups[code] for code in self.codes[term.field.key]] for term in self.terms]
        self.row_cells = list(zip(*keys, strict=True)) if keys else [()] * self.rows
        self.cells = defaultdict(lambda: [0, 0.0])
        for cell, outcome in zip(self.row_cells, self.outcomes, strict=True):
            seen = self.cells[cell]
            seen[0] += 1
            seen[1] += outcome
        starts, size = [], 1
        for term in self.terms:
            starts.append(size)
            size += term.size
        numbers = [self.level, *(number for effects in self.effects for number in effects)]
        numbers += [0.0] * (size - len(numbers))
        groups = [((0, *(start + group for start, group in zip(starts, cell, strict=True))), count, hits)
                  for cell, (count, hits) in sorted(self.cells.items())]  # fmt: skip
        for _step in range(STEPS):
            numbers = _newton_step(groups, numbers)
        self.level = numbers[0]
        self.effects = [numbers[start : start + term.size] for start, term in zip(starts, self.terms, strict=True)]
        self._left_over = None

    def _log_odds(self, cell):
        return self.level + sum(effects[group] for effects, group in zip(self.effects, cell, strict=True))

    # ------------------------------------------------------------
    # Points
    # ------------------------------------------------------------

    def criteria(self):
        """The criteria with whole points that add up to about 100."""
        heights = []
        for term, effects in zip(self.terms, self.effects, strict=True):
            if term.field.bounds:
                heights.append(self._band_heights(term.field, effects))
            else:
                heights.append([effect - min(effects) for effect in effects])
        whole = sum(map(max, heights))
        if not whole:
            return ()
        criteria = []
        for term, height in zip(self.terms, heights, strict=True):
            points = [round(TOTAL * value / whole) for value in height]
            if max(points) > 0:
                are_others = self.counts[term.field.key][term.field.others] > 0
                criteria.append(_criterion(term, points, are_others))
        return tuple(sorted(criteria, key=lambda criterion: (-criterion.most, criterion.key, str(criterion))))

    def _band_heights(self, field, effects):
        """The effects of the bands as heights above the lowest, monotone unless a bend says clearly more."""
        counts = self.counts[field.key]
        bands = len(field.bounds)
        weights = [count + 1e-9 for count in counts]
        shaped = _monotone(effects[:bands], weights[:bands])
        loss = sum(w * (e - s) ** 2 for e, s, w in zip(effects, shaped, weights, strict=False)) / 8
        known = shaped if loss < BEND_GAIN else effects[:bands]
        # Of rows without a value one may know nothing: then they stand where the average row does.
        if counts[bands]:
            none = effects[bands]
        else:
            none = sum(k * w for k, w in zip(known, weights, strict=False)) / sum(weights[:bands])
        lowest = min([*known, none])
        return [*(value - lowest for value in known), none - lowest]


def _newton_step(groups, numbers):
    size = len(numbers)
    first = [-RIDGE * number for number in numbers]
    first[0] = 0.0
    second = [[0.0] * size for _number in numbers]
    for place in range(1, size):
        second[place][place] = RIDGE
    second[0][0] = 1e-9
    for places, count, hits in groups:
        chance = logistic(sum(numbers[place] for place in places))
        surprise, weight = hits - count * chance, count * chance * (1 - chance)
        for place in places:
            first[place] += surprise
            row = second[place]
            for other in places:
                row[other] += weight
    return [number + max(-2.0, min(2.0, step)) for number, step in zip(numbers, solve(second, first), strict=True)]


def _shaped(surprise, weight, bands):
    """The effects of bands, monotone in the direction that says more; the last is that of unknown values."""
    effects = [s / (w + SHRINK) for s, w in zip(surprise, weight, strict=True)]
    return [*_monotone(effects[:bands], [w + 1e-9 for w in weight[:bands]]), *effects[bands:]]


def _monotone(effects, weights):
    """The monotone numbers that are nearest to the effects: rising or falling, whichever is nearer."""
    rising = _rising(effects, weights)
    falling = [-value for value in _rising([-value for value in effects], weights)]
    losses = [round(sum(w * (e - f) ** 2 for e, f, w in zip(effects, found, weights, strict=True)), DIGITS)
              for found in (rising, falling)]  # fmt: skip
    return rising if losses[0] <= losses[1] else falling


def _rising(effects, weights):
    """Pool adjacent violators."""
    blocks = []
    for effect, weight in zip(effects, weights, strict=True):
        blocks.append([effect, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            value, mass, count = blocks.pop()
            last = blocks[-1]
            last[0] = (last[0] * last[1] + value * mass) / (last[1] + mass)
            last[1] += mass
            last[2] += count
    return [value for value, _mass, count in blocks for _place in range(count)]


def _levels(surprise, weight):
    """The codes of names in levels, the worst first: those beside each other in the order by effect that tell most when
    they are put together.

    :rtype: list[tuple[int]]
    """
    effect = {code: s / (w + SHRINK) for code, (s, w) in enumerate(zip(surprise, weight, strict=True)) if w > 0}
    order = sorted(effect, key=lambda code: (round(effect[code], DIGITS), code))
    passed = [(0.0, 0.0)]
    for code in order:
        passed.append((passed[-1][0] + surprise[code], passed[-1][1] + weight[code]))
    best = {0: (0.0, ())}  # worth and ends of the levels, by how many of the names they hold
    found = (0.0, (len(order),))
    for _level in range(min(MOST_LEVELS, len(order))):
        following = {}
        for start, (worth, ends) in best.items():
            for end in range(start + 1, len(order) + 1):
                s, w = (passed[end][part] - passed[start][part] for part in (0, 1))
                value = round(worth + s * s / (w + SHRINK) / 2, DIGITS)
                if end not in following or value > following[end][0]:
                    following[end] = (value, (*ends, end))
        if len(order) in following and following[len(order)][0] > found[0]:
            found = following.pop(len(order))
        best = following
    starts = [0, *found[1][:-1]]
    return [tuple(order[start:end]) for start, end in zip(starts, found[1], strict=True)]


def _criterion(term, points, are_others):
    """The criterion as it is written: bands of equal points are one, and so are names of equal points.

    :param list points: of each group
    :param bool are_others: whether there were rows with other names to learn from
    """
    field = term.field
    if field.bounds:
        bands, last = [], None
        for bound, given in zip(field.bounds, points, strict=False):
            if given != last:
                bands.append((bound, given))
                last = given
        return Criterion(field.key, bands=tuple(bands), if_none=points[-1])
    by_points = defaultdict(list)
    for name, group in zip(field.names, term.groups, strict=False):
        by_points[points[group]].append(name)
    # Names that are yet to come count as those that few rows have, or else as the names about which least is said.
    others = points[term.groups[field.others]]
    if not are_others:
        others = min(by_points, key=lambda given: (abs(given - others), given))
    if are_others or len(by_points) == 2:  # a yes or no is one filter
        by_points.pop(others, None)
    cases = [(tuple(names), given) for given, names in sorted(by_points.items(), reverse=True)]
    return Criterion(field.key, cases=tuple(cases), if_none=others)
