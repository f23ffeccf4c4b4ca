from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .basket_case import BasketCase


@tagged("post_install", "-at_install")
class TestBasketLine(BasketCase):
    """Which documents are baskets, and what lies in them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bread, cls.milk, cls.tea = cls.goods = cls.products("Bread", "Milk", "Tea")

    def baskets(self, **kwargs):
        self.env.flush_all()
        rows = self.env.execute_query(self.env["grading.basket.line"]._in_period(**kwargs))
        baskets = {}
        for basket, product in rows:
            baskets[basket] = baskets.get(basket, self.goods.browse()) | self.goods.browse(product)
        return list(baskets.values())

    def test_confirmed_orders_are_baskets_and_others_are_not(self):
        self.basket(self.bread | self.milk)
        for state in ("draft", "sent", "cancel"):
            self.basket(self.tea, state=state)
        self.assertEqual(self.baskets(), [self.bread | self.milk])

    def test_each_company_has_its_own(self):
        other = self.new_company("Next Door")
        self.basket(self.tea, company=other)
        self.assertEqual(self.baskets(), [])

    def test_orders_of_the_period_up_to_today_count(self):
        self.company.grading_basket_months = 1
        self.basket(self.tea, day=self.today - timedelta(days=60))
        self.basket(self.milk, day=self.today + timedelta(days=2))
        self.assertEqual(self.baskets(), [])
        self.basket(self.bread, day=self.today - timedelta(days=20))
        self.assertEqual(self.baskets(), [self.bread])

    def test_what_the_customer_did_not_choose_is_left_out(self):
        """Sections, returns, discounts, down payments and expenses; the product of discounts, whatever its price."""
        self.company.sale_discount_product_id = self.products("Discount")
        order = self.basket(self.bread)
        order.write(
            {
                "order_line": [
                    Command.create({"display_type": "line_section", "name": "Section"}),
                    Command.create({"product_id": self.tea.id, "product_uom_qty": -1}),
                    Command.create({"product_id": self.tea.id, "product_uom_qty": 0}),
                    Command.create({"product_id": self.tea.id, "price_unit": -5}),
                    Command.create({"product_id": self.tea.id, "is_downpayment": True}),
                    Command.create({"product_id": self.tea.id, "is_expense": True}),
                    Command.create({"product_id": self.company.sale_discount_product_id.id, "price_unit": 5}),
                ]
            }
        )
        self.assertEqual(self.baskets(), [self.bread])

    def test_a_combo_is_one_product(self):
        combo = self.env["product.combo"].create(
            {"name": "Drink", "combo_item_ids": [Command.create({"product_id": self.milk.id})]}
        )
        meal = self.products("Meal", type="combo", combo_ids=combo.ids)
        order = self.basket(meal | self.bread | self.milk)
        self.force(order.order_line[2], combo_item_id=combo.combo_item_ids.id)
        self.assertEqual(self.baskets(), [meal | self.bread])

    def test_archived_products_and_what_was_given_away_were_wanted_too(self):
        order = self.basket(self.bread | self.tea)
        order.order_line.price_unit = 0
        self.tea.active = False
        self.assertEqual(self.baskets(), [self.bread | self.tea])

    def test_the_baskets_of_a_customer_and_those_that_a_user_may_read(self):
        seller, other = self.salesman(), self.salesman("other")
        eve = self.customer("Eve")
        self.basket(self.bread, user_id=seller.id)
        self.basket(self.milk, user_id=other.id)
        self.basket(self.tea, partner=eve, user_id=seller.id)
        self.assertCountEqual(self.baskets(contacts=self.ada.ids), [self.bread, self.milk])
        lines = self.env["grading.basket.line"].with_user(seller)
        self.env.flush_all()
        rows = self.env.execute_query(lines._in_period(contacts=self.ada.ids, readable=True))
        self.assertEqual([product for _basket, product in rows], self.bread.ids)
        lines = self.env["grading.basket.line"].with_user(self.internal())
        self.assertEqual(self.env.execute_query(lines._in_period(contacts=self.ada.ids, readable=True)), [])
