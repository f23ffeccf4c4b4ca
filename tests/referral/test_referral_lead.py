from datetime import date, timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .referral_case import AS_OF, ReferralCase


@tagged("post_install", "-at_install")
class TestReferralLead(ReferralCase):
    """The referrer goes from the lead to the customer that is made of it."""

    def test_a_customer_made_from_a_lead_has_its_referrer_on_the_company_alone(self):
        lead = self.new_lead(partner_name="Firm", contact_name="Person", referred_by_id=self.ada.id)
        lead._handle_partner_assignment(create_missing=True)
        self.assertEqual(lead.partner_id.name, "Person")
        self.assertFalse(lead.partner_id.referred_by_id)
        self.assertEqual(lead.partner_id.commercial_partner_id.name, "Firm")
        self.assertEqual(lead.partner_id.commercial_partner_id.referred_by_id, self.ada)

    def test_a_person_made_from_a_lead_has_its_referrer(self):
        lead = self.new_lead(contact_name="Person", referred_by_id=self.ada.id)
        self.assertEqual(lead._create_customer().referred_by_id, self.ada)

    def test_the_conversion_of_a_lead_keeps_its_referrer(self):
        lead = self.new_lead(type="lead", contact_name="Person", referred_by_id=self.ada.id)
        wizard = self.env["crm.lead2opportunity.partner"].with_context(
            active_model="crm.lead", active_id=lead.id, active_ids=lead.ids
        )
        wizard.create({"name": "convert", "action": "create"}).action_apply()
        self.assertEqual(lead.type, "opportunity")
        self.assertEqual((lead.referred_by_id, lead.partner_id.referred_by_id), (self.ada, self.ada))

    def test_a_contact_made_from_a_mail_to_a_lead_has_its_referrer(self):
        lead = self.new_lead(email_from="mail@example.com", referred_by_id=self.ada.id)
        values = lead._get_customer_information()["mail@example.com"]
        self.assertEqual(values["referred_by_id"], self.ada.id)
        firm = self.customer("Firm of the referral", is_company=True)
        lead.partner_name = firm.name
        values = lead._get_customer_information()["mail@example.com"]
        self.assertEqual(values["parent_id"], firm.id)
        self.assertNotIn("referred_by_id", values)

    def test_a_new_customer_takes_the_referrer_of_the_lead_when_linked(self):
        self.new_lead(referred_by_id=self.ada.id).partner_id = self.bob
        self.new_lead(partner_id=self.cid.id).referred_by_id = self.ada
        self.assertEqual((self.bob + self.cid).referred_by_id, self.ada)

    def test_a_customer_keeps_an_existing_referrer(self):
        clerk = self.customer("Bob's clerk", parent_id=self.bob.id, referred_by_id=self.cid.id)
        self.new_lead(referred_by_id=self.ada.id, partner_id=self.bob.id)
        self.assertFalse(self.bob.referred_by_id)
        self.assertEqual(clerk.referred_by_id, self.cid)

    def test_a_customer_who_had_bought_before_the_lead_came_was_not_won_by_it(self):
        self.order(self.bob, 100, AS_OF)
        self.new_lead(referred_by_id=self.ada.id, partner_id=self.bob.id)
        self.assertFalse(self.bob.referred_by_id)
        self.order(self.cid, 100, date.today() + timedelta(days=1))
        self.new_lead(referred_by_id=self.ada.id, partner_id=self.cid.id)
        self.assertEqual(self.cid.referred_by_id, self.ada)

    def test_linking_a_customer_does_not_fail_for_a_circle(self):
        self.ada.referred_by_id = self.bob
        lead = self.new_lead(referred_by_id=self.ada.id)
        lead.partner_id = self.bob
        self.assertFalse(self.bob.referred_by_id)
        lead.partner_id = self.ada
        self.assertEqual(self.ada.referred_by_id, self.bob)

    def test_a_lead_is_not_referred_by_its_own_customer(self):
        clerk = self.customer("Bob's clerk", parent_id=self.bob.id)
        lead = self.new_lead(partner_id=self.bob.id)
        with self.assert_refused("Lead", "clerk", "Choose a contact of another customer", error=ValidationError):
            lead.referred_by_id = clerk

    def test_a_referrer_of_another_company_is_refused(self):
        other = self.new_company("Other Company")
        theirs = self.customer("Theirs", company_id=other.id)
        with self.assert_refused("Theirs"):
            self.new_lead(referred_by_id=theirs.id)

    def test_merged_leads_keep_the_first_referrer(self):
        leads = self.new_lead(type="opportunity") + self.new_lead(referred_by_id=self.ada.id)
        merged = leads.merge_opportunity()
        self.assertEqual(merged.referred_by_id, self.ada)

    def test_merged_leads_do_not_take_their_own_customer_for_their_referrer(self):
        leads = self.new_lead(type="opportunity", partner_id=self.ada.id) + self.new_lead(referred_by_id=self.ada.id)
        merged = (leads + self.new_lead(referred_by_id=self.bob.id)).merge_opportunity()
        self.assertEqual((merged.partner_id, merged.referred_by_id), (self.ada, self.bob))


@tagged("post_install", "-at_install")
class TestReferralScreen(ReferralCase):
    def test_the_buttons_show_what_they_count(self):
        assistant = self.customer("Ada's assistant", parent_id=self.ada.id)
        self.bob.referred_by_id = assistant
        self.cid.referred_by_id = self.ada
        lead = self.new_lead(referred_by_id=assistant.id)
        counts = (self.ada.grading_referred_partner_count, self.ada.grading_referred_lead_count)
        self.assertEqual(counts, (2, 1))
        self.assertEqual(assistant.grading_referred_partner_count, 1)
        action = self.ada.action_grading_view_referred_partners()
        self.assertEqual(self.env["res.partner"].search(action["domain"]), self.bob + self.cid)
        action = self.ada.action_grading_view_referred_leads()
        self.assertEqual(self.env["crm.lead"].search(action["domain"]), lead)

    def test_an_employee_outside_sales_sees_referrals_of_contacts_but_no_leads(self):
        employee = self.internal()
        self.bob.referred_by_id = self.ada
        self.assertEqual(self.ada.with_user(employee).grading_referred_partner_count, 1)
        with self.assertRaises(AccessError):
            self.ada.with_user(employee).grading_referred_lead_count  # noqa: B018

    def test_a_salesman_notes_a_referrer(self):
        salesman = self.salesman()
        self.bob.with_user(salesman).referred_by_id = self.ada
        lead = self.new_lead(user_id=salesman.id, contact_name="Person").with_user(salesman)
        lead.referred_by_id = self.ada
        lead._handle_partner_assignment(create_missing=True)
        self.assertEqual(lead.partner_id.referred_by_id, self.ada)

    def test_the_portal_user_reads_nothing_of_referrals(self):
        user = self.portal()
        user.partner_id.referred_by_id = self.ada
        me = user.partner_id.with_user(user)
        known = me.fields_get()
        for name in ("referred_by_id", "grading_referral_count", "grading_referral_amount",
                     "grading_referred_partner_count", "grading_referred_lead_count"):  # fmt: skip
            with self.subTest(field=name):
                self.assertNotIn(name, known)
                with self.assertRaises(AccessError):
                    me.read([name])
        with self.assertRaises(AccessError):
            me.search([("referred_by_id", "=", self.ada.id)])
        with self.assertRaises(AccessError):
            me.search([("referred_by_id.name", "=", "Ada")])
