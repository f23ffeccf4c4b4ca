"""Groups of customers who are alike: k-means on standardized measures, the number of groups by the silhouette.

Plain mathematics, with NumPy where it is installed and to the same result without. Sources: Lloyd (1982); Arthur and
Vassilvitskii (2007) for the first centers; Rousseeuw (1987) for the silhouette.
"""

import math
import random
from typing import NamedTuple

from . import sums
from .points import nothing

SEED, STARTS, STEPS = 11, 4, 60
FEWEST, MOST = 2, 8
# The silhouette compares each row with each: a sample of them is enough.
SAMPLE = 600
DIGITS = 9


class Scale(NamedTuple):
    """How a measure becomes a coordinate: of amounts and numbers that are never negative the logarithm counts."""

    is_log: bool
    middle: float
    spread: float

    def of(self, value):
        value = self.middle_value() if value is None else value
        return ((math.log1p(max(0.0, value)) if self.is_log else value) - self.middle) / self.spread

    def middle_value(self):
        return math.expm1(self.middle) if self.is_log else self.middle


def scale_of(values):
    """The scale of a measure; None where all rows are alike."""
    known = [value for value in values if value is not None]
    if len(set(known)) < 2:
        return None
    is_log = min(known) >= 0
    known = [math.log1p(value) if is_log else float(value) for value in known]
    middle = math.fsum(known) / len(known)
    spread = math.sqrt(math.fsum((value - middle) ** 2 for value in known) / len(known))
    return Scale(is_log, middle, spread) if spread > 1e-12 else None


class Groups(NamedTuple):
    centers: list
    members: list  # the group of each row
    inertia: float
    silhouette: float


def find_groups(rows, count=None, between=nothing):
    """The groups of the rows.

    :param rows: ``[(coordinate, …)]``
    :param int count: how many; as many as stand apart best unless given
    :param between: called between the parts; by an exception it ends there
    :rtype: Groups
    """
    sizes = [count] if count else range(FEWEST, min(MOST, len(set(rows))) + 1)
    found = [_with_silhouette(rows, k_means(rows, size, between)) for size in sizes]
    return max(found, key=lambda groups: (round(groups.silhouette, DIGITS), -len(groups.centers)), default=None)


def k_means(rows, count, between=nothing):
    """The best of a few starts: centers, the group of each row, and the sum of squared distances."""
    rng = random.Random(SEED)
    best = None
    for _start in range(STARTS):
        between()
        centers = _first_centers(rows, count, rng)
        members = None
        for _step in range(STEPS):
            moved, inertia = _nearest(rows, centers)
            if moved == members:
                break
            members = moved
            centers = _centers(rows, members, centers)
        if best is None or round(inertia, DIGITS) < round(best[2], DIGITS):
            best = (centers, members, inertia)
    return best


def _first_centers(rows, count, rng):
    """k-means++: each further center is drawn by its squared distance from those that there are."""
    centers = [rows[rng.randrange(len(rows))]]
    distances = [_distance(row, centers[0]) for row in rows]
    while len(centers) < count:
        goal, passed = rng.random() * math.fsum(distances), 0.0
        chosen = len(rows) - 1
        for place, distance in enumerate(distances):
            passed += distance
            if passed > goal:
                chosen = place
                break
        centers.append(rows[chosen])
        distances = [min(known, _distance(row, rows[chosen])) for known, row in zip(distances, rows, strict=True)]
    return centers


def _distance(row, center):
    return math.dist(row, center) ** 2


def _nearest(rows, centers):
    if sums.numpy is not None:
        table, middles = sums.numpy.asarray(rows), sums.numpy.asarray(centers)
        distances = ((table[:, None, :] - middles[None, :, :]) ** 2).sum(axis=2).round(DIGITS)
        members = distances.argmin(axis=1)
        return members.tolist(), float(distances.min(axis=1).sum())
    members, inertia = [], 0.0
    for row in rows:
        distances = [round(_distance(row, center), DIGITS) for center in centers]
        least = min(distances)
        members.append(distances.index(least))
        inertia += least
    return members, inertia


def _centers(rows, members, former):
    totals = [[0.0] * len(rows[0]) for _center in former]
    counts = [0] * len(former)
    for row, group in zip(rows, members, strict=True):
        counts[group] += 1
        total = totals[group]
        for place, value in enumerate(row):
            total[place] += value
    return [tuple(value / count for value in total) if count else center
            for total, count, center in zip(totals, counts, former, strict=True)]  # fmt: skip


def _with_silhouette(rows, found):
    centers, members, inertia = found
    step = max(1, len(rows) // SAMPLE)
    return Groups(centers, members, inertia, silhouette(rows[::step], members[::step]))


def silhouette(rows, members):
    """How much nearer rows are to their own group than to the next one, on average: from -1 to 1."""
    groups = sorted(set(members))
    sizes = {group: members.count(group) for group in groups}
    if len(groups) < 2:
        return -1.0
    total = 0.0
    for row, own in zip(rows, members, strict=True):
        apart = dict.fromkeys(groups, 0.0)
        for other, group in zip(rows, members, strict=True):
            apart[group] += math.dist(row, other)
        if sizes[own] == 1:
            continue
        inside = apart[own] / (sizes[own] - 1)
        outside = min(apart[group] / sizes[group] for group in groups if group != own)
        total += (outside - inside) / max(inside, outside) if max(inside, outside) > 0 else 0.0
    return total / len(rows)
