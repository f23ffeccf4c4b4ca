"""What separates two kinds of rows: a decision tree of a few levels, which asks one measure at a time.

Plain mathematics: CART with the Gini index (Breiman, Friedman, Olshen and Stone 1984).
"""

from typing import NamedTuple

from .points import nothing

LEVELS = 3
# A leaf has at least so many rows, and such a share of all.
FEW, LEAST_SHARE = 5, 0.01
DIGITS = 9


class Leaf(NamedTuple):
    """The rows that meet all ``tests``: ``(measure, is_at_least, limit)``."""

    tests: tuple
    count: int
    hits: int


def grow(values, outcomes, levels=LEVELS, between=nothing):
    """The leaves of the tree, from left to right.

    :param dict values: ``{measure: [number of each row]}``; None stands below all numbers
    :param outcomes: 0 or 1 of each row
    :param between: called between the parts; by an exception it ends there
    :rtype: list[Leaf]
    """
    least = max(FEW, LEAST_SHARE * len(outcomes))
    return _grow(values, outcomes, list(range(len(outcomes))), (), levels, (least, between))


def _grow(values, outcomes, rows, tests, levels, how):
    hits = sum(outcomes[row] for row in rows)
    found = _best_split(values, outcomes, rows, *how) if levels and 0 < hits < len(rows) else None
    if not found:
        return [Leaf(tests, len(rows), hits)]
    name, limit = found
    column = values[name]
    below = [row for row in rows if column[row] is None or column[row] < limit]
    above = [row for row in rows if column[row] is not None and column[row] >= limit]
    return [
        *_grow(values, outcomes, below, (*tests, (name, False, limit)), levels - 1, how),
        *_grow(values, outcomes, above, (*tests, (name, True, limit)), levels - 1, how),
    ]


def _best_split(values, outcomes, rows, least, between):
    """The measure and limit that leave the two sides purest; None where none leaves them purer."""
    total = sum(outcomes[row] for row in rows)
    start = _impurity(len(rows), total)
    best = None
    for name in sorted(values):
        between()
        column = values[name]
        ordered = sorted((float("-inf") if column[row] is None else column[row], outcomes[row]) for row in rows)
        count = hits = 0
        for place, (value, outcome) in enumerate(ordered[:-1]):
            count += 1
            hits += outcome
            following = ordered[place + 1][0]
            if following == value or count < least or len(rows) - count < least:
                continue
            gain = start - _impurity(count, hits) - _impurity(len(rows) - count, total - hits)
            if round(gain, DIGITS) > (best[0] if best else 0.0):
                limit = following if value == float("-inf") else (value + following) / 2
                best = (round(gain, DIGITS), name, limit)
    return best and best[1:]


def _impurity(count, hits):
    """The Gini index times the number of rows."""
    return 2 * hits * (count - hits) / count if count else 0.0
