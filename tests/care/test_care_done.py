from datetime import datetime, time
from unittest.mock import patch

from odoo.api import Environment
from odoo.tests import freeze_time, tagged

from .care_case import DAY, CareCase


@tagged("post_install", "-at_install")
class TestCareDone(CareCase):
    """What becomes of a contact that was due."""

    def due(self, days=0, name="Anna"):
        """A customer whose weekly contact, covered for some time, has been due for so many days, and planned."""
        partner = self.known(name, last=self.after(-7 - days))
        self.look_after(self.after(-7 - days))
        self.look_after()
        self.plan()
        return partner

    def do(self, activity, day=DAY):
        with freeze_time(datetime.combine(day, time(12))):
            activity.action_feedback(feedback="Done")

    def test_done_starts_the_clock_anew_at_once(self):
        anna = self.due()
        self.do(self.activities(anna))
        care = self.care(anna)
        self.assertEqual((care.last_date, care.next_date, care.activity_id.id), (DAY, self.after(7), False))
        self.assertEqual(anna.grading_next_contact_date, self.after(7))
        self.assertEqual(self.log(anna), [(DAY, "kept", DAY)])
        self.assertEqual(self.plan(self.after(6)), 0)
        self.assertEqual(self.plan(self.after(7)), 1)

    def test_the_next_run_confirms_what_was_done(self):
        self.scheme([self.linear("order_amount")])
        anna = self.customer("Anna")
        self.order(anna, 500, self.after(-30))
        self.rescore(DAY)
        self.look_after()
        self.plan()
        self.do(self.activities(anna))
        done = self.care(anna).read(["last_date", "next_date", "done_date"])
        self.message_day(anna, DAY)
        self.rescore(DAY)
        self.assertEqual(self.care(anna).read(["last_date", "next_date", "done_date"]), done)
        self.assertEqual(done[0]["next_date"], self.after(7))

    def test_a_run_that_had_measured_before_does_not_write_over_it(self):
        self.scheme([self.linear("order_amount")])
        anna = self.customer("Anna")
        self.order(anna, 500, self.after(-30))
        self.rescore(self.after(-1))
        self.plan()
        self.force(self.profile(anna), write_date=datetime.combine(self.after(-1), time(12)))
        Staging = self.env.registry["grading.worktable"]
        write_profiles = Staging._write_profile_batch

        def done_meanwhile(staging, rules, first, last):
            self.do(self.activities(anna))
            return write_profiles(staging, rules, first, last)

        self.order(anna, 10, DAY)
        with patch.object(Staging, "_write_profile_batch", done_meanwhile):
            self.rescore(DAY)
        self.assertEqual(self.profile(anna).last_online_date, DAY)
        self.assertEqual(self.care(anna).next_date, self.after(7))

    def message_day(self, partner, day):
        """What was done was done on that day: the server's clock is the only one that messages know."""
        messages = self.env["mail.message"].search(
            [("model", "=", "res.partner"), ("res_id", "=", partner.id), ("mail_activity_type_id", "!=", False)]
        )
        self.force(messages, date=datetime.combine(day, time(12)))

    def test_done_about_a_lead_counts_for_its_customer_too(self):
        anna = self.known(last=self.after(-9))
        lead = self.lead(user_id=self.seller.id, partner_id=anna.id)
        self.measure(lead, last_online_date=self.after(-9))
        self.look_after()
        self.plan()
        self.do(self.activities(lead))
        self.assertEqual(self.care(lead).next_date, self.after(7))
        self.assertEqual(self.care(anna).next_date, self.after(7))
        self.assertFalse(self.activities(anna))

    def test_a_visit_done_closes_the_online_contact_and_not_the_reverse(self):
        visits = self.cadence("Visits", "visit")
        anna = self.known(last=self.after(-9), last_visit_date=self.after(-9))
        self.look_after()
        self.plan()
        visit = self.activities(anna)
        self.measure(anna, last_online_date=DAY)  # an e-mail was sent
        self.look_after()
        self.assertEqual(self.activities(anna), visit)
        self.assertEqual(visit.sudo().grading_care_ids.cadence_id, visits)
        self.do(visit, self.after(1))
        self.assertFalse(self.activities(anna))
        self.assertEqual(self.care(anna).next_date, self.after(8))
        self.assertEqual(self.care(anna, visits).next_date, self.after(8))

    def test_a_contact_made_otherwise_closes_the_open_activity(self):
        anna = self.due()
        self.measure(anna, last_online_date=DAY)
        self.look_after()
        self.assertFalse(self.activities(anna))
        self.assertFalse(self.care(anna).activity_id)
        self.assertEqual(self.log(anna), [(DAY, "kept", DAY)])

    def test_an_activity_postponed_by_a_user_stays_until_the_contact_is_due_later_still(self):
        anna = self.due()
        self.activities(anna).date_deadline = self.after(10)
        self.measure(anna, last_online_date=DAY)
        self.look_after()
        self.assertEqual(self.activities(anna).date_deadline, self.after(10))
        self.measure(anna, last_online_date=self.after(4))
        self.look_after(self.after(4))
        self.assertFalse(self.activities(anna))

    def test_a_cancelled_activity_is_planned_anew(self):
        anna = self.due()
        self.activities(anna).unlink()
        self.assertFalse(self.care(anna).activity_id)
        self.assertEqual(self.plan(), 1)

    def test_a_customer_who_loses_the_cadence_loses_its_activity(self):
        anna = self.due()
        self.measure(anna, grade_id=self.bronze.id)
        self.look_after()
        self.assertFalse(self.care(anna) or self.activities(anna))

    def test_the_activity_goes_over_to_the_new_salesperson(self):
        anna = self.due()
        other = self.salesman("other")
        anna.user_id = other
        self.look_after()
        self.assertEqual(self.activities(anna).user_id, other)

    def test_the_activity_goes_when_the_customer_loses_the_salesperson(self):
        anna = self.due()
        anna.user_id = False
        self.look_after()
        self.assertFalse(self.activities(anna) or self.care(anna).user_id)

    def test_an_activity_reassigned_by_hand_stays_with_the_new_user(self):
        anna = self.due()
        other = self.salesman("other")
        self.activities(anna).user_id = other
        anna.user_id = False
        self.look_after()
        self.assertEqual(self.activities(anna).user_id, other)

    def test_mail_about_a_lead_without_a_contact_goes_to_the_address_of_the_lead(self):
        lead = self.lead(user_id=self.seller.id, email_from="Nora New <nora@example.com>", contact_name="Nora New")
        self.measure(lead, last_online_date=self.after(-9))
        self.look_after()
        action = self.care(lead).with_user(self.seller).action_mail()
        [partner_id] = action["context"]["default_partner_ids"]
        self.assertEqual(self.env["res.partner"].browse(partner_id).email_normalized, "nora@example.com")

    def test_mail_to_a_customer_goes_to_the_customer(self):
        anna = self.due()
        anna.email = "anna@example.com"
        action = self.care(anna).with_user(self.seller).action_mail()
        self.assertEqual(action["context"]["default_partner_ids"], anna.ids)

    # ------------------------------------------------------------
    # The log
    # ------------------------------------------------------------

    def test_in_time_until_the_tolerance_is_over_and_late_after(self):
        self.weekly.tolerance_days = 2
        in_time, late = self.due(name="In Time"), self.due(name="Late")
        self.measure(in_time, last_online_date=self.after(2))
        self.measure(late, last_online_date=self.after(3))
        self.look_after(self.after(3))
        self.assertEqual(self.log(in_time), [(DAY, "kept", self.after(2))])
        self.assertEqual(self.log(late), [(DAY, "late", self.after(3))])

    def test_each_whole_interval_without_a_contact_is_missed_once_though_runs_were_missed(self):
        anna = self.due()
        self.look_after(self.after(6))
        self.assertEqual(self.log(anna), [])
        self.look_after(self.after(7))
        self.assertEqual(self.log(anna), [(DAY, "missed", False)])
        self.look_after(self.after(7))
        self.look_after(self.after(22))
        missed = [(self.after(days), "missed", False) for days in (0, 7, 14)]
        self.assertEqual(self.log(anna), missed)
        self.measure(anna, last_online_date=self.after(23))
        self.look_after(self.after(23))
        self.assertEqual(self.log(anna), [*missed, (self.after(21), "late", self.after(23))])

    def test_what_was_due_before_the_cadence_covered_the_customer_is_not_missed(self):
        anna = self.known(last=self.after(-700))
        self.look_after()
        self.assertEqual(self.log(anna), [])
        self.measure(anna, last_online_date=DAY)
        self.look_after()
        self.assertEqual(self.log(anna), [(DAY, "kept", DAY)])

    def test_daily_contacts_keep_a_weekly_cadence_once_a_week(self):
        anna = self.due()
        for day in range(21):
            self.measure(anna, last_online_date=self.after(day))
            self.look_after(self.after(day))
        kept = self.log(anna)
        self.assertEqual({state for _due, state, _done in kept}, {"kept"})
        self.assertLessEqual(len(kept), 5)

    def test_the_line_keeps_the_grade_and_the_person_of_that_day(self):
        anna = self.due()
        self.measure(anna, last_online_date=DAY)
        self.look_after()
        self.measure(anna, grade_id=self.bronze.id)
        anna.user_id = self.salesman("other")
        self.look_after()
        line = self.env["grading.care.log"].search([("partner_id", "=", anna.id)])
        self.assertEqual((line.grade_id, line.user_id, line.cadence_id), (self.gold, self.seller, self.weekly))

    def test_no_activity_that_is_done_flushes_what_it_has_nothing_to_do_with(self):
        anna = self.due()
        note = self.env["mail.activity"].create(
            {"res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": anna.id, "user_id": self.seller.id}
        )
        for activity in (note, self.activities(anna)):
            with (
                self.subTest(due_contact=bool(activity.grading_care_id)),
                patch.object(Environment, "flush_all", autospec=True, side_effect=Environment.flush_all) as flush_all,
            ):
                activity._action_done()
            flush_all.assert_not_called()
