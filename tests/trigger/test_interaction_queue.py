from datetime import timedelta
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from .test_lead_queue import LeadQueueCase


@tagged("post_install", "-at_install")
class TestContactsWithCustomersAskForRescoring(LeadQueueCase):
    """Messages, activities that were done, and meetings."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carl = cls.customer("Carl", parent_id=cls.cleo.id)
        cls.sale = cls.order(cls.carl, 10, cls.today)
        cls.rescore()
        cls.forget_requests()

    def said(self, record, message_type="email_outgoing", **vals):
        return self.message(self.opportunity, self.today, message_type, model=record._name, res_id=record.id, **vals)

    def meet(self, *persons):
        return self.meeting(self.env["crm.lead"], self.today, partner_ids=[Command.set([p.id for p in persons])])

    def test_messages_on_contacts_and_orders_of_the_customer(self):
        for record in (self.cleo, self.carl, self.sale):
            for message_type in ("email", "email_outgoing", "comment"):
                with self.subTest(record=record._name, kind=message_type), self.assert_queues(self.cleo):
                    self.said(record, message_type)

    def test_messages_on_invoices_of_the_customer(self):
        journal = self.env["account.journal"].create({"name": "Sales", "code": "GRS", "type": "general"})
        invoice = self.env["account.move"].create({"move_type": "entry", "journal_id": journal.id})
        self.force(invoice, partner_id=self.carl.id)
        self.forget_requests()
        with self.assert_queues(self.cleo):
            self.said(invoice)

    def test_a_mail_from_the_customer_on_any_document(self):
        with self.assert_queues(self.cleo):
            self.said(self.team, "email", author_id=self.carl.id)

    def test_messages_of_the_system(self):
        with self.assert_queues():
            for message_type in ("notification", "auto_comment", "user_notification", "out_of_office"):
                self.said(self.sale, message_type)

    def test_a_message_that_is_deleted_or_moved_to_another_day(self):
        message = self.said(self.sale)
        with self.assert_queues(self.cleo):
            message.date -= timedelta(days=1)
        with self.assert_queues(self.cleo):
            message.unlink()

    def test_a_message_that_moves_concerns_both_customers(self):
        message = self.said(self.carl)
        self.env["grading.profile"]._of_partners(self.dan, create=True)
        with self.assert_queues(self.cleo, self.dan):
            message.res_id = self.dan.id

    def test_a_message_that_is_only_reworded(self):
        message = self.said(self.sale)
        with self.assert_queues():
            message.body = "Hello again"

    def test_an_activity_when_it_is_done_and_not_before(self):
        with self.assert_queues():
            activity = self.carl.activity_schedule("mail.mail_activity_data_call", user_id=self.env.uid)
        with self.assert_queues(self.cleo):
            activity.action_feedback("He is content")

    def test_meetings_that_are_made_moved_cancelled_and_deleted(self):
        with self.assert_queues(self.cleo):
            meeting = self.meet(self.carl)
        with self.assert_queues(self.cleo):
            meeting.write({"start": meeting.start + timedelta(days=1), "stop": meeting.stop + timedelta(days=1)})
        with self.assert_queues(self.cleo):
            meeting.active = False
        with self.assert_queues(self.cleo):
            meeting.active = True
        with self.assert_queues(self.cleo):
            meeting.unlink()

    def test_a_meeting_that_the_customer_declines(self):
        meeting = self.meet(self.carl)
        with self.assert_queues(self.cleo):
            meeting.attendee_ids.do_decline()

    def test_a_meeting_from_which_the_customer_is_taken(self):
        meeting = self.meet(self.carl)
        with self.assert_queues(self.cleo):
            meeting.partner_ids = [Command.clear()]

    def test_a_meeting_planned_on_a_contact_of_the_customer(self):
        model = self.env["ir.model"]._get_id("res.partner")
        with self.assert_queues(self.cleo):
            meeting = self.meet()
            meeting.write({"res_model_id": model, "res_id": self.carl.id})
        with self.assert_queues(self.cleo):
            meeting.unlink()

    def test_a_meeting_that_is_only_renamed(self):
        meeting = self.meet(self.carl)
        with self.assert_queues():
            meeting.write({"name": "Lunch", "location": "Canteen"})

    def test_a_contact_who_is_no_customer_is_not_queued(self):
        with self.assert_queues():
            self.said(self.customer("Stranger"))

    def test_a_message_that_is_no_customers_costs_no_query(self):
        """As many queries as in a database without this module: Odoo's own tests count them."""

        def post():
            before = self.env.cr.sql_log_count
            self.post(self.team, subtype_xmlid="mail.mt_note")
            self.env.cr.flush()
            return self.env.cr.sql_log_count - before

        post()
        queries = post()
        with patch.object(self.env.registry["mail.message"], "_grading_enqueue_contacts", lambda messages: None):
            self.assertEqual(post(), queries)

    def test_a_hundred_messages_are_looked_up_at_once(self):
        self.env.cr.flush()
        with patch.object(self.env.registry["grading.queue"], "_customers_of", return_value=set()) as looked_up:
            for _number in range(100):
                self.said(self.sale)
            looked_up.assert_not_called()
            self.env.cr.flush()
            looked_up.assert_called_once()
