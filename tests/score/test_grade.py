from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import LeadCase


@tagged("post_install", "-at_install")
class TestGrade(LeadCase):
    """A grade counts those who have it, customers and leads apart."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme()
        cls.lead_scheme()
        for number in range(3):
            cls.order(cls.customer(f"Customer {number}"), 50, cls.today)
        for number in range(2):
            cls.lead(f"Lead {number}", willingness="3")
        cls.rescore()

    def test_customers_and_leads_are_counted_apart(self):
        self.assertEqual((self.silver.profile_count, self.silver.lead_count), (3, 2))
        self.assertEqual((self.gold.profile_count, self.gold.lead_count), (0, 0))

    def test_archived_customers_and_lost_leads_are_not_counted(self):
        self.env["res.partner"].search([("name", "=", "Customer 0")]).action_archive()
        self.env["crm.lead"].search([("name", "=", "Lead 0"), ("company_id", "=", self.company.id)]).action_set_lost()
        self.rescore()
        self.assertEqual((self.silver.profile_count, self.silver.lead_count), (2, 1))

    def test_the_screen_shows_both(self):
        for kind in ("list", "form"):
            arch = self.env["grading.grade"].get_view(view_type=kind)["arch"]
            self.assertIn('name="profile_count"', arch)
            self.assertIn('name="lead_count"', arch)

    def test_a_grade_in_use_tells_that_leads_are_among_them(self):
        with self.assertRaises(UserError) as caught:
            self.silver.unlink()
        self.assertIn("5 customers and leads", str(caught.exception))

    def test_the_title_is_shown_where_there_is_room(self):
        self.gold.title = "key customers"
        self.assertEqual(self.gold.display_name, "Gold")
        self.assertEqual(self.gold.with_context(grading_full_name=True).display_name, "Gold, key customers")
        self.assertEqual(self.silver.with_context(grading_full_name=True).display_name, "Silver")
        self.assertIn(self.gold.id, [grade_id for grade_id, _name in self.env["grading.grade"].name_search("key cust")])
