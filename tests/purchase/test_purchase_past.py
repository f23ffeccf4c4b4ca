import math
import random

from odoo.tests import BaseCase, tagged

from ...models.purchase.calibration import (
    DEFAULT_SHARE,
    MOST_MOVED,
    UNCALIBRATED,
    Calibration,
    CalibrationFit,
    bands,
    decline_share,
    kept_promise,
    lost_limit,
    seasonal_fit,
    step_towards,
)
from ...models.purchase.mbg_nbd import PurchaseHistories
from ...models.purchase.purchase_past import Pattern, PurchasePast, Silence
from .test_purchase_fit import cdnow_groups, simulated_groups

NUMBERS = (0.7, 50.0, 0.6, 2.2)


def simulated_evidence(customers, numbers, seed=1):
    """Customers of random evidence who buy as often as the calibration ``numbers`` says."""
    rnd = random.Random(seed)
    outcomes = []
    for _customer in range(customers):
        evidence = (rnd.gauss(-1, 2), math.log1p(rnd.expovariate(0.5)), math.log(rnd.randint(1, 30)))
        outcomes.append((evidence, 1, int(rnd.random() < numbers.probability(evidence)), 0.0))
    return outcomes


@tagged("post_install", "-at_install")
class TestPurchasePast(BaseCase):
    """What was known on an earlier day, and what came."""

    def setUp(self):
        super().setUp()
        self.often = ([0, 10, 30, 60, 100], [1.0, 2.0, 3.0, 4.0, 5.0])
        self.once = ([40], [7.0])
        self.past = PurchasePast([self.often, self.once], 120)

    def test_customers_are_seen_as_they_were_known_on_the_day(self):
        self.assertEqual(self.past.patterns(), [Pattern(5, 100, 20), Pattern(1, 0, 80)])
        self.assertEqual(self.past.until(59).patterns(), [Pattern(3, 30, 29), Pattern(1, 0, 19)])
        self.assertEqual(self.past.until(39).patterns(), [Pattern(3, 30, 9)], "nothing is known of who came later")
        self.assertEqual(self.past.groups(), [(0, 0, 80, 1), (4, 100, 120, 1)])

    def test_an_outcome_is_a_purchase_after_the_day_and_within_the_days(self):
        for day, within, bought in ((59, 1, 1), (60, 40, 1), (60, 39, 0), (100, 20, 0)):
            outcomes = self.past.outcomes(day, within)
            self.assertEqual(sum(counts[1] for counts in outcomes.values()), bought, (day, within))
            self.assertEqual(sum(counts[0] for counts in outcomes.values()), 2)

    def test_what_is_looked_back_at_ends_today_and_had_been_known_for_as_long_before(self):
        self.assertEqual(self.past.periods(30), [(90, 1), (60, 1), (30, 1)])
        self.assertEqual(self.past.periods(60), [(60, 1)])
        self.assertEqual(self.past.periods(90), [])

    def test_the_period_a_year_ago_weighs_as_much_as_the_others_together(self):
        past = PurchasePast([([0], [1.0])], 3000)
        others = [(2910, 2 / 3), (2820, 2 / 3), (2730, 2 / 3)]
        self.assertEqual(past.periods(90), [*others, (2635, 2.0)])
        self.assertEqual(past.periods(180), [(2820, 1.0), (2635, 1.0)])
        self.assertEqual(past.periods(300), [(2635, 1.0)])
        self.assertEqual(past.periods(730), [(2270, 1.0)])
        once = PurchasePast([([2000], [1.0])] * 30 + [([2000, 2650], [1.0] * 2)] * 30, 3000)
        outcomes = once.calibration_outcomes(90)
        self.assertAlmostEqual(sum(outcome.weight * outcome.customers for outcome in outcomes), 4 * 60)
        self.assertAlmostEqual(sum(outcome.weight * outcome.bought for outcome in outcomes), 2 * 30)

    def test_a_season_is_held_against_that_of_a_year_before_where_it_is_known(self):
        past = PurchasePast([([0], [1.0])], 3000)
        self.assertEqual(past.season_pairs(90), [(2910, 2545), (2820, 2455), (2730, 2365)])
        self.assertEqual(past.season_pairs(180), [(2820, 2455)])
        self.assertEqual(past.season_pairs(365), [], "a year has no season")
        for known, pairs in ((544, 0), (545, 1), (634, 1), (635, 2)):
            self.assertEqual(len(PurchasePast([([0], [1.0])], known).season_pairs(90)), pairs, known)
        loyal, once = [([0, 400, 900, 950], [1.0] * 4)] * 30, [([0], [1.0])] * 30
        outcomes = PurchasePast(loyal + once, 1000).calibration_outcomes(90)
        self.assertEqual({outcome.day for outcome in outcomes if not outcome.weight}, {365, 455, 545})

    def test_a_check_looks_a_year_back_or_a_horizon(self):
        self.assertEqual(self.past.check_day(60), 60)
        self.assertIsNone(self.past.check_day(61))
        self.assertEqual(PurchasePast([([0], [1.0])], 500).check_day(90), 135)

    def test_customers_are_gone_who_buy_no_more_until_today(self):
        loyal = [([0, 330, 600], [1.0, 2.0, 3.0])] * 20
        gone = [([50, 200], [4.0, 5.0])] * 20
        found = PurchasePast(loyal + gone, 730).silences(60)
        self.assertEqual(
            set(found), {Silence(Pattern(2, 330, 35), False, 3.0), Silence(Pattern(2, 150, 165), True, 0.0)}
        )
        self.assertEqual(len(found), 40)
        self.assertFalse(PurchasePast(loyal + gone, 729).silences(60), "known for less than two years")
        self.assertFalse(PurchasePast(loyal + gone, 730).silences(366), "known for less than two horizons")
        self.assertFalse(PurchasePast(loyal + gone[1:], 730).silences(60), "19 say nothing")

    def test_few_outcomes_calibrate_nothing(self):
        loyal, gone = [([0, 100], [1.0, 1.0])] * 20, [([0], [1.0])] * 20
        self.assertEqual(
            PurchasePast(loyal + gone, 120).calibration_outcomes(60), [(60, 1.0, Pattern(1, 0, 60), 40, 20)]
        )
        self.assertFalse(PurchasePast(loyal[1:] + gone, 120).calibration_outcomes(60))

    def test_no_customer_is_no_past(self):
        past = PurchasePast([], 120)
        self.assertEqual((past.patterns(), past.groups(), past.silences(7), past.calibration_outcomes(7)), ([],) * 4)


