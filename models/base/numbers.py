"""Numbers that rooms share."""

import math

# Beyond these log-odds a chance is as good as none or all; within them its curve never vanishes.
MOST_LOG = 30.0


def logistic(log_odds):
    """The chance of these log-odds, between 1e-13 and 1 − 1e-13."""
    return 1 / (1 + math.exp(-max(-MOST_LOG, min(MOST_LOG, log_odds))))


def solve(matrix, values):
    """``x`` with ``matrix · x = values``, by elimination; the matrix is symmetric and positive."""
    size = len(values)
    rows = [[*row, value] for row, value in zip(matrix, values, strict=True)]
    for place in range(size):
        for other in range(place + 1, size):
            share = rows[other][place] / rows[place][place]
            rows[other] = [low - share * high for low, high in zip(rows[other], rows[place], strict=True)]
    found = [0.0] * size
    for place in reversed(range(size)):
        known = sum(rows[place][other] * found[other] for other in range(place + 1, size))
        found[place] = (rows[place][size] - known) / rows[place][place]
    return found
