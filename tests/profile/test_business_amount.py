from datetime import timedelta

from odoo.tests import tagged

from ..common import LeadCase

OWN = "base.group_user,sales_team.group_sale_salesman,customer_grading.customer_grading_group_user"


@tagged("post_install", "-at_install")
class TestBusinessAmount(LeadCase):
    """What a column of customers adds up: what was bought in 12 months, of prospects what is expected."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme()
        cls.lead_scheme()
        cls.buyer, cls.prospect, cls.stranger = (cls.customer(name) for name in ("Buyer", "Prospect", "Stranger"))
        cls.order(cls.buyer, 300, cls.today - timedelta(days=10))
        cls.lead(partner_id=cls.buyer.id, expected_revenue=5000)
        contact = cls.env["res.partner"].create({"name": "Contact", "parent_id": cls.prospect.id})
        cls.seller = cls.user("ann", OWN)
        cls.lead(partner_id=cls.prospect.id, expected_revenue=700)
        cls.others = cls.lead(partner_id=contact.id, expected_revenue=50, user_id=cls.env.user.id)
        lost = cls.lead(partner_id=cls.prospect.id, expected_revenue=9000)
        lost.action_set_lost()
        # Odoo goes on calling it ongoing.
        cls.lead(partner_id=cls.prospect.id, expected_revenue=6000, probability=50, active=False)
        cls.win(cls.lead(partner_id=cls.prospect.id, expected_revenue=8000), cls.today)
        cls.stranger.customer_rank = 1
        cls.rescore()
        cls.all = cls.buyer + cls.prospect + cls.stranger

    def _amounts(self, user, **context):
        """As read, and as added up by the database."""
        records = self.all.with_user(user).with_context(**context)
        records.invalidate_recordset()
        domain = [("id", "in", records.ids)]
        groups = records._read_group(domain, ["id"], ["grading_business_amount:sum"])
        sums = {partner.id: amount for partner, amount in groups}
        read = [record.grading_business_amount for record in records]
        self.assertEqual([sums[partner_id] or False for partner_id in records.ids], read)
        return read

    def test_orders_of_a_customer_and_open_leads_of_a_prospect(self):
        self.assertEqual(self._amounts(self.env.user), [300, 750, False])
        self.assertEqual(self._amounts(self.env.user, active_test=False), [300, 750, False])

    def test_leads_of_others_are_not_added_up_for_a_user_of_own_documents(self):
        self.assertEqual(self._amounts(self.seller)[1], 700)

    def test_who_grades_and_does_not_sell_opens_the_columns(self):
        """The roles of the app give no right to leads: what is expected of them is not added up, and nothing breaks."""
        for role in ("customer_grading_group_user", "customer_grading_group_manager"):
            with self.subTest(role=role):
                user = self.user(f"only_{role}", f"base.group_user,customer_grading.{role}")
                self.assertEqual(self._amounts(user), [False] * 3)
                partners = self.env["res.partner"].with_user(user)
                groups = partners.web_read_group(
                    [("id", "in", self.all.ids)], ["grading_grade_id"], ["grading_business_amount:sum"]
                )["groups"]
                self.assertEqual(sum(group["__count"] for group in groups), 3)

    def test_customers_are_sorted_by_it(self):
        found = self.env["res.partner"].search([("id", "in", self.all.ids)], order="grading_business_amount desc")
        self.assertEqual(found[:2], self.prospect + self.buyer)
