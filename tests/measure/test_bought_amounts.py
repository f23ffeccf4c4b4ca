from odoo.tests import tagged
from odoo.tools import SQL

from .purchase_case import AS_OF, PurchaseCase


@tagged("post_install", "-at_install")
class TestBoughtAmounts(PurchaseCase):
    """What was paid for each product, in the company's currency and less what was credited."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.customer("Ada")
        cls.rate(cls.dollar, 1.25)

    def paid(self, partner):
        """``{name of the product: amount}``"""
        self.env.flush_all()
        scope = SQL("(SELECT id, commercial_partner_id FROM res_partner WHERE commercial_partner_id = %s)", partner.id)
        selects = self.env["grading.measure"]._bought_amounts(AS_OF, scope)
        rows = self.env.execute_query(
            SQL(
                "SELECT bought.product_id, SUM(bought.amount) FROM (%s) AS bought GROUP BY bought.product_id",
                SQL(" UNION ALL ").join(selects),
            )
        )
        names = {product.id: product.name for product in self.env["product.product"].browse(row[0] for row in rows)}
        return {names[product]: float(amount) for product, amount in rows}

    def test_orders_count_at_their_own_rate(self):
        self.sell(self.ada, 100, 40)
        self.sell(self.ada, 250, currency=self.dollar)
        self.assertEqual(self.paid(self.ada), {"Goods": 340})

    def test_what_was_credited_is_taken_off(self):
        self.credit(self.bill(self.sell(self.ada, 100, 40)), 30, 0)
        self.assertEqual(self.paid(self.ada), {"Goods": 110})

    def test_quotations_down_payments_and_other_customers_do_not_count(self):
        order = self.sell(self.ada, 100)
        self.pay_down(order, 20)
        self.sell(self.customer("Ben"), 500)
        self.env["sale.order"].create(
            {"partner_id": self.ada.id, "order_line": [(0, 0, {"product_id": self.goods.id, "price_unit": 70})]}
        )
        self.assertEqual(self.paid(self.ada), {"Goods": 100})
