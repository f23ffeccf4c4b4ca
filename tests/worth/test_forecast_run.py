import random
from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.base.context import Yardstick
from ..common import GradingCase
from ..purchase.learning_case import LEARNED
from .test_forecast import AS_OF

AGE = timedelta(200)
AMOUNTS = ("expected_amount", "expected_low", "expected_high", "amount_at_risk")


@tagged("post_install", "-at_install")
class TestForecastRun(GradingCase):
    """A forecast in runs: learned once a week, kept while it is right, the same for a few as for all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Forecast = cls.env["grading.forecast"]
        cls.rules = cls.scheme(criteria=[cls.linear("expected_amount", 0.1, points_max=1000)])

    def shop(self, count=150, days=1000, seed=1, until=0):
        """Customers with orders until ``until`` days after the day of the run."""
        rnd = random.Random(seed)
        partners = self.env["res.partner"].create([{"name": f"Customer {place}"} for place in range(count)])
        rows = []
        for partner in partners:
            pace, amount = rnd.uniform(20, 120), rnd.uniform(10, 500)
            day = AS_OF - timedelta(rnd.randint(0, days))
            while day <= AS_OF + timedelta(until):
                rows.append((partner.id, day, round(amount * rnd.uniform(0.5, 1.5), 2), 1.0, "sale"))
                if rnd.random() < 0.08:
                    break
                day += timedelta(1 + int(rnd.expovariate(1 / pace)))
        self.insert_orders(rows)
        return partners, rows

    def amounts(self, partners):
        profiles = self.env["grading.profile"].search([("partner_id", "in", partners.ids)])
        return {profile.partner_id: tuple(profile[name] for name in AMOUNTS) for profile in profiles}

    def test_amounts_are_learned_scored_and_told(self):
        partners, _rows = self.shop()
        self.rescore(as_of=AS_OF)
        row = self.Forecast._current(AS_OF)
        self.assertEqual((row.method, row.horizon_days, row.date), ("learned", 365, AS_OF))
        self.assertEqual(row.learned_from, AS_OF - timedelta(365))
        self.assertEqual(row.customer_count, len(self.amounts(partners)))
        for partner, (expected, low, high, at_risk) in self.amounts(partners).items():
            self.assertTrue(low >= 0 and 0 <= expected <= high and at_risk >= 0)
            self.assertAlmostEqual(self.profile(partner).score, min(1000, 0.1 * expected), delta=0.006)

    def test_nothing_is_expected_of_archived_customers_until_they_are_back(self):
        partners, _rows = self.shop()
        self.rescore(as_of=AS_OF)
        before = self.amounts(partners)
        gone = next(partner for partner, (expected, *_rest) in before.items() if expected)
        gone.active = False
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.amounts(partners), {**before, gone: (False,) * 4})
        gone.active = True
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.amounts(partners), before)

    def test_what_archived_customers_bought_is_of_the_past(self):
        """That the silent ones are archived raises what is expected of no other customer."""
        partners, _rows = self.shop()
        self.rescore(as_of=AS_OF)
        before, learned = self.amounts(partners), self.learned()
        silent = partners.filtered(lambda one: (last := self.profile(one).last_order_date) and last < AS_OF - AGE)
        self.assertGreater(len(silent), 20)
        silent.active = False
        self.order(silent[0], 10**6, AS_OF + timedelta(1))  # not known on the day
        for model in ("grading.forecast", "grading.purchase.model"):
            self.env[model]._current(AS_OF).unlink()
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.learned(), learned)
        self.assertEqual(self.Forecast._current(AS_OF).customer_count, len(before) - len(silent))
        self.assertEqual(self.amounts(partners - silent), {one: before[one] for one in partners - silent})

    def learned(self):
        forecast, model = self.Forecast._current(AS_OF), self.env["grading.purchase.model"]._current(AS_OF)
        of_forecast = ("level", "knots", "limits", "check_said", "check_came", "check_groups")
        return [forecast[name] for name in of_forecast] + [model[name] for name in LEARNED]

    def test_what_was_expected_is_what_came_about(self):
        partners, rows = self.shop(count=400, until=365)
        self.rescore(as_of=AS_OF)
        said = sum(expected for expected, *_rest in self.amounts(partners).values())
        known = {row[0] for row in rows if row[1] <= AS_OF}
        came = sum(amount for partner, day, amount, *_rest in rows if day > AS_OF and partner in known)
        self.assertTrue(0.75 < said / came < 1.33, f"{said} expected, {came} came")

    def test_nights_without_news_change_nothing(self):
        partners, _rows = self.shop()
        self.rescore(as_of=AS_OF)
        amounts, row = self.amounts(partners), self.Forecast._current()
        self.rescore(as_of=AS_OF + timedelta(1))
        self.assertEqual(self.amounts(partners), amounts)
        self.rescore(as_of=AS_OF + timedelta(8))  # learned anew, and found to be as good
        self.assertEqual(self.amounts(partners), amounts)
        self.assertEqual(self.Forecast._current(AS_OF + timedelta(8)), row)
        self.assertEqual(row.checked_on, AS_OF + timedelta(8))

    def test_a_silent_year_is_news(self):
        partners, _rows = self.shop()
        self.rescore(as_of=AS_OF)
        before = sum(amounts[0] for amounts in self.amounts(partners).values())
        self.rescore(as_of=AS_OF + timedelta(365))
        after = sum(amounts[0] for amounts in self.amounts(partners).values())
        self.assertLess(after, 0.8 * before)

    def test_a_few_get_what_they_get_among_all(self):
        partners, _rows = self.shop()
        self.rescore(as_of=AS_OF)
        some = partners[:5]
        for place, partner in enumerate(some):
            self.order(partner, 100 * (place + 1), AS_OF)
        self.rescore(as_of=AS_OF, partners=some)
        few = self.amounts(some)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.amounts(some), few)

    def test_an_order_raises_what_is_expected_and_takes_it_out_of_risk(self):
        partners, _rows = self.shop()
        self.rescore(as_of=AS_OF)
        silent = max(partners, key=lambda partner: self.profile(partner).amount_at_risk)
        expected, at_risk = self.profile(silent).expected_amount, self.profile(silent).amount_at_risk
        self.order(silent, self.profile(silent).average_order_amount, AS_OF)
        self.rescore(as_of=AS_OF, partners=silent)
        self.assertGreater(self.profile(silent).expected_amount, expected)
        self.assertEqual(self.profile(silent).amount_at_risk, 0)
        self.assertGreater(at_risk, 0)

    def test_a_young_company_goes_by_each_customers_own_rate_and_says_so(self):
        partner = self.customer("Ada")
        for days in (90, 60, 30, 0):
            self.order(partner, 100, AS_OF - timedelta(days))
        self.rescore(as_of=AS_OF)
        row = self.Forecast._current(AS_OF)
        self.assertEqual((row.method, row.horizon_days), ("own_rate", 365))
        self.assertIn("too few buyers", row.message)
        profile = self.profile(partner)
        # One order beside the three: (3 + 1) in (90 + 365) days; that once more beside those of the customer.
        rate = 4 / 455 * 365
        self.assertAlmostEqual(profile.expected_amount, (3 + rate) / 455 * 365 * 100, delta=0.01)
        self.assertIs(profile.expected_low, False)

    def test_too_short_a_past_for_the_horizon_gives_a_shorter_one_and_says_so(self):
        partners, _rows = self.shop(days=500)
        self.rescore(as_of=AS_OF)
        row = self.Forecast._current(AS_OF)
        self.assertEqual((row.method, row.horizon_days, row.asked_days), ("learned", 182, 365))
        self.assertIn("182 days", row.message)
        # It stands where the amounts do, and nowhere else.
        self.assertEqual(self.profile(partners[0]).expected_days, 182)
        self.assertEqual(partners[0].grading_expected_days, 182)
        self.profile(partners[0]).expected_amount = False
        self.assertIs(self.profile(partners[0]).expected_days, False)
        self.assertIs(self.customer("New").grading_expected_days, False)

    def test_companies_are_apart(self):
        partners, _rows = self.shop()
        other = self.new_company("Other")
        self.rescore(as_of=AS_OF)
        amounts = self.amounts(partners)
        self.rescore(as_of=AS_OF, company=other)
        self.assertEqual(self.amounts(partners), amounts)
        self.assertFalse(self.Forecast.with_company(other)._current().filtered(lambda row: row.company_id != other))

    def test_judging_an_earlier_day_leaves_no_trace_and_reads_nothing_later(self):
        self.shop()
        Forecast = self.env["grading.forecast"]
        found = []
        for _time in range(2):
            yardstick = Yardstick()
            earlier = Forecast.with_context(grading_yardstick=yardstick)
            self.rescore(as_of=AS_OF - timedelta(100))
            earlier._refit(self.table_of_profiles(), AS_OF - timedelta(100))
            found.append({name: yardstick.forecast_values[name] for name in ("level", "knots", "limits", "method")})
            for partner in self.env["res.partner"].search([("name", "=like", "Customer %")], limit=20):
                self.order(partner, 999, AS_OF - timedelta(50))
        self.assertEqual(found[0], found[1])

    def table_of_profiles(self):
        return SQL("(SELECT * FROM grading_profile WHERE company_id = %s)", self.company.id)

    def test_a_snapshot_remembers_what_was_expected(self):
        partners, _rows = self.shop()
        self.rescore(as_of=AS_OF)
        self.env["grading.snapshot"]._take(AS_OF)
        self.env.invalidate_all()
        snapshots = self.env["grading.snapshot"].search([("partner_id", "in", partners.ids), ("date", "=", AS_OF)])
        amounts = self.amounts(partners)
        self.assertTrue(snapshots)
        for snapshot in snapshots:
            self.assertEqual(snapshot.expected_amount, amounts[snapshot.partner_id][0])
            self.assertEqual(snapshot.expected_days, 365)
