from datetime import datetime, time

from odoo.tests import freeze_time, tagged

from .care_case import DAY, CareCase


@tagged("post_install", "-at_install")
class TestCarePostponedRun(CareCase):
    """A person says that a contact, which is due today, has time."""

    def postpone(self, days=10):
        anna = self.known(last=self.after(-7))
        self.look_after(self.after(-7))
        self.look_after()
        self.plan()
        self.care(anna).put_off_date = self.after(days)
        self.look_after()
        return anna

    def test_what_a_user_has_postponed_is_not_due_before(self):
        anna = self.postpone()
        self.assertEqual(self.care(anna).next_date, self.after(10))
        self.assertEqual(anna.grading_next_contact_date, self.after(10))
        self.assertFalse(self.activities(anna))
        self.assertEqual(self.look_after(), 0)
        self.assertEqual(self.plan(self.after(9)), 0)
        self.assertEqual(self.plan(self.after(10)), 1)
        self.look_after(self.after(10))
        self.assertEqual(self.log(anna), [])

    def test_what_is_postponed_to_a_day_before_it_is_due_is_due_on_its_own(self):
        anna = self.known(last=DAY)
        self.look_after()
        self.care(anna).put_off_date = self.after(3)
        self.look_after()
        self.assertEqual(self.care(anna).next_date, self.after(7))

    def test_a_contact_ends_the_postponement(self):
        anna = self.postpone(30)
        self.measure(anna, last_online_date=self.after(2))
        self.look_after(self.after(2))
        care = self.care(anna)
        self.assertEqual((care.put_off_date, care.next_date), (False, self.after(9)))

    def test_doing_it_ends_the_postponement_and_only_that(self):
        calls = self.cadence("Calls", "call")
        anna = self.postpone(30)
        self.care(anna, calls).put_off_date = self.after(40)
        self.measure(anna, last_online_date=DAY)  # a message was written on that day already
        self.care(anna).last_date = DAY
        self.look_after()
        with freeze_time(datetime.combine(DAY, time(12))):
            self.mark_done(self.care(anna))
        care = self.care(anna)
        self.assertEqual((care.put_off_date, care.next_date), (False, self.after(7)))
        self.assertEqual(self.care(anna, calls).next_date, self.after(40))
