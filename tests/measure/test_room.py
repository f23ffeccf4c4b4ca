import random
from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.base.context import Yardstick
from ..common import GradingCase, with_seeds
from .test_purchase_pattern import PurchasePatternCase

COLUMNS = (
    *("partner_id", "order_count", "order_amount_12m", "order_amount_change", "product_category_count"),
    *("annual_budget", "share_of_budget", "expected_revenue", "probability"),
)


def typical_breadths(rows):
    """``[(amount at which a fifth begins, categories)]``, by the definition: a percentile is a value of the list."""

    def percentile(values, share):
        ordered = sorted(values)
        return next(value for place, value in enumerate(ordered, 1) if place >= share * len(ordered) - 1e-9)

    cuts = [percentile([row["order_amount_12m"] for row in rows], share) for share in (0.2, 0.4, 0.6, 0.8)]
    fifths = {}
    for row in rows:
        begin = max((cut for cut in cuts if cut <= row["order_amount_12m"]), default=-1e15)
        fifths.setdefault(begin, []).append(row["product_category_count"])
    return sorted((begin, percentile(counts, 0.8)) for begin, counts in fifths.items())


def room(row, breadths):
    """The room to grow, worked out by hand."""
    amount = row["order_amount_12m"]
    if row["annual_budget"]:
        return min(100, 100 * max(0, 1 - row["share_of_budget"]))
    breadth = next(count for begin, count in reversed(breadths) if amount >= begin)
    signs = [0]
    if breadth:
        signs.append(100 * (1 - row["product_category_count"] / breadth))
    if row["order_amount_change"] is not None:
        signs.append(min(100, 2 * row["order_amount_change"]))
    if row["expected_revenue"] and row["probability"] < 100:
        signs.append(100 * row["expected_revenue"] / (row["expected_revenue"] + max(0, amount)))
    return max(signs)


@tagged("post_install", "-at_install")
class TestRoomToGrow(GradingCase):
    """How much more a customer could buy, as worked out by hand."""

    def measured(self, rows):
        """A table of so much measured, with the types of the profile's columns."""
        Profile = self.env["grading.profile"]
        types = {name: SQL(Profile._fields[name].column_type[1]) for name in COLUMNS}
        values = SQL(" UNION ALL ").join(
            SQL("SELECT %s", SQL(", ").join(SQL("%s::%s", row[name], types[name]) for name in COLUMNS)) for row in rows
        )
        names = SQL(", ").join(SQL.identifier(name) for name in COLUMNS)
        return SQL("(SELECT * FROM (%s) AS measured (%s))", values, names)

    def rooms(self, rows):
        table = self.measured(rows)
        Measure = self.env["grading.measure"].with_context(grading_yardstick=Yardstick())
        Measure._fix_compared({"room"}, SQL("%s AS grading_profile", table), self.company._grading_today())
        return dict(self.env.execute_query(Measure._room_source(table)))

    def random_row(self, number, rng):
        budget = rng.choice((None, None, None, 1000))
        return {
            "partner_id": number,
            "order_count": 1,
            "order_amount_12m": rng.choice((0, 0, rng.randint(1, 9000), -50)),
            "order_amount_change": rng.choice((None, rng.randint(-90, 90))),
            "product_category_count": rng.randint(0, 6),
            "annual_budget": budget,
            "share_of_budget": rng.choice((0, 0.3, 1.2, -0.4)) if budget else None,
            "expected_revenue": rng.choice((None, 0, rng.randint(1, 5000))),
            "probability": rng.choice((20, 100)),
        }

    @with_seeds(6)
    def test_it_is_what_is_worked_out_by_hand(self, rng):
        rows = [self.random_row(number, rng) for number in range(1, rng.randint(2, 60))]
        breadths = typical_breadths(rows)
        found = self.rooms(rows)
        self.assertEqual(len(found), len(rows))
        for row in rows:
            self.assertAlmostEqual(float(found[row["partner_id"]]), room(row, breadths), delta=0.006, msg=row)

    def test_who_returned_more_than_was_bought_has_no_more_room_than_the_whole_budget(self):
        spent = {"annual_budget": 1000, "order_amount_12m": -400, "share_of_budget": -0.4}
        self.assertEqual(self.rooms([{**self.random_row(1, random.Random(1)), **spent}]), {1: 100})

    def test_who_never_bought_has_none(self):
        row = {**self.random_row(1, random.Random(1)), "order_count": 0}
        self.assertFalse(self.rooms([row, {**row, "partner_id": 2}]))


@tagged("post_install", "-at_install")
class TestPotentialWithoutBudgets(PurchasePatternCase):
    """The four groups of value against potential reach customers of whom no budget is known."""

    def test_every_graded_customer_with_an_order_stands_in_one_of_the_groups(self):
        today = self.company._grading_today()
        rng = random.Random(3)
        buyers = [self.customer(f"Buyer {number}") for number in range(12)]
        for place, buyer in enumerate(buyers):
            for number in range(1 + place % 4):
                self.order(buyer, 50 * (place + 1), today - timedelta(days=30 * number + rng.randint(1, 20)))
        self.env.ref("customer_grading.grading_scheme_in_service").active = True
        names = ("value", "potential", "migrating", "frozen")
        rules = self.env["grading.tag.rule"].concat(
            *(self.env.ref(f"customer_grading.grading_tag_rule_{name}") for name in names)
        )
        rules.active = True
        self.rescore()
        for buyer in buyers:
            profile = self.profile(buyer)
            self.assertTrue(profile.value_level)
            self.assertEqual(len(buyer.category_id & rules.category_id), 1, buyer.name)
        self.assertFalse(self.env["grading.profile"].search([("annual_budget", ">", 0)]) & self.profile(buyers[0]))
        run = self.rescore()
        self.assertEqual((run.changed_count, run.tag_count), (0, 0))
