"""What leads seem to have got on the way, of which Odoo keeps no record: nothing is learned from that.

Plain mathematics.
"""

import math
from collections import Counter, defaultdict

# Where so many leads of one outcome got their contact later, their values are held against those of the other leads of
# that outcome, of which as many must be there; a value counts alone where so many are to be expected. Beyond so many
# standard deviations the difference is no chance, and the contact has brought them.
FEW_LATE, FEW_OF_VALUE, NO_CHANCE = 20, 5, 3.0
# A tag that one kind of ended leads alone has, of which so many were to be expected among the other, was given for the
# end; so was one that so small a share of the open leads has, compared with the ended ones, where there are so many.
FEW_EXPECTED, OPEN_SHARE, FEW_OPEN = 5, 0.5, 100


def is_brought(values, later, outcomes, is_alone=True):
    """Whether the contacts that leads got later have brought their values, as far as one can see: among those of the
    same outcome the values differ from those of the other leads, or there are no others to tell. To take the values as
    unknown there would not help: that they are unknown would tell that things went well.

    :param later: whether each lead got its contact later; or whether a contact was changed later
    :param outcomes: 1 where it was won
    :param bool is_alone: what to say where there are no others to tell
    """
    counts = defaultdict(Counter)
    for (value, is_late, outcome), count in Counter(zip(values, later, outcomes, strict=True)).items():
        counts[outcome, bool(is_late)][value] += count
    for outcome in (1, 0):
        late, others = counts[outcome, True], counts[outcome, False]
        if late.total() >= FEW_LATE and (is_alone if others.total() < FEW_LATE else _differ(late, others)):
            return True
    return False


def _differ(some, others):
    """Whether names are spread otherwise in two groups, each a counter of them: Pearson's chi-square, in standard
    deviations by Wilson and Hilferty (1931)."""
    total = some.total() + others.total()
    share = some.total() / total
    least = FEW_OF_VALUE / min(share, 1 - share)
    alone = [name for name in some | others if some[name] + others[name] >= least]
    cells = [(some[name], others[name]) for name in alone]
    if left := total - sum(map(sum, cells)):
        first = some.total() - sum(cell[0] for cell in cells)
        cells.append((first, left - first))
    freedom = len(cells) - 1
    if not freedom:
        return False
    square = math.fsum(
        (count - both * part) ** 2 / (both * part)
        for cell in cells
        for both in [sum(cell)]
        for count, part in zip(cell, (share, 1 - share), strict=True)
    )
    spread = 2 / (9 * freedom)
    return ((square / freedom) ** (1 / 3) - 1 + spread) / math.sqrt(spread) > NO_CHANCE


def is_given_for_the_end(column, outcomes, open_tagged, open_count):
    """Whether a tag seems to have been given because a lead was won or lost.

    :param column: whether each ended lead has it
    :param outcomes: 1 where it was won
    :param int open_tagged: how many open leads have it
    :param int open_count: how many leads are open
    """
    tagged, won = sum(column), sum(outcomes)
    won_tagged = sum(outcome for has, outcome in zip(column, outcomes, strict=True) if has)
    for count, kind in ((won_tagged, won), (tagged - won_tagged, len(outcomes) - won)):
        if not count and tagged * kind / len(outcomes) >= FEW_EXPECTED:
            return True
    return open_count >= FEW_OPEN and open_tagged / open_count < OPEN_SHARE * tagged / len(column)
