from datetime import datetime

from odoo.tests import freeze_time, tagged

from .care_case import CareCase


@tagged("post_install", "-at_install")
class TestCareDigest(CareCase):
    """The e-mail of the contacts that are due."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.grading_care_digest = True
        for name, days in (("Fresh", 8), ("Neglected", 30), ("Not Due", 2)):
            cls.known(name, last=cls.after(-days))
        cls.look_after()

    def digests(self, *moment):
        """Whom a digest is sent to at a moment, and the mails."""
        before = self.env["mail.mail"].sudo().search([])
        with freeze_time(datetime(*moment)):
            users = self.env["grading.care"]._send_digests()
        return users, self.env["mail.mail"].sudo().search([]) - before

    def test_one_mail_lists_what_is_due_the_neglected_first(self):
        users, mail = self.digests(2026, 3, 4, 7)
        self.assertEqual(users, self.seller)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, self.seller.partner_id)
        self.assertEqual(mail.subject, "2 contacts due today")
        self.assertIn("Weekly", mail.body_html)
        self.assertNotIn("Not Due", mail.body_html)
        self.assertLess(mail.body_html.index("Neglected"), mail.body_html.index("Fresh"))

    def test_at_most_one_a_day_and_the_next_one_tomorrow(self):
        self.digests(2026, 3, 4, 7)
        self.assertFalse(self.digests(2026, 3, 4, 20)[1])
        self.assertEqual(len(self.digests(2026, 3, 5, 7)[1]), 1)

    def test_nobody_is_woken_up(self):
        self.assertFalse(self.digests(2026, 3, 4, 4)[1])  # five o'clock in Brussels
        self.seller.tz = "Asia/Tokyo"
        self.assertEqual(len(self.digests(2026, 3, 4, 4)[1]), 1)

    def test_none_unless_the_company_wants_it(self):
        self.company.grading_care_digest = False
        self.assertFalse(self.digests(2026, 3, 4, 7)[1])

    def test_none_for_who_has_nothing_due(self):
        self.env["grading.care"].search([("company_id", "=", self.company.id)]).unlink()
        self.assertFalse(self.digests(2026, 3, 4, 7)[1])
