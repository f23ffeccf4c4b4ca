from collections import defaultdict
from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from ..common import with_seeds
from ..measure.purchase_case import PurchaseCase


@tagged("post_install", "-at_install")
class TestRevenueMargin(PurchaseCase):
    """The margin of what counts as revenue, held against costs and prices; *Sales margin* is installed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Report = cls.env["grading.revenue.report"]
        cls.today = cls.company._grading_today()

    def sell_at_cost(self, partner, amount, cost, day, **vals):
        """A confirmed order of one line with a cost."""
        order = self.sell(partner, day=day, **vals)
        order.order_line = [
            Command.create(
                {"product_id": self.goods.id, "price_unit": amount, "purchase_price": cost, "tax_ids": False}
            )
        ]
        return order

    def margins(self, customers):
        found = self.Report._read_group(
            [("partner_id", "in", [customer.id for customer in customers])], ["partner_id"], ["margin:sum"]
        )
        return {customer: round(margin or 0, 2) for customer, margin in found}

    @with_seeds(2)
    def test_the_margin_goes_with_the_amount_that_counts(self, rng):
        customers = [self.customer(f"Customer {number}") for number in range(3)]
        expected = defaultdict(float)
        for _number in range(6):
            customer, amount, cost = rng.choice(customers), rng.choice([50, 80, 200]), rng.choice([10, 40, 60])
            day = self.today - timedelta(days=rng.randrange(30, 200))
            order = self.sell_at_cost(customer, amount, cost, day)
            credited = rng.choice([0, 0, 20, amount])
            invoice = self.bill(order, day=day)
            if credited:
                self.credit(invoice, credited, day=day + timedelta(days=3))
            expected[customer] += (amount - cost) * (amount - credited) / amount
        for counted in ("order", "invoice"):
            self.company.grading_amount_source = counted
            with self.subTest(counted=counted):
                self.assertEqual(
                    self.margins(customers), {customer: round(margin, 2) for customer, margin in expected.items()}
                )

    def test_an_invoice_for_several_orders_has_the_margin_of_each_by_its_part(self):
        ada, day = self.customer("Ada"), self.today - timedelta(days=30)
        orders = self.sell_at_cost(ada, 100, 50, day) + self.sell_at_cost(ada, 300, 300, day)
        invoice = self.bill(orders, day=day)
        self.assertEqual((len(invoice), invoice.amount_untaxed), (1, 400))
        self.company.grading_amount_source = "invoice"
        self.assertEqual(self.margins([ada]), {ada: 50})

    def test_a_sample_costs_and_a_document_without_an_order_has_no_margin(self):
        ada, ben = self.customer("Ada"), self.customer("Ben")
        self.sell_at_cost(ada, 0, 15, self.today - timedelta(days=3))
        self.assertEqual(self.margins([ada]), {ada: -15})
        self.company.grading_amount_source = "invoice"
        self.invoice(ben, 50, day=self.today - timedelta(days=3))
        self.assertIs(self.Report.search([("partner_id", "=", ben.id)]).margin, False)

    def test_margins_in_another_currency(self):
        self.rate(self.dollar, 2)
        ada, ben = self.customer("Ada"), self.customer("Ben")
        self.sell_at_cost(ada, 100, 40, self.today - timedelta(days=3), currency=self.dollar)
        self.sell_at_cost(ben, 0, 40, self.today - timedelta(days=3), currency=self.dollar)
        costs = {order.partner_id: order.margin for order in (ada | ben).sale_order_ids}
        self.assertEqual(self.margins([ada, ben]), {customer: round(cost / 2, 2) for customer, cost in costs.items()})

    def test_the_margin_is_among_the_fields(self):
        self.assertIn("margin", self.Report.fields_get())
