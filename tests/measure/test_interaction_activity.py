from datetime import datetime, time, timedelta

from odoo.tests import freeze_time, tagged

from .interaction_case import AS_OF, InteractionCase


@tagged("post_install", "-at_install")
class TestActivities(InteractionCase):
    def done(self, record, channel):
        """An activity of a type for ``channel`` that Sam has done on ``record``."""
        kind = self.env["mail.activity.type"].create({"name": channel, "grading_channel": channel})
        return self.said(record, "notification", mail_activity_type_id=kind.id)

    def test_one_that_is_done_counts_in_the_channel_of_its_type(self):
        for record in (self.cora, self.sale):
            for channel, expected in (
                ("online", (AS_OF, False, False)),
                ("call", (False, AS_OF, False)),
                ("visit", (False, False, AS_OF)),
                ("none", (False, False, False)),
            ):
                with self.subTest(record=record._name, channel=channel):
                    message = self.done(record, channel)
                    self.assertEqual(self.last(), expected)
                    message.unlink()

    def test_one_that_is_marked_done_in_the_ordinary_way(self):
        activity = self.carl.activity_schedule("mail.mail_activity_data_call", user_id=self.env.uid)
        self.assert_no_contact(as_of=self.today)
        activity.action_feedback("He is content")
        self.assertEqual(self.last(as_of=self.today), (False, self.today, False))

    def test_one_that_only_notifies_the_customer_counts_in_its_channel_alone(self):
        """A follower who is notified of paper work that was done was not contacted by that."""
        message = self.done(self.sale, "none")
        message.partner_ids = self.carl
        self.assert_no_contact()

    def test_the_channel_of_a_type_is_guessed_from_what_it_does(self):
        Type = self.env["mail.activity.type"]
        for category, channel in (
            ("default", "online"),
            ("phonecall", "call"),
            ("meeting", "visit"),
            ("upload_file", "none"),
        ):
            with self.subTest(category=category):
                self.assertEqual(Type.create({"name": category, "category": category}).grading_channel, channel)
        self.assertEqual(Type.create({"name": "Warning", "decoration_type": "warning"}).grading_channel, "none")

    def test_another_channel_rescores_all_customers(self):
        kind = self.env["mail.activity.type"].create({"name": "Talk"})
        self.forget_requests()
        kind.name = "Long talk"
        self.assertFalse(self.env["grading.run"].search([("state", "=", "running")]))
        kind.grading_channel = "call"
        self.assertIn(self.company, self.env["grading.run"].search([("state", "=", "running")]).company_id)


@tagged("post_install", "-at_install")
class TestMeetings(InteractionCase):
    def test_one_with_a_person_of_the_customer_is_a_visit(self):
        self.meeting_with(self.sam, self.cora)
        self.assertEqual(self.last(), (False, False, AS_OF))

    def test_one_over_a_video_link_is_online(self):
        self.meeting_with(self.sam, self.cora, videocall_location="https://example.com/room")
        self.assert_contact()

    def test_one_that_was_planned_on_the_contact_of_the_customer(self):
        model = self.env["ir.model"]._get_id("res.partner")
        self.meeting_with(self.sam, res_model_id=model, res_id=self.carl.id)
        self.assertEqual(self.last()[2], AS_OF)

    def test_one_that_the_customer_declined_is_none(self):
        meeting = self.meeting_with(self.sam, self.cora)
        meeting.attendee_ids.filtered(lambda attendee: attendee.partner_id == self.cora).state = "declined"
        self.assert_no_contact()

    def test_one_that_was_cancelled_is_none(self):
        self.meeting_with(self.sam, self.cora).active = False
        self.assert_no_contact()

    def test_one_that_is_still_to_come_is_none_yet(self):
        self.meeting_with(self.sam, self.cora, day=AS_OF + timedelta(days=1))
        self.assert_no_contact()

    def test_one_counts_when_it_is_over_and_not_while_it_is_planned_or_going_on(self):
        lead = self.lead(partner_id=self.carl.id)
        meeting = self.meeting(lead, AS_OF)  # from noon to one o'clock
        for moment in (time(8), time(12, 59)):
            with self.subTest(moment=moment), freeze_time(datetime.combine(AS_OF, moment)):
                self.assert_no_contact()
                self.assert_no_contact(lead)
        with freeze_time(datetime.combine(AS_OF, time(13))):
            self.assertEqual(self.last()[2], AS_OF)
            self.assertEqual(self.last(lead)[2], AS_OF)
            meeting.write({"allday": True, "start_date": AS_OF, "stop_date": AS_OF})
            self.assert_no_contact()
        with freeze_time(datetime.combine(AS_OF, time(22, 59))):  # a minute before midnight in Brussels
            self.assert_no_contact()
        with freeze_time(datetime.combine(AS_OF, time(23))):
            self.assertEqual(self.last()[2], AS_OF)

    def test_one_among_colleagues_is_none(self):
        self.meeting_with(self.sam, self.manager("rita").partner_id)
        self.assert_no_contact()

    def test_a_whole_day_counts_on_its_first_day(self):
        meeting = self.meeting_with(self.sam, self.cora)
        meeting.write({"allday": True, "start_date": AS_OF, "stop_date": AS_OF + timedelta(days=2)})
        self.assertEqual(self.last()[2], AS_OF)
        self.assert_no_contact(as_of=AS_OF - timedelta(days=1))

    def planned(self, meeting, record, kind="mail.mail_activity_data_meeting"):
        activity = record.activity_schedule(kind, user_id=self.env.uid)
        activity.calendar_event_id = meeting
        return activity

    def test_one_that_was_done_as_an_activity_counts_as_that(self):
        day = self.today - timedelta(days=2)
        meeting = self.meeting_with(self.sam, self.carl, day=day)
        activity = self.planned(meeting, self.carl, "mail.mail_activity_data_call")
        self.assertEqual(self.last(as_of=self.today), (False, False, day))
        activity.action_feedback("We talked on the phone instead")
        self.assertEqual(self.last(as_of=self.today), (False, day, False))

    def test_one_that_is_ticked_off_later_counts_on_its_own_day(self):
        lead = self.lead(partner_id=self.carl.id)
        day = AS_OF - timedelta(days=10)
        first, second = self.meeting(lead, day - timedelta(days=5)), self.meeting(lead, day)
        activities = self.planned(first, lead) + self.planned(second, lead)
        with freeze_time(datetime.combine(AS_OF, time(12))):
            activities.action_feedback("Good")
            self.assertEqual(self.last()[2], day)
            self.assertEqual(self.last(lead)[2], day)
            second.write({"allday": True, "start_date": day - timedelta(days=1), "stop_date": day})
            self.assertEqual(self.last()[2], day - timedelta(days=1))

    def test_one_that_is_ticked_off_before_it_begins_counts_when_that_is_said(self):
        lead = self.lead(partner_id=self.carl.id)
        activity = self.planned(self.meeting(lead, AS_OF + timedelta(days=3)), lead)
        with freeze_time(datetime.combine(AS_OF, time(12))):
            activity.action_feedback("We met earlier")
            self.assertEqual(self.last()[2], AS_OF)
