from datetime import date

import psycopg2.errors

from odoo.tests import tagged
from odoo.tools import mute_logger

from .greeting_case import GreetingCase


@tagged("post_install", "-at_install")
class TestGreetingHour(GreetingCase):
    """When contacts are greeted: from the hour of the settings on, on the clocks of the company."""

    def assert_greeted_at(self, moment, minute_before, day=date(2025, 3, 10)):
        """Emma is greeted for ``day`` at ``moment`` and not a minute before, both in UTC; once."""
        self.on(minute_before)
        self.assertNotIn(day, self.dates())
        self.on(moment)
        self.assertEqual(self.dates().count(day), 1)

    def works_in(self, tz, hour=8):
        self.company.resource_calendar_id.tz = tz
        self.company.grading_greeting_hour = hour
        self.occasion()

    def born_on(self, month, day):
        self.emma.birthdate_date = date(1974, month, day)

    # ------------------------------------------------------------
    # The hour
    # ------------------------------------------------------------

    def test_greetings_go_out_at_eight_unless_set_otherwise(self):
        self.occasion()
        self.assert_greeted_at("2025-03-10 07:00:00", "2025-03-10 06:59:00")

    def test_at_eight_in_shanghai_it_is_still_yesterday_in_london_by_a_minute(self):
        self.works_in("Asia/Shanghai")
        self.assert_greeted_at("2025-03-10 00:00:00", "2025-03-09 23:59:00")

    def test_in_los_angeles_an_hour_earlier_from_the_day_on_that_summer_begins(self):
        self.works_in("America/Los_Angeles")
        for month_day, before, moment in ((8, "15:59", "16:00"), (9, "14:59", "15:00"), (10, "14:59", "15:00")):
            self.greetings().unlink()
            self.born_on(3, month_day)
            day = f"2025-03-{month_day:02}"
            self.assert_greeted_at(f"{day} {moment}:00", f"{day} {before}:00", date(2025, 3, month_day))

    def test_an_hour_that_summer_skips_is_over_when_the_next_one_begins(self):
        self.works_in("Europe/Brussels", hour=2)
        self.born_on(3, 30)
        self.assert_greeted_at("2025-03-30 01:00:00", "2025-03-30 00:59:00", date(2025, 3, 30))

    def test_an_hour_that_winter_repeats_greets_once(self):
        self.works_in("Europe/Brussels", hour=2)
        self.born_on(10, 26)
        self.assert_greeted_at("2025-10-26 00:00:00", "2025-10-25 23:59:00", date(2025, 10, 26))
        self.on("2025-10-26 01:00:00")
        self.assertEqual(len(self.greetings()), 1)

    def test_what_was_missed_is_caught_up_from_that_hour_on_too(self):
        self.works_in("America/Los_Angeles")
        self.assert_greeted_at("2025-03-13 15:00:00", "2025-03-13 14:59:00")

    def test_what_is_due_on_the_last_hour_of_the_day_is_greeted(self):
        self.works_in("America/Los_Angeles", hour=23)
        self.assert_greeted_at("2025-03-11 06:00:00", "2025-03-11 05:59:00")

    def test_a_day_has_hours_from_0_to_23(self):
        for hour in (-1, 24):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(psycopg2.errors.CheckViolation, "greeting_hour"),
                self.env.cr.savepoint(),
            ):
                self.company.grading_greeting_hour = hour
                self.env.flush_all()

    def test_the_scheduled_action_looks_every_hour(self):
        cron = self.env.ref("customer_grading.ir_cron_greet")
        self.assertEqual((cron.interval_number, cron.interval_type), (1, "hours"))

    # ------------------------------------------------------------
    # The day
    # ------------------------------------------------------------

    def test_the_day_begins_where_the_company_works(self):
        self.works_in("Europe/Brussels", hour=0)
        self.assert_greeted_at("2025-03-09 23:00:00", "2025-03-09 22:59:00")

    def test_in_summer_the_day_begins_an_hour_earlier(self):
        self.works_in("Europe/Brussels", hour=0)
        self.born_on(7, 10)
        self.assert_greeted_at("2025-07-09 22:00:00", "2025-07-09 21:59:00", date(2025, 7, 10))

    def test_each_company_has_its_own_day(self):
        shanghai, honolulu = self.new_company("Shanghai"), self.new_company("Honolulu")
        shanghai.resource_calendar_id.tz, honolulu.resource_calendar_id.tz = "Asia/Shanghai", "Pacific/Honolulu"
        li, kai = (
            self.customer(name, company_id=company.id, birthdate_date=date(1974, 3, 10))
            for name, company in (("Li", shanghai), ("Kai", honolulu))
        )
        self.known(li, shanghai)
        self.known(kai, honolulu)
        self.occasion(company_id=False)
        self.on("2025-03-10 00:00:00")
        self.assertEqual((len(self.greetings(li)), len(self.greetings(kai))), (1, 0))
        self.on("2025-03-10 18:00:00")
        self.assertEqual((len(self.greetings(li)), len(self.greetings(kai))), (1, 1))
        self.assertEqual(self.greetings(kai).date, date(2025, 3, 10))
