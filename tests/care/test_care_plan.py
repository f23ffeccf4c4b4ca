from datetime import date, datetime, time, timedelta

import psycopg2

from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .care_case import DAY, CareCase


@tagged("post_install", "-at_install")
class TestCarePlan(CareCase):
    """Contacts that are due become activities."""

    def due(self, name="Anna", days=0, **measures):
        """A customer whose weekly contact has been due for so many days."""
        partner = self.known(name, last=self.after(-7 - days), **measures)
        self.look_after()
        return partner

    def test_one_activity_for_each_contact_that_is_due_and_never_a_second_one(self):
        anna = self.due()
        self.assertEqual(self.plan(), 1)
        self.assertEqual(self.plan(), 0)
        self.assertEqual(self.plan(self.after(1)), 0)
        activity = self.activities(anna)
        self.assertEqual(len(activity), 1)
        self.assertEqual(
            (activity.user_id, activity.date_deadline, activity.activity_type_id, activity.automated),
            (self.seller, DAY, self.mail_type, True),
        )
        self.assertEqual(self.care(anna).activity_id, activity)

    def test_nothing_is_planned_before_it_is_due(self):
        self.due(days=-1)
        self.assertEqual(self.plan(), 0)
        self.assertEqual(self.plan(self.after(1)), 1)

    def test_runs_that_were_missed_are_made_up_for_with_one_activity(self):
        anna = self.due()
        self.assertEqual(self.plan(self.after(30)), 1)
        self.assertEqual(self.activities(anna).date_deadline, self.after(30))

    def test_the_database_refuses_a_second_open_activity(self):
        anna = self.due()
        self.plan()
        activity = self.activities(anna)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.env.cr.savepoint(),
        ):
            activity.copy({"grading_care_id": self.care(anna).id})
            self.env.flush_all()

    def test_the_scheduled_action_plans_what_is_due(self):
        for number in range(3):
            self.due(f"Customer {number}")
        cron = self.env.ref("customer_grading.ir_cron_plan_care")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(len(self.activities()), 3)

    def test_a_lead_gets_its_activity_itself(self):
        lead = self.lead(user_id=self.seller.id)
        self.measure(lead, last_online_date=self.after(-9))
        self.look_after()
        self.assertEqual(self.plan(), 1)
        self.assertEqual(self.activities(lead).user_id, self.seller)

    # ------------------------------------------------------------
    # What must not be planned
    # ------------------------------------------------------------

    def test_none_for_a_customer_not_to_be_disturbed(self):
        anna = self.due()
        anna.grading_do_not_disturb = True
        self.assertEqual(self.plan(), 0)

    def test_never_about_the_lead_of_a_person_whose_company_is_not_to_be_disturbed(self):
        company = self.customer("Company", is_company=True)
        person = self.customer("Person", parent_id=company.id)
        lead = self.lead(user_id=self.seller.id, partner_id=person.id)
        self.measure(lead, last_online_date=self.after(-9))
        self.look_after()
        company.grading_do_not_disturb = True
        self.assertEqual(self.plan(), 0)

    def test_not_to_be_disturbed_closes_what_is_planned(self):
        anna = self.due()
        self.plan()
        anna.grading_do_not_disturb = True
        self.assertFalse(self.activities(anna))

    def test_never_online_for_a_customer_on_the_blacklist_but_by_phone(self):
        calls = self.cadence("Calls", "call")
        anna = self.known(last=self.after(-20), last_call_date=self.after(-20))
        anna.email = "Anna <anna@example.com>"
        self.env["mail.blacklist"]._add("anna@example.com")
        self.look_after()
        self.assertEqual(self.plan(), 1)
        self.assertEqual(self.activities(anna).grading_care_id.cadence_id, calls)

    def test_none_for_an_archived_customer(self):
        anna = self.due()
        self.force(anna, active=False)
        self.assertEqual(self.plan(), 0)

    def test_never_for_a_cadence_that_was_just_archived(self):
        self.due()
        self.weekly.active = False
        self.assertEqual(self.plan(), 0)

    def test_none_without_a_responsible_user(self):
        anna = self.known(last=self.after(-9))
        anna.user_id = False
        self.look_after()
        self.assertEqual(self.plan(), 0)

    # ------------------------------------------------------------
    # When
    # ------------------------------------------------------------

    def test_on_a_weekend_it_is_planned_for_monday_once(self):
        saturday, monday = date(2026, 3, 7), date(2026, 3, 9)
        anna = self.due()
        self.assertEqual(self.plan(saturday), 1)
        self.assertEqual(self.plan(date(2026, 3, 8)), 0)
        self.assertEqual(self.activities(anna).date_deadline, monday)

    def test_public_holidays_and_leaves_move_it_to_the_next_working_day(self):
        calendar = self.company.resource_calendar_id
        resource = self.env["resource.resource"].create(
            {"name": "Seller", "user_id": self.seller.id, "company_id": self.company.id, "calendar_id": calendar.id}
        )
        leave = {"calendar_id": calendar.id, "company_id": self.company.id}
        self.env["resource.calendar.leaves"].create(
            [
                {
                    **leave,
                    "name": "Holiday",
                    "date_from": datetime.combine(DAY, time.min) - timedelta(hours=2),
                    "date_to": datetime.combine(DAY, time.max),
                },
                {
                    **leave,
                    "name": "Leave",
                    "resource_id": resource.id,
                    "date_from": datetime.combine(self.after(1), time.min),
                    "date_to": datetime.combine(self.after(1), time.max),
                },
            ]
        )
        anna = self.due()
        self.plan()
        self.assertEqual(self.activities(anna).date_deadline, self.after(2))

    def test_today_is_what_it_is_where_the_salesperson_is(self):
        before_midnight = datetime(2026, 3, 3, 18)  # the 4th in Tokyo since three hours
        anna = self.due()
        self.assertEqual(self.plan(before_midnight), 0)
        self.seller.tz = "Asia/Tokyo"
        self.assertEqual(self.plan(before_midnight), 1)
        self.assertEqual(self.activities(anna).date_deadline, DAY)

    def test_the_day_begins_an_hour_earlier_where_summer_time_has_begun(self):
        winter, summer = date(2026, 3, 27), date(2026, 3, 30)  # a Friday, and the Monday after the change
        for day, night in ((winter, 23), (summer, 22)):
            anna = self.known(f"Anna {day}", last=day - timedelta(days=7))
            self.look_after(day)
            moment = datetime.combine(day - timedelta(days=1), time(night, 30))
            self.assertEqual(self.plan(moment - timedelta(hours=1)), 0)
            self.assertEqual(self.plan(moment), 1)
            self.assertEqual(self.activities(anna).date_deadline, day)

    def test_the_year_ends_in_the_middle_of_the_night(self):
        self.known(last=date(2026, 12, 25))
        self.look_after(date(2026, 12, 31))
        self.assertEqual(self.plan(datetime(2026, 12, 31, 22, 59)), 0)
        self.assertEqual(self.plan(datetime(2026, 12, 31, 23, 1)), 1)
        self.assertEqual(self.activities().date_deadline, date(2027, 1, 1))

    # ------------------------------------------------------------
    # How many
    # ------------------------------------------------------------

    def test_no_more_a_day_than_the_cap_the_best_grades_and_then_the_longest_overdue_first(self):
        self.company.grading_contacts_per_day = 2
        self.weekly.grade_ids = self.gold + self.silver
        names = {"Silver Old": 50, "Gold New": 1, "Gold Old": 5, "Silver New": 2, "Gold Newest": 0}
        for name, days in names.items():
            self.due(name, days, grade_id=(self.gold if name.startswith("Gold") else self.silver).id)
        planned = []
        for day in range(3):
            before = self.activities()
            self.plan(self.after(day))
            self.plan(self.after(day))  # a second time on the same day there is no room
            planned.append(sorted((self.activities() - before).mapped("res_name")))
            with freeze_time(datetime.combine(self.after(day), time(12))):
                self.activities().action_feedback()
        self.assertEqual(planned, [["Gold New", "Gold Old"], ["Gold Newest", "Silver Old"], ["Silver New"]])

    def test_contacts_done_today_still_count_for_today(self):
        self.company.grading_contacts_per_day = 1
        self.due("Anna", 3)
        self.due("Bert", 2)
        self.plan()
        with freeze_time(datetime.combine(DAY, time(12))):
            self.activities().action_feedback()
        self.assertEqual(self.plan(), 0)
        self.assertEqual(self.plan(self.after(1)), 1)

    def test_without_a_cap_everything_is_planned_at_once(self):
        self.company.grading_contacts_per_day = 0
        for number in range(25):
            self.due(f"Customer {number}")
        self.assertEqual(self.plan(), 25)

    def test_bulk_creation_sends_no_mail(self):
        for number in range(5):
            self.due(f"Customer {number}")
        before = self.env["mail.mail"].sudo().search_count([]), self.env["mail.message"].sudo().search_count([])
        self.plan()
        after = self.env["mail.mail"].sudo().search_count([]), self.env["mail.message"].sudo().search_count([])
        self.assertEqual(before, after)

    # ------------------------------------------------------------
    # What it says
    # ------------------------------------------------------------

    def test_placeholders_are_filled_in_and_nothing_is_evaluated(self):
        self.weekly.summary = "Write to {name}"
        self.weekly.note = "<p>{topics}</p>"
        anna = self.due("<b>Anna</b> {grade} ${1+1}")
        anna.grading_interest_ids = self.env["grading.interest"].create({"name": "Rare Wine"})
        self.plan()
        activity = self.activities(anna)
        self.assertEqual(activity.summary, "Write to <b>Anna</b> {grade} ${1+1}")
        self.assertEqual(activity.note, "<p>interests: Rare Wine</p>")

    def test_an_activity_of_a_lead_tells_what_each_reader_of_the_lead_sees(self):
        self.weekly.summary = "Write to {name} ({grade})"
        self.weekly.note = "<p>{topics}; {last_order}; {open_offers}</p>"
        lead = self.lead("Machines", user_id=self.seller.id, expected_revenue=700)
        self.measure(lead, last_online_date=self.after(-9))
        offer = self.order(self.customer("Buyer"), 10, DAY, state="draft", opportunity_id=lead.id)
        self.look_after()
        self.plan()
        activity = self.activities(lead)
        self.assertEqual(activity.summary, "Write to Machines (Gold)")
        self.assertIn("700", activity.note)
        self.assertNotIn(offer.name, activity.note, "it may be a colleague's")

    def test_a_name_is_escaped_in_the_note(self):
        self.weekly.note = "<p>{name}</p>"
        anna = self.due("<b>Anna</b>")
        self.plan()
        self.assertEqual(self.activities(anna).note, "<p>&lt;b&gt;Anna&lt;/b&gt;</p>")
