import math
import random
from contextlib import contextmanager
from datetime import date, timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.purchase import grading_purchase_fit
from ...models.purchase.grading_purchase_fit import DAY_ZERO
from ...models.purchase.purchase_past import PurchasePast
from .test_purchase_model import AS_OF, PurchaseCase
from .test_purchase_probability import LAST_DAY, ChanceCase

TODAY = (AS_OF - DAY_ZERO).days
COLUMNS = ("method", "r", "alpha", "a", "b", "correction_days", "is_calibrated")
LEARNED = (*COLUMNS, "calibration_level", "calibration_odds", "calibration_silence", "calibration_orders", "lost_share")


def calibrated_chance(model, orders, last, days):
    """The probability to buy within the horizon in plain Python, with all that corrects it."""
    x, horizon = min(orders - 1, last // model.correction_days), model.company_id.grading_horizon_days
    growth = (model.alpha + last + days) / (model.alpha + last)
    left = model.a / (model.b + x) * math.exp(min((model.r + x) * math.log(growth), 600)) if model.a else 0
    stays_away = math.exp(-min((model.r + x) * math.log1p(horizon / (model.alpha + last + days)), 600))
    log_odds = model.calibration_level + model.calibration_odds * math.log((1 - stays_away) / (left + stays_away))
    log_odds -= model.calibration_silence * math.log1p(days * (model.r + x) / (model.alpha + last))
    log_odds += model.calibration_orders * math.log(1 + x)
    return 1 / (1 + math.exp(min(-log_odds, 600)))


def simulated_customers(count, days, interval, life=None, shape=1.0, spread=0.3, seed=1):
    """The days and amounts of customers who come one after the other, keep a rhythm and maybe leave for good.

    :param float interval: days between orders on average, the customers' own ones spread by the factor ``spread``
    :param float life: days on average until a customer leaves
    :param float shape: how regular the rhythm is: 1 is none
    """
    rnd = random.Random(seed)
    customers = []
    for _customer in range(count):
        pace = interval * math.exp(rnd.gauss(0, spread))
        now = TODAY - rnd.uniform(0, days)
        end = min(TODAY, now + rnd.expovariate(1 / life)) if life else TODAY
        bought = set()
        while now <= end:
            bought.add(int(now))
            now += rnd.gammavariate(shape, pace / shape)
        customers.append((sorted(bought), [100.0] * len(bought)))
    return customers


class LearningCase(ChanceCase):
    """Models that are learned from purchases that are simulated, none of which are in the database."""

    @contextmanager
    def past(self, customers):
        """Runs look back at these purchases."""

        def of_day(_self, _table, as_of):
            return PurchasePast(customers, TODAY).until((as_of - DAY_ZERO).days)

        with patch.object(self.env.registry["grading.purchase.model"], "_past", of_day):
            yield

    def table_of_past(self, customers, as_of):
        day = (as_of - DAY_ZERO).days
        rows = []
        for days, _amounts in customers:
            if known := [DAY_ZERO + timedelta(one) for one in days if one <= day]:
                rows.append((len(known), known[0], known[-1]))
        return self.table(rows)

    def learn(self, customers, as_of=AS_OF):
        with self.past(customers):
            return self.Model._refit(self.table_of_past(customers, as_of), as_of)

    def error(self, model, customers, day):
        """How far the probabilities of ``day`` are from what came within the horizon, in tenths of equal size."""
        outcomes = PurchasePast(customers, TODAY).outcomes(day, self.company.grading_horizon_days)
        patterns = sorted(outcomes)
        rows = []
        for pattern, chance in zip(patterns, model._probabilities(patterns), strict=True):
            customers_alike, bought = outcomes[pattern]
            rows += [(chance, bought / customers_alike)] * customers_alike
        rows.sort()
        tenths = [rows[len(rows) * place // 10 : len(rows) * (place + 1) // 10] for place in range(10)]
        return sum(abs(sum(chance - came for chance, came in tenth)) for tenth in tenths) / len(rows)


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


@tagged("post_install", "-at_install")
class TestLearning(LearningCase):
    """What a company's own past teaches, and that a week without news changes nothing."""

    def test_subscribers_who_all_keep_a_month_are_foreseen_only_by_looking_back(self):
        customers = simulated_customers(900, 1460, 30.4, life=600, shape=200, spread=0.02)
        one, other = customers[::2], customers[1::2]
        day = TODAY - 90
        known = PurchasePast(one, TODAY).until(day)
        learned = self.Model.new(self.Model._learn(known.groups(), known, self.Model))
        self.assertTrue(learned.is_calibrated)
        plain = self.Model.new(
            {"company_id": self.company.id, **{name: learned[name] for name in COLUMNS if name != "is_calibrated"}}
        )
        self.assertGreater(self.error(plain, other, day), 0.15)
        self.assertLess(self.error(learned, other, day), 0.07)

    def test_who_buys_at_random_and_leaves_is_foreseen_as_well_as_before(self):
        customers = simulated_customers(3000, 1460, 40, life=400, spread=0.8, seed=3)
        one, other = customers[::2], customers[1::2]
        day = TODAY - 90
        known = PurchasePast(one, TODAY).until(day)
        learned = self.Model.new(self.Model._learn(known.groups(), known, self.Model))
        self.assertEqual(learned.method, "mbg_nbd")
        self.assertLess(self.error(learned, other, day), 0.05)

    def test_the_limit_is_learned_with_how_it_would_have_gone(self):
        model = self.learn(simulated_customers(1200, 1460, 40, life=400, seed=4))
        self.assertTrue(0.02 <= model.lost_share <= 0.9)
        self.assertAlmostEqual(model.decline_share**2, model.lost_share)
        self.assertGreater(model.lost_right, 0.5)
        self.assertLessEqual(model.lost_written_off, 0.15)
        self.assertFalse(model.message)

    def test_what_would_have_been_said_a_year_ago_is_checked(self):
        model = self.learn(simulated_customers(2000, 1460, 40, life=400, seed=4))
        self.assertEqual(model.check_date, AS_OF - timedelta(365))
        self.assertLess(abs(model.check_said - model.check_came), 0.05)
        self.assertEqual(sorted(band[0] for band in model.check_bands), [band[0] for band in model.check_bands])
        self.assertEqual(model._check_band(1.0), tuple(model.check_bands[-1][1:3]))
        self.assertEqual(model._check_band(0.0), tuple(model.check_bands[0][1:3]))
        self.assertEqual(len(model.check_text.splitlines()), len(model.check_bands))

    def test_two_fits_of_the_same_customers_are_equal_to_the_last_bit(self):
        customers = simulated_customers(800, 1460, 40, life=400, seed=5)
        one = self.learn(customers)
        values = [one[name] for name in (*LEARNED, "lost_right", "check_said", "check_bands", "log_likelihood")]
        one.unlink()
        again = self.learn(list(reversed(customers)))
        self.assertEqual(
            [again[name] for name in (*LEARNED, "lost_right", "check_said", "check_bands", "log_likelihood")], values
        )

    def assert_weeks_change_little(self, customers, weeks=4):
        """The law: of those who have not bought since, a new fit moves at most 2 % to another stage."""
        former = self.learn(customers, AS_OF - timedelta(7 * weeks))
        for week in range(weeks - 1, -1, -1):
            day = TODAY - 7 * week
            patterns = [one for one in PurchasePast(customers, TODAY).until(day).patterns() if one.silence >= 7]
            model = self.learn(customers, AS_OF - timedelta(7 * week))
            before, after = (self.stages(one, patterns) for one in (former, model))
            changed = sum(one != other for one, other in zip(before, after, strict=True))
            self.assertLessEqual(changed, 0.02 * len(patterns), (week, former.method, model.method))
            former = model

    def stages(self, model, patterns):
        decline, lost = model._shares()
        return [(left < decline) + (left < lost) for left in model._peak_shares(patterns)]

    def test_a_wholesaler_without_losses_is_scored_alike_week_after_week(self):
        customers = simulated_customers(300, 1100, 10, shape=5, spread=0.4, seed=6)
        self.assert_weeks_change_little(customers)
        self.assertEqual(self.Model._current().method, "nbd")

    def test_a_wholesaler_whom_few_leave_is_judged_alike_week_after_week(self):
        self.assert_weeks_change_little(simulated_customers(400, 1100, 8, life=1500, shape=5, seed=7))

    def test_a_shop_is_judged_alike_week_after_week(self):
        self.assert_weeks_change_little(simulated_customers(1000, 1100, 60, life=500, spread=0.8, seed=8))

    def test_a_cohort_that_came_in_one_season_is_judged_alike_week_after_week(self):
        """Many customers are silent for about as long: a limit that moves a little passes over all of them."""
        customers = simulated_customers(6000, 500, 60, life=100, spread=0.8, seed=10)
        cohort = [(days, amounts) for days, amounts in customers if days[0] < TODAY - 410]
        self.assert_weeks_change_little(cohort)

    def test_new_numbers_come_as_far_as_they_move_few(self):
        customers = simulated_customers(1000, 1100, 60, life=500, spread=0.8, seed=8)
        past = PurchasePast(customers, TODAY)
        former = self.learn(customers)
        values = {name: former[name] for name in LEARNED} | {"company_id": self.company.id}
        values |= {"horizon_days": former.horizon_days, "calibration_odds": 3 * former.calibration_odds}
        steady = self.Model._steady_values(values, past, former)
        self.assertTrue(former.calibration_odds < steady["calibration_odds"] < values["calibration_odds"])
        stages = [self.stages(one, past.patterns()) for one in (former, self.Model.new({**values, **steady}))]
        moved = sum(one != other for one, other in zip(*stages, strict=True))
        self.assertLessEqual(moved, 0.01 * len(customers))
        self.assertEqual(self.Model._steady_values({**values, "horizon_days": 30}, past, former), {})

    def test_new_numbers_arrive_however_many_they_move(self):
        for customers in (
            simulated_customers(1000, 1100, 60, life=500, spread=0.8, seed=8),
            simulated_customers(60, 1100, 60, life=500, spread=0.8, seed=8),
            [([TODAY - 500, TODAY - 300, TODAY - 150], [100.0] * 3)] * 300,
        ):
            past = PurchasePast(customers, TODAY)
            former = self.learn(customers)
            values = {name: former[name] for name in LEARNED} | {"company_id": self.company.id}
            values |= {"horizon_days": former.horizon_days, "calibration_odds": 3 * former.calibration_odds}
            week, reached = 0, former.calibration_odds
            while reached != values["calibration_odds"]:
                week, before = week + 1, reached
                former.update(self.Model._steady_values(values, past, former))
                reached = former.calibration_odds
                self.assertTrue(reached > before and week < 200, (len(customers), week))

    def test_with_a_short_past_the_model_is_left_as_it_is_and_says_so(self):
        model = self.learn(simulated_customers(400, 100, 20, seed=9))
        self.assertEqual((model.is_calibrated, model.lost_share, model.check_date), (False, 0, False))
        self.assertEqual(model._calibration(), (0, 1, 0, 0))
        self.assertEqual(model._shares(), (0.5, 0.25))
        for words in ("not calibrated", "percentages of the settings"):
            self.assertIn(words, model.message)

    def test_the_limits_are_those_that_are_set_where_the_company_wants_that(self):
        model = self.model()
        model.lost_share = 0.36
        for actual, expected in zip(model._shares(), (0.6, 0.36), strict=True):
            self.assertAlmostEqual(actual, expected)
        self.company.write({"grading_limit_method": "fixed", "grading_lost_percent": 10})
        self.assertEqual(model._shares(), (0.5, 0.1))

    def test_another_horizon_asks_for_another_fit(self):
        self.Model._refit(self.table([]), AS_OF)
        self.assertFalse(self.Model._is_due(AS_OF))
        self.company.grading_horizon_days = 30
        self.assertTrue(self.Model._is_due(AS_OF))
        self.Model._refit(self.table([]), AS_OF)
        self.assertFalse(self.Model._is_due(AS_OF))

    def test_a_night_rewrites_those_alone_whose_probability_crosses_a_step(self):
        partner = self.customer("Regular")
        for days in range(0, 300, 30):
            self.order(partner, 10, AS_OF - timedelta(days))
        self.scheme([self.band("purchase_probability", [(0, 0), (0.3, 4), (0.6, 5)])])
        self.rescore(as_of=AS_OF)
        model = self.Model._current()

        def chance_on(days):
            return calibrated_chance(model, 10, 270, days)

        crossing = next(days for days in range(1, 999) if chance_on(days) < 0.6)
        for days, changed in ((crossing - 1, 0), (crossing, 1), (crossing + 1, 0)):
            with self.compared_as_before():
                run = self.rescore(as_of=AS_OF + timedelta(days))
            self.assertEqual(run.changed_count, changed, days)
        self.assertEqual(self.profile(partner).score, 4)

    def test_choosing_the_limits_opens_a_run_over_all_customers(self):
        self.scheme([self.linear("lost_date", 0.1)])
        open_runs = [("company_id", "=", self.company.id), ("state", "=", "running"), ("scope", "=", "full")]
        self.env["grading.run"].search(open_runs).unlink()
        self.company.grading_limit_method = "fixed"
        self.assertEqual(self.env["grading.run"].search_count(open_runs), 1)

    def test_the_settings_say_what_was_learned(self):
        self.assertIn("too short", self.company._grading_learned_limits())
        self.model().write({"lost_share": 0.36, "lost_right": 0.8, "lost_written_off": 0.07})
        settings = self.env["res.config.settings"].create({})
        for words in ("60 %", "36 %", "80 %", "7 %"):
            self.assertIn(words, settings.grading_learned_limits)


@tagged("post_install", "-at_install")
class TestPastOfOrders(PurchaseCase):
    """The purchases that are looked back at."""

    def past(self, as_of=AS_OF):
        self.env.flush_all()
        partners = self.env["res.partner"].search([("name", "in", ["One", "Other"])], order="id")
        table = SQL(
            "(SELECT UNNEST(%s::int[]) AS partner_id, 1 AS order_day_count, %s::date AS first_order_date,"
            " %s::date AS last_order_date)",
            partners.ids,
            AS_OF,
            AS_OF,
        )
        return self.Model._past(table, as_of)

    def test_it_has_each_customers_days_and_amounts_up_to_the_day(self):
        one, other = self.customer("One"), self.customer("Other")
        contact = self.customer("Contact", parent_id=one.id)
        elsewhere = self.new_company("Other Company")
        for partner, amount, days in ((one, 10, 40), (contact, 5, 40), (one, 20, 10), (other, 7, 3)):
            self.order(partner, amount, AS_OF - timedelta(days))
        self.order(one, 99, AS_OF - timedelta(5), company_id=elsewhere.id)
        past = self.past()
        found = sorted((days, amounts) for days, amounts in past.customers)
        self.assertEqual(found, [([TODAY - 40, TODAY - 10], [15, 20]), ([TODAY - 3], [7])])
        self.assertEqual(past.today, TODAY)
        earlier = self.past(AS_OF - timedelta(11))
        self.assertEqual(earlier.customers, [([TODAY - 40], [15])])

    def test_the_sample_is_no_larger_than_it_takes(self):
        for name in ("One", "Other"):
            self.order(self.customer(name), 10, AS_OF)
        with patch.object(grading_purchase_fit, "PAST_SAMPLE", 1):
            self.assertEqual(len(self.past().customers), 1)


@tagged("post_install", "-at_install")
class TestExplainedCheck(LearningCase):
    """The customer's page says how far the probability can be trusted."""

    def test_the_page_says_what_was_expected_of_similar_customers_and_what_came(self):
        partner = self.customer("Regular")
        for days in range(0, 300, 30):
            self.order(partner, 10, AS_OF - timedelta(days))
        self.scheme([self.linear("lost_date", 0.1)])
        self.rescore(as_of=AS_OF)
        profile = self.profile(partner).with_context(grading_as_of=AS_OF)
        self.assertIn("too short to check", profile._explain_check())
        self.Model._current().write(
            {"check_date": AS_OF - timedelta(365), "check_bands": [[0.0, 0.11, 0.12, 50], [0.4, 0.71, 0.68, 50]]}
        )
        self.assertGreater(profile.purchase_probability, 0.4)
        for words in ("71 %", "68 %", "2025"):
            self.assertIn(words, profile._explain_check())
