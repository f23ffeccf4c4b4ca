from datetime import timedelta

from odoo.tests import tagged

from ..common import GradingCase, with_seeds

DAYS = {3: 91, 6: 182, 24: 730}


@tagged("post_install", "-at_install")
class TestWindows(GradingCase):
    """What was bought within 3, 6 and 24 months, beside naive Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.customers = cls.env["res.partner"].create([{"name": f"Window {n}"} for n in range(6)])

    @with_seeds(3)
    def test_amounts_and_orders_of_each_window(self, rng):
        with self.env.cr.savepoint() as savepoint:
            ages = [0, 1, 90, 91, 92, 181, 182, 183, 365, 729, 730, 731]
            orders = [
                (rng.choice(self.customers[:5]).id, rng.choice(ages), rng.choice((10, 99.99, -5, 0.05)))
                for _n in range(60)
            ]
            self.insert_orders([(c, self.today - timedelta(days=age), amount, 1, "sale") for c, age, amount in orders])
            self.scheme([self.linear(f"order_{what}_{months}m") for what in ("amount", "count") for months in DAYS])
            self.rescore()
            for customer in self.customers[:5]:
                profile = self.profile(customer)
                for months, days in DAYS.items():
                    own = [amount for buyer, age, amount in orders if buyer == customer.id and age < days]
                    with self.subTest(customer=customer.name, months=months):
                        self.assertAlmostEqual(profile[f"order_amount_{months}m"], sum(own), places=2)
                        self.assertEqual(profile[f"order_count_{months}m"], sum(amount > 0 for amount in own))
            savepoint.rollback()

    def test_a_window_that_no_rule_asks_for_is_not_measured(self):
        self.order(self.customers[0], 10, self.today)
        self.scheme([self.linear("order_amount_3m")])
        self.rescore()
        profile = self.profile(self.customers[0])
        self.assertEqual((profile.order_amount_3m, profile.score), (10, 10))
        self.law = self.env["grading.scheme"].search([("company_id", "=", self.company.id)])
        self.law.criterion_ids.measure = "order_amount"
        self.rescore()
        self.assertEqual(self.profile(self.customers[0]).order_amount_3m, False)

    def test_years_are_those_of_the_other_measures(self):
        for age in (10, 364, 365, 366, 729, 730):
            self.order(self.customers[0], 100 + age, self.today - timedelta(days=age))
        self.scheme([self.linear("order_amount_24m")])
        self.rescore()
        profile = self.profile(self.customers[0])
        self.assertEqual(profile.order_amount_24m, profile.order_amount_12m + profile.order_amount_prev_12m)

    def test_one_more_order_counts_in_each_window(self):
        self.order(self.customers[0], 10, self.today)
        self.scheme([self.linear("order_amount_3m"), self.linear("order_count_24m")])
        self.rescore()
        after = self.profile(self.customers[0])._after_order(5, self.today)
        self.assertEqual((after["order_amount_3m"], after["order_count_24m"]), (15, 2))
