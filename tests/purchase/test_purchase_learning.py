from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.purchase import grading_purchase_fit
from ...models.purchase.purchase_past import PurchasePast
from .learning_case import COLUMNS, LEARNED, TODAY, LearningCase, calibrated_chance, simulated_customers
from .test_purchase_model import AS_OF, PurchaseCase


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

    def test_archived_customers_stay_in_it(self):
        self.customer("One")
        gone, colleague = self.customer("Gone"), self.internal().partner_id
        contact = self.customer("Contact", parent_id=gone.id)
        elsewhere = self.new_company("Other Company")
        for partner, amount, days in ((gone, 10, 40), (contact, 5, 40), (gone, 20, 10), (colleague, 7, 3)):
            self.order(partner, amount, AS_OF - timedelta(days))
        self.order(gone, 99, AS_OF + timedelta(1))
        self.order(gone, 99, AS_OF, company_id=elsewhere.id)
        colleague.user_ids.active = False
        (gone + contact + colleague).active = False
        names = ("order_count", "order_amount", "order_day_count", "first_order_date", "last_order_date")
        nothing = SQL("(SELECT %s FROM grading_profile WHERE FALSE)", SQL(", ").join(map(SQL, ("partner_id", *names))))
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL("SELECT * FROM %s AS found", self.Model._with_archived(nothing, AS_OF, *names))
        )
        self.assertEqual(rows, [(gone.id, 3, 35, 2, AS_OF - timedelta(40), AS_OF - timedelta(10))])

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
