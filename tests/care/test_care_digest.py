from datetime import datetime
from unittest.mock import patch

from odoo.tests import freeze_time, tagged

from .care_case import DAY, CareCase

DIGEST = "odoo.addons.customer_grading.models.care.grading_care_digest"


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
        """The e-mails that are sent at a moment."""
        before = self.env["mail.mail"].sudo().search([])
        with freeze_time(datetime(*moment)):
            self.env["grading.care"]._send_digests()
        return self.env["mail.mail"].sudo().search([]) - before

    def test_one_mail_lists_the_contacts_due_the_most_overdue_first(self):
        mail = self.digests(2026, 3, 4, 7)
        self.assertEqual(mail.recipient_ids, self.seller.partner_id)
        self.assertEqual(mail.subject, "2 contacts due today")
        self.assertIn("Weekly", mail.body_html)
        self.assertNotIn("Not Due", mail.body_html)
        self.assertLess(mail.body_html.index("Neglected"), mail.body_html.index("Fresh"))

    def test_at_most_one_a_day_and_the_next_one_tomorrow(self):
        self.digests(2026, 3, 4, 7)
        self.assertFalse(self.digests(2026, 3, 4, 20))
        self.assertEqual(len(self.digests(2026, 3, 5, 7)), 1)

    def test_no_digest_is_sent_at_night(self):
        self.assertFalse(self.digests(2026, 3, 4, 4))  # five o'clock in Brussels
        self.seller.tz = "Asia/Tokyo"
        self.assertEqual(len(self.digests(2026, 3, 4, 4)), 1)

    def test_none_unless_the_company_wants_it(self):
        self.company.grading_care_digest = False
        self.assertFalse(self.digests(2026, 3, 4, 7))

    def test_no_digest_for_a_user_with_nothing_due(self):
        self.env["grading.care"].search([("company_id", "=", self.company.id)]).unlink()
        self.assertFalse(self.digests(2026, 3, 4, 7))

    def test_the_subject_counts_all_and_the_list_ends_with_how_many_more_there_are(self):
        for number in range(50):
            self.known(f"Customer {number}", last=self.after(-9))
        self.look_after()
        mail = self.digests(2026, 3, 4, 7)
        self.assertEqual(mail.subject, "52 contacts due today")
        self.assertIn("and 2 more", " ".join(mail.body_html.split()))
        self.assertEqual(mail.body_html.count("Weekly"), 50)

    def test_a_user_of_two_companies_gets_one_digest_of_both(self):
        second = self.new_company("Second Company", grading_care_digest=True)
        self.seller.company_ids += second
        bert = self.customer("Bert")
        profile = self.env["grading.profile"].create(
            {"partner_id": bert.id, "company_id": second.id, "grade_id": self.gold.id}
        )
        self.env["grading.care"].create(
            {
                "profile_id": profile.id,
                "partner_id": bert.id,
                "company_id": second.id,
                "cadence_id": self.weekly.id,
                "channel": "online",
                "start_date": DAY,
                "next_date": DAY,
                "user_id": self.seller.id,
            }
        )
        mail = self.digests(2026, 3, 4, 7)
        self.assertEqual(mail.subject, "3 contacts due today")
        self.assertIn("Second Company", mail.body_html)
        self.assertFalse(self.digests(2026, 3, 4, 8))

    def test_none_on_a_day_off(self):
        self.assertFalse(self.digests(2026, 3, 7, 7))  # a Saturday
        self.assertEqual(len(self.digests(2026, 3, 9, 7)), 1)

    def test_none_of_leads_that_the_salesperson_may_not_see(self):
        self.weekly.write({"responsible_type": "user", "user_id": self.internal(email="clerk@example.com").id})
        self.env["grading.profile"].search([("company_id", "=", self.company.id)]).unlink()
        lead = self.lead(user_id=self.seller.id)
        self.measure(lead, last_online_date=self.after(-9))
        self.look_after()
        self.assertFalse(self.digests(2026, 3, 4, 7))

    def test_one_that_fails_is_not_tried_again_and_keeps_no_other_one_waiting(self):
        other = self.salesman("other", tz="Europe/Brussels", email="other@example.com")
        bert = self.known("Bert", last=self.after(-9))
        bert.user_id = other
        self.look_after()
        Template = self.env.registry["mail.template"]
        send_mail = Template.send_mail

        def fail(template, res_id, *args, **kwargs):
            if res_id == self.seller.id:
                raise ValueError("no such field")
            return send_mail(template, res_id, *args, **kwargs)

        with patch.object(Template, "send_mail", fail), self.assertLogs(DIGEST, "ERROR") as logs:
            mail = self.digests(2026, 3, 4, 7)
        self.assertIn(self.seller.login, logs.output[0])
        self.assertEqual(mail.recipient_ids, other.partner_id)
        self.assertFalse(self.digests(2026, 3, 4, 8))

    def test_a_user_gets_one_digest_a_day(self):
        self.digests(2026, 3, 4, 7)
        with freeze_time(datetime(2026, 3, 4, 8)):
            self.assertEqual(self.env["grading.care"]._digest_days(), {})
