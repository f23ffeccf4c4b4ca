"""With Odoo's point of sale installed, and its link to sales orders: not collected by the suite, which needs nothing
beyond the module's dependencies."""

from datetime import date, datetime, time

from odoo.fields import Command
from odoo.tests import tagged

from .basket_case import BasketCase


@tagged("post_install", "-at_install")
class TestBasketTicket(BasketCase):
    """Paid tickets are baskets like orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"].try_loading("generic_coa", company=cls.company, install_demo=False)
        cls.config = cls.env["pos.config"].create({"name": "Shop"})
        cls.session = cls.env["pos.session"].create({"config_id": cls.config.id, "user_id": cls.env.uid})
        cls.bread, cls.milk, cls.tea = cls.goods = cls.products("Bread", "Milk", "Tea")

    def ticket(self, products, partner=None, state="paid", lines=(), day=None):
        values = [
            {
                "product_id": product.id,
                "qty": 1,
                "price_unit": 5,
                "price_subtotal": 5,
                "price_subtotal_incl": 5,
                "name": "Line",
                "tax_ids": False,
                **(lines[place] if place < len(lines) else {}),
            }
            for place, product in enumerate(products)
        ]
        total = sum(line["price_subtotal"] for line in values)
        ticket = self.env["pos.order"].create(
            {
                "company_id": self.company.id,
                "session_id": self.session.id,
                "partner_id": partner and partner.id,
                "date_order": datetime.combine(day or self.today, time(0)),
                "amount_tax": 0,
                "amount_total": total,
                "amount_paid": total,
                "amount_return": 0,
                "lines": [Command.create(line) for line in values],
            }
        )
        if state != "draft":
            ticket.state = state
        return ticket

    def baskets(self, user=None, **kwargs):
        """``{basket: products}``, tickets under numbers below 0."""
        self.env.flush_all()
        lines = self.env["grading.basket.line"].with_user(user or self.env.user)._in_period(**kwargs)
        baskets = {}
        for basket, product in self.env.execute_query(lines):
            baskets[basket] = baskets.get(basket, self.goods.browse()) | self.goods.browse(product)
        return baskets

    def test_paid_tickets_count_also_without_a_name(self):
        paid = self.ticket(self.bread | self.milk)
        done = self.ticket(self.tea, state="done")
        for state in ("draft", "cancel"):
            self.ticket(self.tea, state=state)
        self.ticket(self.tea, day=date(2001, 1, 1))
        self.assertEqual(self.baskets(), {-paid.id: self.bread | self.milk, -done.id: self.tea})

    def test_orders_and_tickets_are_counted_together(self):
        self.basket(self.bread | self.milk)
        self.ticket(self.bread | self.milk)
        self.limit()
        run = self.mine()
        self.assertEqual((run.basket_count, run.rule_ids.mapped("basket_count")), (2, [2, 2]))

    def test_what_the_customer_did_not_choose_is_left_out(self):
        tip = self.products("Tip")
        self.config.tip_product_id = tip
        returned = {"qty": -1, "price_subtotal": -5, "price_subtotal_incl": -5}
        ticket = self.ticket(self.bread | self.milk | tip, lines=[{}, returned])
        self.assertEqual(self.baskets(), {-ticket.id: self.bread})

    def test_what_settles_an_order_lies_in_the_basket_of_the_order(self):
        order = self.basket(self.tea)
        ticket = self.ticket(self.bread | self.tea, lines=[{}, {"sale_order_origin_id": order.id}])
        self.assertEqual(self.baskets(), {order.id: self.tea, -ticket.id: self.bread})

    def test_a_customers_tickets_are_read_by_those_who_may(self):
        self.ticket(self.bread, self.ada)
        self.ticket(self.tea)
        self.assertEqual(list(self.baskets(contacts=self.ada.ids).values()), [self.bread])
        contacts = {"contacts": self.ada.ids, "readable": True}
        self.assertEqual(self.baskets(self.salesman(), **contacts), {})
        cashier = self.user("cashier", "sales_team.group_sale_salesman,point_of_sale.group_pos_user")
        self.assertEqual(list(self.baskets(cashier, **contacts).values()), [self.bread])
