import csv
import math
import random
from pathlib import Path
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ...models.purchase.mbg_nbd import PurchaseHistories
from ..common import with_seeds

DATA = Path(__file__).parents[1] / "data"
NUMBERS = (0.7, 50.0, 0.6, 2.2)


def cdnow_groups():
    """``[(orders after the first, days to the last, days to the end, customers)]``"""
    with (DATA / "cdnow_histories.csv").open(newline="", encoding="utf-8") as file:
        return [tuple(int(number) for number in row.values()) for row in csv.DictReader(file)]


def simulated_groups(customers, r, alpha, a, b, seed=1):
    """Customers who buy and leave as the model says, each looked at up to 1,000 days after the first order."""
    rnd = random.Random(seed)
    groups = []
    for _customer in range(customers):
        pace, leaves, age = rnd.gammavariate(r, 1 / alpha), rnd.betavariate(a, b), rnd.randint(0, 1000)
        orders, last, now = 0, 0.0, 0.0
        while rnd.random() > leaves:
            now += rnd.expovariate(pace)
            if now > age:
                break
            orders, last = orders + 1, now
        groups.append((orders, int(last), age, 1))
    return groups


def oracle_log_likelihood(groups, r, alpha, a, b):
    """The log-likelihood as the article has it, with gamma functions."""

    def log_beta(left, right):
        return math.lgamma(left) + math.lgamma(right) - math.lgamma(left + right)

    total = 0.0
    for x, t, age, customers in groups:
        both = math.lgamma(r + x) - math.lgamma(r) + r * math.log(alpha)
        stays = log_beta(a, b + x + 1) - log_beta(a, b) - (r + x) * math.log(alpha + age)
        leaves = log_beta(a + 1, b + x) - log_beta(a, b) - (r + x) * math.log(alpha + t)
        most = max(stays, leaves)
        total += customers * (both + most + math.log(math.exp(stays - most) + math.exp(leaves - most)))
    return total


def integrate(function, upper, steps=20000):
    width = upper / steps
    return width * math.fsum(function((step + 0.5) * width) for step in range(steps))


@tagged("post_install", "-at_install")
class TestPurchaseFit(BaseCase):
    """The numbers that make histories of purchases most likely."""

    def test_the_published_numbers_of_public_customers_are_found(self):
        fit = PurchaseHistories(cdnow_groups()).fit()
        self.assertTrue(fit.converged)
        self.assertEqual(
            [round(number, 3) for number in (fit.r, fit.alpha / 7, fit.a, fit.b)], [0.525, 6.183, 0.891, 1.614]
        )

    def test_the_numbers_by_which_customers_were_simulated_are_found(self):
        fit = PurchaseHistories(simulated_groups(20000, *NUMBERS)).fit()
        self.assertTrue(fit.converged)
        for found, true in zip(fit, NUMBERS, strict=False):
            self.assertLess(abs(found / true - 1), 0.1)

    @with_seeds(1)
    def test_the_log_likelihood_is_the_one_of_the_article(self, rnd):
        for _case in range(15):
            numbers = [math.exp(rnd.uniform(-3, 5)) for _number in range(4)]
            groups = simulated_groups(40, *NUMBERS, seed=rnd.random())
            expected = oracle_log_likelihood(groups, *numbers)
            self.assertAlmostEqual(PurchaseHistories(groups).log_likelihood(*numbers) / expected, 1, 9)

    def test_the_log_likelihood_is_that_of_a_customer_who_buys_at_random_and_leaves(self):
        r, alpha, a, b = 2.0, 40.0, 2.0, 3.0
        beta = math.exp(math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b))

        def pace(days, x):
            density = alpha**r / math.gamma(r)
            return integrate(lambda p: density * p ** (r - 1 + x) * math.exp(-p * (alpha + days)), 1)

        for x, t, age in ((0, 0, 90), (1, 30, 31), (4, 200, 500)):
            stays = integrate(lambda p, x=x: p ** (a - 1) * (1 - p) ** (b + x) / beta, 1)
            leaves = integrate(lambda p, x=x: p**a * (1 - p) ** (b - 1 + x) / beta, 1)
            expected = math.log(stays * pace(age, x) + leaves * pace(t, x))
            found = PurchaseHistories([(x, t, age, 1)]).log_likelihood(r, alpha, a, b)
            self.assertAlmostEqual(found, expected, 4)

    def test_the_slopes_are_those_of_the_log_likelihood(self):
        histories = PurchaseHistories(cdnow_groups())
        logs = [math.log(number) for number in NUMBERS]
        _value, slopes = histories._explain(logs)
        for place, slope in enumerate(slopes):
            above, below = list(logs), list(logs)
            above[place] += 1e-5
            below[place] -= 1e-5
            expected = (histories._explain(above)[0] - histories._explain(below)[0]) / 2e-5
            self.assertAlmostEqual(slope / expected, 1, 6)

    @with_seeds(1)
    def test_neither_the_order_of_customers_nor_how_they_are_grouped_changes_the_numbers(self, rnd):
        groups = cdnow_groups()
        fit = PurchaseHistories(groups).fit()
        shuffled = rnd.sample(groups, len(groups))
        self.assertEqual(PurchaseHistories(shuffled).fit(), fit)
        one_by_one = [(x, t, age, 1) for x, t, age, customers in groups for _customer in range(customers)]
        alone = PurchaseHistories(one_by_one).fit()
        for found, expected in zip(alone, fit, strict=True):
            self.assertAlmostEqual(found / expected, 1, 4)

    def test_days_ten_times_as_long_make_alpha_ten_times_as_large_and_nothing_else(self):
        groups = cdnow_groups()
        fit = PurchaseHistories(groups).fit()
        slow = PurchaseHistories([(x, 10 * t, 10 * age, customers) for x, t, age, customers in groups]).fit()
        for found, expected in zip(slow[:4], (fit.r, 10 * fit.alpha, fit.a, fit.b), strict=True):
            self.assertAlmostEqual(found / expected, 1, 4)

    def test_beginning_with_a_few_of_many_customers_leads_to_the_same_numbers(self):
        histories = PurchaseHistories(simulated_groups(20000, *NUMBERS))
        fit = histories.fit()
        alone, _slope = histories._climb(histories._start())
        for found, expected in zip(fit, map(math.exp, alone), strict=False):
            self.assertAlmostEqual(found / expected, 1, 3)

    def test_customers_who_all_buy_alike_cannot_be_fitted(self):
        self.assertFalse(PurchaseHistories([(10, 300, 305, 300)]).fit().converged)

    def test_where_no_customer_ever_leaves_the_fit_stops_soon(self):
        groups = [(age // pace, age // pace * pace, age, 1) for pace in (7, 15, 40, 90) for age in range(100, 1000, 9)]
        histories = PurchaseHistories(groups)
        with patch.object(histories, "_explain", wraps=histories._explain) as explain:
            self.assertFalse(histories.fit().converged)
        self.assertLess(explain.call_count, 100)

    def test_no_history_is_too_extreme(self):
        extremes = [(0, 0, 0, 5), (7, 0, 0, 1), (7, 0, 20000, 1), (10**7, 20000, 20000, 1), (3, 1, 20000, 10**6)]
        histories = PurchaseHistories(extremes)
        for numbers in ((1e-6, 1e6, 1e-6, 1e6), (1e6, 1e-6, 1e6, 1e-6), (1, 1, 1, 1)):
            self.assertTrue(math.isfinite(histories.log_likelihood(*numbers)))
        self.assertTrue(math.isfinite(histories.fit().log_likelihood))
