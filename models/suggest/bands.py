"""How the values of a field are grouped: numbers in bands that a person would write, names as they are.

Plain mathematics.
"""

import itertools
import math
from bisect import bisect_right
from collections import Counter
from typing import NamedTuple

# So many bands a measure is cut into at first, and at least such a share of the rows stands in each.
MOST_BANDS, LEAST_SHARE = 10, 0.02
# A name that fewer rows have says nothing of its own.
FEW_OF_NAME, MOST_NAMES = 30, 60
# What people write: 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten.
DIGITS = 4  # as steps of criteria keep them
ROUND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
UNKNOWN = None


class Field(NamedTuple):
    """A field of the rows, and how its values are grouped.

    ``bounds`` are where bands begin, in ascending order, of a number; the last code stands for what is not known.
    ``names`` are the values with a code of their own, of anything else, and the last code stands for all others.
    """

    key: str
    bounds: tuple = ()
    names: tuple = ()

    @property
    def size(self):
        return max(len(self.bounds), len(self.names)) + 1

    @property
    def others(self):
        """The code of unknown numbers, or of all other names."""
        return self.size - 1

    def code(self, value):
        if self.bounds:
            return self.others if value is UNKNOWN else max(0, bisect_right(self.bounds, value) - 1)
        return self.names.index(value) if value in self.names else self.others

    def codes(self, values):
        known = {value: self.code(value) for value in set(values)}
        return [known[value] for value in values]


def number_field(key, values):
    """The bands of a number: where tenths of the rows begin, rounded; None where all rows are alike."""
    counts = Counter(value for value in values if value is not UNKNOWN)
    total = sum(counts.values())
    if len(counts) < 2:
        return None
    ordered = sorted(counts)
    if len(ordered) <= MOST_BANDS and all(float(value).is_integer() for value in ordered):
        cuts = ordered
    else:
        cuts = [rounded(value) for value in (*_quantiles(counts, ordered, total), *_beside(counts, ordered, total))]
    lowest = 0.0 if ordered[0] >= 0 else -(10.0 ** math.ceil(math.log10(-ordered[0]) + 1e-9)) * 10
    bounds, before = [lowest], 0
    for cut in sorted({round(cut, DIGITS) for cut in cuts}):
        below = sum(count for value, count in counts.items() if value < cut)
        if cut > bounds[-1] and below - before >= LEAST_SHARE * total and total - below >= LEAST_SHARE * total:
            bounds.append(float(cut))
            before = below
    return Field(key, bounds=tuple(bounds)) if len(bounds) > 1 else None


def _quantiles(counts, ordered, total):
    passed, place, cuts = 0, 1, []
    for value in ordered:
        while passed + counts[value] > place * total / MOST_BANDS and place < MOST_BANDS:
            cuts.append(value)
            place += 1
        passed += counts[value]
    return cuts


def _beside(counts, ordered, total):
    """What follows a value that alone fills a tenth, such as the 0 of an amount that was not typed: it is a band of its
    own, not one with the smallest amounts."""
    return [following for value, following in itertools.pairwise(ordered) if counts[value] * MOST_BANDS >= total]


def rounded(value):
    """The number nearest to ``value`` that a person would write."""
    if not value or not math.isfinite(value):
        return 0.0
    power = 10.0 ** math.floor(math.log10(abs(value)))
    nearest = min(ROUND, key=lambda head: (abs(head - abs(value) / power), head))
    return math.copysign(float(f"{nearest * power:.6g}"), value)


def name_field(key, values):
    """The names that enough rows have; None where all rows are alike."""
    counts = Counter(values)
    frequent = sorted((name for name, count in counts.items() if count >= FEW_OF_NAME),
                      key=lambda name: (-counts[name], str(name)))[:MOST_NAMES]  # fmt: skip
    if not frequent or len(frequent) == 1 and counts[frequent[0]] > len(values) - FEW_OF_NAME:
        return None
    return Field(key, names=tuple(sorted(frequent, key=str)))
