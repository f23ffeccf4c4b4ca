from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .common import LeadCase

AS_OF = date(2025, 3, 10)


class TouchCase(LeadCase):
    """Cleo has the employee Carl, who has the assistant Cora; Sam, who works in the company, sells to them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sam = cls.salesman("sam").partner_id
        cls.cleo = cls.customer("Cleo", is_company=True, customer_rank=1)
        cls.carl = cls.customer("Carl", parent_id=cls.cleo.id)
        cls.cora = cls.customer("Cora", parent_id=cls.carl.id)
        cls.sale = cls.order(cls.carl, 10, AS_OF - timedelta(days=400))
        cls.forget_requests()

    def said(self, record, message_type="comment", day=AS_OF, author=None, to=(), **vals):
        """A message on ``record``; Sam wrote it unless ``author`` says otherwise."""
        values = {"author_id": self.sam.id if author is None else author and author.id}
        if record:
            values |= {"model": record._name, "res_id": record.id}
        else:
            values |= {"model": False, "res_id": False}
        recipients = [Command.link(person.id) for person in to]
        return self.message(self.cleo, day, message_type, partner_ids=recipients, **values, **vals)

    def meeting_with(self, *persons, day=AS_OF, **vals):
        return self.meeting(self.env["crm.lead"], day, partner_ids=[Command.set([p.id for p in persons])], **vals)

    def last(self, subject=None, as_of=AS_OF, company=None):
        """When Cleo, or the lead, was last contacted: online, by a call, in person."""
        subject = subject or self.cleo
        if subject._name == "crm.lead":
            self.rescore(as_of=as_of, leads=subject)
            profile = self.lead_profile(subject)
        else:
            self.rescore(as_of=as_of, partners=subject, company=company)
            profile = self.profile(subject, company)
        return profile.last_online_date, profile.last_call_date, profile.last_visit_date

    def assert_contact(self, *args, **kwargs):
        self.assertEqual(self.last(*args, **kwargs), (AS_OF, False, False))

    def assert_no_contact(self, *args, **kwargs):
        self.assertEqual(self.last(*args, **kwargs), (False, False, False))


@tagged("post_install", "-at_install")
class TestMessagesThatAreContacts(TouchCase):
    def test_a_mail_that_came_from_a_person_of_the_customer(self):
        self.said(self.env["res.partner"], "email", author=self.cora)
        self.assert_contact()

    def test_a_mail_from_an_unknown_address_on_the_customers_order(self):
        self.said(self.sale, "email", author=False)
        self.assert_contact()

    def test_a_mail_that_a_colleague_sent_to_the_customer_himself(self):
        self.said(self.sale, "email", to=self.cora)
        self.assert_contact()

    def test_a_mailing_or_text_message_or_letter_on_any_document_of_the_family(self):
        kinds = {"email_outgoing", "sms", "snailmail"}
        kinds &= set(self.env["mail.message"]._fields["message_type"].get_values(self.env))
        for kind in sorted(kinds):
            for record in (self.cleo, self.cora, self.sale):
                with self.subTest(kind=kind, record=record.display_name):
                    message = self.said(record, kind)
                    self.assert_contact()
                    message.unlink()
                    self.assert_no_contact()

    def test_a_message_that_was_sent_to_a_person_of_the_customer(self):
        for record in (self.cleo, self.sale, self.env["res.partner"], self.customer("Somebody Else")):
            with self.subTest(record=record.display_name):
                message = self.said(record, to=self.cora)
                self.assert_contact()
                message.unlink()

    def test_a_message_of_which_odoo_notified_him_as_a_follower(self):
        message = self.said(self.sale)
        self.assert_no_contact()
        notification = {"mail_message_id": message.id, "res_partner_id": self.carl.id, "notification_type": "email"}
        self.env["mail.notification"].create(notification)
        self.assert_contact()

    def test_a_message_sent_to_an_address_only(self):
        self.said(self.sale, outgoing_email_to="cleo@example.com")
        self.assert_contact()

    def test_an_answer_that_he_wrote_in_the_portal_or_in_a_chat(self):
        for record in (self.sale, self.env["discuss.channel"].create({"name": "Chat"})):
            with self.subTest(record=record._name):
                message = self.said(record, author=self.carl)
                self.assert_contact()
                message.unlink()

    def test_one_that_was_posted_in_the_ordinary_way(self):
        salesman = self.sam.user_ids
        self.sale.user_id = salesman
        self.sale.with_user(salesman).message_post(
            body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=self.carl.ids
        )
        self.assertEqual(self.last(as_of=self.today), (self.today, False, False))

    def test_the_last_one_counts(self):
        for ago in (30, 3, 12):
            self.said(self.cleo, to=self.carl, day=AS_OF - timedelta(days=ago))
        self.assertEqual(self.last()[0], AS_OF - timedelta(days=3))

    def test_a_day_begins_where_the_company_works(self):
        self.company.resource_calendar_id.tz = "Asia/Taipei"
        self.said(self.cleo, to=self.carl, day=datetime(2025, 3, 9, 16, 30))  # 00:30 of the 10th in Taipei
        self.assert_contact()

    def test_summer_time_moves_the_beginning_of_the_day(self):
        for moment, day in (
            (datetime(2025, 3, 29, 23, 30), date(2025, 3, 30)),
            (datetime(2025, 3, 30, 22, 30), date(2025, 3, 31)),
            (datetime(2024, 12, 31, 23, 30), date(2025, 1, 1)),
            (datetime(2024, 2, 28, 23, 30), date(2024, 2, 29)),
        ):
            with self.subTest(moment=moment):
                message = self.said(self.cleo, to=self.carl, day=moment)
                self.assertEqual(self.last(as_of=day)[0], day)
                self.assertFalse(self.last(as_of=day - timedelta(days=1))[0])
                message.unlink()


@tagged("post_install", "-at_install")
class TestMessagesThatAreNone(TouchCase):
    def test_a_note_among_colleagues(self):
        for record in (self.cleo, self.sale):
            self.said(record, to=self.manager(f"rita_{record._name}").partner_id)
        self.assert_no_contact()

    def test_a_mail_that_a_colleague_sent_to_colleagues_only(self):
        self.said(self.sale, "email")
        self.assert_no_contact()

    def test_messages_of_the_system(self):
        for kind in ("notification", "auto_comment", "user_notification", "out_of_office"):
            self.said(self.sale, kind, to=self.carl)
            self.said(self.cleo, kind, author=self.carl)
        self.assert_no_contact()

    def test_what_the_robot_sent(self):
        robot = self.env.ref("base.partner_root")
        for kind in ("comment", "email_outgoing"):
            self.said(self.sale, kind, author=robot, to=self.carl)
        self.assert_no_contact()

    def test_a_mail_that_never_arrived(self):
        for status in ("bounce", "exception", "canceled"):
            message = self.said(self.sale, to=self.carl)
            values = {"mail_message_id": message.id, "res_partner_id": self.carl.id, "notification_type": "email"}
            self.env["mail.notification"].create({**values, "notification_status": status})
        self.assert_no_contact()

    def test_a_mail_about_his_order_to_somebody_else(self):
        self.said(self.sale, to=self.customer("Carrier"))
        self.assert_no_contact()

    def test_one_on_something_else_with_the_same_number(self):
        message = self.said(self.sale, "email_outgoing")
        self.force(message, model="crm.team")
        self.assert_no_contact()

    def test_what_comes_later(self):
        self.said(self.cleo, to=self.carl, day=AS_OF + timedelta(days=1))
        self.assert_no_contact()
        self.assertEqual(self.last(as_of=AS_OF + timedelta(days=1))[0], AS_OF + timedelta(days=1))


@tagged("post_install", "-at_install")
class TestActivities(TouchCase):
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

    def test_one_that_only_tells_him_of_it_counts_nowhere_else(self):
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

    def test_another_channel_judges_everybody_anew(self):
        kind = self.env["mail.activity.type"].create({"name": "Talk"})
        self.forget_requests()
        kind.name = "Long talk"
        self.assertFalse(self.env["grading.run"].search([("state", "=", "running")]))
        kind.grading_channel = "call"
        self.assertIn(self.company, self.env["grading.run"].search([("state", "=", "running")]).company_id)


@tagged("post_install", "-at_install")
class TestMeetings(TouchCase):
    def test_one_with_a_person_of_the_customer_is_a_visit(self):
        self.meeting_with(self.sam, self.cora)
        self.assertEqual(self.last(), (False, False, AS_OF))

    def test_one_over_a_video_link_is_online(self):
        self.meeting_with(self.sam, self.cora, videocall_location="https://example.com/room")
        self.assert_contact()

    def test_one_that_was_planned_on_his_contact(self):
        model = self.env["ir.model"]._get_id("res.partner")
        self.meeting_with(self.sam, res_model_id=model, res_id=self.carl.id)
        self.assertEqual(self.last()[2], AS_OF)

    def test_one_that_he_declined_is_none(self):
        meeting = self.meeting_with(self.sam, self.cora)
        meeting.attendee_ids.filtered(lambda attendee: attendee.partner_id == self.cora).state = "declined"
        self.assert_no_contact()

    def test_one_that_was_cancelled_is_none(self):
        self.meeting_with(self.sam, self.cora).active = False
        self.assert_no_contact()

    def test_one_that_is_still_to_come_is_none_yet(self):
        self.meeting_with(self.sam, self.cora, day=AS_OF + timedelta(days=1))
        self.assert_no_contact()

    def test_one_among_colleagues_is_none(self):
        self.meeting_with(self.sam, self.manager("rita").partner_id)
        self.assert_no_contact()

    def test_a_whole_day_counts_on_its_first_day(self):
        meeting = self.meeting_with(self.sam, self.cora)
        meeting.write({"allday": True, "start_date": AS_OF, "stop_date": AS_OF + timedelta(days=2)})
        self.assertEqual(self.last()[2], AS_OF)
        self.assert_no_contact(as_of=AS_OF - timedelta(days=1))

    def test_one_that_was_done_as_an_activity_counts_as_that(self):
        meeting = self.meeting_with(self.sam, self.carl, day=self.today)
        activity = self.carl.activity_schedule("mail.mail_activity_data_call", user_id=self.env.uid)
        activity.calendar_event_id = meeting
        self.assertEqual(self.last(as_of=self.today), (False, False, self.today))
        activity.action_feedback("We talked on the phone instead")
        self.assertEqual(self.last(as_of=self.today), (False, self.today, False))


@tagged("post_install", "-at_install")
class TestLeads(TouchCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hers = cls.lead("Hers", partner_id=cls.carl.id)
        cls.nobodys = cls.lead("Nobody's")

    def test_what_is_about_a_lead_counts_for_the_lead_and_for_its_customer(self):
        self.said(self.hers, "email", author=self.carl)
        self.assert_contact(self.hers)
        self.assert_contact()
        self.assert_no_contact(self.nobodys)

    def test_what_is_about_the_customer_does_not_count_for_the_lead(self):
        self.said(self.cleo, to=self.carl)
        self.assert_no_contact(self.hers)

    def test_anybody_from_outside_will_do_where_there_is_no_contact_yet(self):
        stranger = self.customer("Stranger")
        for case, message in {
            "from an unknown address": lambda: self.said(self.nobodys, "email", author=False),
            "from a stranger": lambda: self.said(self.nobodys, "email", author=stranger),
            "to a stranger": lambda: self.said(self.nobodys, to=stranger),
            "to an address": lambda: self.said(self.nobodys, outgoing_email_to="stranger@example.com"),
            "a mailing": lambda: self.said(self.nobodys, "email_outgoing"),
        }.items():
            with self.subTest(case):
                message = message()
                self.assert_contact(self.nobodys)
                message.unlink()
                self.assert_no_contact(self.nobodys)

    def test_a_note_is_none(self):
        for lead in (self.hers, self.nobodys):
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
class TestCompanies(TouchCase):
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
