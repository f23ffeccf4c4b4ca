from datetime import date

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .greeting_case import GreetingCase

LEAP_BIRTHDATE = date(1996, 2, 29)


@tagged("post_install", "-at_install")
class TestGreetingDay(GreetingCase):
    """On which day a contact is greeted: leap days, ends of years, missed and double runs."""

    def on_days(self, *days):
        for day in days:
            self.on(f"{day} 09:00:00")

    # ------------------------------------------------------------
    # Golden SQL
    # ------------------------------------------------------------

    def test_sql_of_whose_day_it_is(self):
        for values, column in (
            ({"kind": "birthday"}, '"person"."birthdate_date"'),
            ({"kind": "anniversary", "anniversary_of": "founded"}, '"customer"."grading_founded_date"'),
            ({"kind": "anniversary", "anniversary_of": "first_order"}, '"profile"."first_order_date"'),
        ):
            with self.subTest(values=values):
                self.assertEqual(
                    self.text_of(self.env["grading.occasion"].new(values)._kept_to_sql()),
                    f"EXTRACT(MONTH FROM {column}) = kept.month AND EXTRACT(DAY FROM {column}) = kept.day "
                    f"AND EXTRACT(YEAR FROM {column}) < EXTRACT(YEAR FROM kept.date)",
                )
        self.assertEqual(self.text_of(self.env["grading.occasion"].new({"kind": "dated"})._kept_to_sql()), "TRUE")

    def test_sql_of_the_contacts_greeted(self):
        birthday, feast = self.occasion(), self.feast("2025-03-10")
        self.assertEqual(
            self.text_of(birthday._person_to_sql()),
            "person.commercial_partner_id = customer.id AND person.is_company IS NOT TRUE",
        )
        self.assertEqual(self.text_of(feast._person_to_sql()), "person.id = customer.id")
        belgium, english = self.env.ref("base.be"), self.env.ref("base.lang_en")
        birthday.write({"grade_ids": self.gold.ids, "country_ids": belgium.ids, "lang_ids": english.ids})
        self.assertEqual(
            self.text_of(birthday._filter_to_sql()),
            "person.grading_do_not_disturb IS NOT TRUE AND customer.grading_do_not_disturb IS NOT TRUE"
            f" AND profile.grade_id = ANY(ARRAY[{self.gold.id}])"
            f" AND (COALESCE(person.country_id, customer.country_id) = ANY(ARRAY[{belgium.id}]::int[])"
            " OR COALESCE(person.lang, customer.lang) = ANY(ARRAY['en_US']::varchar[]))",
        )

    def test_sql_of_a_greeting_that_was_made_already(self):
        birthday, feast = self.occasion(), self.feast("2025-03-10")
        self.assertEqual(self.text_of(birthday._same_to_sql()), "ABS(made.date - kept.date) < 180")
        self.assertEqual(
            self.text_of(feast._same_to_sql()),
            "(made.date = kept.date OR made.occasion_date_id = kept.line_id AND ABS(made.date - kept.date) < 180"
            " OR made.occasion_date_id IS NULL AND ABS(made.date - kept.date) < 60)",
        )

    # ------------------------------------------------------------
    # Birthdays and anniversaries
    # ------------------------------------------------------------

    def test_a_birthday_is_greeted_on_its_day_and_once(self):
        self.occasion()
        self.on_days("2025-03-09")
        self.assertFalse(self.greetings())
        self.on_days("2025-03-10", "2025-03-10", "2025-03-11")
        self.assertEqual(self.dates(), [date(2025, 3, 10)])

    def test_every_year_has_its_birthday(self):
        self.occasion()
        self.on_days("2025-03-10", "2026-03-10")
        self.assertEqual(self.dates(), [date(2025, 3, 10), date(2026, 3, 10)])

    def test_missed_runs_are_caught_up_for_three_days(self):
        self.occasion()
        self.on_days("2025-03-13")
        self.assertEqual(self.dates(), [date(2025, 3, 10)])

    def test_after_the_grace_nothing_is_sent_late(self):
        self.occasion()
        self.on_days("2025-03-14", "2025-03-20")
        self.assertFalse(self.greetings())

    def test_a_person_born_today_has_no_birthday(self):
        self.emma.birthdate_date = date(2025, 3, 10)
        self.occasion()
        self.on_days("2025-03-10")
        self.assertFalse(self.greetings())

    def test_29_february_is_kept_on_the_28th(self):
        self.emma.birthdate_date = LEAP_BIRTHDATE
        self.occasion()
        self.on_days("2025-02-27")
        self.assertFalse(self.greetings())
        self.on_days("2025-02-28", "2025-03-01")
        self.assertEqual(self.dates(), [date(2025, 2, 28)])

    def test_29_february_is_kept_on_1_march_if_so_set(self):
        self.company.grading_leap_day = "march"
        self.emma.birthdate_date = LEAP_BIRTHDATE
        self.occasion()
        self.on_days("2025-02-28")
        self.assertFalse(self.greetings())
        self.on_days("2025-03-01", "2025-03-02")
        self.assertEqual(self.dates(), [date(2025, 3, 1)])

    def test_in_a_leap_year_29_february_is_its_own_day(self):
        self.emma.birthdate_date = LEAP_BIRTHDATE
        self.occasion()
        for setting in ("february", "march"):
            self.company.grading_leap_day = setting
            self.on_days("2028-02-28")
            self.assertFalse(self.greetings())
        self.on_days("2028-02-29", "2028-03-01")
        self.assertEqual(self.dates(), [date(2028, 2, 29)])

    def test_neither_a_new_setting_nor_a_corrected_birthdate_greets_twice(self):
        self.emma.birthdate_date = LEAP_BIRTHDATE
        self.occasion()
        self.on_days("2025-02-28")
        self.company.grading_leap_day = "march"
        self.on_days("2025-03-01")
        self.emma.birthdate_date = date(1996, 3, 5)
        self.on_days("2025-03-05")
        self.assertEqual(self.dates(), [date(2025, 2, 28)])

    def test_of_the_last_days_of_a_year_is_caught_up_in_the_next(self):
        self.emma.birthdate_date = date(1980, 12, 31)
        self.occasion()
        self.on_days("2026-01-02")
        self.assertEqual(self.dates(), [date(2025, 12, 31)])

    def test_for_the_first_days_of_a_year_is_prepared_in_the_last(self):
        self.emma.birthdate_date = date(1980, 1, 2)
        self.occasion(days_before=7)
        self.on_days("2025-12-25")
        self.assertFalse(self.greetings())
        self.on_days("2025-12-26", "2026-01-02")
        self.assertEqual(self.dates(), [date(2026, 1, 2)])

    def test_a_company_is_greeted_on_its_foundation(self):
        self.acme.grading_founded_date = date(2005, 6, 1)
        self.occasion("anniversary", anniversary_of="founded")
        self.on_days("2025-06-01")
        self.assertEqual(self.greetings().partner_id, self.acme)

    def test_a_customer_is_greeted_on_the_anniversaries_of_the_first_order(self):
        self.profile(self.acme).first_order_date = date(2024, 6, 1)
        self.occasion("anniversary", anniversary_of="first_order")
        self.on_days("2024-06-01", "2025-06-01")
        self.assertEqual(self.dates(self.acme), [date(2025, 6, 1)])

    def test_a_foundation_in_the_future_is_refused(self):
        with freeze_time("2025-03-10"), self.assert_refused("Acme", "earlier", error=ValidationError):
            self.acme.grading_founded_date = date(2025, 4, 1)

    # ------------------------------------------------------------
    # Feasts
    # ------------------------------------------------------------

    def test_a_fixed_feast_is_greeted_every_year(self):
        self.occasion("fixed", month=12, day=25)
        self.on_days("2025-12-24", "2025-12-25", "2026-12-26")
        self.assertEqual(self.dates(), [date(2025, 12, 25), date(2026, 12, 25)])

    def test_a_fixed_feast_on_29_february_is_kept_like_birthdays(self):
        self.occasion("fixed", month=2, day=29)
        self.on_days("2025-02-28", "2028-02-29")
        self.assertEqual(self.dates(), [date(2025, 2, 28), date(2028, 2, 29)])

    def test_a_feast_that_moves_is_greeted_on_the_dates_entered(self):
        feast = self.feast(date(2025, 1, 29))
        self.on_days("2025-01-29", "2026-02-17")
        self.assertEqual(self.dates(), [date(2025, 1, 29)])
        feast.line_ids = [Command.create({"date": date(2026, 2, 17)})]
        self.on_days("2026-02-17")
        self.assertEqual(self.dates(), [date(2025, 1, 29), date(2026, 2, 17)])

    def test_two_dates_close_together_are_two_greetings(self):
        self.feast(date(2025, 5, 1), date(2025, 5, 2))
        self.on_days("2025-05-01", "2025-05-02")
        self.assertEqual(self.dates(), [date(2025, 5, 1), date(2025, 5, 2)])

    def test_a_feast_whose_date_is_corrected_is_not_greeted_twice(self):
        feast = self.feast(date(2025, 5, 1))
        self.on_days("2025-05-01")
        feast.line_ids.date = date(2025, 5, 20)
        self.on_days("2025-05-20")
        self.assertEqual(self.dates(), [date(2025, 5, 1)])

    def test_nor_one_whose_date_is_deleted_and_entered_anew(self):
        feast = self.feast(date(2025, 5, 1))
        self.on_days("2025-05-01")
        feast.line_ids = [Command.clear(), Command.create({"date": date(2025, 5, 20)})]
        self.on_days("2025-05-20")
        self.assertEqual(self.dates(), [date(2025, 5, 1)])

    def test_a_date_written_over_with_that_of_the_next_year_is_greeted(self):
        feast = self.feast(date(2025, 5, 1))
        self.on_days("2025-05-01")
        feast.line_ids.date = date(2026, 4, 20)
        self.on_days("2026-04-20")
        self.assertEqual(self.dates(), [date(2025, 5, 1), date(2026, 4, 20)])

    def test_the_feast_is_the_customers_the_birthday_each_persons(self):
        self.occasion("fixed", month=3, day=10)
        self.occasion()
        self.on_days("2025-03-10")
        self.assertEqual(self.greetings(occasion_id=self.occasion_of("fixed").id).partner_id, self.acme)
        self.assertEqual(self.greetings(occasion_id=self.occasion_of("birthday").id).partner_id, self.emma)

    def occasion_of(self, kind):
        return self.env["grading.occasion"].search([("kind", "=", kind), ("company_id", "=", self.company.id)])

    def test_further_dates_can_be_imported(self):
        feast = self.feast(name="Feast of the Founders")
        result = self.env["grading.occasion.date"].load(
            ["occasion_id", "date"], [["Feast of the Founders", "2041-02-01"], ["Feast of the Founders", "2042-01-22"]]
        )
        self.assertFalse(result["messages"])
        self.assertEqual(feast.line_ids.mapped("date"), [date(2041, 2, 1), date(2042, 1, 22)])

    def test_only_a_feast_dated_year_by_year_has_dates(self):
        birthday = self.occasion(name="Birthday")
        with self.assert_refused("Birthday", "Remove", error=ValidationError):
            birthday.line_ids = [Command.create({"date": date(2025, 3, 11)})]
        with self.assert_refused("Birthday", "Remove", error=ValidationError):
            self.env["grading.occasion.date"].create({"occasion_id": birthday.id, "date": date(2025, 3, 11)})
        feast = self.feast(date(2025, 3, 11), name="Feast")
        with self.assert_refused("Feast", "Remove", error=ValidationError):
            feast.kind = "fixed"
        feast.write({"kind": "fixed", "line_ids": [Command.clear()]})
        self.assertFalse(feast.line_ids)

    @freeze_time("2025-03-10 09:00:00")
    def test_the_next_date_lies_ahead_of_today(self):
        feast = self.feast(date(2024, 2, 10), date(2025, 3, 10), date(2026, 2, 17))
        self.assertEqual(feast.next_date, date(2025, 3, 10))
        self.assertEqual(self.occasion("fixed", month=3, day=9).next_date, date(2026, 3, 9))
        self.assertEqual(self.occasion("fixed", month=2, day=29).next_date, date(2026, 2, 28))
        self.assertFalse(self.feast(date(2024, 2, 10)).next_date)

    def test_a_day_that_no_year_has_is_refused(self):
        for month, day in ((2, 30), (13, 1), (0, 1), (4, 31)):
            with self.assert_refused("Occasion", "month", error=ValidationError):
                self.occasion("fixed", month=month, day=day)
