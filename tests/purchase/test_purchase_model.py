from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.purchase import grading_purchase_model
from ..common import GradingCase
from .test_purchase_fit import cdnow_groups, simulated_groups

AS_OF = date(2026, 3, 31)
NUMBERS = ("r", "alpha", "a", "b")


class PurchaseCase(GradingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Model = cls.env["grading.purchase.model"]

    @classmethod
    def table(cls, customers):
        """A table expression of customers with the columns of a profile.

        :param list customers: ``[(orders, first day, last day)]``; their ids count from 1
        """
        counts, first, last = zip(*customers, strict=True) if customers else ((), (), ())
        return SQL(
            "(SELECT * FROM UNNEST(%s::int[], %s::int[], %s::date[], %s::date[])"
            " AS customer (partner_id, order_day_count, first_order_date, last_order_date))",
            list(range(1, len(counts) + 1)),
            list(counts),
            list(first),
            list(last),
        )

    @classmethod
    def table_of_groups(cls, groups):
        """The table of the customers in ``[(orders after the first, days to the last, days to the end, customers)]``"""
        return cls.table(
            [
                (x + 1, AS_OF - timedelta(age), AS_OF - timedelta(age - t))
                for x, t, age, customers in groups
                for _customer in range(customers)
            ]
        )

    @classmethod
    def numbers(cls, model):
        return [model[name] for name in NUMBERS]


@tagged("post_install", "-at_install")
class TestPurchaseModel(PurchaseCase):
    """The numbers by which a company predicts which customers buy again: fitted, or set where they cannot be."""

    def fit(self, groups, as_of=AS_OF):
        return self.Model._refit(self.table_of_groups(groups), as_of)

    def test_the_published_numbers_are_kept_with_what_they_come_from(self):
        model = self.fit(cdnow_groups())
        self.assertEqual((model.method, model.company_id, model.date), ("mbg_nbd", self.company, AS_OF))
        self.assertEqual(
            [round(n, 3) for n in (model.r, model.alpha / 7, model.a, model.b)], [0.525, 6.183, 0.891, 1.614]
        )
        self.assertEqual((model.customer_count, model.repeat_count), (2357, 946))
        self.assertAlmostEqual(model.log_likelihood, -14363.24, 2)
        self.assertAlmostEqual(model.order_interval, model.alpha / model.r)
        self.assertAlmostEqual(model.leaving_share, model.a / (model.a + model.b))
        self.assertFalse(model.message)
        self.assertEqual(self.Model._current(), model)

    def test_with_few_repeat_customers_the_personal_interval_takes_over_and_says_so(self):
        model = self.fit([(0, 0, 100, 5000), (2, 20, 100, 99), (2, 60, 100, 1), (2, 200, 300, 99)])
        self.assertEqual((model.method, model.repeat_count), ("interval", 199))
        self.assertEqual(self.numbers(model), [2, 60, 1, 3])
        for word in ("Graded Company", "199", "200"):
            self.assertIn(word, model.message)

    def test_one_repeat_customer_more_is_enough(self):
        groups = simulated_groups(1000, 0.7, 50, 0.6, 2.2)
        repeat_customers = [group for group in groups if group[0]]
        others = [group for group in groups if not group[0]]
        self.assertEqual(self.fit([*others, *repeat_customers[:199]]).method, "interval")
        self.assertEqual(self.fit([*others, *repeat_customers[:200]]).method, "mbg_nbd")

    def test_customers_who_do_not_follow_the_model_are_scored_by_their_interval(self):
        model = self.fit([(10, 300, 305, 300)])
        self.assertEqual((model.method, self.numbers(model)), ("interval", [2, 60, 1, 3]))
        self.assertIn("Graded Company", model.message)

    def test_without_repeat_customers_the_horizon_is_the_interval(self):
        self.company.grading_horizon_days = 120
        self.assertEqual(self.numbers(self.fit([])), [2, 240, 1, 3])
        self.company.grading_horizon_days = 30
        self.assertEqual(self.numbers(self.fit([(0, 0, 10, 3), (4, 0, 0, 1)])), [2, 60, 1, 3])

    def test_orders_on_one_day_are_fitted_with_the_others(self):
        model = self.fit([*cdnow_groups(), (1, 0, 250, 20), (3, 0, 0, 2)])
        self.assertEqual((model.method, model.customer_count), ("mbg_nbd", 2379))

    def test_customers_without_an_order_count_nothing(self):
        stranger = (None, None, None)
        model = self.Model._refit(self.table([stranger, (0, None, None), (2, AS_OF, AS_OF)]), AS_OF)
        self.assertEqual((model.customer_count, model.repeat_count), (1, 1))

    def test_numbers_that_are_as_good_stay_in_force_under_the_new_day(self):
        groups = simulated_groups(2000, 0.7, 50, 0.6, 2.2)
        former = self.fit(groups)
        later = self.fit([*groups, (1, 30, 60, 1), (0, 0, 5, 3)], AS_OF + timedelta(7))
        self.assertEqual(self.numbers(later), self.numbers(former))
        self.assertEqual((later.date, later.customer_count), (AS_OF + timedelta(7), 2004))
        self.assertNotEqual(later.log_likelihood, former.log_likelihood)
        self.assertEqual(self.Model._current(), later)

    def test_numbers_that_are_clearly_better_replace_those_in_force(self):
        former = self.fit(simulated_groups(2000, 0.7, 50, 0.6, 2.2))
        later = self.fit(simulated_groups(2000, 0.7, 100, 0.6, 2.2))
        self.assertGreater(later.alpha, 1.5 * former.alpha)
        self.assertEqual(self.Model.search([("company_id", "=", self.company.id)]), later + former)

    def test_an_interval_that_is_nearly_the_same_stays_in_force(self):
        self.assertEqual(self.fit([(1, 50, 90, 9)]).alpha, 100)
        self.assertEqual(self.fit([(1, 54, 90, 9)]).alpha, 100)
        self.assertEqual(self.fit([(1, 56, 90, 9)]).alpha, 112)

    def test_numbers_replace_the_interval_and_the_interval_them(self):
        self.fit([(1, 50, 90, 9)])
        fitted = self.fit(cdnow_groups())
        self.assertEqual(fitted.method, "mbg_nbd")
        self.assertEqual(self.numbers(self.fit([(1, 50, 90, 9)])), [2, 100, 1, 3])

    def test_it_is_due_once_a_week_and_for_any_earlier_day(self):
        self.assertTrue(self.Model._is_due(AS_OF))
        self.fit([])
        for days, due in ((0, False), (6, False), (7, True), (-1, True), (-7, True)):
            self.assertEqual(self.Model._is_due(AS_OF + timedelta(days)), due, days)

    def test_looking_at_an_earlier_day_does_not_change_what_is_in_force(self):
        now = self.fit([(1, 50, 90, 9)])
        earlier = self.fit([(1, 5, 9, 9)], as_of=AS_OF - timedelta(400))
        self.assertEqual(self.Model._current(), now)
        self.assertEqual(self.Model._current(AS_OF), now)
        self.assertEqual(self.Model._current(AS_OF - timedelta(1)), earlier)
        self.assertEqual(self.Model._current(AS_OF - timedelta(401)), earlier, "there is none of an earlier day")

    def test_a_sample_does_not_depend_on_the_order_of_rows(self):
        table = self.table_of_groups(cdnow_groups())
        with patch.object(grading_purchase_model, "SAMPLE", 500):
            groups = self.Model._groups(table, AS_OF)
            turned = self.Model._groups(SQL("(SELECT * FROM %s AS t ORDER BY partner_id DESC)", table), AS_OF)
        self.assertEqual(sorted(groups), sorted(turned))
        self.assertEqual(sum(group[3] for group in groups), 500)
        self.assertEqual(sum(group[3] for group in self.Model._groups(table, AS_OF)), 2357)

    def test_a_sample_is_like_all_customers_though_the_oldest_come_first(self):
        table = self.table_of_groups(sorted(cdnow_groups()))
        with patch.object(grading_purchase_model, "SAMPLE", 1000):
            groups = self.Model._groups(table, AS_OF)
        share = sum(group[3] for group in groups if group[0]) / 1000
        self.assertAlmostEqual(share, 946 / 2357, 1)

    def test_each_company_has_its_own_numbers(self):
        own = self.fit([(1, 50, 90, 9)])
        other = self.new_company("Other Company")
        Model = self.Model.with_company(other)
        self.assertFalse(Model._current())
        self.assertTrue(Model._is_due(AS_OF))
        theirs = Model._refit(self.table_of_groups([(1, 80, 90, 9)]), AS_OF)
        self.assertEqual((self.Model._current(), Model._current()), (own, theirs))

    # ------------------------------------------------------------
    # Access
    # ------------------------------------------------------------

    def test_managers_read_the_numbers_of_their_companies_and_no_user_writes_them(self):
        own = self.fit([])
        theirs = self.Model.with_company(self.new_company("Other Company"))._refit(self.table([]), AS_OF)
        Model = self.Model.with_user(self.manager())
        self.assertEqual(Model.search([("id", "in", (own + theirs).ids)]), own)
        for refused in (
            lambda: theirs.with_env(Model.env).read(["r"]),
            lambda: own.with_env(Model.env).write({"r": 1}),
            lambda: own.with_env(Model.env).unlink(),
            lambda: Model.create({"company_id": self.company.id, "date": AS_OF, "method": "interval"}),
        ):
            with self.assertRaises(AccessError):
                refused()

    def test_others_do_not_reach_the_numbers(self):
        own = self.fit([])
        for user in (self.salesman(), self.internal(), self.portal()):
            with self.assertRaises(AccessError):
                own.with_user(user).read(["r"])
