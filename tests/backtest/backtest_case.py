from datetime import timedelta

from ...models.backtest.grading_backtest import latest_day, window_end
from ..common import GradingCase


class BacktestMixin:
    """Back-tests of the test's company, worked out at once."""

    MONTHS = 12

    def test_of(self, scheme=None, **vals):
        values = {"scheme_id": scheme.id if scheme else False, "months": self.MONTHS, **vals}
        test = self.env["grading.backtest"].create(values)
        test.action_run()
        self.assertEqual(test.state, "done", test.message)
        return test

    def lines(self, test, kind, side="own", day=None):
        """The lines of a kind, the best first."""
        return test.line_ids.filtered(
            lambda line: line.kind == kind and line.side == side and line.date == (day or test.date)
        ).sorted("sequence")

    def figures(self, test):
        """All that the lines say, to be compared."""
        return [
            {
                name: value
                for name, value in row.items()
                if name not in ("id", "backtest_id", "create_date", "write_date")
            }
            for row in test.line_ids.sorted("id").read()
        ]


class BacktestCase(BacktestMixin, GradingCase):
    """Customers by the amount ordered: Gold begins at 100, Silver at 10, Bronze at 0. ``day`` is the default one, and
    ``until`` the last day of the twelve months that followed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.scheme()
        cls.today = cls.company._grading_today()
        cls.day = latest_day(cls.today, cls.MONTHS)
        cls.until = window_end(cls.day, cls.MONTHS)

    def shop(self, *customers):
        """Customers with what they bought up to the day, and after it: ``[(name, before, [after])]``."""
        partners = self.env["res.partner"].create([{"name": name} for name, _before, _after in customers])
        rows = []
        for partner, (_name, before, after) in zip(partners, customers, strict=True):
            rows.append((partner.id, self.day - timedelta(days=5), before, 1, "sale"))
            rows += [(partner.id, self.day + timedelta(days=1 + place), amount, 1, "sale")
                     for place, amount in enumerate(after)]  # fmt: skip
        self.insert_orders(rows)
        return partners
