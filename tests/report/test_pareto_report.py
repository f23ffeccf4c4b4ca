import math
from collections import defaultdict
from datetime import timedelta

from odoo.tests import tagged

from ..common import with_seeds
from .figures_case import FiguresCase


@tagged("post_install", "-at_install")
class TestParetoReport(FiguresCase):
    """Which part of the customers brings which part of the revenue, held against the orders."""

    model = "grading.pareto.report"

    @with_seeds(3)
    def test_shares_and_tenths(self, rng):
        self.env["grading.profile"].search([("company_id", "=", self.company.id)]).unlink()
        customers = [self.customer(f"Customer {number}") for number in range(rng.randrange(3, 45))]
        amounts = defaultdict(float)
        for customer in customers:
            for _number in range(rng.randrange(4)):
                amount = rng.choice([10, 20, 99.99, 1000])
                self.order(customer, amount, self.today - timedelta(days=rng.randrange(300)))
                amounts[customer] += amount
        self.scheme()
        self.rescore(partners=self.env["res.partner"].concat(*customers))
        gone = rng.choice(customers)
        gone.active = False
        amounts.pop(gone, None)
        best = sorted(amounts, key=lambda customer: (-round(amounts[customer], 2), self.profile(customer).id))
        total, cumulated, expected = sum(amounts.values()), 0, {}
        for place, customer in enumerate(best, 1):
            cumulated += amounts[customer]
            tenth = next(number for number in range(1, 11) if place * 10 <= number * len(best))
            shares = [100 * part for part in (amounts[customer] / total, cumulated / total, place / len(best))]
            expected[customer] = (place, tenth, amounts[customer], *shares)
        here = [("partner_id", "in", [customer.id for customer in customers])]
        self.assert_same(
            {
                row.partner_id: (
                    *(row.rank, int(row.tenth), row.amount, row.revenue_share, row.cumulative_share),
                    row.customer_share,
                )
                for row in self.rows(here)
            },
            expected,
        )
        by_tenth = self.groups(["tenth"], ["revenue_share:sum", "cumulative_share:max"], here)
        self.assertTrue(math.isclose(sum(share for share, _until in by_tenth.values()), 100))
        self.assertEqual(round(max(until for _share, until in by_tenth.values()), 6), 100)

    def world(self):
        owners = {"Ada": self.seller.id, "Ben": self.chief.id, "Cleo": False}
        customers = {name: self.customer(name, user_id=owner) for name, owner in owners.items()}
        for customer, amount in zip(customers.values(), (30, 60, 10), strict=True):
            self.order(customer, amount, self.today - timedelta(days=20))
        self.scheme()
        self.rescore()
        return customers

    def test_the_shares_of_a_salesperson_tell_nothing_of_other_customers(self):
        customers = self.world()
        seen = {row.partner_id: (row.rank, row.revenue_share) for row in self.rows(user=self.seller)}
        self.assertEqual(seen, {customers["Ada"]: (1, 75), customers["Cleo"]: (2, 25)})
        shares = {row.partner_id.name: row.cumulative_share for row in self.rows(user=self.chief)}
        self.assertEqual(shares, {"Ben": 60, "Ada": 90, "Cleo": 100})
        self.assert_cells_open_what_they_count(["tenth"], "amount", user=self.seller)

    def test_companies_are_apart_and_outsiders_see_nothing(self):
        self.world()
        self.assert_apart_and_closed()
