import math
import random
from datetime import datetime, timedelta
from typing import NamedTuple

import pytz

from odoo.tests import tagged

from ..common import seeds
from .interaction_case import AS_OF, InteractionCase

BRUSSELS = pytz.timezone("Europe/Brussels")
# The last three are the system's; comments are frequent, and need a person that they reach.
KINDS = ("email", "email_outgoing", "comment", "comment", "notification", "auto_comment", "user_notification")
CHANNELS = ("online", "call", "visit")


class Message(NamedTuple):
    """What the random world knows of a message."""

    kind: str
    moment: datetime
    author: object  # a contact or none
    sent_to: tuple  # contacts
    failed: tuple  # contacts that it never reached
    record: object
    done: str | None  # the channel of the activity that it notes


class Meeting(NamedTuple):
    moment: datetime
    hours: float
    organizer: object
    people: tuple
    declined: tuple
    lead: object
    video: bool


@tagged("post_install", "-at_install")
class TestInteractionOracle(InteractionCase):
    """What happened in a random world, repeated in plain Python, contact by contact."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rita, cls.robot = cls.manager("rita").partner_id, cls.env.ref("base.partner_root")
        cls.stranger = cls.customer("Stranger")
        cls.dan = cls.customer("Dan", is_company=True, customer_rank=1)
        cls.dora = cls.customer("Dora", parent_id=cls.dan.id)
        cls.leads = cls.lead("Hers", partner_id=cls.carl.id) + cls.lead("His", partner_id=cls.dan.id) + cls.lead("Open")
        cls.kinds = cls.env["mail.activity.type"].create(
            [{"name": channel, "grading_channel": channel} for channel in (*CHANNELS, "none")]
        )
        cls.families = {cls.cleo: (cls.cleo, cls.carl, cls.cora), cls.dan: (cls.dan, cls.dora)}
        cls.ours = (cls.sam, cls.rita, cls.robot)

    # ------------------------------------------------------------
    # The random world
    # ------------------------------------------------------------

    def some_moment(self, rng):
        return datetime.combine(AS_OF, datetime.min.time()) - timedelta(minutes=rng.randint(-2000, 60 * 24 * 60))

    def some_message(self, rng):
        people = [self.sam, self.rita, self.carl, self.cora, self.dan, self.dora, self.stranger]
        records = [self.cleo, self.cora, self.dora, self.sale, self.team, self.stranger, *self.leads, self.leads[0]]
        sent_to = tuple(rng.sample(people, rng.choice((0, 1, 1, 2))))
        return Message(
            rng.choice(KINDS),
            self.some_moment(rng),
            rng.choice((self.sam, self.sam, self.rita, self.robot, self.carl, self.dora, self.stranger, None)),
            sent_to,
            tuple(person for person in sent_to if rng.random() < 0.3),
            rng.choice(records),
            rng.choice((*CHANNELS, "none")) if rng.random() < 0.15 else None,
        )

    def some_meeting(self, rng):
        people = tuple(rng.sample((self.sam, self.cora, self.dora, self.dan, self.stranger), rng.choice((1, 2, 3))))
        return Meeting(
            self.some_moment(rng),
            rng.choice((0.5, 1, 2.25)),
            rng.choice((self.sam, self.rita)),
            people,
            tuple(person for person in people if rng.random() < 0.3),
            rng.choice((*self.leads, self.leads[:0], self.leads[:0])),
            rng.random() < 0.3,
        )

    def write_messages(self, messages):
        kinds = {kind.grading_channel: kind.id for kind in self.kinds}
        records = self.env["mail.message"].create(
            [
                self.said_values(
                    message.record,
                    message.kind,
                    message.moment,
                    author=message.author or False,
                    to=message.sent_to,
                    mail_activity_type_id=kinds.get(message.done),
                )
                for message in messages
            ]
        )
        self.env["mail.notification"].create(
            [
                {
                    "mail_message_id": record.id,
                    "res_partner_id": person.id,
                    "notification_type": "email",
                    "notification_status": "bounce" if person in message.failed else "sent",
                }
                for record, message in zip(records, messages, strict=True)
                for person in message.sent_to
            ]
        )

    def write_meetings(self, meetings):
        events = self.env["calendar.event"].create(
            [
                self.meeting_with_values(
                    *meeting.people,
                    day=meeting.moment,
                    stop=meeting.moment + timedelta(hours=meeting.hours),
                    user_id=meeting.organizer.user_ids.id,
                    opportunity_id=meeting.lead.id,
                    videocall_location="https://example.com/room" if meeting.video else False,
                )
                for meeting in meetings
            ]
        )
        for event, meeting in zip(events, meetings, strict=True):
            absent = self.env["res.partner"].union(*meeting.declined)
            event.attendee_ids.filtered_domain([("partner_id", "in", absent.ids)]).state = "declined"

    def forget_everything(self):
        """No message on any document and no meeting, past the rules of deleting them one by one."""
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM mail_message WHERE model IS NOT NULL")
        self.env.cr.execute("DELETE FROM calendar_event")
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # The oracle
    # ------------------------------------------------------------

    def customer_of(self, record):
        """Whose document ``record`` is."""
        partner = record if record._name == "res.partner" else getattr(record, "partner_id", None)
        return next((customer for customer, family in self.families.items() if partner in family), None)

    def customers_of_message(self, message):
        """The customers and the lead with whom it was a contact."""
        lead = message.record if message.record._name == "crm.lead" else None
        if message.done:
            found = {self.customer_of(message.record)} if message.record != self.team else set()
            return (found, lead) if message.done != "none" else (set(), None)
        if message.kind in KINDS[4:] or message.author == self.robot:
            return set(), None
        reached = [person for person in message.sent_to if person not in message.failed]
        people = [*reached, message.author]
        found = {customer for customer, family in self.families.items() if any(who in family for who in people)}
        addressed = message.kind in ("email", "comment")
        outsiders = [person for person in message.sent_to if person not in self.ours]
        arrived = not outsiders or any(person in reached for person in outsiders)
        if not lead and (message.author is None if addressed else arrived):
            found.add(self.customer_of(message.record))
        if lead:
            outside = message.author not in self.ours or any(person in reached for person in outsiders)
            lead = lead if (outside if addressed else arrived) else None
            found |= {self.customer_of(lead)} if lead else set()
        return found, lead

    def contacts(self, messages, meetings):
        """``[(customer or none, lead or none, channel, moment, hours, our user)]``"""
        contacts = []
        for message in messages:
            customers, lead = self.customers_of_message(message)
            who = message.author if message.author in self.ours else None
            owner = self.customer_of(lead) if lead else None
            for customer in (customers - {None}) | ({None} if lead and not owner else set()):
                about = lead if customer == owner else None
                contacts.append((customer, about, message.done or "online", message.moment, 0, who))
        for meeting in meetings:
            people = [person for person in meeting.people if person not in meeting.declined]
            customers = {customer for customer, family in self.families.items() if any(p in family for p in people)}
            owner = self.customer_of(meeting.lead) if meeting.lead else None
            channel = "online" if meeting.video else "visit"
            outsiders = [person for person in meeting.people if person not in self.ours]
            if outsiders and not set(outsiders) & set(people):
                continue
            for customer in customers | ({owner} if meeting.lead else set()):
                about = meeting.lead if meeting.lead and customer == owner else None
                contacts.append((customer, about, channel, meeting.moment, meeting.hours, meeting.organizer))
        return contacts

    def days(self, contacts, subject, channels=CHANNELS):
        days = [
            pytz.utc.localize(moment).astimezone(BRUSSELS).date()
            for customer, lead, channel, moment, _hours, _who in contacts
            if subject in (customer, lead) and channel in channels
        ]
        return [day for day in days if day <= AS_OF]

    def last_dates(self, contacts, subject):
        return tuple(max(self.days(contacts, subject, [channel]), default=False) for channel in CHANNELS)

    # ------------------------------------------------------------
    # The comparison
    # ------------------------------------------------------------

    def test_random_worlds(self):
        for seed in seeds(11):
            rng = random.Random(seed)
            messages = [self.some_message(rng) for _number in range(rng.randint(0, 60))]
            meetings = [self.some_meeting(rng) for _number in range(rng.randint(0, 6))]
            with self.subTest(seed=seed):
                self.forget_everything()
                self.write_messages(messages)
                self.write_meetings(meetings)
                self.compare(self.contacts(messages, meetings))

    def compare(self, contacts):
        self.rescore(as_of=AS_OF)
        for customer in self.families:
            self.assertEqual(self.dates(self.profile(customer)), self.last_dates(contacts, customer), customer.name)
        for lead in self.leads:
            self.assertEqual(self.dates(self.lead_profile(lead)), self.last_dates(contacts, lead), lead.name)
            self.compare_lead(self.lead_profile(lead), self.days(contacts, lead))
        rows = self.env["grading.effort.report"].search([("partner_id", "!=", self.stranger.id)])
        got = [(r.partner_id.id, r.lead_id.id, r.channel, r.date, r.hours, r.user_id.partner_id.id) for r in rows]
        expected = [
            (customer.id if customer else False, lead.id if lead else False, channel, moment, hours, who.id)
            for customer, lead, channel, moment, hours, who in contacts
            if who
        ]
        self.assertEqual(sorted(got, key=repr), sorted(expected, key=repr))

    def compare_lead(self, profile, days):
        self.assertEqual(profile.last_contact_date, max(days, default=False))
        self.assertEqual(profile.contact_count_90d, sum(day > AS_OF - timedelta(days=90) for day in days))
        half_life = self.company.grading_half_life_days
        worth = sum(2 ** ((day - AS_OF).days / half_life) for day in days)
        got = profile.engagement_log and math.exp(profile.engagement_log - self.company._grading_decay_log(AS_OF))
        self.assertAlmostEqual(got or 0, worth, places=9)

    def dates(self, profile):
        return profile.last_online_date, profile.last_call_date, profile.last_visit_date
