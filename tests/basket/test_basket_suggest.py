from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .basket_case import BasketCase


class SuggestCase(BasketCase):
    """Six orders of others say: bread → butter in three of four orders, bread → jam in two of four, tea → jam always.

    Confidence × lift: butter .75 × 1.5 with bread, jam .5 × .75 with bread and 1 × 1.5 with tea.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bread, cls.butter, cls.jam, cls.tea = cls.goods = cls.products("Bread", "Butter", "Jam", "Tea")
        cls.others = cls.customer("Others")
        for names in ("Bread Butter", "Bread Butter", "Bread Butter Jam", "Bread Jam", "Tea Jam", "Tea Jam"):
            cls.basket(cls.named(names), cls.others)
        cls.limit()
        cls.mine()

    @classmethod
    def named(cls, names):
        return cls.goods.filtered(lambda product: product.name in names.split())

    def suggested(self, order=None, user=None, partner=None, products=()):
        """The names of what a quotation, or an unsaved one, suggests."""
        orders = (order or self.env["sale.order"]).with_user(user or self.env.user)
        partner = partner or (order and order.partner_id)
        product_ids = [product.id for product in products or (order and order.sudo().order_line.product_id) or ()]
        rows = orders.grading_basket_suggestions(partner.id if partner else False, self.company.id, product_ids)
        return [row["name"] for row in rows]

    def reasons(self, order):
        products = order.order_line.product_id
        rows = order.grading_basket_suggestions(order.partner_id.id, self.company.id, products.ids)
        return {row["name"]: row["reason"] for row in rows}


@tagged("post_install", "-at_install")
class TestBasketSuggest(SuggestCase):
    """Customers like this also buy."""

    def test_the_best_come_first_by_confidence_times_lift(self):
        order = self.basket(self.bread, state="draft")
        self.assertEqual(self.suggested(order), ["Butter", "Jam"])
        order = self.basket(self.bread | self.tea, state="draft")
        self.assertEqual(self.suggested(order), ["Jam", "Butter"])

    def test_each_has_its_reason_in_words(self):
        order = self.basket(self.bread, state="draft")
        self.assertEqual(
            self.reasons(order)["Butter"], "75 % of the orders with Bread also have it, 1.5 times the average."
        )

    def test_what_was_bought_before_counts_and_is_not_suggested_again(self):
        self.basket(self.bread)
        order = self.basket(self.goods.browse(), state="draft")
        self.assertEqual(self.suggested(order), ["Butter", "Jam"])
        self.assertIn("Bread (bought before)", self.reasons(order)["Butter"])
        self.basket(self.butter)
        self.assertNotIn("Butter", self.suggested(order))
        self.assertNotIn("Bread", self.suggested(order))

    def test_what_was_bought_before_the_period_may_be_suggested_again(self):
        self.basket(self.butter, day=self.today - timedelta(days=900))
        self.assertIn("Butter", self.suggested(self.basket(self.bread, state="draft")))

    def test_contacts_of_a_customer_buy_for_the_customer(self):
        clerk = self.customer("Clerk", parent_id=self.ada.id, type="other")
        self.basket(self.butter, clerk)
        self.assertEqual(self.suggested(self.basket(self.bread, state="draft")), ["Jam"])

    def test_no_other_variant_of_what_is_known(self):
        other = self.products("Salted Butter")
        self.force(other, product_tmpl_id=self.butter.product_tmpl_id.id, combination_indices="1")
        order = self.basket(self.bread | other, state="draft")
        self.assertEqual(self.suggested(order), ["Jam"])

    def test_one_variant_of_a_product(self):
        self.force(self.jam, product_tmpl_id=self.butter.product_tmpl_id.id, combination_indices="1")
        order = self.basket(self.bread, state="draft")
        self.assertEqual(self.suggested(order), ["Butter"])

    def test_only_products_that_are_sold_by_the_company(self):
        order = self.basket(self.bread, state="draft")
        for vals in ({"active": False}, {"sale_ok": False}, {"company_id": self.env.ref("base.main_company").id}):
            with self.subTest(**vals), self.env.cr.savepoint() as savepoint:
                self.force(self.butter if "active" in vals else self.butter.product_tmpl_id, **vals)
                self.assertEqual(self.suggested(order), ["Jam"])
                savepoint.rollback()
                self.env.invalidate_all()

    def test_an_unsaved_quotation_suggests_by_what_is_on_the_screen(self):
        self.assertEqual(self.suggested(partner=self.ada, products=self.bread), ["Butter", "Jam"])
        self.assertEqual(self.suggested(products=self.tea), ["Jam"])
        self.assertEqual(self.suggested(partner=self.ada), [])

    def test_a_line_that_was_taken_off_on_the_screen_speaks_for_nothing(self):
        """Nor does it keep its product from being suggested; one on a page that was not read does."""
        order = self.basket(self.bread | self.tea, state="draft")
        self.assertEqual(self.suggested(order, products=self.tea), ["Jam"])
        asked = (self.ada.id, self.company.id, self.tea.ids)
        unread = order.order_line.filtered(lambda line: line.product_id == self.bread)
        rows = order.grading_basket_suggestions(*asked, unread.ids)
        self.assertEqual([row["name"] for row in rows], ["Jam", "Butter"])
        strange = self.basket(self.bread, state="draft").order_line
        rows = order.grading_basket_suggestions(*asked, strange.ids)
        self.assertEqual([row["name"] for row in rows], ["Jam"])

    def test_five_at_most(self):
        many = self.products(*(f"Thing {number}" for number in range(8)))
        for _time in range(3):
            self.basket(many, self.others)
        self.mine()
        self.assertEqual(len(self.suggested(self.basket(many[0], state="draft"))), 5)

    def test_another_company_has_other_rules(self):
        other = self.new_company("Next Door")
        order = self.basket(self.bread, state="draft", company=other)
        self.assertEqual(order.grading_basket_suggestions(self.ada.id, other.id, []), [])

    def test_a_company_of_others_is_not_asked_for(self):
        other = self.new_company("Next Door")
        orders = self.env["sale.order"].with_user(self.salesman())
        self.assertEqual(orders.grading_basket_suggestions(False, other.id, self.bread.ids), [])

    def sort_into_categories(self):
        names = ("Bakery", "Fat", "Sweet", "Drinks")
        for product, category in zip(
            self.goods, self.env["product.category"].create([{"name": name} for name in names]), strict=True
        ):
            product.categ_id = category

    def test_a_category_suggests_its_next_product_where_the_best_is_not_sold_any_more(self):
        self.sort_into_categories()
        lard, margarine = self.products("Lard", "Margarine", categ_id=self.butter.categ_id.id)
        for product in (lard, margarine, margarine):
            self.basket(product, self.others)
        self.limit(level="category")
        self.mine()
        order = self.basket(self.bread, state="draft")
        self.assertIn("Butter", self.suggested(order))
        reason = self.reasons(order)["Butter"]
        for product, expected in ((self.butter, "Margarine"), (margarine, "Lard")):
            self.force(product, active=False)
            self.assertIn(expected, self.suggested(order))
            self.assertEqual(self.reasons(order)[expected], reason)
        self.force(lard.product_tmpl_id, sale_ok=False)
        self.assertEqual(self.suggested(order), ["Jam"])

    def test_categories_suggest_their_best_product_of_a_new_category(self):
        self.sort_into_categories()
        margarine = self.products("Margarine", categ_id=self.butter.categ_id.id)
        self.limit(level="category")
        self.mine()
        order = self.basket(self.bread, state="draft")
        self.assertEqual(self.suggested(order), ["Butter", "Jam"])
        self.assertIn("orders with Bakery also", self.reasons(order)["Butter"])
        self.basket(margarine)
        self.assertEqual(self.suggested(order), ["Jam"])


@tagged("post_install", "-at_install")
class TestBasketGlance(SuggestCase):
    """The page Grading of a customer says what customers like this also buy."""

    def glance(self, user):
        self.env.invalidate_all()
        return self.ada.with_user(user).grading_glance()

    def test_by_what_was_bought(self):
        self.basket(self.bread)
        self.scheme()
        self.rescore()
        rows = self.glance(self.env.user)["basket"]
        self.assertEqual([row["name"] for row in rows], ["Butter", "Jam"])
        self.assertIn("75 % of the orders with Bread", rows[0]["reason"])

    def test_a_click_begins_a_quotation_with_the_product(self):
        seller = self.salesman()
        self.basket(self.bread, user_id=seller.id)
        self.ada.user_id = seller
        self.scheme()
        self.rescore()
        row = self.glance(seller)["basket"][0]
        form = Form(self.env["sale.order"].with_user(seller).with_context(**row["quotation"]))
        order = form.save()
        self.assertEqual((order.partner_id, order.company_id), (self.ada, self.company))
        self.assertEqual(order.order_line.product_id, self.butter)
        self.assertEqual((order.order_line.product_uom_qty, order.amount_untaxed), (1, 10))

    def test_users_who_may_not_create_quotations_have_nothing_to_click(self):
        seller = self.salesman()
        self.basket(self.bread, user_id=seller.id)
        self.ada.user_id = seller
        self.scheme()
        self.rescore()
        rights = [("model_id.model", "=", "sale.order"), ("perm_create", "=", True)]
        self.env["ir.model.access"].search(rights).perm_create = False
        rows = self.glance(seller)["basket"]
        self.assertEqual([(row["name"], row["quotation"]) for row in rows], [("Butter", False), ("Jam", False)])

    def test_no_quotation_begins_with_a_product_that_the_user_does_not_see(self):
        for value in (True, "x", -1, 2**40, [self.butter.id], self.butter.id + 10**6):
            orders = self.env["sale.order"].with_context(grading_basket_product_id=value)
            self.assertNotIn("order_line", orders.default_get(["order_line"]), value)
        orders = self.env["sale.order"].with_context(grading_basket_product_id=self.butter.id)
        self.assertNotIn("order_line", orders.default_get(["partner_id"]))

    def test_users_who_may_not_see_the_figures_are_told_nothing(self):
        self.basket(self.bread)
        self.ada.user_id = self.manager()
        self.scheme()
        self.rescore()
        self.assertNotIn("basket", self.glance(self.salesman()))


@tagged("post_install", "-at_install")
class TestBasketSuggestSecurity(SuggestCase):
    """Users learn of purchases in orders that they may read, and of no other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller, cls.other = cls.salesman(), cls.salesman("other")

    def test_orders_of_others_give_no_reason_and_nothing_twice(self):
        self.basket(self.bread, user_id=self.other.id)
        mine = self.basket(self.tea, state="draft", user_id=self.seller.id)
        self.assertEqual(self.suggested(mine, self.seller), ["Jam"])
        self.assertEqual(self.suggested(mine, self.env.user), ["Jam", "Butter"])
        self.basket(self.jam, user_id=self.other.id)
        self.assertEqual(self.suggested(mine, self.seller), [])

    def test_a_quotation_of_others_suggests_nothing(self):
        order = self.basket(self.bread, state="draft", user_id=self.other.id)
        calls = (
            lambda order: self.suggested(order, self.seller),
            lambda order: order.with_user(self.seller).grading_basket_shown(self.butter.ids),
            lambda order: order.with_user(self.seller).grading_basket_add(self.butter.id),
        )
        for call in calls:
            with self.assertRaises(AccessError):
                call(order)

    def test_employees_and_customers_are_told_nothing(self):
        portal = self.portal()
        order = self.basket(self.bread, portal.partner_id, state="sent")
        self.assertTrue(order.with_user(portal).has_access("read"))
        for user in (portal, self.internal(), self.env.ref("base.public_user")):
            for orders in (order, order.browse()):
                own = orders.with_user(user)
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    own.grading_basket_suggestions(portal.partner_id.id, self.company.id, self.bread.ids)
            for method, argument in (("shown", self.butter.ids), ("add", self.butter.id)):
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    getattr(order.with_user(user), f"grading_basket_{method}")(argument)

    def test_whatever_a_client_sends(self):
        orders = self.env["sale.order"].with_user(self.seller)
        order = self.basket(self.bread, state="draft", user_id=self.seller.id).with_user(self.seller)
        for value in (None, False, "x", [None], [["x"]], {}, -1, [2**40], 2**40):
            with self.subTest(value=value):
                self.assertEqual(orders.grading_basket_suggestions(False, self.company.id, value), [])
                self.assertEqual(orders.grading_basket_suggestions(False, value, self.bread.ids), [])
                self.assertEqual(order.grading_basket_shown(value), 0)
                with self.assert_refused("does not suggest"):
                    order.grading_basket_add(value)
