from datetime import datetime, time

from odoo.tests import freeze_time, tagged

from .care_case import DAY, CareCase


@tagged("post_install", "-at_install")
class TestRenewal(CareCase):
    """The talk 60 days before the next order; beside it Gold is called every month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.weekly.active = False
        cls.calls = cls.cadence("Calls", "call", unit="month")
        cls.talk = cls.cadence("Renewal", "call", 1, "month", anchor="next_order", anchor_days=60)

    def renewing(self, last=-300, following=65):
        """A customer who has ordered and will order again so many days from the day of the test."""
        partner = self.known(last_order_date=self.after(last), next_order_date=self.after(following))
        self.look_after()
        return partner

    def do(self, partner, cadence, day):
        self.plan(self.after(day))
        activity = self.activities(partner).filtered(lambda a: a.grading_care_id.cadence_id == cadence)
        with freeze_time(datetime.combine(self.after(day), time(12))):
            activity.action_feedback()

    def test_it_is_due_so_many_days_before_and_once(self):
        anna = self.renewing()
        self.assertEqual(self.care(anna, self.talk).next_date, self.after(5))
        self.do(anna, self.talk, 6)
        care = self.care(anna, self.talk)
        self.assertEqual((care.last_date, care.next_date), (self.after(6), False))
        self.assertEqual(self.log(anna)[-1], (self.after(5), "late", self.after(6)))
        self.look_after(self.after(40))
        self.assertFalse(care.next_date)

    def test_after_the_next_order_there_is_one_again(self):
        anna = self.renewing()
        self.do(anna, self.talk, 6)
        self.measure(anna, last_order_date=self.after(60), next_order_date=self.after(400))
        self.look_after(self.after(60))
        self.assertEqual(self.care(anna, self.talk).next_date, self.after(340))

    def test_another_call_is_not_the_talk(self):
        anna = self.renewing()
        self.plan(self.after(6))
        self.measure(anna, last_call_date=self.after(6))
        self.look_after(self.after(6))
        self.assertEqual(self.care(anna, self.talk).next_date, self.after(5))
        self.assertEqual(self.activities(anna).grading_care_id.cadence_id, self.talk)

    def test_the_monthly_call_that_was_done_leaves_the_talk_planned(self):
        anna = self.renewing()
        self.look_after(self.after(40))
        self.do(anna, self.calls, 40)
        self.assertEqual(self.activities(anna).grading_care_id.cadence_id, self.talk)
        self.assertEqual(self.care(anna, self.talk).next_date, self.after(5))

    def test_a_customer_who_orders_more_often_than_that_has_none(self):
        monthly = self.renewing(-1, 29)
        self.assertTrue(self.care(monthly, self.talk))
        self.assertFalse(self.care(monthly, self.talk).next_date)
        self.look_after(self.after(100))
        self.assertNotIn(self.talk, self.env["grading.care.log"].search([]).cadence_id)
        self.measure(monthly, last_order_date=DAY, next_order_date=self.after(61))
        self.look_after()
        self.assertEqual(self.care(monthly, self.talk).next_date, self.after(1))
