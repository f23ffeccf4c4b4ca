from datetime import datetime, time, timedelta

from odoo.tests import freeze_time, tagged

from ..common import with_seeds
from .care_case import DAY, CareCase

# Of which channels a contact answers which: written out here once more, as the documentation says it.
ANSWERS = {"online": {"online"}, "call": {"call", "online"}, "visit": {"visit", "call", "online"}}


@tagged("post_install", "-at_install")
class TestCareTogether(CareCase):
    """One activity for all that one contact answers: a weekly e-mail, a monthly call, a quarterly visit and the talk 60
    days before the next order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calls = cls.cadence("Calls", "call", unit="month")
        cls.visits = cls.cadence("Visits", "visit", 3, "month")
        cls.talk = cls.cadence("Renewal", "call", 1, "month", anchor="next_order", anchor_days=60)
        cls.all_four = cls.weekly + cls.calls + cls.visits + cls.talk

    def everything_due(self, name="Anna", **measures):
        """A customer for whom all four are due since today; covered for a year."""
        partner = self.known(
            name,
            last=self.after(-7),
            **{
                "last_call_date": DAY.replace(month=2),
                "last_visit_date": self.after(-90),  # 4 December
                "last_order_date": self.after(-300),
                "next_order_date": self.after(60),
                **measures,
            },
        )
        self.look_after(self.after(-20))
        self.force(self.env["grading.care"].search([("partner_id", "=", partner.id)]), start_date=self.after(-365))
        self.look_after()
        return partner

    def dates(self, partner):
        return [self.care(partner, cadence).next_date for cadence in (self.weekly, self.calls, self.visits, self.talk)]

    def do(self, activity, day=DAY, **vals):
        with freeze_time(datetime.combine(day, time(12))):
            activity.write(vals)
            activity.action_feedback()

    def test_a_customer_gets_one_activity_for_all_that_is_due(self):
        anna = self.everything_due()
        self.assertEqual(self.dates(anna), [DAY] * 4)
        self.assertEqual(self.plan(), 4)
        activity = self.activities(anna)
        self.assertEqual(
            (len(activity), activity.activity_type_id, activity.user_id), (1, self.visit_type, self.seller)
        )
        self.assertEqual(activity.summary, "Visits (also: Renewal, Calls, Weekly)")
        self.assertEqual(activity.sudo().grading_care_ids.cadence_id, self.all_four)
        self.assertEqual(self.plan(), 0)

    def test_the_visit_answers_all_of_them(self):
        anna = self.everything_due()
        self.plan()
        self.do(self.activities(anna))
        self.assertEqual(self.dates(anna), [self.after(7), DAY.replace(month=4), DAY.replace(month=6), False])
        self.assertEqual(self.log(anna), [(DAY, "kept", DAY)] * 4)
        self.assertFalse(self.activities(anna))
        self.assertEqual(self.plan(), 0)

    def test_a_call_that_was_made_of_it_leaves_the_visit_due(self):
        anna = self.everything_due()
        self.plan()
        self.do(self.activities(anna), activity_type_id=self.call_type.id)
        self.assertEqual(self.profile(anna).last_call_date, DAY)
        # Its own contact is done with it whatever the type, as ever: but no visit was made, so it is due as before.
        self.assertEqual(self.dates(anna), [self.after(7), DAY.replace(month=4), DAY, False])
        self.plan()
        self.assertEqual(self.activities(anna).activity_type_id, self.visit_type)

    def test_an_online_contact_answers_no_call_and_no_talk(self):
        anna = self.everything_due()
        self.plan()
        self.do(self.activities(anna), activity_type_id=self.mail_type.id)
        self.assertEqual(self.dates(anna), [self.after(7), DAY, DAY, DAY])
        self.plan()
        self.assertEqual(self.activities(anna).sudo().grading_care_ids.cadence_id, self.all_four - self.weekly)

    def test_each_channel_stands_alone_where_the_company_says_so(self):
        self.company.grading_visit_counts = False
        anna = self.everything_due()
        self.plan()
        reasons = {activity.activity_type_id: activity.sudo().grading_care_ids for activity in self.activities(anna)}
        self.assertEqual(reasons[self.visit_type].cadence_id, self.visits)
        self.assertEqual(reasons[self.call_type].cadence_id, self.calls + self.talk)
        self.assertEqual(reasons[self.mail_type].cadence_id, self.weekly)

    def test_paperwork_is_done_by_no_contact(self):
        papers = self.env["mail.activity.type"].create({"name": "Papers", "grading_channel": "none"})
        offer = self.cadence("Offer", anchor="activity", activity_type_id=papers.id)
        anna = self.everything_due()
        self.plan()
        alone = self.activities(anna).filtered(lambda activity: activity.activity_type_id == papers)
        self.assertEqual(alone.sudo().grading_care_ids.cadence_id, offer)
        self.do(self.activities(anna) - alone)
        self.assertEqual(self.care(anna, offer).next_date, self.care(anna, offer).start_date)
        self.assertEqual(self.activities(anna), alone)

    def test_what_becomes_due_later_joins_the_open_activity(self):
        anna = self.everything_due(last_visit_date=self.after(-88), next_order_date=self.after(61))
        self.plan()
        activity = self.activities(anna)
        self.assertEqual(activity.summary, "Calls (also: Weekly)")
        activity.note = "<p>Mine</p>"
        self.talk.note = "<p>About the talk</p>"
        self.look_after(self.after(1))
        self.plan(self.after(1))
        self.assertEqual(self.activities(anna), activity)
        self.assertEqual(
            (activity.activity_type_id, activity.note), (self.call_type, "<p>Mine</p><p>About the talk</p>")
        )
        self.look_after(self.after(2))
        self.plan(self.after(2))
        self.assertEqual(self.activities(anna), activity)
        self.assertEqual(activity.activity_type_id, self.visit_type)
        self.assertEqual(activity.summary, "Visits (also: Renewal, Calls, Weekly)")
        self.do(activity, self.after(2))
        self.assertFalse(self.activities(anna))

    def test_the_limit_of_a_day_counts_activities(self):
        self.company.grading_contacts_per_day = 2
        for name in ("Anna", "Bert", "Cleo"):
            self.everything_due(name)
        self.plan()
        self.assertEqual(len(self.activities()), 2)
        self.assertEqual([len(activity.sudo().grading_care_ids) for activity in self.activities()], [4, 4])

    def test_another_persons_contact_is_another_activity(self):
        boss = self.salesman("boss")
        self.visits.write({"responsible_type": "user", "user_id": boss.id})
        anna = self.everything_due()
        self.plan()
        reasons = {activity.user_id: activity.sudo().grading_care_ids.cadence_id for activity in self.activities(anna)}
        self.assertEqual(reasons, {boss: self.visits, self.seller: self.all_four - self.visits})

    def test_a_reason_that_goes_to_another_person_leaves_the_activity(self):
        anna = self.everything_due()
        self.plan()
        boss = self.salesman("boss")
        self.talk.write({"responsible_type": "user", "user_id": boss.id})
        self.look_after()
        self.plan()
        reasons = {activity.user_id: activity.sudo().grading_care_ids.cadence_id for activity in self.activities(anna)}
        self.assertEqual(reasons, {boss: self.talk, self.seller: self.all_four - self.talk})

    def test_an_e_mail_that_was_sent_takes_only_its_reason_away(self):
        anna = self.everything_due()
        self.plan()
        self.measure(anna, last_online_date=DAY)
        self.look_after()
        self.assertEqual(self.activities(anna).sudo().grading_care_ids.cadence_id, self.all_four - self.weekly)

    def test_a_cadence_that_ends_leaves_the_other_reasons_planned(self):
        anna = self.everything_due()
        self.plan()
        self.talk.active = False
        self.assertEqual(self.activities(anna).activity_type_id, self.visit_type)
        self.visits.active = False
        self.assertFalse(self.activities(anna))
        self.plan()
        self.assertEqual(self.activities(anna).sudo().grading_care_ids.cadence_id, self.weekly + self.calls)

    def test_a_cancelled_activity_leaves_all_its_reasons_out_once(self):
        anna = self.everything_due()
        self.plan()
        with freeze_time(datetime.combine(DAY, time(12))):
            self.activities(anna).with_user(self.seller).unlink()
        months = [DAY.replace(month=4), DAY.replace(month=6), DAY.replace(month=4)]
        self.assertEqual(self.dates(anna), [self.after(7), *months])
        self.assertEqual({state for _due, state, _done in self.log(anna)}, {"missed"})

    def test_an_activity_that_is_moved_takes_all_its_reasons_along(self):
        anna = self.everything_due()
        self.plan()
        self.activities(anna).with_user(self.seller).date_deadline = self.after(3)
        self.assertEqual(self.dates(anna), [self.after(3)] * 4)

    # ------------------------------------------------------------
    # Laws
    # ------------------------------------------------------------

    @with_seeds(6)
    def test_whatever_the_cadences_each_counts_as_answered_by_its_own_rule(self, chance):
        self.env["grading.cadence"].search([]).active = False
        cadences = [self.any_cadence(chance, number) for number in range(chance.randint(2, 6))]
        names = ("last_online_date", "last_call_date", "last_visit_date")
        last = {name: self.after(-chance.randint(1, 40)) for name in names}
        anna = self.known("Any", last_order_date=self.after(-200), next_order_date=self.after(chance.choice((30, 90))))
        self.measure(anna, **last)
        self.look_after()
        self.plan()
        before = {cadence: self.care(anna, cadence).next_date for cadence in cadences}
        due = [cadence for cadence in cadences if before[cadence] and before[cadence] <= DAY]
        open_ones = self.activities(anna)
        self.assertEqual(len(open_ones), bool(due))
        self.assertEqual({*open_ones.sudo().grading_care_ids.cadence_id}, {*due})
        if not due:
            return
        highest = max((cadence.channel for cadence in due), key=[*ANSWERS].index)
        made = chance.choice(["online", "call", "visit"])
        kind = {"online": self.mail_type, "call": self.call_type, "visit": self.visit_type}
        self.assertEqual(open_ones.activity_type_id, kind[highest])
        leading = open_ones.sudo().grading_care_id.cadence_id
        self.do(open_ones, activity_type_id=kind[made].id)
        last[f"last_{made}_date"] = DAY
        for cadence in cadences:
            with self.subTest(cadence=cadence.name):
                self.assertEqual(
                    self.care(anna, cadence).next_date, self.expected(cadence, last, before, due, made, leading)
                )
        self.assertEqual(self.look_after(), 0)

    def any_cadence(self, chance, number):
        channel, anchor = chance.choice([*ANSWERS]), chance.choice(["contact", "contact", "activity", "next_order"])
        every = timedelta(days=chance.randint(1, 30))
        return self.cadence(f"{number} {channel} {anchor}", channel, every.days, "day", anchor=anchor)

    def expected(self, cadence, last, before, due, made, leading):
        """The next date by each cadence's own rule: naive, from the days on which contacts were made."""
        interval = timedelta(days=cadence.interval_number)
        if cadence.anchor == "contact":
            answers = [last[f"last_{channel}_date"] for channel in ANSWERS if cadence.channel in ANSWERS[channel]]
            return max(answers) + interval
        is_done = cadence in due and (cadence.channel in ANSWERS[made] or cadence == leading)
        if not is_done:
            return before[cadence]
        return DAY + interval if cadence.anchor == "activity" else False
