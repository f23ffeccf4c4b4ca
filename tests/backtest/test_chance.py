import math
import random

import numpy
from scipy import stats
from sklearn.linear_model import LogisticRegression

from odoo.tests import BaseCase, tagged

from ...models.backtest import chance
from ..common import with_seeds


@tagged("post_install", "-at_install")
class TestChance(BaseCase):
    """Intervals and calibration, held against SciPy and scikit-learn."""

    @with_seeds(5)
    def test_the_interval_of_a_share_is_wilsons(self, rng):
        count = rng.randint(1, 400)
        hits = rng.randint(0, count)
        expected = stats.binomtest(hits, count).proportion_ci(method="wilson")
        found = chance.share(hits, count)
        self.assertAlmostEqual(found.value, hits / count)
        self.assertAlmostEqual(found.low, expected.low, 9)
        self.assertAlmostEqual(found.high, expected.high, 9)

    def test_nothing_is_known_of_none_and_no_limits_of_one(self):
        self.assertEqual(chance.share(0, 0), (None, None, None))
        self.assertEqual(chance.mean(0, None, 0, 0), (None, None, None))
        self.assertEqual(chance.mean(7, None, 1, 1), (7, None, None))

    @with_seeds(5)
    def test_students_quantile_is_scipys(self, rng):
        for freedom in (1, 2, 4, 30, 1000, 10**7, 4 + 60 * rng.random(), 4 + 10 ** (5 * rng.random())):
            self.assertAlmostEqual(chance.student(freedom), stats.t.ppf(0.975, freedom), 6)

    @with_seeds(5)
    def test_the_interval_of_a_mean_is_students(self, rng):
        amounts = [rng.lognormvariate(3, 1) for _number in range(rng.randint(5, 90))]
        found = chance.mean(sum(amounts), numpy.var(amounts, ddof=1), len(amounts), len(amounts))
        low, high = stats.t.interval(0.95, len(amounts) - 1, loc=numpy.mean(amounts), scale=stats.sem(amounts))
        self.assertAlmostEqual(found.low, low, 5)
        self.assertAlmostEqual(found.high, high, 5)

    def test_few_amounts_or_equal_ones_have_no_limits(self):
        for amounts in ([5, 9, 1, 3], [7] * 40, [0.1] * 40, [0] * 40, [0] * 40 + [5, 9, 1, 3]):
            carrying = sum(amount != 0 for amount in amounts)
            found = chance.mean(sum(amounts), numpy.var(amounts, ddof=1), len(amounts), carrying)
            self.assertEqual(found, (sum(amounts) / len(amounts), None, None), amounts)
        five = chance.mean(23, numpy.var([5, 9, 1, 3, 5], ddof=1), 5, 5)
        self.assertLess(five.low, five.value)

    def test_of_a_hundred_intervals_of_means_of_a_few_ninety_five_hold_the_truth(self):
        rng = random.Random(3)
        for count in (5, 8, 20):
            held = 0
            for _draw in range(2000):
                drawn = [rng.gauss(50, 10) for _number in range(count)]
                found = chance.mean(sum(drawn), numpy.var(drawn, ddof=1), count, count)
                held += found.low <= 50 <= found.high
            self.assertAlmostEqual(held / 2000, 0.95, delta=0.02)

    def test_limits_stay_where_the_figure_can_be(self):
        found = chance.part_of_sum(0.97, 0.01, 60, 20, 8)
        self.assertEqual((found.value, found.high), (0.97, 1))
        self.assertGreater(found.low, 0.7)
        self.assertEqual(chance.part_of_sum(0.03, 0.01, 60, 8, 20).low, 0)
        beyond = chance.part_of_sum(1.1, 0.01, 60, 8, 20)  # returns of the others
        self.assertEqual(beyond.high, 1.1)

    def test_a_part_that_few_bring_or_all_has_no_limits(self):
        for squares, inside, outside in ((0.0, 30, 30), (0.01, 4, 30), (0.01, 30, 4), (0.01, 1, 0)):
            self.assertEqual(chance.part_of_sum(0.8, squares, 60, inside, outside), (0.8, None, None))

    def test_an_area_of_a_handful_or_of_a_score_that_tells_everything_has_no_limits(self):
        for parts in (
            {True: (4, 0.8, 0.02), False: (90, 0.8, 0.02)},
            {True: (90, 0.8, 0.02), False: (4, 0.8, 0.02)},
            {True: (1, 0.8, None), False: (90, 0.8, 0.02)},
            {True: (50, 1.0, 0.0), False: (50, 1.0, 0.0)},
        ):
            found = chance.area(parts)
            self.assertEqual(found, (parts[True][1], None, None))
        self.assertEqual(chance.area({True: (50, None, None)}), (None, None, None))

    @with_seeds(20)
    def test_a_difference_is_within_chance_where_welchs_test_says_so(self, rng):
        sides = [
            [rng.gauss(0.9 * side, 1 + 3 * side) for _number in range(rng.randint(5, 30))]
            for side in (0, rng.choice((0, 1)))
        ]
        p_value = stats.ttest_ind(*sides, equal_var=False).pvalue
        found = chance.is_within_chance(*((numpy.mean(side), stats.sem(side) ** 2, len(side)) for side in sides))
        self.assertEqual(found, p_value > 0.05)

    def test_a_difference_of_a_few_or_of_equal_amounts_cannot_be_told_from_chance(self):
        known = (5.0, 1.0, 40)
        for other in ((9.0, 0.0, 40), (9.0, None, 1), (9.0, 0.1, 4)):
            self.assertIsNone(chance.is_within_chance(known, other))
            self.assertIsNone(chance.is_within_chance(other, known))

    def test_two_shares_differ_by_more_than_chance_where_an_exact_test_says_so(self):
        for left, right, expected in (
            ((2, 2), (0, 2), True),
            ((3, 3), (0, 3), False),
            ((9, 10), (1, 10), False),
            ((50, 100), (40, 100), True),
            ((60, 100), (40, 100), False),
        ):
            table = [[hits, count - hits] for hits, count in (left, right)]
            self.assertEqual(stats.barnard_exact(table).pvalue > 0.05, expected)
            self.assertEqual(chance.are_shares_within_chance(left, right), expected, (left, right))

    @with_seeds(3)
    def test_the_expected_shares_are_those_of_a_logistic_regression_on_the_other_parts(self, rng):
        groups = []
        for part in range(5):
            for score in range(0, 100, 10):
                hits = sum(rng.random() < 1 / (1 + math.exp(3 - score / 20)) for _lead in range(40))
                groups.append((part, score, 40, hits))
        said = chance.expected_shares(groups)
        others = [group for group in groups if group[0] != 0]
        scores = [[score] for _part, score, _count, _hits in others for _outcome in range(2)]
        outcomes = [outcome for _group in others for outcome in (1, 0)]
        weights = [weight for _part, _score, count, hits in others for weight in (hits, count - hits)]
        model = LogisticRegression(C=1e6, max_iter=5000, tol=1e-10).fit(scores, outcomes, sample_weight=weights)
        for (part, score, _count, _hits), share in zip(groups, said, strict=True):
            if part == 0:
                self.assertAlmostEqual(share, model.predict_proba([[score]])[0][1], 3)

    def test_a_score_that_tells_the_chance_is_calibrated_and_another_is_not(self):
        rng = random.Random(1)
        errors = []
        for odds in (lambda score: score / 20 - 2.5, lambda score: abs(score - 50) / 10 - 2.5):
            groups = [
                (part, score, 200, sum(rng.random() < 1 / (1 + math.exp(-odds(score))) for _lead in range(200)))
                for part in range(5)
                for score in range(0, 101, 5)
            ]
            said, expected, came = chance.expected_shares(groups), {}, {}
            for (_part, score, count, hits), share in zip(groups, said, strict=True):
                before = expected.get(score, (0, 0))
                expected[score] = (before[0] + count, before[1] + count * share)
                came[score] = came.get(score, 0) + hits
            errors.append(chance.calibration_error(expected, came))
        self.assertLess(errors[0], 0.02)
        self.assertGreater(errors[1], 0.1)

    def test_where_all_or_none_signed_no_curve_says_more(self):
        self.assertEqual(chance.expected_shares([(0, 10, 5, 5), (1, 20, 5, 5)]), [None, None])

    def test_a_score_that_tells_everything_has_a_curve_all_the_same(self):
        said = chance.expected_shares([(part, score, 10, 10 * (score > 5)) for part in range(5) for score in (1, 9)])
        self.assertTrue(all(share < 0.1 or share > 0.9 for share in said))
