from collections import defaultdict
from datetime import timedelta

from odoo.tests import tagged

from ..common import with_seeds
from .figures_case import FiguresCase, mean


def quarter(day):
    """A number for the quarter of a day, one more for each that follows."""
    return day.year * 4 + (day.month - 1) // 3


@tagged("post_install", "-at_install")
class TestCohortReport(FiguresCase):
    """Customers by the quarter of their first order, held against their orders."""

    model = "grading.cohort.report"

    @with_seeds(3)
    def test_who_bought_and_for_how_much_in_each_quarter_since(self, rng):
        customers = self.customers(rng, 15)
        bought = defaultdict(list)
        for customer, day, amount in self.random_orders(rng, customers, 120):
            bought[customer].append((quarter(day), amount))
        self.scheme()
        self.rescore()
        expected = defaultdict(list)
        for purchases in bought.values():
            begun = min((when for when, amount in purchases if amount > 0), default=None)
            for when in range(begun or quarter(self.today), quarter(self.today)):
                amounts = [amount for day, amount in purchases if day == when]
                orders = sum(amount > 0 for amount in amounts)
                expected[begun, when - begun].append((100 * (orders > 0), sum(amounts), orders))
        here = [("partner_id", "in", [customer.id for customer in customers])]
        measures = ["active_rate:avg", "amount:sum", "order_count:sum", "__count"]
        got = {
            (quarter(cohort), number): figures
            for (cohort, number), figures in self.groups(["cohort:quarter", "quarter_number"], measures, here).items()
        }
        wanted = {}
        for key, rows in expected.items():
            rates, amounts, orders = zip(*rows, strict=True)
            wanted[key] = (mean(rates), sum(amounts), sum(orders), len(rows))
        self.assert_same(got, wanted)
        for row in self.rows(here):
            self.assertEqual(quarter(row.date) - quarter(row.cohort), row.quarter_number)

    def world(self):
        owners = {"Ada": self.seller.id, "Ben": self.chief.id, "Cleo": False}
        customers = {name: self.customer(name, user_id=owner) for name, owner in owners.items()}
        for customer in customers.values():
            self.order(customer, 10, self.today - timedelta(days=200))
        self.scheme()
        self.rescore()
        return customers

    def test_a_salesperson_sees_their_own_customers(self):
        customers = self.world()
        self.assertEqual(set(self.rows(user=self.seller).partner_id), {customers["Ada"], customers["Cleo"]})
        self.assertEqual(set(self.rows(user=self.chief).partner_id), set(customers.values()))
        self.assert_cells_open_what_they_count(["cohort:quarter", "quarter_number"], "amount", user=self.seller)

    def test_companies_are_apart_and_outsiders_see_nothing(self):
        self.world()
        self.assert_apart_and_closed()
