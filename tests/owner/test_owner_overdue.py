from datetime import datetime, time

from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from ..care.care_case import DAY
from .owner_case import LAST_CONTACT, PoolCase


@tagged("post_install", "-at_install")
class TestOwnerOverdue(PoolCase):
    """The attention list and the pool call the same contact overdue, from the same day on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.grading_pool_warning_days = 0

    def first_days(self, subject):
        """The first days on which the attention list has the lead or prospect, and on which its owner loses it."""
        scheme = self.lead_scheme() if subject._name == "crm.lead" else self.scheme(name="Service")
        self.measure(subject, scheme_id=scheme.id)
        listed = lost = None
        for day in map(self.after, range(-1, 30)):
            self.env.invalidate_all()
            with freeze_time(datetime.combine(day, time(12))):
                care = self.env["grading.care"].search([("is_neglected", "=", True)])
            self.keep_pool(day)
            if not listed and self.care(subject) in care:
                listed = day
            if not lost and not subject.user_id:
                lost = day
        return listed, lost

    def test_after_two_intervals_both_have_it_on_the_same_day(self):
        for make in (self.overdue_lead, self.prospect):
            with self.subTest(make.__name__):
                self.assertEqual(self.first_days(make()), (self.after(1), self.after(1)))

    def test_without_any_contact_both_count_from_the_day_it_was_first_known(self):
        lead = self.overdue_lead(last=None)
        self.assertEqual(self.first_days(lead), (self.after(15), self.after(15)))

    def test_any_kind_of_contact_counts_for_both(self):
        lead = self.overdue_lead()
        self.measure(lead, last_visit_date=self.after(3))
        self.assertEqual(self.first_days(lead), (self.after(18), self.after(18)))

    def test_paperwork_is_a_contact_for_neither(self):
        lead = self.overdue_lead()
        with freeze_time(f"{DAY} 12:00:00"):
            self.care(lead)._mark_done("none")
        self.assertEqual(self.first_days(lead), (self.after(1), self.after(1)))

    def test_a_hand_over_gives_the_owner_time_and_the_attention_list_none(self):
        lead = self.overdue_lead()
        with freeze_time(f"{DAY} 12:00:00"):
            lead.user_id = self.bob
        self.assertEqual(self.first_days(lead), (self.after(1), self.after(15)))

    def test_a_cadence_that_others_keep_takes_nothing_from_the_owner(self):
        self.weekly.write({"responsible_type": "user", "user_id": self.seller.id})
        lead = self.overdue_lead()
        self.assertEqual(self.first_days(lead), (self.after(1), None))

    def test_the_last_contact_is_the_same_in_python_and_in_sql(self):
        lead = self.overdue_lead()
        profile = self.lead_profile(lead)
        for dates in (
            {"last_online_date": LAST_CONTACT, "last_call_date": DAY},
            {"last_call_date": None, "last_visit_date": self.after(2)},
            {"last_online_date": None, "last_visit_date": None},
        ):
            profile.write(dates)
            self.env.flush_all()
            Profile = self.env["grading.profile"]
            [(contact, since)] = self.env.execute_query(
                SQL(
                    "SELECT %s, %s FROM grading_profile AS profile WHERE id = %s",
                    Profile._last_contact_to_sql("profile"),
                    Profile._silent_since_to_sql("profile"),
                    profile.id,
                )
            )
            self.assertEqual((contact or False, since), (profile._last_contact_date(), profile._silent_since()))
