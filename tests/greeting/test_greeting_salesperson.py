from datetime import date

from odoo.tests import freeze_time, tagged

from .greeting_case import GreetingCase


@tagged("post_install", "-at_install")
@freeze_time("2025-03-10 09:00:00")
class TestGreetingSalesperson(GreetingCase):
    """Which user greets Emma where neither Emma nor Acme has a salesperson."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.acme | cls.emma).user_id = False
        cls.ann, cls.ben = cls.salesman("ann"), cls.salesman("ben")
        cls.birthday = cls.occasion()

    def assert_greeted_by(self, user):
        self.greet()
        self.assertEqual(self.greetings().user_id, user)

    def test_the_salesperson_of_the_latest_order_greets(self):
        self.order(self.acme, 10, date(2024, 2, 1), user_id=self.ann.id)
        self.order(self.emma, 10, date(2025, 2, 1), user_id=self.ben.id)
        self.assert_greeted_by(self.ben)

    def test_a_quotation_is_no_order(self):
        self.order(self.acme, 10, date(2024, 2, 1), user_id=self.ann.id)
        self.order(self.emma, 10, date(2025, 2, 1), user_id=self.ben.id, state="draft")
        self.assert_greeted_by(self.ann)

    def test_an_order_in_another_company_decides_nothing_here(self):
        second = self.new_company("Second Company")
        self.order(self.acme, 10, date(2025, 2, 1), user_id=self.ben.id, company_id=second.id)
        self.order(self.acme, 10, date(2024, 2, 1), user_id=self.ann.id)
        self.assert_greeted_by(self.ann)

    def test_the_salesperson_of_an_open_lead_comes_before_that_of_an_order(self):
        self.order(self.acme, 10, date(2025, 2, 1), user_id=self.ann.id)
        self.lead(partner_id=self.emma.id, user_id=self.ben.id)
        self.assert_greeted_by(self.ben)

    def test_of_several_open_leads_the_best_decides(self):
        for user, grade, score in ((self.ann, self.gold, 5), (self.ben, self.silver, 90), (self.seller, self.gold, 4)):
            lead = self.lead(partner_id=self.emma.id, user_id=user.id)
            self.env["grading.profile"].create(
                {"lead_id": lead.id, "company_id": self.company.id, "grade_id": grade.id, "score": score}
            )
        self.assert_greeted_by(self.ann)

    def test_a_lead_that_was_lost_decides_nothing(self):
        self.order(self.acme, 10, date(2025, 2, 1), user_id=self.ann.id)
        self.lead(partner_id=self.emma.id, user_id=self.ben.id).action_set_lost()
        self.assert_greeted_by(self.ann)

    def test_a_user_who_has_left_or_is_no_colleague_does_not_greet(self):
        self.order(self.acme, 10, date(2025, 2, 1), user_id=self.ann.id)
        lead = self.lead(partner_id=self.emma.id, user_id=self.ben.id)
        self.ben.active = False
        self.force(self.lead(partner_id=self.emma.id), user_id=self.portal().id)
        self.assertEqual(lead.user_id, self.ben)
        self.assert_greeted_by(self.ann)

    def test_all_salespeople_are_found_at_once(self):
        customers = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(20)])
        for customer in customers:
            self.order(customer, 10, date(2025, 2, 1), user_id=self.ann.id)
        self.env.flush_all()
        counts = []
        for partners in (customers[:1], customers):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = partners._grading_salespeople(self.company)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(found, dict.fromkeys(partners, self.ann))
        self.assertEqual(counts[0], counts[1])
