import math
from datetime import date, timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from ..common import with_seeds
from .chance_case import LAST_DAY, ChanceCase, chance
from .test_purchase_model import AS_OF


@tagged("post_install", "-at_install")
class TestChance(ChanceCase):
    """What the numbers say in SQL, against plain Python, and the laws that hold whatever the numbers are."""

    def models(self, rnd, count=3):
        for _model in range(count):
            yield self.model(*(math.exp(rnd.uniform(*limits)) for limits in ((-2, 2), (2, 6), (-2, 2), (-2, 2))))

    # ------------------------------------------------------------
    # Golden SQL
    # ------------------------------------------------------------

    def model_log_odds(self, shape, leaving, scale, days):
        stays = f"LEAST(600, {shape} * LN(1 + 90 / ({scale} + {days})))"
        left = f"EXP(LEAST(600, {leaving} + {shape} * LN(1 + {days} / {scale})))"
        return f"LN(GREATEST(1 - EXP(-{stays}), 1e-300::float8)) - LN({left} + EXP(-{stays}))"

    def test_sql_of_the_log_odds_of_the_model_some_days_after_the_last_order(self):
        self.company.grading_horizon_days = 90
        sql = self.model()._model_log_odds_to_sql(SQL("shape"), SQL("leaving"), SQL("scale"), SQL("days"))
        self.assertEqual(self.text_of(sql), self.model_log_odds("shape", "leaving", "scale", "days"))

    def test_sql_of_the_probability_to_buy(self):
        self.company.grading_horizon_days = 90
        count, first, last = (
            f'"customer"."{name}"' for name in ("order_day_count", "first_order_date", "last_order_date")
        )
        self.assertEqual(self.text_of(self.Model._probability_to_sql(AS_OF)), "NULL::float8", "before the first fit")
        model = self.model()
        again = f"LEAST({count} - 1, ({last} - {first}) / {model.correction_days})"
        log_odds = self.model_log_odds(
            shape=f"(0.7::float8 + {again})",
            leaving=f"LN(0.6::float8 / (2.2::float8 + {again}))",
            scale=f"(50.0::float8 + ({last} - {first}))",
            days=f"GREATEST(DATE '2026-03-31'::date - {last}, 0)",
        )
        share = f"(1 / (1 + EXP(GREATEST( -600, LEAST(600, -(0.0::float8 + 1.0::float8 * ({log_odds})))))))"
        expected = f"CASE WHEN {count} > 0 AND {first} <= {last} THEN {share} END"
        self.assertEqual(self.text_of(self.Model._probability_to_sql(AS_OF, "customer")), expected)
        Profile = self.env["grading.profile"].with_context(grading_as_of=AS_OF)
        self.assertEqual(self.text_of(Profile._purchase_probability_to_sql(self.company, "customer")), expected)

    def test_sql_of_the_probability_as_a_column_has_a_branch_for_each_company_with_a_model(self):
        Profile = self.env["grading.profile"].with_context(grading_as_of=AS_OF)
        self.Model.search([]).unlink()
        self.assertEqual(self.text_of(Profile._field_to_sql("profile", "purchase_probability")), "NULL::float8")
        self.model()
        chance_here = self.text_of(Profile._purchase_probability_to_sql(self.company, "profile"))
        self.assertEqual(
            self.text_of(Profile._field_to_sql("profile", "purchase_probability")),
            f'CASE WHEN "profile"."company_id" = {self.company.id} THEN {chance_here} END',
        )

    # ------------------------------------------------------------
    # Against plain Python, and laws
    # ------------------------------------------------------------

    @with_seeds(1)
    def test_the_probability_is_the_one_of_the_article(self, rnd):
        for model in self.models(rnd):
            self.company.grading_horizon_days = rnd.randint(7, 730)
            customers = self.random_customers(rnd)
            for (orders, first, last), found in zip(customers, self.chances(customers), strict=True):
                expected = chance(model, orders, (last - first).days, (AS_OF - last).days)
                self.assertAlmostEqual(found, expected, 12)

    @with_seeds(1)
    def test_the_dates_are_those_that_one_finds_day_by_day(self, rnd):
        for model in self.models(rnd, 2):
            self.company.write(
                {"grading_decline_percent": rnd.randint(40, 90), "grading_lost_percent": rnd.randint(2, 39)}
            )
            customers = self.random_customers(rnd, 20)
            for (orders, first, last), found in zip(customers, self.dates(customers), strict=True):
                chances = [chance(model, orders, (last - first).days, days) for days in range(LAST_DAY)]
                expected = []
                for percent in (self.company.grading_decline_percent, self.company.grading_lost_percent):
                    below = (days for days, now in enumerate(chances) if now < percent / 100 * chances[0])
                    expected.append(last + timedelta(next(below, LAST_DAY)))
                self.assertEqual(found, tuple(expected), (orders, first, last))

    @with_seeds(1)
    def test_moving_all_days_alike_changes_nothing(self, rnd):
        self.model()
        customers, days = self.random_customers(rnd), timedelta(rnd.randint(-3000, 3000))
        moved = [(orders, first + days, last + days) for orders, first, last in customers]
        self.assertEqual(self.chances(moved, AS_OF + days), self.chances(customers))
        self.assertEqual(self.dates(moved), [(decline + days, lost + days) for decline, lost in self.dates(customers)])

    @with_seeds(1)
    def test_buying_never_lowers_the_probability_on_that_day(self, rnd):
        for _model in self.models(rnd):
            customers = self.random_customers(rnd)
            bought = [(orders + 1, first, AS_OF) for orders, first, _last in customers]
            for before, after in zip(self.chances(customers), self.chances(bought), strict=True):
                self.assertGreaterEqual(after, before)

    @with_seeds(1)
    def test_silence_lowers_the_probability_day_by_day(self, rnd):
        for _model in self.models(rnd):
            customers = self.random_customers(rnd)
            today, tomorrow = self.chances(customers), self.chances(customers, AS_OF + timedelta(1))
            for before, after in zip(today, tomorrow, strict=True):
                self.assertTrue(0 < after < before < 1 or after == before < 1e-200, (before, after))

    @with_seeds(1)
    def test_a_customer_is_lost_no_earlier_than_declining(self, rnd):
        for _model in self.models(rnd):
            customers = self.random_customers(rnd)
            for (_orders, _first, last), (decline, lost) in zip(customers, self.dates(customers), strict=True):
                self.assertTrue(last < decline <= lost)

    def test_a_regular_customer_declines_sooner_than_a_rare_one(self):
        self.model()
        monthly, yearly = (13, AS_OF - timedelta(360), AS_OF), (4, AS_OF - timedelta(1080), AS_OF)
        [regular, rare] = self.dates([monthly, yearly])
        self.assertLess(regular[0], rare[0])
        self.assertLess(regular[1], rare[1])

    def test_a_customer_before_the_last_order_is_scored_as_on_that_day(self):
        self.model()
        customers = [(3, AS_OF - timedelta(90), AS_OF)]
        self.assertEqual(self.chances(customers, AS_OF - timedelta(400)), self.chances(customers))

    def test_nothing_is_predicted_of_a_customer_without_orders(self):
        self.model()
        self.assertEqual(self.chances([(0, None, None), (None, None, None)]), [None, None])
        self.assertFalse(self.dates([(0, None, None), (None, None, None)]))

    def test_before_the_first_fit_nothing_is_predicted(self):
        customers = [(2, AS_OF - timedelta(90), AS_OF)]
        self.assertEqual(self.chances(customers), [None])
        self.assertFalse(self.dates(customers))

    def test_no_number_is_too_extreme_for_the_database(self):
        customers = [(orders, day, AS_OF) for orders in (1, 5, 2 * 10**9) for day in (AS_OF, date(1000, 1, 1))]
        for numbers in ((1e-6, 1e6, 1e6, 1e-6), (1e6, 1e-6, 1e-6, 1e6), (1e6, 1e6, 1e6, 1e6), (1e-6,) * 4):
            self.model(*numbers)
            for found in self.chances(customers, AS_OF + timedelta(9999)):
                self.assertTrue(0 <= found <= 1)
            self.assertEqual(len(self.dates(customers)), len(customers))
