"""With Odoo's loyalty programs installed: not collected by the suite, which needs nothing beyond the module's
dependencies."""

from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .test_purchase_pattern import AS_OF, CATEGORIES, PurchasePatternCase


@tagged("post_install", "-at_install")
class TestLoyalty(PurchasePatternCase):
    """Which customers are members."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member_program = cls.program("loyalty")

    @classmethod
    def program(cls, program_type, **vals):
        values = {"name": program_type, "program_type": program_type, "company_id": cls.company.id}
        values["currency_id"] = cls.company.currency_id.id
        return cls.env["loyalty.program"].create({**values, **vals})

    def card(self, partner=None, program=None, given_on=AS_OF, **vals):
        """A card, given out at noon UTC of the day or at the very time that ``given_on`` is."""
        partner, program = partner or self.buyer, program or self.member_program
        card = self.env["loyalty.card"].create({"partner_id": partner.id, "program_id": program.id, **vals})
        moment = given_on if isinstance(given_on, datetime) else datetime.combine(given_on, datetime.min.time())
        self.force(card, create_date=moment)
        return card

    def cards(self, as_of=AS_OF):
        return self.measured("loyalty_card_count", as_of=as_of)

    def test_a_customer_with_a_card_of_a_loyalty_program_is_a_member_whatever_is_on_it(self):
        self.assertEqual(self.cards(), 0)
        self.card(points=0)
        self.assertEqual(self.cards(), 1)

    def test_contacts_at_any_depth_are_members_for_their_customer(self):
        child = self.customer("Child", parent_id=self.buyer.id)
        self.card(self.customer("Grandchild", parent_id=child.id))
        self.card(child)
        self.assertEqual(self.cards(), 2)

    def test_a_voucher_makes_no_member(self):
        for program_type in ("gift_card", "ewallet", "coupons", "promotion"):
            self.card(program=self.program(program_type))
        self.assertEqual(self.cards(), 0)

    def test_an_archived_card_or_program_counts_no_more(self):
        self.card().active = False
        self.card(program=self.program("loyalty")).program_id.active = False
        self.assertEqual(self.cards(), 0)

    def test_a_card_counts_from_its_day_where_the_company_works_until_it_runs_out(self):
        self.card(given_on=datetime(2025, 3, 9, 23, 30), expiration_date=AS_OF + timedelta(days=1))
        for day, count in ((9, 0), (10, 1), (11, 1), (12, 0)):
            self.assertEqual(self.cards(date(2025, 3, day)), count, day)

    def test_companies_are_apart_and_a_program_without_one_is_for_all(self):
        other = self.new_company("Other")
        self.card(program=self.program("loyalty", company_id=other.id))
        self.assertEqual(self.cards(), 0)
        self.card(program=self.program("loyalty", company_id=False))
        self.assertEqual(self.cards(), 1)

    def test_the_customers_own_page_of_cards_is_odoos_still(self):
        self.card(points=5)
        self.assertEqual(self.buyer.loyalty_card_count, 1)

    def test_a_reward_is_no_category_that_was_bought_from(self):
        order = self.order_of(self.buyer, self.goods[0], {"product_id": self.goods[1].id})
        self.assertEqual(self.measured(CATEGORIES), 2)
        self.member_program.reward_ids = [Command.create({"reward_type": "discount", "discount": 10})]
        self.force(order.order_line[1], reward_id=self.member_program.reward_ids[0].id)
        self.assertEqual(self.measured(CATEGORIES), 1)
