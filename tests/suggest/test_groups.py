import math
import random
from unittest.mock import patch

import numpy
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from odoo.tests import BaseCase, tagged

from ...models.suggest import sums
from ...models.suggest.groups import find_groups, k_means, scale_of, silhouette
from ..common import with_seeds


def blobs(rng, count, apart=6.0, size=60):
    """Groups of rows around centers that lie apart: ``(rows, the group of each)``."""
    rows, members = [], []
    for group in range(count):
        angle = 2 * math.pi * group / count
        for _row in range(size):
            rows.append((apart * math.cos(angle) + rng.gauss(0, 1), apart * math.sin(angle) + rng.gauss(0, 1)))
            members.append(group)
    return rows, members


@tagged("post_install", "-at_install")
class TestGroups(BaseCase):
    """Groups of rows that are alike, held against scikit-learn."""

    @with_seeds(2)
    def test_groups_that_lie_apart_are_found_with_their_number(self, rng):
        for count in (2, 3, 5):
            rows, members = blobs(rng, count, apart=9.0)
            found = find_groups(rows)
            self.assertEqual(len(found.centers), count)
            self.assertGreater(adjusted_rand_score(members, found.members), 0.95)

    @with_seeds(3)
    def test_the_sum_of_squares_is_about_that_of_scikit_learn(self, rng):
        rows, _members = blobs(rng, 4, apart=2.5)
        _centers, _found, inertia = k_means(rows, 4)
        self.assertLess(inertia, 1.03 * KMeans(4, n_init=20, random_state=1).fit(rows).inertia_)

    @with_seeds(3)
    def test_the_silhouette_is_that_of_scikit_learn(self, rng):
        rows, members = blobs(rng, 3, apart=3.0, size=20)
        self.assertAlmostEqual(silhouette(rows, members), silhouette_score(numpy.array(rows), members), 9)

    def test_without_numpy_all_is_the_same_to_six_digits(self):
        rows, _members = blobs(random.Random(2), 4, apart=3.0)
        with_numpy = find_groups(rows)
        with patch.object(sums, "numpy", None):
            without = find_groups(rows)
        self.assertEqual(with_numpy.members, without.members)
        self.assertAlmostEqual(with_numpy.inertia, without.inertia, 6)
        self.assertAlmostEqual(with_numpy.silhouette, without.silhouette, 6)

    def test_amounts_count_by_their_logarithm_and_what_is_unknown_stands_in_the_middle(self):
        scale = scale_of([0, 10, 100, 1000, None])
        self.assertTrue(scale.is_log)
        self.assertAlmostEqual(scale.of(None), 0)
        self.assertAlmostEqual(scale.of(100) - scale.of(10), (math.log(101) - math.log(11)) / scale.spread)
        self.assertFalse(scale_of([-5, 5, 10]).is_log)
        self.assertIsNone(scale_of([3, 3, 3]))