@tagged("post_install", "-at_install")
class TestCalibration(BaseCase):
    """How the past corrects the model."""

    def test_the_numbers_by_which_customers_bought_are_found(self):
        true = Calibration(0.4, 0.7, 0.5, 0.3)
        found = CalibrationFit(simulated_evidence(30000, true)).fit()
        for number, expected in zip(found, true, strict=True):
            self.assertLess(abs(number - expected), 0.08)

    def test_a_model_that_is_right_stays_nearly_as_it_is(self):
        outcomes = [
            (evidence, 1, UNCALIBRATED.probability(evidence), 0.0)
            for evidence, *_ in simulated_evidence(500, UNCALIBRATED)
        ]
        for number, expected in zip(CalibrationFit(outcomes).fit(), UNCALIBRATED, strict=True):
            self.assertAlmostEqual(number, expected, 6)

    def test_twenty_customers_move_it_about_half_as_far_as_a_thousand(self):
        def level(customers):
            """Of whom the model says that half buy, and three quarters do."""
            return CalibrationFit([((0.0, 0.0, 0.0), customers, 0.75 * customers, 0.0)]).fit().level

        self.assertAlmostEqual(level(100000), math.log(3), 2)
        self.assertTrue(0.4 * math.log(3) < level(20) < 0.6 * math.log(3))

    def test_what_would_speak_for_silence_or_against_orders_counts_nothing(self):
        found = CalibrationFit(simulated_evidence(5000, Calibration(0.0, 0.8, -0.5, -0.4))).fit()
        self.assertEqual((found.silence, found.orders), (0, 0))
        self.assertGreater(found.odds, 0)
        self.assertEqual(CalibrationFit(simulated_evidence(5000, Calibration(0.0, -0.5, 0.0, 0.0))).fit().odds, 0)

    def test_two_fits_are_equal_to_the_last_bit(self):
        outcomes = simulated_evidence(2000, Calibration(0.4, 0.7, 0.5, 0.3))
        self.assertEqual(CalibrationFit(outcomes).fit(), CalibrationFit(list(outcomes)).fit())

    def test_the_season_to_come_is_carried_on_half_way(self):
        def fit(levels, pairs):
            """Of very many customers for whom the model gives different odds, and who buy by the level of a day."""
            seen = [
                (day, weight, (odds, 0.0, 0.0), 1e6, 1e6 * Calibration(level, 1.0, 0.0, 0.0).probability((odds, 0, 0)))
                for day, (weight, level) in levels.items()
                for odds in (-2.0, -1.0, 0.0, 1.0)
            ]
            return seasonal_fit(seen, pairs, 635).fit()

        levels = {910: (1.0, -1.0), 820: (1.0, -0.6), 635: (2.0, 0.4)}
        # Between the season a year ago and the last two, which weigh as much.
        self.assertAlmostEqual(fit(levels, []).level, (0.4 - 0.8) / 2, 1)
        earlier = {545: (0.0, 0.1), 455: (0.0, 0.3)}
        found = fit(levels | earlier, [(910, 545), (820, 455)])
        # Half way from there to the season a year ago, less what customers bought more often in those before it.
        self.assertAlmostEqual(found.level, ((0.4 - 0.8) / 2 + 0.4 - 0.8 - 0.2) / 2, delta=0.02)
        self.assertAlmostEqual(found.odds, 1, 2)

    def test_no_numbers_nearby_are_better(self):
        fit = CalibrationFit(simulated_evidence(2000, Calibration(0.4, 0.7, 0.5, 0.3)))
        best = fit.fit()
        for place in range(4):
            for move in (-0.02, 0.02):
                numbers = list(best)
                numbers[place] += move
                self.assertLess(fit.log_likelihood(Calibration(*numbers)), fit.log_likelihood(best))

    # ------------------------------------------------------------
    # The limit of Lost
    # ------------------------------------------------------------

    def test_the_limit_stands_between_those_gone_and_the_others(self):
        judged = [(0.1, True, 0.0)] * 200 + [(0.45, True, 0.0)] * 200 + [(0.8, False, 10.0)] * 400
        limit = lost_limit(judged)
        self.assertTrue(0.45 < limit.share <= 0.47, "the one next to the default of those that are best")
        self.assertEqual((limit.right, limit.written_off, limit.quality), (1, 0, 1))

    def test_no_more_revenue_is_written_off_than_is_allowed(self):
        judged = [(0.3, True, 0.0)] * 900 + [(0.3, False, 2.0)] * 100 + [(0.9, False, 1.0)] * 800
        self.assertLessEqual(lost_limit(judged).share, 0.3)
        judged[900:1000] = [(0.3, False, 1.0)] * 100
        self.assertGreater(lost_limit(judged).share, 0.3)

    def test_half_of_those_called_lost_are_gone_or_hardly_any_is_called_lost(self):
        judged = [(0.1, True, 0.0)] * 49 + [(0.1, False, 0.001)] * 51 + [(0.9, False, 10.0)] * 900
        self.assertLessEqual(lost_limit(judged).share, 0.1)
        always = [(0.01, True, 0.0)] * 40 + [(0.01, False, 1.0)] * 60
        self.assertEqual(lost_limit(always).share, 0.02)

    def test_few_customers_do_not_leave_the_default(self):
        judged = [(0.1, True, 0.0)] * 37 + [(0.28, True, 0.0), (0.95, True, 0.0), (0.95, True, 0.0)]
        judged += [(0.9, False, 1.0)] * 40
        self.assertEqual(lost_limit(judged).share, DEFAULT_SHARE)
        self.assertEqual(lost_limit(judged * 9).share, 0.29, "many do")

    def test_a_limit_in_force_that_is_as_good_stays(self):
        rnd = random.Random(5)
        judged = [(rnd.betavariate(1.5, 3), True, 0.0) for _customer in range(400)]
        judged += [(rnd.betavariate(4, 2), False, 1.0) for _customer in range(400)]
        best = lost_limit(judged).share
        self.assertEqual(lost_limit(judged, in_force=best + 0.03).share, best + 0.03)
        self.assertEqual(lost_limit(judged, in_force=0.9).share, best)

    def test_a_limit_moves_few_customers_at_once_and_arrives(self):
        left = [place / 1000 for place in range(1000)]
        for start, target in ((0.25, 0.4), (0.4, 0.25), (0.405, 0.4)):
            share, steps = start, 0
            while share != target:
                share, former, steps = step_towards(target, share, left), share, steps + 1
                moved = sum((one < share) != (one < former) for one in left)
                self.assertTrue(0 <= moved <= MOST_MOVED * 1000 and steps < 200)
        self.assertEqual(step_towards(0.4, 0.25, [0.9] * 100), 0.4)

    def test_a_limit_passes_customers_who_are_all_alike_and_one_of_a_few(self):
        self.assertEqual(step_towards(0.4, 0.25, [0.3] * 100), 0.3, "just before they would move")
        self.assertEqual(step_towards(0.4, 0.3, [0.3] * 100), 0.31, "they move together: there is no other way")
        self.assertEqual(step_towards(0.4, 0.25, [0.3] + [0.9] * 9), 0.4, "one of ten may move")
        self.assertEqual(step_towards(0.4, 0.25, [0.3, 0.35] + [0.9] * 8), 0.35)

    def test_what_is_told_of_a_limit_on_its_way_is_how_that_one_would_have_gone(self):
        judged = [(0.1, True, 0.0)] * 60 + [(0.3, False, 1.0)] * 5 + [(0.9, False, 10.0)] * 35
        target = lost_limit(judged)
        on_its_way = kept_promise(judged, 0.35, target)
        self.assertEqual((on_its_way.share, on_its_way.right, on_its_way.written_off), (0.35, 60 / 65, 5 / 355))

    def test_a_limit_on_its_way_writes_off_no_more_than_is_allowed(self):
        judged = [(0.1, True, 0.0)] * 60 + [(0.42, False, 10.0)] * 20 + [(0.9, False, 10.0)] * 20
        target = lost_limit(judged)
        self.assertEqual(kept_promise(judged, 0.6, target).share, 0.42, "the next that keeps the promise")
        nothing_allowed = [(0.1, False, 10.0)] * 60 + [(0.9, True, 0.0)] * 20
        target = lost_limit(nothing_allowed)
        self.assertEqual(kept_promise(nothing_allowed, 0.6, target).share, target.share)

    def test_decline_is_half_way_to_lost(self):
        self.assertEqual(decline_share(DEFAULT_SHARE), 0.5)

    def test_what_was_said_is_held_against_what_came_in_five_bands(self):
        predicted = [(place / 10, 10, place) for place in range(10)]
        found = bands(predicted)
        self.assertEqual([band[3] for band in found], [20] * 5)
        self.assertEqual([band[0] for band in found], [0.0, 0.2, 0.4, 0.6, 0.8])
        for place, (_low, said, came, _customers) in enumerate(found):
            self.assertAlmostEqual(said, (4 * place + 1) / 20)
            self.assertAlmostEqual(came, (4 * place + 1) / 20)
        self.assertEqual(len(bands([(0.5, 100, 50)])), 1, "equal probabilities are one band")


