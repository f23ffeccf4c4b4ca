import csv
from datetime import date, timedelta
from pathlib import Path

import numpy
import pandas
from scipy import stats
from sklearn.metrics import roc_auc_score

from odoo.tests import tagged

from ..common import with_seeds
from .backtest_case import BacktestCase

ORDERS = Path(__file__).parents[1] / "data" / "rfm_orders.csv"
GRADES = ((100, "Gold"), (10, "Silver"), (0, "Bronze"))


def judged(orders, day, measure):
    """A score and a grade for each customer who had ordered: ``measure`` of what was bought by the day."""
    frame = orders[orders.day <= day].groupby("customer").agg(amount=("amount", "sum"), count=("amount", "size"))
    frame["score"] = measure(frame).clip(0, 1000).round(2)
    frame["grade"] = [next(name for limit, name in GRADES if score >= limit) for score in frame.score]
    return frame


def followed(frame, orders, day, until):
    """What each of them bought afterwards."""
    later = orders[(orders.day > day) & (orders.day <= until)].groupby("customer").amount.agg(["sum", "size"])
    frame = frame.join(later.rename(columns={"sum": "revenue", "size": "orders"})).fillna({"revenue": 0, "orders": 0})
    place = frame.score.rank(ascending=False, method="average") - 0.5
    frame["tenth"] = numpy.minimum(10, numpy.floor(10 * place / len(frame)).astype(int) + 1)
    ahead = frame.score.rank(ascending=False, method="min") - 1
    equal = frame.groupby("score").score.transform("size")
    frame["best"] = ((0.2 * len(frame) - ahead) / equal).clip(0, 1)
    return frame


def best_limits(frame):
    """The limits of the share of the best 20 %, in percent: a ratio of two sums, linearized."""
    brought = frame[frame.revenue != 0]
    inside, outside = int((brought.best > 0).sum()), int((brought.best < 1).sum())
    if min(inside, outside) < 5:
        return None
    ratio = (frame.best * frame.revenue).sum() / frame.revenue.sum()
    left_over = (frame.best * frame.revenue - ratio * frame.revenue) / frame.revenue.mean()
    if numpy.ptp(left_over) < 1e-9:
        return None
    low, high = stats.t.interval(0.95, inside + outside - 1, loc=ratio, scale=stats.sem(left_over))
    return 100 * max(0, low), 100 * min(1, high)


def area_limits(frame):
    """DeLong's limits, by comparing each who bought with each who did not."""
    hit = (frame.orders > 0).to_numpy()
    score = frame.score.to_numpy()
    ahead = numpy.heaviside(score[hit][:, None] - score[~hit][None, :], 0.5)
    if min(ahead.shape) < 5 or max(numpy.ptp(ahead.mean(axis=axis)) for axis in (0, 1)) < 1e-9:
        return None
    # Welch's interval of a difference of two means has the same variance and the same degrees of freedom.
    found = stats.ttest_ind(ahead.mean(axis=1), -ahead.mean(axis=0), equal_var=False).confidence_interval(0.95)
    half = (found.high - found.low) / 2
    return max(0, ahead.mean() - half), min(1, ahead.mean() + half)


def random_orders(rng, day):
    """Customers of all kinds, some of them with the same amounts."""
    rows = []
    for customer in range(rng.randint(40, 160)):
        pace, size = rng.choice((10, 45, 160, 400)), rng.choice((3, 20, 90))
        moment = day - timedelta(days=rng.randint(0, 700))
        while moment < day + timedelta(days=400):
            rows.append((customer, moment, rng.choice((size, size, round(size * rng.uniform(0.5, 2), 2)))))
            moment += timedelta(days=1 + int(rng.expovariate(1 / pace)))
    return pandas.DataFrame(rows, columns=["customer", "day", "amount"])


