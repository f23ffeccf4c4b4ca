import math
from typing import NamedTuple

# More orders than that count as so many: such customers are all active, and the tables stay short.
MOST_ORDERS = 5000
# Parameters above e to this power, or below e to its negative, mean that the model does not suit the customers.
MOST_LOG_PARAMETER = 14
# The fit starts from that of about so many groups, which costs next to nothing.
FEW_GROUPS = 4000
# The slope of the log-likelihood of one customer at which the top is reached, and at which it is near enough.
FLAT, NEARLY_FLAT = 1e-7, 1e-5
CLIMBS = 200
# Twice the gain in log-likelihood that chance alone gives two parameters in one of twenty cases (chi-square).
CHANCE_GAIN_OF_LEAVING = 5.991


class PurchaseFit(NamedTuple):
    """The four parameters of the model, the log-likelihood that they reach, and whether they are the best ones.

    ``a = 0`` where no customer ever leaves: the plain NBD model, which does not know ``b``.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    converged: bool


class PurchaseHistories:
    """The purchases of many customers, and how well the modified BG/NBD model explains them.

    Batislam, Denizel, Filiztekin (2007), *Empirical validation and comparison of models for customer base analysis*,
    International Journal of Research in Marketing 24: customers buy at random at a pace of their own, the paces are
    spread as a gamma distribution (``r`` the shape, ``alpha`` the days), and after each order, the first included, they
    may leave for good, with a probability of their own that is spread as a beta distribution (``a``, ``b``).

    All that counts of a customer is ``(x, t, T)``: the orders after the first one, and the days from the first to the
    last and to today. Customers of whom these are the same make one group. Nothing is random here and the groups are
    sorted, so the same customers give the same parameters in whatever order they come.

    Where no customer leaves, ``a / (a + b)`` has no best value but goes towards 0, and what is left is the NBD model of
    Ehrenberg (1959): the same paces, for ever. It is fitted as a model of its own (:meth:`fit_nbd`).

    :param groups: ``[(x, t, T, customers)]``, whole days with ``0 <= t <= T``
    """

    def __init__(self, groups):
        self.groups = sorted((min(x, MOST_ORDERS), t, age, customers) for x, t, age, customers in groups)
        self.customers = sum(group[3] for group in self.groups)
        self._days = max((group[2] for group in self.groups), default=0) + 1
        # By k: how many customers have bought at least k times after the first time.
        self._at_least = [0] * (max((group[0] for group in self.groups), default=0) + 2)
        for x, _t, _age, customers in self.groups:
            self._at_least[x] += customers
        for k in reversed(range(len(self._at_least) - 1)):
            self._at_least[k] += self._at_least[k + 1]

    # ------------------------------------------------------------
    # Log-likelihood
    # ------------------------------------------------------------

    def log_likelihood(self, r, alpha, a, b):
        """The logarithm of how likely these histories are.

        :rtype: float
        """
        if not a:
            return self._explain_nbd((math.log(r), math.log(alpha)))[0]
        return self._explain((math.log(r), math.log(alpha), math.log(a), math.log(b)))[0]

    def _explain(self, logs):
        """The log-likelihood and its slope along the logarithms of ``r``, ``alpha``, ``a`` and ``b``.

        Of one customer it is ``Σ log(r+k), k < x, + Σ log(b+k) − log(a+b+k), k <= x, + r·log(alpha)
        − (r+x)·log(alpha+T) + log(1 + e^z)`` with ``z = log(a/(b+x)) + (r+x)·log((alpha+T)/(alpha+t))``, the log-odds
        that the customer has left.
        """
        if max(map(abs, logs)) > MOST_LOG_PARAMETER:
            return -math.inf, None
        r, alpha, a, b = map(math.exp, logs)
        of_orders, slopes_of_orders = self._explain_orders(r, a, b)
        of_days, slopes_of_days = self._explain_days(r, alpha, a, b)
        value = of_orders + of_days + self.customers * r * logs[1]
        more_r = slopes_of_orders[0] + slopes_of_days[0] + self.customers * logs[1]
        more_alpha = slopes_of_days[1] + self.customers * r / alpha
        more_a = slopes_of_orders[1] + slopes_of_days[2]
        more_b = slopes_of_orders[2] + slopes_of_days[3]
        return value, (r * more_r, alpha * more_alpha, a * more_a, b * more_b)

    def _explain_nbd(self, logs):
        """The log-likelihood where no customer leaves, and its slope along the logarithms of ``r`` and ``alpha``.

        Of one customer it is ``Σ log(r+k), k < x, + r·log(alpha) − (r+x)·log(alpha+T)``.
        """
        if max(map(abs, logs)) > MOST_LOG_PARAMETER:
            return -math.inf, None
        r, alpha = map(math.exp, logs)
        value, more_r = self.customers * r * logs[1], self.customers * logs[1]
        more_alpha = self.customers * r / alpha
        for k, have_more in enumerate(self._at_least[1:]):
            value += have_more * math.log(r + k)
            more_r += have_more / (r + k)
        logs_of_days = [math.log(alpha + day) for day in range(self._days)]
        for x, _t, age, customers in self.groups:
            value -= customers * (r + x) * logs_of_days[age]
            more_r -= customers * logs_of_days[age]
            more_alpha -= customers * (r + x) / (alpha + age)
        return value, (r * more_r, alpha * more_alpha)

    def _explain_orders(self, r, a, b):
        """What depends on how many orders there are only, and its slopes along ``r``, ``a`` and ``b``."""
        value = more_r = more_a = more_b = 0.0
        for k in range(len(self._at_least) - 1):
            have, have_more = self._at_least[k], self._at_least[k + 1]
            value += have_more * math.log(r + k) + have * math.log((b + k) / (a + b + k))
            more_r += have_more / (r + k)
            more_a -= have / (a + b + k)
            more_b += have / (b + k)
        return value, (more_r, more_a, more_a + more_b)

    def _explain_days(self, r, alpha, a, b):
        """What depends on the days, and its slopes along ``r``, ``alpha``, ``a`` and ``b``."""
        log, exp, log1p = math.log, math.exp, math.log1p
        logs = [log(alpha + day) for day in range(self._days)]
        odds = [log(a / (b + x)) for x in range(len(self._at_least))]
        value = more_r = more_alpha = more_a = more_b = 0.0
        for x, t, age, customers in self.groups:
            shape = r + x
            silence = logs[age] - logs[t]
            z = odds[x] + shape * silence
            small = exp(-abs(z))
            gone = small / (1 + small) if z < 0 else 1 / (1 + small)
            value += customers * (log1p(small) + max(z, 0.0) - shape * logs[age])
            more_r += customers * (gone * silence - logs[age])
            more_alpha += customers * shape * ((gone - 1) / (alpha + age) - gone / (alpha + t))
            more_a += customers * gone
            more_b -= customers * gone / (b + x)
        return value, (more_r, more_alpha, more_a / a, more_b)

    # ------------------------------------------------------------
    # Fit
    # ------------------------------------------------------------

    def fit(self):
        """The parameters that make these histories most likely, to six digits.

        ``a`` and ``b`` may run away together, as where all customers leave alike, or ``b`` alone, as where none
        leaves: what they say of a customer no longer changes then, and the log-likelihood is compared with that of
        :meth:`fit_nbd`. Not so paces that are all the same: no customer buys as regularly as that.

        :rtype: PurchaseFit
        """
        start = self._start()
        if len(self.groups) > 2 * FEW_GROUPS:
            found = PurchaseHistories(self.groups[:: len(self.groups) // FEW_GROUPS])._climb(start)[0]
            start = start if _is_beyond(found) else found
        return self._fitted(*self._climb(start))

    def fit_nbd(self):
        """``r`` and ``alpha`` that make these histories most likely if no customer ever leaves, to six digits.

        :rtype: PurchaseFit
        """
        return self._fitted(*self._climb(self._start()[:2]))

    def _fitted(self, logs, slope):
        numbers = [float(f"{math.exp(number):.6g}") for number in logs]
        numbers += [0.0, 1.0][: 4 - len(numbers)]
        return PurchaseFit(*numbers, self.log_likelihood(*numbers), slope < NEARLY_FLAT and not _is_beyond(logs[:2]))

    def choose(self):
        """The better one of :meth:`fit` and :meth:`fit_nbd`: the two parameters more must explain more than chance
        does. Not converged where neither is.

        :rtype: PurchaseFit
        """
        fit, plain = self.fit(), self.fit_nbd()
        if fit.converged and 2 * (fit.log_likelihood - plain.log_likelihood) > CHANCE_GAIN_OF_LEAVING:
            return fit
        return plain if plain.converged or not fit.converged else fit

    def _start(self):
        """Where to begin: one customer in two leaves after an order, and the others keep the average pace."""
        orders = sum(x * customers for x, _t, _age, customers in self.groups)
        days = sum(age * customers for _x, _t, age, customers in self.groups)
        return [0.0, math.log(min(max(days / max(orders, 1), 1), 10000)), 0.0, 0.0]

    def _climb(self, logs):
        """The maximum above ``logs``, by the method of Broyden, Fletcher, Goldfarb and Shanno (BFGS).

        :return: the logarithms of the parameters there, and the steepest slope of one customer that is left
        """
        value, slopes = self._slopes(logs)
        curvature = _identity(len(logs))
        for _climb in range(CLIMBS):
            if max(map(abs, slopes)) < FLAT or _is_beyond(logs):
                break
            step = [_dot(row, slopes) for row in curvature]
            if _dot(step, slopes) <= 0:
                curvature, step = _identity(len(logs)), slopes
            found = self._search(logs, value, slopes, _limited(step))
            if not found:
                if curvature == _identity(len(logs)):
                    break
                curvature = _identity(len(logs))
                continue
            logs, value, slopes, moved, turned = found
            curvature = _learn(curvature, moved, turned)
        return logs, max(map(abs, slopes))

    def _slopes(self, logs):
        value, slopes = self._explain(logs) if len(logs) == 4 else self._explain_nbd(logs)
        return value / self.customers, slopes and [slope / self.customers for slope in slopes]

    def _search(self, logs, value, slopes, step):
        """The first point that is higher, halving ``step`` again and again; ``None`` when there is none."""
        rise = 1e-4 * _dot(step, slopes)
        share = 1.0
        for _try in range(40):
            moved = [share * number for number in step]
            there = [number + move for number, move in zip(logs, moved, strict=True)]
            higher, there_slopes = self._slopes(there)
            if higher >= value + share * rise and higher > value:
                turned = [old - new for old, new in zip(slopes, there_slopes, strict=True)]
                return there, higher, there_slopes, moved, turned
            share /= 2
        return None


def _is_beyond(logs):
    """Whether a parameter has run away, as where no customer ever leaves: such a climb has no end."""
    return max(map(abs, logs)) >= MOST_LOG_PARAMETER - 1


def _dot(left, right):
    return sum(one * other for one, other in zip(left, right, strict=True))


def _identity(size):
    return [[float(row == column) for column in range(size)] for row in range(size)]


def _limited(step):
    """``step``, no longer than 2: no parameter changes by more than a factor of 7 at once."""
    length = math.sqrt(_dot(step, step))
    return [number * min(1, 2 / length) for number in step]


def _learn(inverse, moved, turned):
    """What one step has taught of the inverse of the curvature."""
    along = _dot(moved, turned)
    if along <= 1e-18:
        return inverse
    bent = [_dot(row, turned) for row in inverse]
    weight = (1 + _dot(turned, bent) / along) / along
    return [
        [
            inverse[i][j] + weight * moved[i] * moved[j] - (bent[i] * moved[j] + moved[i] * bent[j]) / along
            for j in range(len(moved))
        ]
        for i in range(len(moved))
    ]
