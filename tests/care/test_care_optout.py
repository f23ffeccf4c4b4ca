from odoo.tests import freeze_time, tagged

from .care_case import CareCase


@tagged("post_install", "-at_install")
class TestOptout(CareCase):
    """A customer not to be disturbed, or not by one channel, has no next contact by it, as soon as that is set."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calls = cls.cadence("Calls", "call", 2)

    def planned(self, name="Anna", **vals):
        """A customer with a weekly mail and a fortnightly call, both due and planned as one activity."""
        partner = self.known(name, last=self.after(-30), last_call_date=self.after(-20))
        partner.write(vals)
        self.look_after()
        self.plan()
        self.assertEqual(self.activities(partner).sudo().grading_care_ids.cadence_id, self.weekly + self.calls)
        return partner

    def about(self, partner):
        lead = self.lead(user_id=self.seller.id, partner_id=partner.id)
        self.measure(lead, last_online_date=self.after(-30), last_call_date=self.after(-30))
        return lead

    def queued(self):
        lines = self.env["grading.queue"]._waiting([("company_id", "=", self.company.id)])
        return lines.partner_id, lines.lead_id

    def assert_opted_out(self, subject, days=0):
        self.look_after(self.after(days))
        self.assertFalse(self.care(subject) or self.care(subject, self.calls) or self.activities(subject))
        self.assertFalse(subject.grading_next_contact_date)

    def test_a_customer_not_to_be_disturbed_loses_the_next_contact_at_once(self):
        anna = self.planned()
        anna.grading_do_not_disturb = True
        self.assertFalse(self.care(anna) or self.activities(anna) or anna.grading_next_contact_date)
        self.assert_opted_out(anna)

    def test_nothing_is_missed_or_overdue_of_a_customer_not_to_be_disturbed(self):
        anna = self.planned()
        self.measure(anna, scheme_id=self.scheme().id)
        anna.grading_do_not_disturb = True
        self.assert_opted_out(anna, 60)
        self.assertEqual(self.log(anna), [])
        with freeze_time(self.after(60)):
            self.assertFalse(self.env["grading.care"].search([("is_neglected", "=", True)]).partner_id)

    def test_a_customer_who_opts_in_again_is_rescored_and_covered_from_then_on(self):
        anna = self.planned()
        anna.grading_do_not_disturb = True
        self.forget_requests()
        anna.grading_do_not_disturb = False
        self.assertIn(anna, self.queued()[0])
        self.look_after(self.after(60))
        self.assertEqual(self.care(anna).start_date, self.after(60))

    def test_the_leads_of_a_person_or_company_that_is_not_to_be_disturbed(self):
        for name in ("Company", "Person", "Assistant"):
            with self.subTest(left_in_peace=name):
                company = self.customer("Company", is_company=True)
                person = self.customer("Person", parent_id=company.id)
                assistant = self.customer("Assistant", parent_id=person.id)
                lead = self.about(assistant)
                self.look_after()
                self.plan()
                {"Company": company, "Person": person, "Assistant": assistant}[name].grading_do_not_disturb = True
                if name == "Person":  # neither the lead's own contact nor the customer
                    self.look_after()
                    reasons = self.activities(lead).sudo().grading_care_ids
                    self.assertEqual(reasons.cadence_id, self.weekly + self.calls)
                else:
                    self.assertFalse(self.care(lead) or self.activities(lead))
                    self.assert_opted_out(lead)
                    self.assertIn(lead, self.queued()[1])

    def test_the_lead_of_an_archived_contact_does_not_come_back_with_the_next_run(self):
        for name in ("Contact", "Company"):
            with self.subTest(archived=name):
                company = self.customer("Company", is_company=True)
                contact = self.customer("Contact", parent_id=company.id)
                lead = self.about(contact)
                self.look_after()
                self.plan()
                {"Company": company, "Contact": contact}[name].active = False
                self.assert_opted_out(lead)

    # ------------------------------------------------------------
    # By one channel
    # ------------------------------------------------------------

    def test_a_customer_on_the_mail_blacklist_is_called_only(self):
        anna = self.planned(email="Anna <anna@example.com>")
        lead = self.about(self.customer("Stranger"))
        lead.email_from = "anna@example.com"
        self.look_after()
        self.plan()
        self.forget_requests()
        line = self.env["mail.blacklist"]._add("anna@example.com")
        for subject in (anna, lead):
            self.assertFalse(self.care(subject))
            self.assertEqual(self.activities(subject).grading_care_id, self.care(subject, self.calls))
            self.assertEqual(subject.grading_next_contact_date, self.care(subject, self.calls).next_date)
        partners, leads = self.queued()
        self.assertTrue(anna in partners and lead in leads)
        self.look_after(self.after(30))
        self.assertFalse(self.care(anna) or self.care(lead))
        self.assertNotIn(
            "online", self.env["grading.care.log"].search([("partner_id", "=", anna.id)]).mapped("channel")
        )
        self.forget_requests()
        line.active = False
        self.assertIn(anna, self.queued()[0])
        self.look_after(self.after(30))
        self.assertTrue(self.care(anna) and self.care(lead))

    def test_a_customer_on_the_phone_blacklist_is_written_to_only(self):
        anna = self.planned(phone="+32 456 00 11 22")
        self.assertTrue(anna.phone_sanitized)
        line = self.env["phone.blacklist"]._add([anna.phone_sanitized])
        self.assertFalse(self.care(anna, self.calls))
        self.plan()
        self.assertEqual(self.activities(anna).grading_care_id, self.care(anna))
        self.look_after()
        self.assertFalse(self.care(anna, self.calls))
        self.forget_requests()
        line.unlink()
        self.assertIn(anna, self.queued()[0])
        self.look_after()
        self.assertTrue(self.care(anna, self.calls))

    def test_an_unrelated_address_on_the_blacklist_concerns_no_customer(self):
        anna = self.planned(email="anna@example.com")
        self.forget_requests()
        self.env["mail.blacklist"]._add("bert@example.com")
        self.look_after()
        self.assertEqual(self.activities(anna).sudo().grading_care_ids.cadence_id, self.weekly + self.calls)
        self.assertFalse(self.queued()[0])

    # ------------------------------------------------------------
    # Leads that are closed
    # ------------------------------------------------------------

    def test_a_prospect_has_no_dates_of_a_lead_that_was_just_lost_or_won(self):
        for close in (
            lambda lead: lead.action_set_lost(),
            lambda lead: lead.action_set_won(),
            lambda lead: lead.write({"active": False}),
        ):
            prospect = self.customer("Prospect")
            lead = self.about(prospect)
            self.measure(prospect, order_count=0, best_lead_id=lead.id)
            self.look_after()
            self.plan()
            self.assertEqual(prospect.grading_next_contact_date, self.after(-23))
            close(lead)
            self.assertFalse(lead.grading_next_contact_date or prospect.grading_next_contact_date)
            self.assertFalse(self.care(lead) or self.activities(lead))
