from datetime import timedelta
from fractions import Fraction

from odoo.tests import tagged

from ..common import GradingCase, with_seeds


@tagged("post_install", "-at_install")
class TestRfmClasses(GradingCase):
    """Recency, frequency and monetary value in fifths of the customers, beside naive Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.customers = cls.env["res.partner"].create([{"name": f"Fifth {n}"} for n in range(40)])
        cls.scheme([cls.band("rfm_recency", [(1, 1)]), cls.linear("rfm_frequency"), cls.linear("rfm_monetary")])

    def fifth(self, value, values):
        """The class of a value: by the share of the others that are lower, with half of those that are equal."""
        lower, equal = sum(other < value for other in values), values.count(value) - 1
        rank = Fraction(2 * lower + equal, 2 * (len(values) - 1))
        return 1 + sum(rank >= Fraction(start, 5) for start in (1, 2, 3, 4))

    @with_seeds(3)
    def test_classes_are_fifths_of_those_who_have_bought(self, rng):
        with self.env.cr.savepoint() as savepoint:
            buyers = rng.sample(list(self.customers), rng.randint(5, 38))
            bought = {
                buyer.id: [
                    (rng.choice((1, 3, 30, 90, 300)), rng.choice((10, 20, 500)))
                    for _n in range(rng.choice((1, 1, 2, 6)))
                ]
                for buyer in buyers
            }
            self.insert_orders(
                [
                    (buyer, self.today - timedelta(days=days), amount, 1, "sale")
                    for buyer, orders in bought.items()
                    for days, amount in orders
                ]
            )
            self.rescore()
            last = {buyer: -min(days for days, _amount in orders) for buyer, orders in bought.items()}
            count = {buyer: len(orders) for buyer, orders in bought.items()}
            amount = {buyer: sum(amount for _days, amount in orders) for buyer, orders in bought.items()}
            for partner in self.customers:
                profile = self.profile(partner)
                classes = (profile.rfm_recency, profile.rfm_frequency, profile.rfm_monetary)
                if partner.id not in bought:
                    self.assertEqual(classes, (0, 0, 0))
                    continue
                expected = [self.fifth(values[partner.id], list(values.values())) for values in (last, count, amount)]
                self.assertEqual(list(classes), expected, partner.name)
            savepoint.rollback()

    def test_a_few_are_classed_as_they_are_among_all(self):
        self.insert_orders(
            [(c.id, self.today - timedelta(days=n), 10 * n + 10, 1, "sale") for n, c in enumerate(self.customers)]
        )
        self.rescore()
        before = self.profile(self.customers[5]).rfm_recency
        self.assertEqual(self.rescore(partners=self.customers[:9]).changed_count, 0)
        self.insert_orders([(self.customers[39].id, self.today, 5, 1, "sale")])
        self.rescore(partners=self.customers[39])
        self.assertEqual(self.profile(self.customers[39]).rfm_recency, 5)
        self.assertEqual(self.profile(self.customers[5]).rfm_recency, before)
