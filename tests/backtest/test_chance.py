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
        self.assertEqual(chance.mean(0, None, 0), (None, None, None))
        self.assertEqual(chance.mean(7, None, 1), (7, None, None))

    @with_seeds(5)
    def test_the_interval_of_a_mean_is_the_normal_one(self, rng):
        amounts = [rng.lognormvariate(3, 1) for _number in range(rng.randint(2, 90))]
        found = chance.mean(sum(amounts), numpy.var(amounts, ddof=1), len(amounts))
        low, high = stats.norm.interval(0.95, loc=numpy.mean(amounts), scale=stats.sem(amounts))
        self.assertAlmostEqual(found.low, low, 6)
        self.assertAlmostEqual(found.high, high, 6)

    @with_seeds(20)
    def test_a_difference_is_within_chance_where_welchs_test_says_so(self, rng):
        left, right = ([rng.gauss(0.3 * side, 1) for _number in range(400)] for side in (0, rng.choice((0, 1))))
        p_value = stats.ttest_ind(left, right, equal_var=False).pvalue
        if 0.045 < p_value < 0.055:
            return  # the test has Student's quantile
        found = chance.is_within_chance(*((numpy.mean(side), stats.sem(side) ** 2) for side in (left, right)))
        self.assertEqual(found, p_value > 0.05)

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
