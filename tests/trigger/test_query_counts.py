from datetime import date

from odoo.tests import tagged

from ..common import LeadCase


@tagged("post_install", "-at_install")
class TestQueryCounts(LeadCase):
    """What users do all day asks the database no more often than in Odoo without this module, but for what says so.

    The numbers are those of Odoo 19.0 with the modules that ours depends on, the third time that something is done.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme()
        cls.lead_scheme()
        cls.env = cls.env(context={"allowed_company_ids": cls.company.ids})
        cls.anna = cls.customer("Anna", email="anna@example.com")
        cls.deal = cls.lead("Deal", partner_id=cls.anna.id)
        cls.rescore()
        cls.number = 0

    def assert_queries(self, count, act):
        """The third time that ``act`` is done takes ``count`` queries, with what is written afterwards."""
        for _time in range(2):
            act()
            self.env.flush_all()
            self.env.cr.flush()
            self.env.invalidate_all()
        with self.assertQueryCount(count):
            act()
            self.env.cr.flush()

    def text(self):
        type(self).number += 1
        return f"Text {self.number}"

    def test_creating_a_contact(self):
        self.assert_queries(7, lambda: self.env["res.partner"].create({"name": self.text()}))

    def test_writing_a_field_of_a_contact_that_no_rule_reads(self):
        self.assert_queries(4, lambda: self.anna.write({"comment": self.text()}))

    def test_listing_contacts(self):
        columns = {"display_name": {}, "email": {}, "phone": {}, "user_id": {"fields": {"display_name": {}}}}
        self.assert_queries(3, lambda: self.env["res.partner"].web_search_read([], columns, limit=80))

    def test_renaming_a_lead(self):
        self.assert_queries(4, lambda: self.deal.write({"name": self.text()}))

    def test_renaming_a_company(self):
        self.assert_queries(18, lambda: self.company.write({"name": self.text()}))

    def test_doing_an_activity_that_is_about_neither_customer_nor_lead(self):
        product = self.env["product.product"].create({"name": "Product"})

        def act():
            activity = product.activity_schedule("mail.mail_activity_data_todo", date(2026, 3, 4))
            activity.action_feedback()

        # One of them asks whether the activity was a contact with a customer.
        self.assert_queries(22, act)
