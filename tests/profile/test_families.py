from odoo.tests import tagged

from ..queue_case import QueueCase


@tagged("post_install", "-at_install")
class TestFamilies(QueueCase):
    """Orders belong to the commercial entity of the day; what people said stays with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.firm = cls.customer("Firm", is_company=True)
        cls.order(cls.firm, 200, cls.today)
        cls.rescore()
        cls.env["grading.queue"]._waiting([]).unlink()

    def test_a_customer_who_becomes_a_contact_takes_the_orders_along_and_no_word(self):
        self.ada.with_context(grading_reason="She decides").grading_grade_id = self.bronze
        lines = self.profile(self.ada).history_ids
        before = self.profile(self.firm).history_ids
        with self.assert_queues(self.firm):
            self.ada.parent_id = self.firm
        self.run_cron()
        profile = self.profile(self.firm)
        self.assertEqual((profile.order_amount, profile.grade_id), (250, self.gold))
        self.assertFalse(profile.manual_grade_id)
        self.assertEqual(profile.history_ids.filtered(lambda line: line.reason != "score"), before)
        self.assertEqual(lines.exists().partner_id, self.ada)
        self.assertFalse(self.env["grading.profile"].search([("partner_id", "=", self.ada.id)]))
        self.assertEqual(self.ada.grading_grade_id, self.gold, "as the firm")

    def test_an_override_of_the_firm_stays_beside_that_of_the_contact(self):
        self.ada.grading_grade_id = self.bronze
        self.firm.with_context(grading_reason="Of the firm").grading_grade_id = self.silver
        self.ada.parent_id = self.firm
        self.run_cron()
        profile = self.profile(self.firm)
        self.assertEqual((profile.grade_id, profile.manual_reason), (self.silver, "Of the firm"))

    def test_a_customer_joins_a_firm_that_was_none_yet(self):
        newcomer = self.customer("Newcomer", is_company=True)
        self.ada.grading_grade_id = self.gold
        lines = self.profile(self.ada).history_ids
        self.ada.parent_id = newcomer
        self.run_cron()
        profile = self.profile(newcomer)
        self.assertEqual((profile.order_amount, profile.grade_id, profile.score), (50, self.silver, 50))
        self.assertEqual(lines.exists().partner_id, self.ada)
        self.assertFalse(profile.history_ids & lines)

    def test_a_contact_who_leaves_takes_the_orders_along(self):
        contact = self.customer("Contact", parent_id=self.firm.id)
        self.order(contact, 30, self.today)
        self.rescore()
        self.assertEqual(self.profile(self.firm).order_amount, 230)
        with self.assert_queues(self.firm, contact):
            contact.parent_id = False
        self.run_cron()
        self.assertEqual((self.profile(self.firm).order_amount, self.profile(contact).order_amount), (200, 30))

    def test_a_contact_who_becomes_a_company_takes_the_orders_along(self):
        contact = self.customer("Contact", parent_id=self.firm.id)
        self.order(contact, 30, self.today)
        self.rescore()
        with self.assert_queues(self.firm, contact):
            contact.is_company = True
        self.run_cron()
        self.assertEqual((self.profile(self.firm).order_amount, self.profile(contact).order_amount), (200, 30))

    def test_a_contact_who_changes_the_company_takes_the_orders_along(self):
        rival = self.customer("Rival", is_company=True)
        contact = self.customer("Contact", parent_id=self.firm.id)
        grandchild = self.customer("Grandchild", parent_id=contact.id)
        self.order(grandchild, 30, self.today)
        self.rescore()
        with self.assert_queues(self.firm, rival):
            contact.parent_id = rival
        self.run_cron()
        self.assertEqual((self.profile(self.firm).order_amount, self.profile(rival).order_amount), (200, 30))
