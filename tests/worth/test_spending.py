import math
import random

from sklearn.linear_model import TweedieRegressor

from odoo.tests import BaseCase, tagged

from ...models.worth import spending
from ...models.worth.grading_forecast_fit import tenths
from ...models.worth.spending import fit_curve
from ...models.worth.spending_past import SpendingPast
from ..common import with_seeds
from .shop import DECAY, TODAY, shop


def outlook(customers, horizon=365):
    """What would be said of the shop's customers today, and what came: ``[(amount, low, high, spent, buyer)]``."""
    known = SpendingPast(customers, TODAY, DECAY).until(TODAY)
    periods = known.periods(horizon)
    curve = fit_curve(periods, TODAY, DECAY, known.season_pairs(horizon, periods))
    buyers = SpendingPast(customers, TODAY + horizon, DECAY).buyers(TODAY, horizon)
    return [(*curve.outlook(curve.index(buyer, DECAY)), buyer.spent, buyer) for buyer in buyers]


def total(rows):
    """What was said of all to what came."""
    return math.fsum(row[0] for row in rows) / math.fsum(row[3] for row in rows)


@tagged("post_install", "-at_install")
class TestSpending(BaseCase):
    """What is learned of how much customers spend, on shops of which the future is known."""

    def assert_between(self, low, value, high):
        self.assertTrue(low <= value <= high, f"{value} is not between {low} and {high}")

    def test_the_regressions_are_those_of_another_implementation(self):
        rnd = random.Random(3)
        rows = [tuple(rnd.gauss(2, 1.5) for _place in range(3)) for _row in range(400)]
        spent = [math.exp(0.4 * a - 0.3 * b + rnd.gauss(0, 0.8)) * (rnd.random() < 0.6) for a, b, _c in rows]
        weights = [rnd.choice((1.0, 3.5)) for _row in rows]
        for power in (1.0, 1.5):
            found = spending._regress(rows, spent, weights, power)
            size, whole = len(rows[0]), math.fsum(weights)
            means = [sum(w * row[i] for w, row in zip(weights, rows, strict=True)) / whole for i in range(size)]
            spreads = [
                math.sqrt(sum(w * (r[i] - means[i]) ** 2 for w, r in zip(weights, rows, strict=True)) / whole)
                for i in range(size)
            ]
            oracle = TweedieRegressor(
                power=power, link="log", alpha=spending.FIRMNESS / whole, max_iter=10**4, tol=1e-10
            )
            oracle.fit([[(r[i] - means[i]) / spreads[i] for i in range(size)] for r in rows], spent, weights)
            for number, other, spread in zip(found[1:], oracle.coef_, spreads, strict=True):
                self.assertAlmostEqual(number, other / spread, 5)
            said = [math.exp(found[0] + sum(n * v for n, v in zip(found[1:], row, strict=True))) for row in rows]
            self.assertAlmostEqual(
                sum(w * s for w, s in zip(weights, said, strict=True)),
                sum(w * y for w, y in zip(weights, spent, strict=True)),
                6,
            )

    def test_all_the_best_tenth_and_each_tenth_are_said_well(self):
        totals, bests, errors, held = [], [], [], []
        for seed in range(4):
            rows = sorted(outlook(shop(seed, count=1600, until=365)), key=lambda row: -row[0])
            came = math.fsum(row[3] for row in rows)
            tenths = [rows[len(rows) * place // 10 : len(rows) * (place + 1) // 10] for place in range(10)]
            totals.append(total(rows))
            bests.append(total(tenths[0]))
            errors.append(sum(abs(math.fsum(said - spent for said, _l, _h, spent, _b in tenth)) for tenth in tenths))
            errors[-1] /= came
            held.append(sum(low <= spent <= high for _said, low, high, spent, _buyer in rows) / len(rows))
        for value in totals:
            self.assert_between(0.8, value, 1.25)
        for value in bests:
            self.assert_between(0.7, value, 1.3)
        self.assertLess(sum(errors) / len(errors), 0.2)
        # A band from nothing to nothing holds all of those who have left, so that more than four of five are held.
        for value in held:
            self.assert_between(0.7, value, 0.9)

    def test_it_finds_the_customers_who_bring_the_revenue_no_worse_than_recent_sales(self):
        ahead = []
        for seed in range(10, 14):
            rows = outlook(shop(seed, until=365))
            fifth = len(rows) // 5
            best = [
                math.fsum(row[3] for row in sorted(rows, key=key)[:fifth])
                for key in (lambda row: -row[0], lambda row: -row[4].faded)
            ]
            ahead.append((best[0] - best[1]) / math.fsum(row[3] for row in rows))
        self.assertGreater(sum(ahead) / len(ahead), -0.002)

    def test_a_season_is_learned_where_two_years_are_there(self):
        worse = 0
        for seed in range(3):
            customers = shop(seed, years=4, season=0.4, until=180)
            long, short = (
                total(outlook(those, 180))
                for those in (
                    customers,
                    # Who knows but the last year looks back at the other season.
                    _parts(customers, lambda day: day > TODAY - 400),
                )
            )
            self.assert_between(0.75, long, 1.33)
            worse += abs(math.log(short)) > abs(math.log(long))
        self.assertGreaterEqual(worse, 2)

    def test_a_level_goes_half_way_with_the_last_seasons(self):
        past = SpendingPast(shop(3, years=4), TODAY, DECAY)
        periods = past.periods(120)
        pairs = past.season_pairs(120, periods)
        self.assertEqual([tuple(day for day, _buyers in pair) for pair in pairs], [
            (TODAY - 120, TODAY - 485), (TODAY - 240, TODAY - 605),
        ])  # fmt: skip
        self.assertEqual(past.season_pairs(365, past.periods(365)), [], "a year has no season")
        self.assertEqual(past.season_pairs(120, periods[:1]), [], "the level is that of the last season already")
        self.assertEqual([day for (day, _buyers), _before in past.season_pairs(200, past.periods(200))], [TODAY - 200])
        short = SpendingPast(shop(3, years=1.5), TODAY, DECAY)
        self.assertEqual(short.season_pairs(120, short.periods(120)), [])
        plain = fit_curve(periods, TODAY, DECAY)
        same = fit_curve(periods, TODAY, DECAY, [(pair[1], pair[1]) for pair in pairs])
        twice = [
            ((day, [buyer._replace(spent=2 * buyer.spent) for buyer in buyers]), (day, buyers))
            for (day, buyers), _before in pairs
        ]
        doubled = fit_curve(periods, TODAY, DECAY, twice)
        for one, other, more in zip(plain.knots, same.knots, doubled.knots, strict=True):
            self.assertAlmostEqual(one[1], other[1], 9)
            self.assertEqual((one[0], *one[2:]), (more[0], *more[2:]))
            # Less than half way, since few customers tell it: the more of them, the nearer.
            self.assert_between(0.35 * math.log(2), more[1] - one[1], 0.5 * math.log(2))

    def test_a_shop_that_has_doubled_is_expected_to_stay_what_it_is(self):
        for seed in range(3):
            rows = outlook(shop(seed, come=lambda rnd: rnd.random() ** 0.5, until=365))
            self.assert_between(0.75, total(rows), 1.33)

    def test_a_giant_decides_nothing_for_the_others(self):
        customers = shop(5, until=365)
        plain = {row[4]: row[0] for row in outlook(customers)}
        everything = math.fsum(amount for _w, _days, amounts, _orders in customers for amount in amounts)
        # As small as the others until a year ago, then more than all of them together.
        giant = (1.0, [TODAY - 500, TODAY - 20], [50.0, everything], [1, 1])
        rows = outlook([*customers, giant])
        others = [row for row in rows if row[4] in plain]
        self.assertEqual(len(others), len(plain))
        before = math.fsum(plain[row[4]] for row in others)
        self.assert_between(0.85, math.fsum(row[0] for row in others) / before, 1.2)

    def test_after_a_silent_year_little_is_expected(self):
        customers = _parts(shop(6), lambda day: day <= TODAY - 365)
        past = SpendingPast(customers, TODAY, DECAY)
        self.assertEqual(past.longest(365)[0], 0)  # none of them bought since: the past knows no customer who did
        some = [*customers, *shop(7, count=300)]
        curve = fit_curve(SpendingPast(some, TODAY, DECAY).periods(365), TODAY, DECAY)
        silent = math.fsum(curve.expected(b, DECAY) for b in past.buyers(TODAY))
        year_before = math.fsum(
            amount for _w, days, amounts, _o in customers for day, amount in zip(days, amounts, strict=True)
            if day > TODAY - 730
        )  # fmt: skip
        self.assertLess(silent, 0.35 * year_before)

    def test_a_short_past_gives_a_short_horizon_and_a_shorter_one_none(self):
        customers = shop(8, count=400, years=1.1)
        self.assertEqual(SpendingPast(customers, TODAY, DECAY).longest(365)[0], 182)
        self.assertEqual(SpendingPast(customers[:40], TODAY, DECAY).longest(365)[0], 0)
        self.assertEqual(SpendingPast(shop(8, count=400, years=0.1), TODAY, DECAY).longest(365)[0], 0)
        self.assertEqual(SpendingPast([], TODAY, DECAY).longest(365)[0], 0)

    def test_a_check_has_ten_groups_of_as_many_customers_and_what_came_with_returns(self):
        """Of a sample the largest customers stand for themselves, each of the others for many."""
        customers = [(1.0 if place < 200 else 9.0, *rest) for place, (_one, *rest) in enumerate(shop(9, until=365))]
        weight, days, amounts, orders = customers[0]
        before = [place for place, day in enumerate(days) if day <= TODAY] or [0]
        returned = ([*(days[place] for place in before), TODAY + 5], [*(amounts[place] for place in before), -70.0])
        customers[0] = (weight, *returned, [*(orders[place] for place in before), 0])
        past = SpendingPast(customers, TODAY + 365, DECAY)
        buyers = past.buyers(TODAY, 365)
        rows = sorted(((buyer.faded, buyer) for buyer in buyers), key=lambda row: -row[0])
        sizes = [math.fsum(buyer.weight for _amount, buyer in group) for group in tenths(rows)]
        self.assertEqual(len(sizes), 10)
        self.assertLessEqual(max(sizes) - min(sizes), 2 * 9.0)
        came = {
            place: sum(amount for day, amount in zip(days, amounts, strict=True) if TODAY < day <= TODAY + 365)
            for place, (_weight, days, amounts, _orders) in enumerate(customers)
            if days[0] <= TODAY
        }
        self.assertAlmostEqual(sum(buyer.came for buyer in buyers), sum(came.values()), 6)
        self.assertIn(-70.0, [buyer.came for buyer in buyers])
        self.assertTrue(all(buyer.spent == max(0, buyer.came) for buyer in buyers))

    @with_seeds(2)
    def test_a_curve_never_falls_and_its_band_holds_what_is_expected(self, rnd):
        customers = shop(rnd.random(), count=500, spread=rnd.uniform(0, 2), leaving=rnd.uniform(0.05, 0.2))
        curve = fit_curve(SpendingPast(customers, TODAY, DECAY).periods(180), TODAY, DECAY)
        places = [curve.knots[0][0] - 3 + step / 10 for step in range(200)]
        amounts = [curve.outlook(place) for place in places]
        for before, after in zip(amounts, amounts[1:], strict=False):
            self.assertLessEqual(before[0], after[0] * (1 + 1e-9))
        for amount, low, high in amounts:
            self.assertTrue(low >= 0 and 0 < amount <= high)

    @with_seeds(2)
    def test_what_comes_after_the_day_changes_nothing(self, rnd):
        customers = shop(rnd.random(), count=300, until=365)
        later = SpendingPast(customers, TODAY + 365, DECAY).until(TODAY)
        known = SpendingPast(_parts(customers, lambda day: day <= TODAY), TODAY, DECAY)
        self.assertEqual(fit_curve(later.periods(365), TODAY, DECAY), fit_curve(known.periods(365), TODAY, DECAY))

    @with_seeds(2)
    def test_money_in_another_unit_is_the_same_money(self, rnd):
        customers = shop(rnd.random(), count=300)
        cents = [(w, days, [100 * amount for amount in amounts], orders) for w, days, amounts, orders in customers]
        for (one, *_rest), (other, *_others) in zip(outlook(customers), outlook(cents), strict=True):
            self.assertAlmostEqual(one, other / 100, delta=1e-6 * one)


def _parts(customers, keep):
    """What the customers bought on the days that ``keep`` says, without those who bought nothing on them."""
    found = []
    for weight, *lists in customers:
        if places := [place for place, day in enumerate(lists[0]) if keep(day)]:
            found.append((weight, *([values[place] for place in places] for values in lists)))
    return found
