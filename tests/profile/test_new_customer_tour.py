from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestNewCustomerTour(HttpCase):
    """A salesperson enters customers in columns and with *New*, in a real browser."""

    def test_customers_are_entered_where_they_belong(self):
        self.env["grading.grade"].search([]).active = False
        gold = self.env["grading.grade"].create({"name": "Tour Gold", "sequence": -100})
        known = self.env["res.partner"].create({"name": "Tour Known"})
        known._grading_profiles(create=True)._override(gold, "A column to begin with")
        seller = new_test_user(self.env, "new_seller", "sales_team.group_sale_salesman", name="New Seller")
        self.start_tour("/odoo/grading", "grading_new_customer_tour", login=seller.login)
        newcomer, stranger, fresh = (
            self.env["res.partner"].search([("name", "=", f"Tour {name}")])
            for name in ("Newcomer", "Stranger", "Fresh")
        )
        self.assertEqual((newcomer.grading_grade_id, newcomer.user_id), (gold, seller))
        self.assertEqual(
            newcomer.grading_profile_id.manual_reason, "Recommended by our best customer", "as a drag would ask"
        )
        self.assertFalse((stranger + fresh).grading_grade_id)
        self.assertEqual((newcomer + stranger + fresh).mapped("customer_rank"), [1, 1, 1])
        self.assertEqual(len((newcomer + stranger + fresh).mapped("grading_profile_id")), 3)