@tagged("post_install", "-at_install")
class TestBacktestOracle(BacktestCase):
    """The same figures with pandas, SciPy and scikit-learn, on random shops and on public orders."""

    def load(self, orders):
        names = sorted(orders.customer.unique())
        partners = self.env["res.partner"].create([{"name": str(name)} for name in names])
        ids = dict(zip(names, partners.ids, strict=True))
        self.insert_orders([(ids[row.customer], row.day, row.amount, 1, "sale") for row in orders.itertuples()])

    def assert_line(self, line, group, total):
        self.assertEqual((line.customer_count, line.order_count), (len(group), group.orders.sum()))
        self.assertAlmostEqual(line.revenue, group.revenue.sum(), 2)
        self.assertAlmostEqual(line.revenue_mean, group.revenue.mean(), 2)
        self.assertAlmostEqual(line.revenue_share, 100 * group.revenue.sum() / total, 2)
        hits = int((group.orders > 0).sum())
        self.assertAlmostEqual(line.success_rate, 100 * hits / len(group), 6)
        low, high = stats.binomtest(hits, len(group)).proportion_ci(method="wilson")
        self.assertAlmostEqual(line.success_low, 100 * low, 6)
        self.assertAlmostEqual(line.success_high, 100 * high, 6)
        if (group.revenue != 0).sum() < 5 or group.revenue.nunique() < 2:
            self.assertEqual((line.revenue_low, line.revenue_high, line.revenue_error), (False, False, False))
        else:
            error = stats.sem(group.revenue)
            low, high = stats.t.interval(0.95, len(group) - 1, loc=group.revenue.mean(), scale=error)
            self.assertAlmostEqual(line.revenue_low, low, 1)
            self.assertAlmostEqual(line.revenue_high, high, 1)
            self.assertAlmostEqual(line.revenue_error, error, 4)

    def assert_figures(self, test, frame, side="own"):
        total = frame.revenue.sum()
        [line] = self.lines(test, "all", side)
        self.assert_line(line, frame, total)
        self.assertAlmostEqual(line.best_share, 100 * (frame.best * frame.revenue).sum() / total, 4)
        self.assertAlmostEqual(line.auc, roc_auc_score(frame.orders > 0, frame.score), 3)
        for name, expected, digits in (("best_share", best_limits(frame), 4), ("auc", area_limits(frame), 3)):
            found = line[f"{name}_low"], line[f"{name}_high"]
            if expected is None:
                self.assertEqual(found, (False, False))
            else:
                self.assertAlmostEqual(found[0], expected[0], digits)
                self.assertAlmostEqual(found[1], expected[1], digits)
        grades = dict(list(frame.groupby("grade")))
        self.assertEqual(set(self.lines(test, "grade", side).grade_id.mapped("name")), grades.keys())
        for line in self.lines(test, "grade", side):
            self.assert_line(line, grades[line.grade_id.name], total)
        tenths = dict(list(frame.groupby("tenth")))
        self.assertEqual({int(line.tenth) for line in self.lines(test, "tenth", side)}, tenths.keys())
        for line in self.lines(test, "tenth", side):
            self.assert_line(line, tenths[int(line.tenth)], total)

    @with_seeds(3)
    def test_random_shops(self, rng):
        with self.env.cr.savepoint() as savepoint:
            orders = random_orders(rng, self.day)
            self.load(orders)
            frame = followed(judged(orders, self.day, lambda f: f.amount), orders, self.day, self.until)
            self.assert_figures(self.test_of(), frame)
            savepoint.rollback()
        self.env.invalidate_all()

    @with_seeds(2)
    def test_two_schemes_differ_by_as_much_as_paired_customers_say(self, rng):
        with self.env.cr.savepoint() as savepoint:
            orders = random_orders(rng, self.day)
            self.load(orders)
            by_count = self.scheme([self.linear("order_count", 7)], active=False)
            test = self.test_of(by_count, other_scheme_id=self.rules.id)
            own = followed(judged(orders, self.day, lambda f: 7.0 * f["count"]), orders, self.day, self.until)
            other = followed(judged(orders, self.day, lambda f: f.amount), orders, self.day, self.until)
            self.assert_figures(test, own)
            self.assert_figures(test, other, "other")
            self.assert_differences(test, own, other)
            savepoint.rollback()
        self.env.invalidate_all()

    def assert_differences(self, test, own, other):
        """Against many draws of the customers with replacement: the intervals of the bootstrap are about the same, the
        less so the fewer have bought."""
        rng = numpy.random.default_rng(5)
        revenue, hit = own.revenue.to_numpy(), (own.orders > 0).to_numpy()
        gains, areas = [], []
        for _draw in range(600):
            drawn = rng.integers(0, len(own), len(own))
            money = revenue[drawn]
            gains.append(100 * ((own.best.to_numpy() - other.best.to_numpy())[drawn] * money).sum() / money.sum())
            if 0 < hit[drawn].sum() < len(drawn):
                areas.append(
                    roc_auc_score(hit[drawn], own.score.to_numpy()[drawn])
                    - roc_auc_score(hit[drawn], other.score.to_numpy()[drawn])
                )
        [line] = self.lines(test, "all")
        expected = 100 * ((own.best - other.best) * revenue).sum() / revenue.sum()
        self.assertAlmostEqual(line.best_share_difference, expected, 4)
        moved = int(((own.best != other.best) & (own.revenue != 0)).sum())
        if moved < 5:
            self.assertIs(line.best_share_difference_low, False)
        else:
            quantile = stats.t.ppf(0.975, moved - 1)
            spread = (line.best_share_difference_high - line.best_share_difference_low) / (2 * quantile)
            self.assertAlmostEqual(spread, numpy.std(gains), delta=0.4 * numpy.std(gains) + 0.05)
        expected = roc_auc_score(hit, own.score) - roc_auc_score(hit, other.score)
        self.assertAlmostEqual(line.auc_difference, expected, 3)
        fewer = min(hit.sum(), (~hit).sum())
        if fewer < 5:
            self.assertEqual((line.auc_difference_low, line.auc_difference_high), (False, False))
        else:
            quantile = stats.t.ppf(0.975, fewer - 1)
            spread = (line.auc_difference_high - line.auc_difference_low) / (2 * quantile)
            self.assertAlmostEqual(spread, numpy.std(areas), delta=0.4 * numpy.std(areas) + 0.002)
        for line in self.lines(test, "grade"):
            name = line.grade_id.name
            groups = [revenue[(side.grade == name).to_numpy()] for side in (own, other)]
            if min(map(len, groups)) > 1:
                self.assertAlmostEqual(line.difference, groups[0].mean() - groups[1].mean(), 2)
                self.assertLessEqual(line.difference_low, line.difference)

    def test_public_orders(self):
        with ORDERS.open(newline="", encoding="utf-8") as file:
            rows = [
                (row["customer"], date.fromisoformat(row["date"]), float(row["revenue"]))
                for row in csv.DictReader(file)
            ]
        orders = pandas.DataFrame(rows, columns=["customer", "day", "amount"])
        self.load(orders)
        day, until = date(2005, 12, 31), date(2006, 12, 31)
        test = self.env["grading.backtest"].create({"date": day})
        test.action_run()
        self.assertEqual(test.state, "done", test.message)
        frame = followed(judged(orders, day, lambda f: f.amount), orders, day, until)
        self.assertGreater(len(frame), 800)
        self.assert_figures(test, frame)
