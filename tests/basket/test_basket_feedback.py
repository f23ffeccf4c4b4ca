from odoo.fields import Command
from odoo.tests import tagged

from .test_basket_suggest import SuggestCase


@tagged("post_install", "-at_install")
class TestBasketFeedback(SuggestCase):
    """Suggestions are counted when they are shown and when they are taken."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls.salesman()
        cls.quotation = cls.basket(cls.bread, state="draft", user_id=cls.seller.id).with_user(cls.seller)

    def counted(self, order=None):
        """``{product: (was added, was ordered, taken)}`` of a quotation."""
        rows = self.env["grading.basket.suggestion"].search([("order_id", "=", (order or self.quotation).id)])
        return {row.product_id.name: (bool(row.date_added), bool(row.date_ordered), row.taken) for row in rows}

    def test_asking_writes_nothing(self):
        self.quotation.grading_basket_suggestions(self.ada.id, self.company.id, self.bread.ids)
        self.assertEqual(self.counted(), {})

    def test_what_is_shown_is_counted_once(self):
        shown = (self.butter | self.jam).ids
        for _time in range(2):
            self.assertEqual(self.quotation.grading_basket_shown(shown), 2)
        self.assertEqual(self.counted(), {"Butter": (False, False, 0), "Jam": (False, False, 0)})
        row = self.env["grading.basket.suggestion"].search([("order_id", "=", self.quotation.id)], limit=1)
        self.assertEqual((row.user_id, row.company_id), (self.seller, self.company))

    def test_what_is_not_suggested_is_not_counted(self):
        self.assertEqual(self.quotation.grading_basket_shown((self.tea | self.bread).ids), 0)
        self.assertEqual(self.counted(), {})

    def test_a_user_who_may_only_read_the_quotation_is_not_counted(self):
        reader = self.user("reader", "customer_grading.customer_grading_group_user")
        self.env["ir.model.access"].create(
            [
                {
                    "name": "Readers of orders",
                    "model_id": self.env["ir.model"]._get(model).id,
                    "group_id": self.env.ref("customer_grading.customer_grading_group_user").id,
                    "perm_read": True,
                }
                for model in ("sale.order", "sale.order.line")
            ]
        )
        order = self.quotation.with_user(reader)
        self.assertTrue(order.grading_basket_suggestions(self.ada.id, self.company.id, self.bread.ids))
        self.assertEqual(order.grading_basket_shown(self.butter.ids), 0)
        self.assertEqual(self.counted(), {})

    def test_a_click_adds_the_line_as_odoo_prices_it(self):
        tax = self.env["account.tax"].search([("type_tax_use", "=", "sale")], limit=1)
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "A tenth off",
                "company_id": self.company.id,
                "item_ids": [
                    Command.create({"compute_price": "percentage", "percent_price": 10, "applied_on": "3_global"})
                ],
            }
        )
        self.butter.write({"list_price": 20, "taxes_id": False})
        self.assertTrue(tax)
        self.quotation.sudo().pricelist_id = pricelist
        self.quotation.grading_basket_add(self.butter.id)
        line = self.quotation.order_line[-1]
        self.assertEqual(line.product_id, self.butter)
        self.assertEqual((line.product_uom_qty, line.product_uom_id), (1, self.butter.uom_id))
        self.assertAlmostEqual(line.price_subtotal, 18)
        self.assertEqual(self.counted(), {"Butter": (True, False, 1)})
        self.assertEqual(self.suggested(self.quotation), ["Jam"])

    def test_a_second_click_is_refused(self):
        self.quotation.grading_basket_add(self.butter.id)
        with self.assert_refused(self.quotation.name, "does not suggest"):
            self.quotation.grading_basket_add(self.butter.id)
        self.assertEqual(len(self.quotation.order_line), 2)

    def test_only_a_quotation_is_added_to(self):
        for state in ("sale", "cancel"):
            self.quotation.state = state
            with self.subTest(state=state), self.assert_refused("is no quotation any more"):
                self.quotation.grading_basket_add(self.butter.id)
            self.assertEqual(self.quotation.grading_basket_shown(self.butter.ids), 0)
        self.quotation.state = "sent"
        self.quotation.grading_basket_add(self.butter.id)

    def test_what_is_ordered_in_another_way_is_taken_too(self):
        self.quotation.grading_basket_shown((self.butter | self.jam).ids)
        self.quotation.order_line = [Command.create({"product_id": self.jam.id})]
        self.assertEqual(self.counted()["Jam"], (False, False, 0))
        self.quotation.action_confirm()
        self.rescore()
        self.assertEqual(self.counted(), {"Jam": (False, True, 1), "Butter": (False, False, 0)})

    def test_what_is_taken_off_again_is_not_taken(self):
        self.quotation.grading_basket_add(self.butter.id)
        self.quotation.grading_basket_add(self.jam.id)
        self.rescore()
        taken = {"Butter": (True, False, 1), "Jam": (True, False, 1)}
        self.assertEqual(self.counted(), taken)
        self.quotation.order_line.filtered(lambda line: line.product_id == self.jam).unlink()
        self.rescore()
        self.assertEqual(self.counted(), {**taken, "Jam": (True, False, 0)})
        self.quotation.action_confirm()
        self.rescore()
        self.assertEqual(self.counted(), {"Butter": (True, True, 1), "Jam": (True, False, 0)})

    def test_what_stands_on_an_order_that_is_canceled_is_not_taken(self):
        self.quotation.grading_basket_add(self.butter.id)
        self.quotation.action_confirm()
        self.rescore()
        row = self.env["grading.basket.suggestion"].search([("order_id", "=", self.quotation.id)])
        self.assertEqual(self.counted(), {"Butter": (True, True, 1)})
        self.force(row, write_date="2025-01-01 00:00:00")
        self.rescore()
        self.assertEqual(str(row.write_date), "2025-01-01 00:00:00", "a second run writes nothing")
        self.quotation.sudo()._action_cancel()
        self.rescore()
        self.assertEqual(self.counted(), {"Butter": (True, False, 0)})

    def test_managers_see_how_many_were_taken(self):
        self.quotation.grading_basket_shown((self.butter | self.jam).ids)
        self.quotation.grading_basket_add(self.jam.id)
        Suggestion = self.env["grading.basket.suggestion"].with_user(self.manager())
        groups = Suggestion._read_group([("order_id", "=", self.quotation.id)], [], ["__count", "taken:avg"])
        self.assertEqual(groups, [(2, 0.5)])
