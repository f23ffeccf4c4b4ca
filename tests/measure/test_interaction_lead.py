from datetime import timedelta

from odoo.tests import tagged

from .interaction_case import AS_OF, InteractionCase


@tagged("post_install", "-at_install")
class TestLeads(InteractionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hers = cls.lead("Hers", partner_id=cls.carl.id)
        cls.shared = cls.lead("Shared")

    def test_what_is_about_a_lead_counts_for_the_lead_and_for_its_customer(self):
        self.said(self.hers, "email", author=self.carl)
        self.assert_contact(self.hers)
        self.assert_contact()
        self.assert_no_contact(self.shared)

    def test_what_is_about_the_customer_does_not_count_for_the_lead(self):
        self.said(self.cleo, to=self.carl)
        self.assert_no_contact(self.hers)

    def test_any_outside_address_counts_where_there_is_no_contact_yet(self):
        stranger = self.customer("Stranger")
        for case, say in {
            "from an unknown address": lambda: self.said(self.shared, "email", author=False),
            "from a stranger": lambda: self.said(self.shared, "email", author=stranger),
            "to a stranger": lambda: self.said(self.shared, to=stranger),
            "to an address": lambda: self.said(self.shared, outgoing_email_to="stranger@example.com"),
            "a mailing": lambda: self.said(self.shared, "email_outgoing"),
        }.items():
            with self.subTest(case):
                message = say()
                self.assert_contact(self.shared)
                message.unlink()
                self.assert_no_contact(self.shared)

    def test_a_note_is_none(self):
        for lead in (self.hers, self.shared):
            self.said(lead, to=self.manager(f"rita_{lead.id}").partner_id)
            self.assert_no_contact(lead)
        self.assert_no_contact()

    def test_activities_and_meetings(self):
        self.meeting(self.hers, AS_OF)
        call = self.env.ref("mail.mail_activity_data_call")
        self.said(self.hers, "notification", day=AS_OF - timedelta(days=2), mail_activity_type_id=call.id)
        expected = (False, AS_OF - timedelta(days=2), AS_OF)
        self.assertEqual(self.last(self.hers), expected)
        self.assertEqual(self.last(), expected)

    def test_a_lead_that_was_won_stays_as_on_that_day(self):
        self.win(self.hers, AS_OF - timedelta(days=1))
        self.said(self.hers, "email", author=self.carl)
        self.said(self.hers, "email", author=self.carl, day=AS_OF - timedelta(days=4))
        self.assertEqual(self.last(self.hers)[0], AS_OF - timedelta(days=4))
        self.assert_contact()


@tagged("post_install", "-at_install")
class TestCompanies(InteractionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.new_company("Other Company")
        cls.foreigner = cls.salesman("foreigner", company_id=cls.other.id, company_ids=cls.other.ids).partner_id
        cls.env["res.users"].browse(cls.env.uid).company_ids += cls.other
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": (cls.company + cls.other).ids})
        cls.order(cls.cleo, 10, AS_OF, company_id=cls.other.id)

    def test_what_is_about_an_order_counts_where_it_was_placed(self):
        self.said(self.sale, to=self.carl)
        self.assert_contact(company=self.company)
        self.assert_no_contact(company=self.other)

    def test_what_is_about_no_document_counts_where_its_author_works(self):
        self.said(self.cleo, "email_outgoing", author=self.foreigner)
        self.meeting_with(self.cora, user_id=self.foreigner.user_ids.id)
        self.assert_no_contact(company=self.company)
        self.assertEqual(self.last(company=self.other), (AS_OF, False, AS_OF))

    def test_what_the_customer_sent_us_counts_everywhere(self):
        self.said(self.cleo, "email", author=self.carl)
        self.assert_contact(company=self.company)
        self.assert_contact(company=self.other)
