from datetime import date

from odoo.tests import tagged
from odoo.tools.query import Query

from ..measure.test_purchase_pattern import PurchasePatternCase

AS_OF = date(2025, 3, 10)
VALUE_POTENTIAL = ("value", "potential", "migrating", "frozen")


@tagged("post_install", "-at_install")
class TestTagRulesShipped(PurchasePatternCase):
    """Each rule that the module brings along gives its tag to the right customers: one on each side of each limit."""

    def rule(self, name):
        return self.env.ref("customer_grading.grading_tag_rule_%s" % name)

    def given(self, rules, profile):
        """Those of ``rules`` that give the customer of ``profile`` their tag."""
        query = Query(self.env, profile._table)
        chosen = rules._to_sql(query, AS_OF)
        query.add_where("grading_profile.id = %s", [profile.id])
        [row] = self.env.execute_query(query.select(*chosen))
        return rules.browse([rule for rule in row if rule])

    def customer_with(self, partner=None, **measured):
        """The profile of a customer of whom so much was measured; without a word nothing is known of the customer."""
        partner = partner or self.customer("Measured")
        return self.env["grading.profile"].create({"partner_id": partner.id, "company_id": self.company.id, **measured})

    def assert_gives(self, name, *customers):
        for measured in customers:
            self.assertTrue(self.given(self.rule(name), self.customer_with(**measured)), measured)

    def assert_gives_not(self, name, *customers):
        for measured in ({}, *customers):
            self.assertFalse(self.given(self.rule(name), self.customer_with(**measured)), measured)

    def test_a_key_account_is_among_the_best_and_orders_every_other_month(self):
        best = {"top_12m": "5", "order_count_12m": 6}
        self.assert_gives("key_account", best)
        self.assert_gives_not("key_account", {**best, "order_count_12m": 5}, {**best, "top_12m": "20"})

    def test_long_standing_is_a_customer_who_stays_and_buys_as_before(self):
        steady = {
            "first_order_date": "2022-03-10",
            "decline_date": "2025-03-11",
            "order_amount_prev_12m": 100,
            "order_amount_change": -25,
        }
        self.assert_gives("long_standing", steady)
        self.assert_gives_not(
            "long_standing",
            {**steady, "first_order_date": "2022-03-11"},
            {**steady, "decline_date": "2025-03-10"},
            {**steady, "order_amount_change": -25.01},
            {**steady, "order_amount_prev_12m": 0, "order_amount_change": 0},
        )

    def test_promising_is_a_customer_who_begins_to_buy_and_is_not_overdue(self):
        first = {"order_day_count": 1, "order_amount": 10, "decline_date": "2025-03-11"}
        self.assert_gives("promising", first, {**first, "order_day_count": 2})
        self.assert_gives_not(
            "promising",
            {**first, "order_count": 3, "order_day_count": 3},
            {**first, "order_day_count": 0},
            {**first, "order_amount": -10},
            {**first, "decline_date": "2025-03-10"},
        )

    def test_promising_is_a_referred_customer(self):
        referred = self.customer("Referred", referred_by_id=self.customer("Referrer").id)
        profile = self.customer_with(referred, order_count=0)
        self.assertTrue(self.given(self.rule("promising"), profile))
        profile.order_count = 2
        self.assertTrue(self.given(self.rule("promising"), profile))
        profile.order_count = 3
        self.assertFalse(self.given(self.rule("promising"), profile))

    def test_a_complaint_customer_waits_for_us_or_complains_again(self):
        self.assert_gives("complaint", {"open_complaint_count": 1}, {"complaint_count_12m": 2})
        self.assert_gives_not("complaint", {"open_complaint_count": 0, "complaint_count_12m": 1})

    def test_a_member_has_a_loyalty_card(self):
        self.assert_gives("member", {"loyalty_card_count": 1})
        self.assert_gives_not("member", {"loyalty_card_count": 0})

    def quadrant(self, **measured):
        rules = sum((self.rule(name) for name in VALUE_POTENTIAL), self.env["grading.tag.rule"])
        profile = self.customer_with(**measured)
        given = self.given(rules, profile)
        self.assertEqual(given, rules.filtered(lambda rule: self.given(rule, profile)), "they exclude each other")
        return [name for name in VALUE_POTENTIAL if self.rule(name) in given]

    def test_value_stands_against_potential(self):
        for value, potential, expected in (
            ("3", "3", "value"), ("2", "2", "value"), ("1", "2", "potential"), ("1", "3", "potential"),
            ("2", "1", "migrating"), ("3", "1", "migrating"), ("1", "1", "frozen"),
        ):  # fmt: skip
            levels = {"value_level": value, "potential_level": potential}
            self.assertEqual(self.quadrant(order_count=1, **levels), [expected])
            self.assertEqual(self.quadrant(order_count=0, **levels), [], "only customers with an order")
            against = {"room_to_grow": 10 if potential > "1" else 90}
            self.assertEqual(self.quadrant(order_count=1, **levels, **against), [expected], "the level goes first")

    def test_the_room_to_grow_decides_the_potential_where_the_scheme_has_none(self):
        for value, room, expected in (
            ("2", 50, "value"), ("1", 50, "potential"), ("2", 49.99, "migrating"), ("1", 0, "frozen"),
        ):  # fmt: skip
            known = {"order_count": 1, "value_level": value}
            self.assertEqual(self.quadrant(room_to_grow=room, **known), [expected])
            self.assertEqual(self.quadrant(**known), [], "of whom nothing is known nothing is said")

    def test_a_customer_who_is_not_graded_stands_nowhere(self):
        self.assertEqual(self.quadrant(order_count=1, potential_level="3"), [])

    def test_recently_are_the_last_30_days_and_today(self):
        self.assert_gives("recent", {"last_order_date": "2025-02-08"}, {"last_order_date": "2025-03-10"})
        self.assert_gives_not("recent", {"last_order_date": "2025-02-07"})

    def test_three_categories_are_several(self):
        self.assert_gives("broad", {"product_category_count": 3})
        self.assert_gives_not("broad", {"product_category_count": 2})

    def test_half_of_three_orders_make_a_weekend_or_an_evening_buyer(self):
        for name in ("weekend", "evening"):
            share = "%s_order_percent" % name
            self.assert_gives(name, {"order_count": 3, share: 50})
            self.assert_gives_not(name, {"order_count": 2, share: 100}, {"order_count": 3, share: 49.99})

    def test_a_birthday_is_in_the_month_of_the_run(self):
        for birthdate, expected in (("1980-03-31", True), ("1980-04-01", False)):
            profile = self.customer_with(self.customer("Born", birthdate_date=birthdate))
            self.assertEqual(bool(self.given(self.rule("birthday"), profile)), expected)

    def test_a_run_gives_the_tags_and_takes_them_back(self):
        names = ("recent", "weekend", "evening", "birthday")
        sum((self.rule(name) for name in names), self.env["grading.tag.rule"]).active = True
        tags = {name: self.rule(name).category_id for name in names}
        self.buyer.birthdate_date = "1980-03-31"
        self.order_at(self.buyer, "2025-02-22 19:00", "2025-03-01 19:00", "2025-03-08 19:00")
        self.rescore(as_of=AS_OF)
        self.assertEqual(set(self.buyer.category_id), set(tags.values()))
        self.rescore(as_of=date(2025, 4, 8))
        self.assertEqual(set(self.buyer.category_id), {tags["weekend"], tags["evening"]})
