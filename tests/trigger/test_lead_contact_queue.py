from datetime import timedelta

from odoo.tests import tagged

from .test_lead_queue import LeadQueueCase


@tagged("post_install", "-at_install")
class TestContactsWithLeadsAskForRescoring(LeadQueueCase):
    """Messages, activities and meetings."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.lead("Other")
        cls.forget_requests()

    def activity(self, lead):
        vals = {"date_deadline": self.today, "user_id": self.env.uid}
        activity = lead.activity_schedule("mail.mail_activity_data_call", **vals)
        self.env.flush_all()
        return activity

    def test_messages_of_people(self):
        for message_type in ("email", "email_outgoing", "comment"):
            with self.subTest(message_type=message_type), self.assert_queues(self.opportunity):
                self.message(self.opportunity, self.today, message_type)
        with self.assert_queues(self.opportunity):
            self.post(self.opportunity, subtype_xmlid="mail.mt_note")

    def test_messages_of_the_system(self):
        with self.assert_queues():
            for message_type in ("notification", "auto_comment", "user_notification", "out_of_office"):
                self.message(self.opportunity, self.today, message_type)

    def test_a_message_that_is_deleted(self):
        message = self.message(self.opportunity, self.today)
        with self.assert_queues(self.opportunity):
            message.unlink()

    def test_messages_on_other_records(self):
        with self.assert_queues():
            self.post(self.team)

    def test_activities_that_are_planned_done_and_cancelled(self):
        with self.assert_queues(self.opportunity):
            first = self.activity(self.opportunity)
        with self.assert_queues(self.opportunity):
            first.action_feedback("Done")
        second = self.activity(self.opportunity)
        with self.assert_queues(self.opportunity):
            second.unlink()

    def test_an_activity_that_is_only_postponed(self):
        activity = self.activity(self.opportunity)
        with self.assert_queues():
            activity.date_deadline += timedelta(days=1)

    def test_an_activity_that_moves_concerns_both_leads(self):
        activity = self.activity(self.opportunity)
        with self.assert_queues(self.opportunity, self.other):
            activity.res_id = self.other.id

    def test_activities_on_other_records(self):
        with self.assert_queues():
            self.activity(self.cleo).unlink()

    def test_meetings_that_are_made_moved_cancelled_and_deleted(self):
        with self.assert_queues(self.opportunity):
            meeting = self.meeting(self.opportunity, self.today)
        with self.assert_queues(self.opportunity):
            meeting.write({"start": meeting.start + timedelta(days=1), "stop": meeting.stop + timedelta(days=1)})
        with self.assert_queues(self.opportunity):
            meeting.active = False
        with self.assert_queues(self.opportunity):
            meeting.active = True
        with self.assert_queues(self.opportunity):
            meeting.unlink()

    def test_a_meeting_that_is_only_renamed(self):
        meeting = self.meeting(self.opportunity, self.today)
        with self.assert_queues():
            meeting.write({"name": "Lunch", "location": "Canteen"})

    def test_a_meeting_that_moves_concerns_both_leads(self):
        meeting = self.meeting(self.opportunity, self.today)
        with self.assert_queues(self.opportunity, self.other):
            meeting.opportunity_id = self.other

    def test_meetings_without_a_lead(self):
        with self.assert_queues():
            self.meeting(self.env["crm.lead"], self.today).unlink()