@tagged("post_install", "-at_install")
class TestPlainNbd(BaseCase):
    """Customers who all stay."""

    def staying_groups(self, customers=4000, seed=2):
        rnd = random.Random(seed)
        groups = []
        for _customer in range(customers):
            pace, age = rnd.gammavariate(1.5, 1 / 60), rnd.randint(0, 1000)
            orders, last, now = 0, 0.0, rnd.expovariate(pace)
            while now <= age:
                orders, last, now = orders + 1, now, now + rnd.expovariate(pace)
            groups.append((orders, int(last), age, 1))
        return groups

    def test_the_numbers_by_which_customers_were_simulated_are_found(self):
        fit = PurchaseHistories(self.staying_groups(20000)).choose()
        self.assertTrue(fit.converged)
        self.assertEqual(fit.a, 0)
        self.assertLess(abs(fit.r / 1.5 - 1), 0.1)
        self.assertLess(abs(fit.alpha / 60 - 1), 0.1)

    def test_where_customers_leave_the_other_model_is_chosen(self):
        histories = PurchaseHistories(simulated_groups(3000, *NUMBERS))
        self.assertEqual(histories.choose(), histories.fit())
        self.assertGreater(histories.fit().log_likelihood, histories.fit_nbd().log_likelihood + 100)

    def test_it_is_the_other_model_with_nearly_no_leaving(self):
        histories = PurchaseHistories(self.staying_groups(500))
        plain, nearly = histories.log_likelihood(1.5, 60, 0, 1), histories.log_likelihood(1.5, 60, 1e-4, 1e5)
        self.assertAlmostEqual(plain / nearly, 1, 5)

    def test_the_slopes_are_those_of_the_log_likelihood(self):
        histories = PurchaseHistories(self.staying_groups(500))
        logs = [math.log(2.0), math.log(40.0)]
        _value, slopes = histories._explain_nbd(logs)
        for place, slope in enumerate(slopes):
            above, below = list(logs), list(logs)
            above[place] += 1e-5
            below[place] -= 1e-5
            expected = (histories._explain_nbd(above)[0] - histories._explain_nbd(below)[0]) / 2e-5
            self.assertAlmostEqual(slope / expected, 1, 6)

    def test_the_numbers_of_one_half_of_public_customers_suit_the_other_half(self):
        groups = cdnow_groups()
        one, other = PurchaseHistories(groups[::2]), PurchaseHistories(groups[1::2])
        fit, own = one.fit(), other.fit()
        lost = own.log_likelihood - other.log_likelihood(fit.r, fit.alpha, fit.a, fit.b)
        self.assertLess(lost / other.customers, 0.02)
