import math
from datetime import date, timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.worth.grading_forecast_fit import DAY_ZERO
from ...models.worth.spending import SpendingCurve
from ...models.worth.spending_past import Buyer
from ..common import GradingCase, with_seeds

AS_OF = date(2026, 3, 31)
COLUMNS = {
    "partner_id": "int",
    "order_count": "int",
    "order_amount": "numeric",
    "average_order_amount": "numeric",
    "order_day_count": "int",
    "first_order_date": "date",
    "last_order_date": "date",
    "faded_order_log": "float8",
}


class ForecastCase(GradingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Forecast = cls.env["grading.forecast"]

    @classmethod
    def forecast(cls, **values):
        """A row in force of the company, learned."""
        weights = dict.fromkeys(("recent_weight", "average_weight", "orders_weight", "silence_weight"), 0.0)
        curve = {"level": 0.0, **weights, "limits": [[-99, 99]] * 3, "knots": [[0.0, 0.0, 0.5, 2.0]]}
        common = {"company_id": cls.company.id, "date": AS_OF, "method": "learned", "half_life_days": 90}
        return cls.Forecast.sudo().create({**common, "horizon_days": 365, "asked_days": 365, **curve, **values})

    @classmethod
    def table(cls, rows):
        """A table expression with the profile's columns.

        :param list rows: a dictionary for each customer; what is missing is unknown
        """
        arrays = [[row.get(name) for row in rows] for name in COLUMNS]
        return SQL(
            "(SELECT * FROM UNNEST(%s) AS customer (%s))",
            SQL(", ").join(SQL(f"%s::{kind}[]", array) for kind, array in zip(COLUMNS.values(), arrays, strict=True)),
            SQL(", ").join(map(SQL.identifier, COLUMNS)),
        )

    @classmethod
    def outlook(cls, forecast, rows):
        found = cls.env.execute_query(
            SQL("SELECT * FROM (%s) AS outlook ORDER BY partner_id", forecast._outlook_select(cls.table(rows)))
        )
        return {
            partner: tuple(amount if amount is None else float(amount) for amount in amounts)
            for partner, *amounts in found
        }


@tagged("post_install", "-at_install")
class TestForecast(ForecastCase):
    """What the rows of the forecast say of customers, in SQL, and who may see and set what."""

    def random_curve(self, rnd):
        marks = sorted({round(rnd.uniform(-2, 8), 3) for _knot in range(rnd.randint(1, 8))})
        logs = sorted(rnd.uniform(-1, 9) for _mark in marks)
        return SpendingCurve(
            (AS_OF - DAY_ZERO).days,
            rnd.uniform(-2, 2),
            (rnd.uniform(0, 1), rnd.uniform(-0.5, 1), rnd.uniform(-0.5, 1), rnd.uniform(-1, 0.2)),
            tuple(sorted((rnd.uniform(-1, 3), rnd.uniform(3, 7))) for _limit in range(3)),
            tuple((at, log, rnd.uniform(0, 1), rnd.uniform(0, 4)) for at, log in zip(marks, logs, strict=True)),
        )

    def random_customer(self, rnd, partner):
        last = AS_OF - timedelta(rnd.randint(-5, 900))
        amount, days = round(math.exp(rnd.uniform(0, 9)), 2), rnd.randint(1, 40)
        decay = math.log(2) / 90
        return {
            "partner_id": partner,
            "order_count": days + rnd.randint(0, 3),
            "order_amount": amount * days,
            "average_order_amount": amount,
            "order_day_count": days,
            "first_order_date": last - timedelta(rnd.randint(days, 900)),
            "last_order_date": last,
            "faded_order_log": math.log(amount) + decay * ((last - DAY_ZERO).days - rnd.uniform(0, 60)),
        }

    @with_seeds(4)
    def test_the_amounts_are_those_of_the_curve(self, rnd):
        curve, decay = self.random_curve(rnd), math.log(2) / 90
        names = ("recent_weight", "average_weight", "orders_weight", "silence_weight")
        row = self.forecast(
            level=curve.level,
            **dict(zip(names, curve.weights, strict=True)),
            limits=[list(pair) for pair in curve.limits],
            knots=[list(knot) for knot in curve.knots],
        )
        customers = [self.random_customer(rnd, partner) for partner in range(1, 60)]
        found = self.outlook(row, customers)
        for customer in customers:
            last = (customer["last_order_date"] - DAY_ZERO).days
            buyer = Buyer(
                customer["faded_order_log"],
                math.log(customer["average_order_amount"]),
                math.log(customer["order_day_count"]),
                last,
                1.0,
                0.0,
            )
            now, low, high = curve.outlook(curve.index(buyer, decay))
            fresh, *_band = curve.outlook(curve.index(buyer, decay, last))
            expected = (now, low, high, max(0.0, fresh - now))
            for one, other in zip(found[customer["partner_id"]], expected, strict=True):
                self.assertAlmostEqual(one, other, delta=0.01 + 1e-6 * abs(other))

    def test_without_an_order_nothing_is_known_and_with_nothing_left_of_it_nothing_is_expected(self):
        returned = {"order_count": 1, "order_amount": 0, "order_day_count": 1, "last_order_date": AS_OF}
        rows = [{"partner_id": 1, "order_count": 0}, {"partner_id": 2, **returned}]
        self.assertEqual(self.outlook(self.forecast(), rows), {2: (0.0, 0.0, 0.0, 0.0)})

    def test_of_an_average_order_below_the_smallest_coin_nothing_is_expected(self):
        """As of 50 dong at a company of euros: a logarithm of nothing would end the run over all customers."""
        tiny = {"partner_id": 1, "order_count": 1, "order_amount": 0.0, "average_order_amount": 0.0}
        tiny |= {"order_day_count": 1, "last_order_date": AS_OF, "faded_order_log": -6.3}
        self.assertEqual(self.outlook(self.forecast(), [tiny]), {1: (0.0, 0.0, 0.0, 0.0)})

    def test_an_own_rate_is_shrunk_towards_the_companys(self):
        row = self.forecast(method="own_rate", order_rate=2.0, order_amount=100.0, horizon_days=365)
        customer = {
            "partner_id": 1,
            "order_count": 4,
            "order_amount": 800,
            "average_order_amount": 200,
            "order_day_count": 4,
            "first_order_date": AS_OF - timedelta(365),
            "last_order_date": AS_OF,
        }
        # (3 orders again + 2) in two horizons, of (800 + 100) ÷ 5 each; no purchase model says that the customer left
        self.assertEqual(self.outlook(row, [customer]), {1: (450.0, None, None, 0.0)})

    def test_with_an_own_rate_silence_puts_revenue_at_risk(self):
        self.env["grading.purchase.model"].sudo().create(
            {"company_id": self.company.id, "date": AS_OF, "method": "interval", "r": 2, "alpha": 60, "a": 1, "b": 3}
        )
        row = self.forecast(method="own_rate", order_rate=2.0, order_amount=100.0)
        amounts = []
        for silence in (0, 60, 400):
            last = AS_OF - timedelta(silence)
            customer = {"order_count": 6, "order_amount": 600, "average_order_amount": 100, "order_day_count": 6}
            days = {"first_order_date": AS_OF - timedelta(730), "last_order_date": last}
            [(expected, _low, _high, at_risk)] = self.outlook(row, [{"partner_id": 1, **customer, **days}]).values()
            amounts.append((expected, at_risk))
        self.assertEqual(amounts[0][1], 0)
        for before, after in zip(amounts, amounts[1:], strict=False):
            self.assertLess(after[0], before[0])
            self.assertGreater(after[1], before[1])
        for expected, at_risk in amounts:
            self.assertAlmostEqual(expected + at_risk, sum(amounts[0]), delta=0.011)

    def test_the_latest_row_of_the_day_is_in_force_in_each_company(self):
        other = self.new_company("Other")
        old, new = self.forecast(date=AS_OF - timedelta(30)), self.forecast()
        self.assertEqual(self.Forecast._current(AS_OF), new)
        self.assertEqual(self.Forecast._current(AS_OF - timedelta(1)), old)
        self.assertEqual(self.Forecast._current(AS_OF - timedelta(60)), old, "the first one made of a later day")
        self.assertFalse(self.Forecast.with_company(other)._current(AS_OF))

    def test_it_is_due_after_a_week_and_when_another_horizon_or_half_life_is_set(self):
        self.assertTrue(self.Forecast._is_due(AS_OF))
        row = self.forecast(checked_on=AS_OF)
        self.assertFalse(self.Forecast._is_due(AS_OF + timedelta(6)))
        self.assertTrue(self.Forecast._is_due(AS_OF + timedelta(7)))
        row.checked_on = AS_OF + timedelta(7)
        self.assertFalse(self.Forecast._is_due(AS_OF + timedelta(13)))
        self.company.grading_forecast_days = 180
        self.assertTrue(self.Forecast._is_due(AS_OF + timedelta(8)))
        self.company.grading_forecast_days = 365
        self.company.grading_half_life_days = 60
        self.assertTrue(self.Forecast._is_due(AS_OF + timedelta(8)))

    def test_only_managers_of_the_company_see_it(self):
        row = self.forecast()
        self.assertEqual(row.with_user(self.manager()).horizon_days, 365)
        for user in (self.salesman(), self.internal(), self.portal()):
            with self.assertRaises(AccessError):
                row.with_user(user).read(["horizon_days"])
        other = self.new_company("Other")
        stranger = self.manager("grading_stranger", company_id=other.id, company_ids=[other.id])
        theirs = self.Forecast.with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertFalse(theirs.search([("id", "=", row.id)]))

    def test_an_impossible_horizon_is_refused(self):
        for days in (0, -5, 29, 731):
            with self.assert_refused("30", "730", str(days), error=ValidationError):
                self.company.grading_forecast_days = days

    def test_the_settings_say_how_good_it_was(self):
        self.assertIn("first full run", self.company._grading_forecast_sentence())
        self.forecast(check_date=AS_OF - timedelta(365), check_said=1200, check_came=1100, method="own_rate")
        sentence = self.company._grading_forecast_sentence()
        for words in ("365 days", "is too short, or has too few buyers", "1,200.00", "1,100.00", "2025-03-31"):
            self.assertIn(words, sentence)

    def test_what_the_past_does_not_suffice_for_is_said_in_the_readers_language(self):
        row = self.forecast(method="own_rate")
        self.assertIn(self.company.name, row.message)
        term = self.env["grading.forecast"]._fields["message"]
        self.assertFalse(term.store)
        self.assertIn("lang", self.env.registry.field_depends_context[term])
        self.company.sudo().name = "Renamed"
        self.assertIn("Renamed", row.message)
        self.assertFalse(self.forecast(horizon_days=365).message)
        self.assertIn("182 days", self.forecast(horizon_days=182).message)
