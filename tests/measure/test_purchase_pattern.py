from datetime import date, datetime, timedelta

import pytz

from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools.query import Query

from ..common import GradingCase, with_seeds

AS_OF = date(2025, 3, 10)  # a Monday
WEEKEND, EVENING, CATEGORIES = "weekend_order_percent", "evening_order_percent", "product_category_count"


class PurchasePatternCase(GradingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme(criteria=[cls.linear(name) for name in (WEEKEND, EVENING, CATEGORIES, "loyalty_card_count")])
        cls.buyer = cls.customer("Buyer", is_company=True, customer_rank=1)
        cls.categories = cls.env["product.category"].create([{"name": "Category %s" % n} for n in range(4)])
        cls.goods = cls.env["product.product"].create(
            [{"name": "Goods of %s" % c.name, "categ_id": c.id, "taxes_id": False} for c in cls.categories]
        )

    @classmethod
    def order_at(cls, partner, *moments, **vals):
        """An order at each of these moments, in UTC: ``2025-03-08 12:00``."""
        for moment in moments:
            order = cls.order(partner, 10, AS_OF, **vals)
            cls.force(order, date_order=datetime.strptime(moment, "%Y-%m-%d %H:%M"))

    @classmethod
    def order_of(cls, partner, *lines, day=AS_OF, **vals):
        """An order of these lines, each a product or the values of a line."""
        values = [line if isinstance(line, dict) else {"product_id": line.id} for line in lines]
        return cls.order(partner, 10, day, order_line=[Command.create(line) for line in values], **vals)

    def measured(self, name, partner=None, as_of=AS_OF):
        self.rescore(as_of=as_of)
        return self.profile(partner or self.buyer)[name]


@tagged("post_install", "-at_install")
class TestOrderTimes(PurchasePatternCase):
    """Which part of the orders comes at weekends and in the evening, by the company's clocks."""

    def test_saturdays_and_sundays_are_the_weekend(self):
        self.order_at(self.buyer, "2025-03-07 12:00", "2025-03-08 12:00", "2025-03-09 12:00", "2025-03-10 12:00")
        self.assertEqual(self.measured(WEEKEND), 50)
        self.assertEqual(self.measured(EVENING), 0)

    def test_the_evening_lasts_from_six_to_six(self):
        self.company.resource_calendar_id.tz = "UTC"
        for moment, percent in (
            ("2025-03-04 17:59", 0),
            ("2025-03-04 18:00", 50),
            ("2025-03-05 05:59", 66.67),
            ("2025-03-05 06:00", 50),
        ):
            self.order_at(self.buyer, moment)
            self.assertEqual(self.measured(EVENING), percent, moment)

    def test_an_order_of_exactly_midnight_came_at_no_known_time(self):
        self.order_at(self.buyer, "2025-03-04 23:00")  # in Brussels midnight
        self.assertIs(self.measured(EVENING), False)
        self.assertEqual(self.profile(self.buyer)[WEEKEND], 0)
        self.order_at(self.buyer, "2025-03-04 22:59", "2025-03-05 12:00")
        self.assertEqual(self.measured(EVENING), 50)

    def test_a_day_and_its_hours_are_those_of_the_company(self):
        self.order_at(self.buyer, "2025-03-07 16:30")  # Friday afternoon; in Taipei Saturday, half past midnight
        self.assertEqual((self.measured(WEEKEND), self.measured(EVENING)), (0, 0))
        self.company.resource_calendar_id.tz = "Asia/Taipei"
        self.assertEqual((self.measured(WEEKEND), self.measured(EVENING)), (100, 100))

    def test_daylight_saving_moves_the_evening(self):
        self.order_at(self.buyer, "2025-01-15 16:30")  # 17:30 in Brussels
        self.assertEqual(self.measured(EVENING), 0)
        self.order_at(self.buyer, "2024-07-16 16:30")  # 18:30 in Brussels
        self.assertEqual(self.measured(EVENING), 50)

    def test_the_day_on_which_clocks_change_is_one_day(self):
        # Sunday 27 October 2024 has 25 hours in Brussels: it begins at 22:00 UTC and ends at 23:00.
        self.order_at(self.buyer, "2024-10-26 22:00", "2024-10-27 22:59", "2024-10-27 23:00", "2024-10-25 21:59")
        self.assertEqual(self.measured(WEEKEND), 50)

    def test_without_an_order_both_are_unknown_and_not_nothing(self):
        self.order_at(self.buyer, "2025-03-08 19:00", state="draft")
        self.order_at(self.buyer, "2025-03-08 19:00", state="cancel")
        self.assertIs(self.measured(WEEKEND), False)
        self.assertIs(self.profile(self.buyer)[EVENING], False)
        self.order_at(self.buyer, "2025-03-07 12:00")
        self.assertEqual(self.measured(WEEKEND), 0)
        self.assertIsNot(self.profile(self.buyer)[WEEKEND], False)

    def test_what_comes_after_the_day_is_not_known_yet(self):
        self.order_at(self.buyer, "2025-03-08 12:00", "2025-03-10 22:59", "2025-03-10 23:00")
        self.assertEqual(self.measured(WEEKEND), 50)
        self.assertEqual(self.measured(WEEKEND, as_of=date(2025, 3, 11)), 33.33)

    def test_contacts_at_any_depth_order_for_their_customer(self):
        child = self.customer("Child", parent_id=self.buyer.id)
        grandchild = self.customer("Grandchild", parent_id=child.id)
        self.order_at(child, "2025-03-08 12:00")
        self.order_at(grandchild, "2025-03-07 20:00")
        self.assertEqual((self.measured(WEEKEND), self.measured(EVENING)), (50, 50))

    def test_orders_of_another_company_are_its_own(self):
        other = self.new_company("Other")
        self.order_at(self.buyer, "2025-03-07 12:00")
        self.order_at(self.buyer, "2025-03-08 12:00", company_id=other.id)
        self.assertEqual(self.measured(WEEKEND), 0)

    def test_orders_count_also_where_the_company_counts_invoices(self):
        self.company.grading_amount_source = "invoice"
        self.order_at(self.buyer, "2025-03-08 12:00")
        self.assertEqual(self.measured(WEEKEND), 100)


@tagged("post_install", "-at_install")
class TestCategories(PurchasePatternCase):
    """From how many product categories a customer has bought."""

    def test_each_category_counts_once_over_all_orders(self):
        one, two, *_rest = self.goods
        self.order_of(self.buyer, one, one, two)
        self.order_of(self.buyer, two)
        self.assertEqual(self.measured(CATEGORIES), 2)

    def test_a_customer_without_orders_bought_from_no_category(self):
        self.order_of(self.buyer, self.goods[0], state="draft")
        self.order_of(self.buyer, self.goods[1], state="cancel")
        self.order_of(self.buyer, self.goods[2], day=AS_OF + timedelta(days=1))
        self.assertEqual(self.measured(CATEGORIES), 0)
        self.assertEqual(self.measured(CATEGORIES, as_of=AS_OF + timedelta(days=1)), 1)

    def test_headings_notes_down_payments_and_what_was_given_back_count_nothing(self):
        one, two, three, four = self.goods
        four.categ_id = False
        self.order_of(
            self.buyer,
            one,
            {"display_type": "line_section", "name": "Section"},
            {"display_type": "line_note", "name": "Note"},
            {"product_id": two.id, "product_uom_qty": -1},
            {"product_id": two.id, "product_uom_qty": 0},
            {"product_id": three.id, "is_downpayment": True},
            four,
        )
        self.assertEqual(self.measured(CATEGORIES), 1)

    def test_contacts_count_for_their_customer_and_companies_are_apart(self):
        other = self.new_company("Other")
        child = self.customer("Child", parent_id=self.buyer.id)
        grandchild = self.customer("Grandchild", parent_id=child.id)
        for partner, goods in ((child, self.goods[0]), (grandchild, self.goods[1])):
            self.order_of(partner, goods)
        self.order_of(self.buyer, self.goods[2], company_id=other.id)
        self.assertEqual(self.measured(CATEGORIES), 2)

    def test_a_line_added_to_a_confirmed_order_asks_for_a_new_score(self):
        order = self.order_of(self.buyer, self.goods[0])
        self.assertEqual(self.measured(CATEGORIES), 1)
        self.env["grading.queue"]._waiting([]).unlink()
        order.order_line = [Command.create({"product_id": self.goods[1].id, "price_unit": 0})]
        self.env.flush_all()
        self.assertIn(self.buyer, self.env["grading.queue"]._waiting([]).partner_id)
        self.rescore(as_of=AS_OF, partners=self.buyer)
        self.assertEqual(self.profile(self.buyer)[CATEGORIES], 2)


@tagged("post_install", "-at_install")
class TestPurchasePatternLaws(PurchasePatternCase):
    @with_seeds(1)
    def test_what_is_measured_is_what_naive_python_counts(self, rng):
        orders, moments = {}, {}
        self.company.resource_calendar_id.tz = "America/New_York"
        zone = pytz.timezone("America/New_York")
        for number in range(8):
            customer = self.customer("Customer %s" % number, is_company=True)
            contact = self.customer("Contact %s" % number, parent_id=customer.id)
            for _order in range(rng.randint(1, 9)):
                goods = self.goods[rng.randint(0, 3)]
                moment = datetime(2024, 1, 1) + timedelta(minutes=rng.randint(0, 600 * 24 * 60))
                moments[self.order_of(rng.choice((customer, contact)), goods)] = moment
                local = pytz.utc.localize(moment).astimezone(zone)
                orders.setdefault(customer, []).append((local, goods.categ_id))
        self.force_each(self.env["sale.order"].union(*moments), date_order=moments.values())
        self.rescore(as_of=AS_OF)
        for customer, placed in orders.items():
            known = [(moment, category) for moment, category in placed if moment.date() <= AS_OF]
            weekend = sum(moment.weekday() >= 5 for moment, _category in known)
            timed = [moment for moment, _category in known if (moment.hour, moment.minute) != (0, 0)]
            evening = sum(not 6 <= moment.hour < 18 for moment in timed)
            profile = self.profile(customer)
            self.assertEqual(profile[CATEGORIES], len({category for _moment, category in known}))
            for name, count, total in ((WEEKEND, weekend, len(known)), (EVENING, evening, len(timed))):
                self.assertEqual(profile[name], round(100 * count / total, 2) if total else False)

    def test_rescoring_one_customer_alone_equals_a_full_run(self):
        others = [self.customer("Other %s" % n, customer_rank=1) for n in range(3)]
        for place, partner in enumerate((self.buyer, *others)):
            self.order_of(partner, *self.goods[: place + 1], day=AS_OF - timedelta(days=place))
        self.order(self.buyer, 10**6, AS_OF)  # the best before and after, so that no customer is compared anew
        self.rescore(as_of=AS_OF)
        self.order_of(self.buyer, self.goods[3], day=date(2025, 3, 8))
        self.assertEqual(self.rescore(as_of=AS_OF, partners=self.buyer).changed_count, 1)
        self.assertEqual(self.profile(self.buyer)[CATEGORIES], 2)
        self.assertEqual(self.profile(self.buyer)[WEEKEND], 33.33)
        self.assertEqual(self.rescore(as_of=AS_OF).changed_count, 0)

    def test_a_customer_without_a_card_is_no_member(self):
        self.assertEqual(self.measured("loyalty_card_count"), 0)

    def test_a_share_is_explained_in_percent(self):
        self.order_at(self.buyer, "2025-03-08 12:00", "2025-03-07 12:00")
        self.rescore(as_of=AS_OF)
        self.assertIn("50 %", self.profile(self.buyer).explanation)


@tagged("post_install", "-at_install")
class TestBirthdayThisMonth(PurchasePatternCase):
    def setUp(self):
        super().setUp()
        self.person = self.customer("Person", birthdate_date="1980-03-31", customer_rank=1)
        self.firm = self.customer("Firm", is_company=True, customer_rank=1)
        self.assistant = self.customer("Assistant", parent_id=self.firm.id)
        self.deputy = self.customer("Deputy", parent_id=self.assistant.id, birthdate_date="1990-04-01")
        self.unknown = self.customer("Unknown", customer_rank=1)
        self.rescore(as_of=AS_OF)

    def celebrating(self, as_of=AS_OF, value=True, operator="="):
        """The customers that the filter finds, which must be those whose field says so."""
        profiles = self.env["grading.profile"].with_context(grading_as_of=as_of)
        mine = [("company_id", "=", self.company.id)]
        found = profiles.search([*mine, ("birthday_this_month", operator, value)])
        asked = value == (operator == "=")
        shown = profiles.search(mine).filtered(lambda profile: profile.birthday_this_month == asked)
        self.assertEqual(found, shown)
        return found.partner_id

    def test_from_the_first_to_the_last_of_the_month(self):
        for day, who in (("2025-02-28", []), ("2025-03-01", self.person), ("2025-03-31", self.person)):
            self.assertEqual(self.celebrating(fields.Date.to_date(day)), who or self.person.browse(), day)

    def test_a_contact_at_any_depth_celebrates_for_the_customer(self):
        self.assertEqual(self.celebrating(date(2025, 4, 30)), self.firm)

    def test_an_archived_contact_does_not_celebrate(self):
        self.deputy.active = False
        self.assertFalse(self.celebrating(date(2025, 4, 30)))

    def test_customers_who_do_not_celebrate_are_found_too(self):
        for value, operator in ((False, "="), (True, "!=")):
            self.assertEqual(self.celebrating(AS_OF, value, operator), self.buyer + self.firm + self.unknown)

    def test_today_is_the_companys(self):
        self.company.resource_calendar_id.tz = "Asia/Taipei"
        with freeze_time("2025-03-31 17:00:00"):  # one o'clock of 1 April in Taipei
            self.assertEqual(self.celebrating(None), self.firm)

    def test_a_rule_reads_the_month_of_the_run(self):
        rule = self.env["grading.lifecycle"].create({"name": "Cake", "domain": "[('birthday_this_month', '=', True)]"})
        Profile = self.env["grading.profile"]
        for as_of, who in ((date(2024, 3, 15), self.person), (date(2024, 4, 15), self.firm)):
            query = Query(self.env, Profile._table)
            query.add_where(rule._domain_to_sql(query, as_of))
            found = Profile.browse([row[0] for row in self.env.execute_query(query.select())])
            self.assertEqual(found.filtered(lambda profile: profile.company_id == self.company).partner_id, who)
        self.rescore(as_of=date(2024, 4, 15))
        self.assertEqual(self.profile(self.firm).lifecycle_id, rule)
        self.assertFalse(self.profile(self.person).lifecycle_id)

    def test_a_new_birthdate_asks_for_a_new_score_where_a_rule_asks_for_it(self):
        Queue = self.env["grading.queue"]
        Queue._waiting([]).unlink()
        self.assistant.birthdate_date = "1970-01-01"
        self.assertFalse(Queue._waiting([]))
        self.env["grading.lifecycle"].create({"name": "Cake", "domain": "[('birthday_this_month', '=', True)]"})
        Queue._waiting([]).unlink()
        self.assistant.birthdate_date = "1970-03-01"
        self.assertEqual(Queue._waiting([]).partner_id, self.firm)
        self.rescore(as_of=AS_OF, partners=self.firm)
        self.assertEqual(self.profile(self.firm).lifecycle_id.name, "Cake")
