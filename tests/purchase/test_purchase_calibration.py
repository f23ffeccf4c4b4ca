import math
import random
from datetime import date, timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.purchase import grading_purchase_fit
from .chance_case import LAST_DAY
from .learning_case import LearningCase, calibrated_chance
from .test_purchase_model import AS_OF, PurchaseCase


@tagged("post_install", "-at_install")
class TestCalibratedChance(LearningCase):
    """The calibrated probability in SQL, against plain Python, and the laws that hold whatever the numbers are."""

    def models(self, rnd, count=6):
        for place in range(count):
            values = {name: math.exp(rnd.uniform(*limits)) for name, limits in (("r", (-2, 2)), ("alpha", (2, 6)))}
            leaving = {"a": math.exp(rnd.uniform(-2, 2)), "b": math.exp(rnd.uniform(-2, 2))}
            model = self.model(**values, **(leaving if place % 2 else {"a": 0.0, "b": 1.0}))
            model.write(
                {
                    "method": "mbg_nbd" if model.a else "nbd",
                    "correction_days": rnd.randint(1, 7),
                    "calibration_level": rnd.uniform(-2, 2),
                    "calibration_odds": rnd.uniform(0, 2),
                    "calibration_silence": rnd.choice([0, rnd.uniform(0, 4)]),
                    "calibration_orders": rnd.choice([0, rnd.uniform(0, 1)]),
                    "lost_share": rnd.choice([0, rnd.uniform(0.02, 0.9)]),
                }
            )
            yield model

    def test_the_probability_is_the_one_of_the_formula(self):
        rnd = random.Random(21)
        for model in self.models(rnd, 12):
            self.company.grading_horizon_days = rnd.randint(7, 730)
            customers = self.random_customers(rnd)
            for (orders, first, last), found in zip(customers, self.chances(customers), strict=True):
                expected = calibrated_chance(model, orders, (last - first).days, (AS_OF - last).days)
                self.assertAlmostEqual(found, expected, 9)

    def test_the_dates_are_those_that_one_finds_day_by_day(self):
        rnd = random.Random(22)
        for model in self.models(rnd, 4):
            customers = self.random_customers(rnd, 8)
            shares = (0.5, 0.25)
            if model.lost_share:
                shares = (math.sqrt(model.lost_share), model.lost_share)
            for (orders, first, last), found in zip(customers, self.dates(customers), strict=True):
                chances = [calibrated_chance(model, orders, (last - first).days, days) for days in range(LAST_DAY)]
                expected = []
                for share in shares:
                    below = (days for days, now in enumerate(chances) if now < share * chances[0])
                    expected.append(last + timedelta(next(below, LAST_DAY)))
                for day, one in zip(found, expected, strict=True):
                    self.assertLessEqual(abs((day - one).days), 1, (orders, first, last))

    def test_silence_never_raises_the_probability_and_an_order_never_lowers_it(self):
        rnd = random.Random(23)
        for _model in self.models(rnd, 10):
            customers = self.random_customers(rnd)
            today, tomorrow = self.chances(customers), self.chances(customers, AS_OF + timedelta(1))
            bought = self.chances([(orders + 1, first, AS_OF) for orders, first, _last in customers])
            for before, later, after in zip(today, tomorrow, bought, strict=True):
                self.assertLessEqual(later, before + 1e-12)
                self.assertGreaterEqual(after, before - 1e-12)

    def test_a_customer_is_lost_no_earlier_than_they_decline(self):
        rnd = random.Random(24)
        for _model in self.models(rnd, 10):
            customers = self.random_customers(rnd)
            for (_orders, _first, last), (decline, lost) in zip(customers, self.dates(customers), strict=True):
                self.assertTrue(last < decline <= lost)

    def test_no_number_is_too_extreme_for_the_database(self):
        customers = [(orders, day, AS_OF) for orders in (1, 5, 2 * 10**9) for day in (AS_OF, date(1000, 1, 1))]
        for numbers in ((1e-6, 1e6, 0.0, 1.0), (1e6, 1e-6, 0.0, 1.0), (1e6, 1e6, 1e-6, 1e6), (1e-6,) * 4):
            model = self.model(*numbers)
            for weight in (0, 50):
                model.write({"calibration_odds": weight, "calibration_silence": weight, "calibration_orders": weight})
                for found in self.chances(customers, AS_OF + timedelta(9999)):
                    self.assertTrue(0 <= found <= 1)
                self.assertEqual(len(self.dates(customers)), len(customers))


@tagged("post_install", "-at_install")
class TestFewRepeaters(PurchaseCase):
    """A few customers decide nothing for all the others."""

    def stages(self, customers):
        """How many of the customers are lost, and decline, on the day on which they are looked at."""
        table = self.table(customers)
        self.Model._refit(table, AS_OF)
        query = SQL("SELECT decline_date, lost_date FROM (%s) AS dates", self.Model._dates_select(table, AS_OF))
        dates = self.env.execute_query(query)
        return sum(lost <= AS_OF for _decline, lost in dates), sum(decline <= AS_OF for decline, _lost in dates)

    def test_one_who_corrects_an_order_does_not_make_four_others_lost(self):
        single = [(1, AS_OF - timedelta(days), AS_OF - timedelta(days)) for days in (10, 20, 30, 40)]
        hasty = (2, AS_OF - timedelta(6), AS_OF - timedelta(5))
        self.assertEqual(self.stages([*single, hasty]), (0, 0))
        model = self.Model._current()
        self.assertEqual((model.repeat_count, model.order_interval), (0, self.company.grading_horizon_days))

    def test_one_strange_customer_moves_the_others_a_little(self):
        steady = [(6, AS_OF - timedelta(400 - place), AS_OF - timedelta(50 - place)) for place in range(10)]
        interval = self.Model._refit(self.table(steady), AS_OF).order_interval
        self.Model.search([("company_id", "=", self.company.id)]).unlink()
        strange = (300, AS_OF - timedelta(300), AS_OF)
        moved = self.Model._refit(self.table([*steady, strange]), AS_OF).order_interval
        self.assertLess(abs(moved / interval - 1), 0.05)

    def test_twenty_repeat_customers_count_as_much_as_the_default(self):
        model = self.Model._refit(self.table_of_groups([(1, 40, 90, 20)]), AS_OF)
        self.assertAlmostEqual(model.order_interval, math.sqrt(40 * 90), 2)

    def test_a_daily_rhythm_is_a_rhythm_where_it_is_typical(self):
        model = self.Model._refit(self.table_of_groups([(60, 60, 62, 500)]), AS_OF)
        self.assertEqual((model.correction_days, model.repeat_count), (1, 500))

    def test_the_days_of_corrections_stay_while_the_typical_interval_is_about_the_same(self):
        for interval, days in ((51, 5), (58, 5), (66, 6), (59, 6), (52, 5), (500, 7), (72, 7), (64, 6)):
            with patch.object(grading_purchase_fit, "DEFAULT_REPEAT_CUSTOMERS", 0):
                self.assertEqual(self.Model._correction_days([(1, interval, 600, 9)], self.Model._current()), days)
            values = {"method": "interval", "company_id": self.company.id, "date": AS_OF, "correction_days": days}
            self.Model.create({**values, "r": 2, "alpha": 100, "a": 1, "b": 3})
