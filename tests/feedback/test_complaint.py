from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .test_assessment import FeedbackCase


@tagged("post_install", "-at_install")
class TestComplaint(FeedbackCase):
    def ago(self, days):
        return self.today - timedelta(days=days)

    def test_the_severity_suggests_until_when(self):
        days = {"minor": 14, "major": 7, "serious": 2}
        for severity, delay in days.items():
            complaint = self.complain(self.ada, severity=severity)
            self.assertEqual(complaint.date_open, self.today)
            self.assertEqual(complaint.date_due, self.today + timedelta(days=delay))

    def test_a_due_day_chosen_by_hand_stays(self):
        chosen = self.today + timedelta(days=40)
        complaint = self.complain(self.ada, severity="serious", date_due=chosen)
        complaint.note = "Patience was asked for"
        self.assertEqual(complaint.date_due, chosen)

    def test_what_has_no_subject_is_called_by_its_note_or_its_customer(self):
        self.assertEqual(self.complain(self.ada, note="Too late\nand wet").name, "Too late")
        self.assertEqual(self.complain(self.ada).name, "Complaint by Ada & Sons")
        self.assertEqual(self.complain(self.ada, name="Wet", note="Rain").name, "Wet")

    def test_it_is_overdue_from_the_day_after_it_was_due_until_it_is_closed(self):
        Complaint = self.env["grading.complaint"]
        due_today = self.complain(self.ada, date_open=self.ago(14))
        late = self.complain(self.ada, date_open=self.ago(15))
        closed = self.complain(self.ada, date_open=self.ago(30), date_close=self.today, outcome="resolved")
        self.assertEqual((due_today + late + closed).mapped("is_overdue"), [False, True, False])
        mine = [("partner_id", "=", self.ada.id)]
        self.assertEqual(Complaint.search([*mine, ("is_overdue", "=", True)]), late)
        self.assertEqual(Complaint.search([*mine, ("is_overdue", "=", False)]), due_today + closed)

    def test_closing_by_the_button_needs_an_outcome(self):
        complaint = self.complain(self.ada, name="Wet boxes")
        with self.assert_refused("Wet boxes", "outcome"):
            complaint.action_close()
        self.assertFalse(complaint.date_close)

    def test_imported_complaints_may_be_closed_without_an_outcome(self):
        complaint = self.complain(self.ada, name="Wet boxes", date_close=self.today)
        self.assertEqual((complaint.state, complaint.outcome), ("closed", False))

    def test_closing_and_reopening(self):
        complaint = self.complain(self.ada, name="Wet boxes", date_open=self.ago(3))
        complaint.outcome = "compensated"
        complaint.action_close()
        self.assertEqual((complaint.date_close, complaint.state), (self.today, "closed"))
        with self.assert_refused("Wet boxes", "closed already", error=UserError):
            complaint.action_close()
        complaint.action_reopen()
        self.assertEqual((complaint.date_close, complaint.outcome, complaint.state), (False, False, "open"))

    def test_days_in_the_wrong_order_are_refused(self):
        yesterday = self.ago(1)
        for vals in ({"date_due": yesterday}, {"date_close": yesterday, "outcome": "resolved"}):
            with self.subTest(vals=vals), self.assert_refused("Wet boxes", "before", error=ValidationError):
                self.complain(self.ada, name="Wet boxes", **vals)

    def test_days_in_the_future_are_refused(self):
        tomorrow = self.today + timedelta(days=1)
        for vals in ({"date_open": tomorrow}, {"date_close": tomorrow, "outcome": "resolved"}):
            with self.subTest(vals=vals), self.assert_refused("Wet boxes", "in the future", error=ValidationError):
                self.complain(self.ada, name="Wet boxes", **vals)

    def test_a_copy_is_open(self):
        complaint = self.complain(self.ada, date_close=self.today, outcome="resolved")
        self.assertEqual(complaint.copy().state, "open")

    def test_whatever_a_measure_reads_asks_for_a_new_score(self):
        complaint = self.complain(self.son)
        self.assertEqual(self.queued(), self.ada)
        for vals in ({"severity": "major"}, {"date_close": self.today, "outcome": "resolved"}):
            self.clear_queue()
            complaint.write(vals)
            self.assertEqual(self.queued(), self.ada, vals)
        self.clear_queue()
        complaint.note = "Nobody measures this"
        self.assertFalse(self.queued())
        complaint.unlink()
        self.assertEqual(self.queued(), self.ada)

    def test_the_contact_shows_what_is_open_and_whether_it_is_overdue(self):
        self.complain(self.ada, date_close=self.today, outcome="resolved")
        self.assertEqual((self.son.grading_complaint_total, self.son.grading_complaint_open_total), (1, 0))
        self.complain(self.ada)
        self.env.invalidate_all()
        self.assertEqual((self.son.grading_complaint_open_total, self.son.grading_complaint_is_overdue), (1, False))
        self.complain(self.ada, severity="serious", date_open=self.ago(3))
        self.env.invalidate_all()
        self.assertEqual((self.ada.grading_complaint_open_total, self.ada.grading_complaint_is_overdue), (2, True))
        self.assertEqual((self.bob.grading_complaint_total, self.bob.grading_complaint_is_overdue), (0, False))

    def test_the_contacts_list_of_complaints_is_the_customers(self):
        mine = self.complain(self.ada)
        self.complain(self.bob)
        action = self.son.action_grading_view_complaints()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), mine)
