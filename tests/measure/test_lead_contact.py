from datetime import date, datetime, timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ..common import LeadCase

AS_OF = date(2025, 3, 10)


class ContactCase(LeadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.opportunity = cls.lead()
        cls.sam, cls.lena = cls.salesman("sam").partner_id, cls.customer("Lena")

    def measured(self, as_of=AS_OF):
        self.rescore(as_of=as_of, leads=self.opportunity)
        return self.lead_profile(self.opportunity)

    def contacts(self, as_of=AS_OF):
        return self.measured(as_of).contact_count_90d

    def mail_in(self, day=AS_OF, **vals):
        """An e-mail that Lena has written."""
        return self.message(self.opportunity, day, "email", author_id=self.lena.id, **vals)

    def assert_contact(self, day=AS_OF):
        profile = self.measured(max(day, AS_OF))
        self.assertEqual((profile.last_contact_date, profile.contact_count_90d), (day, 1))
        self.assertEqual(self.opportunity.grading_last_contact_date, day)
        self.assertTrue(profile.engagement_log)

    def assert_no_contact(self, as_of=AS_OF):
        profile = self.measured(as_of)
        self.assertEqual((profile.last_contact_date, profile.contact_count_90d), (False, 0))
        self.assertFalse(self.opportunity.grading_last_contact_date)
        self.assertFalse(profile.engagement_log)


@tagged("post_install", "-at_install")
class TestMessages(ContactCase):
    """Which messages are contacts with a lead; more about that in :mod:`test_interaction_lead`."""

    def test_mails_in_and_out_are(self):
        for case, vals in {
            "from the lead": {"message_type": "email", "author_id": self.lena.id},
            "from an unknown address": {},
            "a mailing": {"message_type": "email_outgoing", "author_id": self.sam.id},
            "to the lead": {"message_type": "comment", "author_id": self.sam.id, "partner_ids": self.lena.ids},
            "to an address": {
                "message_type": "comment",
                "author_id": self.sam.id,
                "outgoing_email_to": "lena@example.com",
            },
        }.items():
            with self.subTest(case):
                before = self.contacts()
                self.message(self.opportunity, AS_OF, **vals)
                self.assertEqual(self.contacts(), before + 1)

    def test_messages_of_the_system_are_none(self):
        for message_type in ("notification", "auto_comment", "user_notification", "out_of_office"):
            with self.subTest(message_type=message_type):
                self.message(self.opportunity, AS_OF, message_type, author_id=self.lena.id)
                self.assert_no_contact()

    def test_every_kind_of_message_of_odoo_is_one_or_the_other(self):
        """A kind that another version brings has to be looked at."""
        kinds = set(self.env["mail.message"]._fields["message_type"].get_values(self.env))
        base = {"email", "comment", "email_outgoing", "notification", "auto_comment", "user_notification"}
        self.assertLessEqual(base | {"out_of_office"}, kinds)

    def test_an_internal_note_among_colleagues_is_none(self):
        rita = self.manager("rita").partner_id
        for recipients in ([], rita.ids):
            self.post(self.opportunity, author_id=self.sam.id, subtype_xmlid="mail.mt_note", partner_ids=recipients)
        self.assert_no_contact(self.today)

    def test_a_mail_that_bounced_or_failed_is_none(self):
        bounced = self.message(self.opportunity, AS_OF, "comment", author_id=self.sam.id, partner_ids=self.lena.ids)
        notice = self.env["mail.notification"].create(
            {
                "mail_message_id": bounced.id,
                "res_partner_id": self.lena.id,
                "notification_type": "email",
                "notification_status": "bounce",
            }
        )
        mailing = self.message(self.opportunity, AS_OF, "email_outgoing", author_id=self.sam.id)
        mail = self.env["mail.mail"].create({"mail_message_id": mailing.id, "state": "exception"})
        self.assert_no_contact()
        notice.notification_status = "sent"
        self.assert_contact()
        mail.state = "sent"
        self.assertEqual(self.contacts(), 2)

    def test_what_odoo_logs_is_none(self):
        lead = self.opportunity.with_context(tracking_disable=False)
        lead.env.cr.precommit.run()  # Odoo logs no change of a record that is new in the transaction
        lead.write({"stage_id": self.talks.id, "willingness": "3"})
        self.env.flush_all()
        self.env.cr.precommit.run()
        lead.invalidate_recordset()
        self.assertTrue(lead.message_ids.tracking_value_ids)
        self.assertEqual(self.contacts(self.today), 0)

    def test_messages_on_something_else_with_the_same_number_are_none(self):
        message = self.mail_in()
        self.force(message, model="res.partner")
        self.assert_no_contact()

    def test_the_last_ninety_days_count(self):
        for ago in (0, 89, 90, 400):
            self.mail_in(AS_OF - timedelta(days=ago))
        profile = self.measured()
        self.assertEqual((profile.contact_count_90d, profile.last_contact_date), (2, AS_OF))

    def test_what_comes_later_does_not_count_yet(self):
        self.mail_in(AS_OF - timedelta(days=5))
        self.mail_in(AS_OF + timedelta(days=1))
        profile = self.measured()
        self.assertEqual((profile.contact_count_90d, profile.last_contact_date), (1, AS_OF - timedelta(days=5)))
        self.assertEqual(self.contacts(AS_OF + timedelta(days=1)), 2)

    def test_a_day_begins_where_the_company_works(self):
        self.mail_in(datetime(2025, 3, 9, 23, 30))
        self.assertEqual(self.measured().last_contact_date, AS_OF)
        self.assertEqual(self.contacts(AS_OF - timedelta(days=1)), 0)

    def test_engagement_halves_with_every_half_life(self):
        self.company.grading_half_life_days = 30
        self.lead_scheme([self.linear("engagement", 100)])
        self.mail_in()
        self.mail_in(AS_OF - timedelta(days=30))
        self.assertEqual(self.measured().score, 150)
        self.assertEqual(self.measured(AS_OF + timedelta(days=30)).score, 75)
        self.assertAlmostEqual(
            self.measured(self.today).engagement, 1.5 * 2 ** (-(self.today - AS_OF).days / 30), places=9
        )

    def test_one_finds_leads_by_their_engagement(self):
        self.mail_in(self.today)
        self.lead("Silent")
        self.rescore()
        found = self.env["grading.profile"].search([("engagement", ">", 0.9), ("company_id", "=", self.company.id)])
        self.assertEqual(found.lead_id, self.opportunity)
        quiet = self.env["grading.profile"].search([("engagement", "<", 0.9), ("company_id", "=", self.company.id)])
        self.assertEqual(quiet.lead_id.name, "Silent")


@tagged("post_install", "-at_install")
class TestActivities(ContactCase):
    def activity(self, **vals):
        vals = {"date_deadline": self.today, "user_id": self.env.uid, **vals}
        return self.opportunity.activity_schedule("mail.mail_activity_data_call", **vals)

    def test_planned_ones_are_counted_and_are_no_contact(self):
        self.activity()
        self.activity(date_deadline=self.today + timedelta(days=30))
        profile = self.measured(self.today)
        self.assertEqual((profile.open_activity_count, profile.contact_count_90d), (2, 0))

    def test_one_that_is_done_is_a_contact(self):
        activity = self.activity()
        self.activity()
        activity.action_feedback("They want an offer")
        profile = self.measured(self.today)
        self.assertEqual((profile.open_activity_count, profile.contact_count_90d), (1, 1))
        self.assertEqual(profile.last_contact_date, self.today)

    def test_one_that_was_done_where_it_is_tomorrow_already_is_not_open(self):
        activity = self.activity()
        activity.action_feedback()
        self.force(activity, date_done=self.today + timedelta(days=1))
        self.assertEqual(self.measured(self.today).open_activity_count, 0)

    def test_one_that_is_cancelled_is_nothing(self):
        self.activity().unlink()
        profile = self.measured(self.today)
        self.assertEqual((profile.open_activity_count, profile.contact_count_90d), (0, 0))

    def test_one_on_something_else_with_the_same_number_is_none(self):
        self.force(self.activity(), res_model="res.partner")
        self.assertEqual(self.measured(self.today).open_activity_count, 0)


@tagged("post_install", "-at_install")
class TestMeetings(ContactCase):
    def test_one_that_was_held_is_a_contact(self):
        self.meeting(self.opportunity, AS_OF - timedelta(days=3))
        profile = self.measured()
        self.assertEqual((profile.contact_count_90d, profile.last_contact_date), (1, AS_OF - timedelta(days=3)))

    def test_one_that_is_still_to_come_is_none_yet(self):
        self.meeting(self.opportunity, AS_OF + timedelta(days=3))
        self.assertEqual(self.contacts(), 0)
        self.assertEqual(self.contacts(AS_OF + timedelta(days=3)), 1)

    def test_one_that_is_not_over_yet_is_none(self):
        begun = fields.Datetime.now() - timedelta(minutes=20)
        self.meeting(self.opportunity, begun)
        self.meeting(self.opportunity, fields.Datetime.now() + timedelta(minutes=20))
        self.assert_no_contact(begun.date() + timedelta(days=1))

    def test_one_that_was_archived_is_none(self):
        self.meeting(self.opportunity, AS_OF).active = False
        self.assert_no_contact()

    def test_one_that_all_invited_outsiders_declined_is_none(self):
        luke = self.customer("Luke")
        meeting = self.meeting(self.opportunity, AS_OF, partner_ids=[Command.set((self.sam + luke + self.lena).ids)])
        self.assert_contact()
        outside = meeting.attendee_ids.filtered(lambda attendee: attendee.partner_id != self.sam)
        outside[0].state = "declined"
        self.assert_contact()
        outside.state = "declined"
        self.assert_no_contact()

    def test_one_to_which_only_colleagues_were_invited_is_a_contact_whatever_they_answered(self):
        meeting = self.meeting(self.opportunity, AS_OF, partner_ids=[Command.set(self.sam.ids)])
        meeting.attendee_ids.state = "declined"
        self.assert_contact()

    def test_a_whole_day_counts_on_its_first_day(self):
        meeting = self.meeting(self.opportunity, AS_OF)
        meeting.write({"allday": True, "start_date": AS_OF, "stop_date": AS_OF + timedelta(days=1)})
        self.assertEqual(self.measured().last_contact_date, AS_OF)
        self.assertEqual(self.contacts(AS_OF - timedelta(days=1)), 0)

    def test_a_day_begins_where_the_company_works(self):
        self.meeting(self.opportunity, datetime(2025, 3, 9, 23, 30))
        self.assertEqual(self.measured().last_contact_date, AS_OF)

    def test_one_without_a_lead_is_none(self):
        self.env["calendar.event"].create(
            {"name": "Alone", "start": datetime(2025, 3, 10, 9), "stop": datetime(2025, 3, 10, 10)}
        )
        self.assertEqual(self.contacts(), 0)

    def test_one_that_was_planned_as_an_activity_and_done_counts_once(self):
        meeting = self.meeting(self.opportunity, self.today - timedelta(days=1))  # over, at any hour
        activity = self.opportunity.activity_schedule(
            "mail.mail_activity_data_meeting", date_deadline=self.today, user_id=self.env.uid
        )
        activity.calendar_event_id = meeting
        profile = self.measured(self.today)
        self.assertEqual((profile.contact_count_90d, profile.open_activity_count), (1, 1))
        activity.action_feedback("Good")
        profile = self.measured(self.today)
        self.assertEqual((profile.contact_count_90d, profile.open_activity_count), (1, 0))
