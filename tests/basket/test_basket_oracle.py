import math
import random
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.basket import grading_basket_itemset
from ..common import with_seeds
from .basket_case import BasketCase


@tagged("post_install", "-at_install")
class TestBasketOracle(BasketCase):
    """The rules and their figures are those of an independent program, mlxtend."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goods = cls.products(*(f"Product {number}" for number in range(14)))

    def random_baskets(self, rng):
        """Baskets of a few habits with some chance: 40 to 300 of up to 8 products."""
        ids = self.goods.ids
        habits = [rng.sample(ids, rng.randint(2, 4)) for _habit in range(4)]
        baskets = []
        for _number in range(rng.randint(40, 300)):
            basket = {item for item in rng.choice(habits) if rng.random() < 0.7}
            basket |= set(rng.sample(ids, rng.randint(0, 4)))
            if basket:
                baskets.append(basket)
        return baskets

    @with_seeds(6)
    def test_random_baskets_have_the_same_rules(self, rng):
        baskets = self.random_baskets(rng)
        limits = {
            "support": rng.choice([0.01, 0.02, 0.05, 0.1]),
            "confidence": rng.choice([0, 0.25, 0.5, 0.8]),
            "lift": rng.choice([0, 0.9, 1, 1.2]),
        }
        with self.env.cr.savepoint() as savepoint:
            self.insert_baskets(baskets)
            self.limit(**limits)
            run = self.mine()
            self.assertEqual(run.basket_count, len(baskets))
            self.assertEqual(run.line_count, sum(map(len, baskets)))
            found = self.found(run)
            self.assertEqual(run.rule_count, len(found))
            self.assert_same_rules(found, self.expected(baskets, **limits))
            savepoint.rollback()

    def test_of_more_than_can_be_compared_a_part_is_looked_at(self):
        """Whole baskets, always the same ones, and their rules are those of these baskets."""
        rng = random.Random(8)
        baskets = [set(rng.sample(self.goods.ids, rng.randint(1, 6))) for _number in range(300)]
        self.insert_baskets(baskets)
        self.limit(support=0.02, confidence=0.3)
        sets = sum(math.comb(len(basket), 2) + math.comb(len(basket), 3) for basket in baskets)
        with patch.object(grading_basket_itemset, "MOST_SETS", sets):
            self.assertEqual(self.mine().basket_count, 300)
        with patch.object(grading_basket_itemset, "MOST_SETS", sets // 3):
            run, again = self.mine(), self.mine()
        self.assertEqual((run.basket_total, again.basket_total), (300, 300))
        self.assertTrue(50 < run.basket_count < 150, run.basket_count)
        self.assertEqual((again.basket_count, again.line_count), (run.basket_count, run.line_count))
        found = self.found(again)
        self.env.cr.execute(
            SQL(
                "SELECT ARRAY_AGG(line.product_id) FROM sale_order_line AS line"
                "  JOIN sale_order AS sale ON sale.id = line.order_id"
                " WHERE sale.company_id = %s AND HASHINT8EXTENDED(sale.id, 0) & %s < %s GROUP BY sale.id",
                self.company.id,
                grading_basket_itemset.PARTS - 1,
                grading_basket_itemset.PARTS * (sets // 3) // sets,
            )
        )
        drawn = [set(items) for [items] in self.env.cr.fetchall()]
        self.assertEqual(len(drawn), run.basket_count)
        self.assert_same_rules(found, self.expected(drawn, 0.02, 0.3))

    @with_seeds(2)
    def test_a_table_of_baskets_is_as_good_as_orders(self, rng):
        """Several lines of a product in a basket are one."""
        baskets = self.random_baskets(rng)
        self.env.cr.execute("CREATE TEMPORARY TABLE test_basket (basket_id int, item_id int) ON COMMIT DROP")
        rows = [(place, item) for place, basket in enumerate(baskets) for item in basket]
        rows += rng.sample(rows, 5)
        self.env.cr.execute(
            SQL("INSERT INTO test_basket VALUES %s", SQL(", ").join(SQL("(%s, %s)", *row) for row in rows))
        )
        self.limit(support=0.03, confidence=0.3)
        run = self.mine(SQL("SELECT basket_id, item_id FROM test_basket"))
        self.assert_same_rules(self.found(run), self.expected(baskets, 0.03, 0.3))
        self.env.cr.execute("DROP TABLE test_basket")

    def test_orders_made_on_the_screen_have_the_same_rules(self):
        """By the plain reading of their lines; also by category."""
        category = self.env["product.category"]
        kinds = category.create([{"name": name} for name in ("Food", "Drinks", "Paper")])
        for place, product in enumerate(self.goods):
            product.categ_id = kinds[place % 3]
        for start in range(12):
            self.basket(self.goods[start : start + 1 + start % 4])
        orders = self.env["sale.order"].search([("company_id", "=", self.company.id), ("state", "=", "sale")])
        for level, path in (("product", "product_id"), ("category", "product_id.categ_id")):
            with self.subTest(level=level):
                baskets = [set(order.order_line.mapped(path).ids) for order in orders]
                self.limit(support=0.08, confidence=0.2, level=level)
                found = self.found(self.mine())
                self.assertGreater(len(found), 3)
                self.assert_same_rules(found, self.expected(baskets, 0.08, 0.2))

    def test_the_orders_of_the_demonstration_have_the_same_rules(self):
        company = self.env.ref("base.main_company")
        orders = (
            self.env["sale.order"]
            .with_context(allowed_company_ids=company.ids)
            .search([("company_id", "=", company.id), ("state", "=", "sale")])
        )
        lines = orders.order_line.filtered(lambda line: line.product_id and line.product_uom_qty > 0)
        baskets = [set(own.product_id.ids) for own in lines.grouped("order_id").values()]
        self.assertGreater(len(baskets), 3)
        company.write(
            {
                "grading_basket_months": 120,
                "grading_basket_support": 0.0001,
                "grading_basket_count": 1,
                "grading_basket_confidence": 0.1,
                "grading_basket_lift": 0,
            }
        )
        run = self.env["grading.basket.run"].with_company(company)._mine()
        self.assertEqual(run.basket_count, len(baskets))
        self.assertGreater(run.rule_count, 0)
        self.assert_same_rules(self.found(run), self.expected(baskets, 0.0001, 0.1))
