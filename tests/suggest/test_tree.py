import numpy
from sklearn.tree import DecisionTreeClassifier

from odoo.tests import BaseCase, tagged

from ...models.suggest.tree import grow
from ..common import with_seeds


def purity(leaves):
    return sum(max(leaf.hits, leaf.count - leaf.hits) for leaf in leaves) / sum(leaf.count for leaf in leaves)


@tagged("post_install", "-at_install")
class TestTree(BaseCase):
    """What separates two kinds of rows, held against scikit-learn."""

    @with_seeds(5)
    def test_it_separates_as_well_as_scikit_learns_tree(self, rng):
        values = {name: [rng.gauss(0, 1) for _row in range(600)] for name in ("a", "b", "c")}
        outcomes = [
            int((a > 0.3) != (b > -0.2 and c > 0.5) if rng.random() < 0.9 else rng.random() < 0.5)
            for a, b, c in zip(values["a"], values["b"], values["c"], strict=True)
        ]
        leaves = grow(values, outcomes)
        self.assertEqual(sum(leaf.count for leaf in leaves), 600)
        self.assertEqual(sum(leaf.hits for leaf in leaves), sum(outcomes))
        self.assertTrue(all(len(leaf.tests) <= 3 for leaf in leaves))
        table = numpy.array([values[name] for name in ("a", "b", "c")]).T
        model = DecisionTreeClassifier(max_depth=3, min_samples_leaf=6, random_state=1).fit(table, outcomes)
        self.assertAlmostEqual(purity(leaves), model.score(table, outcomes), delta=0.005)
        name, _is_at_least, limit = leaves[0].tests[0]
        self.assertEqual(name, "abc"[model.tree_.feature[0]])
        self.assertAlmostEqual(limit, model.tree_.threshold[0], 5)

    def test_what_is_unknown_stands_below_all_numbers(self):
        values = {"a": [None] * 20 + [5.0] * 20 + [9.0] * 20}
        below, above = grow(values, [1] * 20 + [0] * 40)
        self.assertEqual((below.count, below.hits, below.tests), (20, 20, (("a", False, 5.0),)))
        self.assertEqual((above.count, above.hits), (40, 0))

    def test_rows_that_are_alike_are_not_split(self):
        [leaf] = grow({"a": [1.0] * 30}, [0, 1] * 15)
        self.assertEqual((leaf.tests, leaf.count, leaf.hits), ((), 30, 15))
