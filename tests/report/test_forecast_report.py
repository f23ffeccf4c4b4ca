from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged

from ..common import with_seeds
from .figures_case import FiguresCase, month_end


@tagged("post_install", "-at_install")
class TestForecastReport(FiguresCase):
    """What was expected beside what came, held against the orders."""

    model = "grading.forecast.report"

    def remember(self, amounts, day, days, company=None):
        """Snapshots of what was expected of customers: ``{customer: amount}``."""
        self.env["grading.snapshot"].sudo().create(
            [
                {
                    "date": day,
                    "partner_id": customer.id,
                    "company_id": (company or self.company).id,
                    "profile_id": self.profile(customer).id if not company else False,
                    "grade_id": self.grades[place % 3].id,
                    "expected_amount": amount,
                    "expected_days": days,
                }
                for place, (customer, amount) in enumerate(amounts.items())
            ]
        )

    @with_seeds(3)
    def test_what_came_is_what_was_ordered_within_the_time(self, rng):
        self.env["grading.snapshot"].search([("company_id", "=", self.company.id)]).unlink()
        customers = self.customers(rng, rng.randrange(2, 25))
        orders = self.random_orders(rng, customers, 120, months=24)
        self.scheme()
        self.rescore(partners=self.env["res.partner"].concat(*customers))
        days = rng.choice([90, 365])
        day = month_end(self.today - timedelta(days + 1) - relativedelta(months=rng.randrange(1, 4)))
        expected = {customer: rng.choice([0, 50, 99.5, 1000]) for customer in customers}
        self.remember(expected, day, days)
        # Earlier ones, and one whose time is not over, are not what is compared.
        self.remember(dict.fromkeys(customers, 7), month_end(day - relativedelta(months=2)), days)
        self.remember(dict.fromkeys(customers, 8), month_end(self.today - relativedelta(months=1)), 365)
        came = defaultdict(float)
        for customer, ordered, amount in orders:
            if day < ordered <= day + timedelta(days):
                came[customer] += amount
        found = {row.partner_id: (row.expected_amount, row.amount, row.difference) for row in self.rows()}
        self.assertEqual({(row.date, row.date_until) for row in self.rows()}, {(day, day + timedelta(days))})
        self.assert_same(
            found,
            {customer: (amount, came[customer], came[customer] - amount) for customer, amount in expected.items()},
        )
        tenths = [int(row.tenth) for row in self.rows().sorted("expected_amount", reverse=True)]
        self.assertEqual(tenths, sorted(tenths))
        self.assert_cells_open_what_they_count(["tenth", "grade_id"], "amount")

    def world(self):
        owners = {"Ada": self.seller.id, "Ben": self.chief.id, "Cleo": False}
        customers = {name: self.customer(name, user_id=owner) for name, owner in owners.items()}
        for customer in customers.values():
            self.order(customer, 100, self.today - timedelta(days=20))
        self.scheme()
        self.rescore()
        day = month_end(self.today - relativedelta(months=5))
        self.remember(dict.fromkeys(customers.values(), 40), day, 90)
        return customers

    def test_a_salesperson_sees_the_own_customers(self):
        customers = self.world()
        self.assertEqual(self.rows(user=self.seller).partner_id, customers["Ada"] + customers["Cleo"])
        self.assertEqual(len(self.rows(user=self.chief)), 3)

    def test_nothing_is_compared_before_the_time_is_over(self):
        self.customer("Ada")
        self.assertFalse(self.rows())

    def test_companies_are_apart_and_outsiders_see_nothing(self):
        self.world()
        self.assert_apart_and_closed()
