from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from lxml import etree
from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..common import GradingCase, with_seeds

PERSONAL = (
    "birthdate_date", "gender", "grading_income_band_id", "grading_interest_ids", "grading_preferred_channel",
    "grading_birth_month", "grading_born_this_month", "grading_zodiac", "grading_age_band", "grading_greeting_consent",
)  # fmt: skip
# First and last day of each sign.
SIGNS = {
    "aries": ("03-21", "04-19"),
    "taurus": ("04-20", "05-20"),
    "gemini": ("05-21", "06-20"),
    "cancer": ("06-21", "07-22"),
    "leo": ("07-23", "08-22"),
    "virgo": ("08-23", "09-22"),
    "libra": ("09-23", "10-22"),
    "scorpio": ("10-23", "11-21"),
    "sagittarius": ("11-22", "12-21"),
    "capricorn": ("12-22", "01-19"),
    "aquarius": ("01-20", "02-18"),
    "pisces": ("02-19", "03-20"),
}
BANDS = ("under_18", "18_24", "25_34", "35_44", "45_54", "55_64", "65_plus")


class AttributeCase(GradingCase):
    def person(self, birthdate, **vals):
        return self.customer("Born %s" % birthdate, birthdate_date=birthdate, **vals)

    def search(self, people, *domain):
        """Those of ``people`` who are found."""
        return self.env["res.partner"].search([("id", "in", people.ids), *domain])

    def assert_search_equals_compute(self, people, name, values):
        """Every way to ask for the field finds those whose computed value says so."""
        for value in values:
            having = people.filtered(lambda person, value=value: person[name] == value)
            for operator, expected in (("=", having), ("!=", people - having)):
                self.assertEqual(self.search(people, (name, operator, value)), expected, (name, operator, value))
                self.assertEqual(self.search(people, "!", (name, operator, value)), people - expected)
        pairs = list(zip(values, values[1:], strict=False))
        for pair in pairs:
            having = people.filtered(lambda person, pair=pair: person[name] in pair)
            self.assertEqual(self.search(people, (name, "in", pair)), having)
            self.assertEqual(self.search(people, (name, "not in", pair)), people - having)


@tagged("post_install", "-at_install")
class TestZodiac(AttributeCase):
    def test_each_sign_begins_and_ends_on_its_day(self):
        for sign, (first, last) in SIGNS.items():
            people = self.person("1990-%s" % first) + self.person("1991-%s" % last)
            self.assertEqual(people.mapped("grading_zodiac"), [sign] * 2)
            self.assertEqual(self.search(people, ("grading_zodiac", "=", sign)), people)

    def test_the_search_finds_what_is_shown_on_every_day_of_a_year(self):
        days = [date(2000, 1, 1) + timedelta(days=number) for number in range(366)]
        people = self.env["res.partner"].create([{"name": "Born", "birthdate_date": day} for day in days])
        people += self.customer("Unknown")
        self.assert_search_equals_compute(people, "grading_zodiac", [*SIGNS, False])
        months = sorted(set(people.filtered("birthdate_date").mapped("grading_birth_month")))
        self.assertEqual((len(months), months[0], months[-1]), (12, "01", "12"))
        self.assert_search_equals_compute(people, "grading_birth_month", [*months, False])

    def test_without_a_birthdate_there_is_no_sign_and_no_band(self):
        unknown = self.customer("Unknown")
        self.assertEqual(
            (unknown.grading_zodiac, unknown.grading_age_band, unknown.grading_birth_month), (False, False, False)
        )


@tagged("post_install", "-at_install")
class TestAgeBand(AttributeCase):
    def assert_band(self, birthdate, today, band):
        person = self.person(birthdate)
        with freeze_time("%s 12:00:00" % today):
            person.invalidate_recordset()
            self.assertEqual(person.grading_age_band, band, "born %s, on %s" % (birthdate, today))
            self.assertEqual(self.search(person, ("grading_age_band", "=", band)), person)

    def test_a_band_begins_on_the_birthday(self):
        for number, age in enumerate((18, 25, 35, 45, 55, 65)):
            birthday = date(1950 + age, 6, 15)
            self.assert_band("1950-06-15", birthday - timedelta(days=1), BANDS[number])
            self.assert_band("1950-06-15", birthday, BANDS[number + 1])

    def test_a_person_born_on_29_february_is_older_on_the_last_day_of_february(self):
        self.assert_band("2000-02-29", "2025-02-27", "18_24")
        self.assert_band("2000-02-29", "2025-02-28", "25_34")
        self.assert_band("1980-02-29", "2024-02-28", "35_44")
        self.assert_band("1979-02-28", "2024-02-28", "45_54")
        self.assert_band("1980-02-29", "2035-02-28", "55_64")
        self.assert_band("1959-03-01", "2024-02-29", "55_64")

    def test_the_day_is_that_of_the_company_whatever_the_users_time_zone(self):
        self.company.partner_id.tz = self.company.resource_calendar_id.tz = "Pacific/Auckland"
        person = self.person("2007-07-01")
        with freeze_time("2025-06-30 14:00:00"):  # in Auckland it is the first of July already
            for tz in ("Pacific/Auckland", "America/New_York"):
                with self.subTest(tz=tz):
                    self.env.user.tz = tz
                    person.invalidate_recordset()
                    self.assertEqual((person.grading_age_band, person.grading_born_this_month), ("18_24", True))
                    found = self.search(
                        person, ("grading_age_band", "=", "18_24"), ("grading_born_this_month", "=", True)
                    )
                    self.assertEqual(found, person)

    def test_birthdays_of_this_month_are_found_as_they_are_shown(self):
        people = self.env["res.partner"].create(
            [{"name": "Born", "birthdate_date": "1990-%02d-28" % month} for month in range(1, 13)]
        )
        people += self.customer("Unknown")
        for today, month in (("2025-01-31", 1), ("2028-02-29", 2), ("2025-12-01", 12)):
            with self.subTest(today=today), freeze_time("%s 12:00:00" % today):
                people.invalidate_recordset()
                self.assertEqual(people.filtered("grading_born_this_month"), people[month - 1])
                self.assert_search_equals_compute(people, "grading_born_this_month", [True, False])

    @with_seeds(1)
    def test_the_search_finds_what_is_shown_whatever_the_day_is(self, rng):
        edges = [date(2000, 2, 28), date(2000, 2, 29), date(1999, 2, 28), date(1999, 3, 1), date(1996, 2, 29)]
        days = [date(1940, 1, 1) + timedelta(days=rng.randrange(31000)) for _person in range(60)]
        people = self.env["res.partner"].create([{"name": "Born", "birthdate_date": day} for day in days + edges])
        people += self.customer("Unknown")
        for today in ("2025-02-27", "2025-02-28", "2025-03-01", "2028-02-28", "2028-02-29", "2031-12-31"):
            with self.subTest(today=today), freeze_time("%s 12:00:00" % today):
                people.invalidate_recordset()
                for person in people.filtered("birthdate_date"):
                    age = relativedelta(date.fromisoformat(today), person.birthdate_date).years
                    place = sum(age >= first for first in (18, 25, 35, 45, 55, 65))
                    self.assertEqual(person.grading_age_band, BANDS[place])
                self.assert_search_equals_compute(people, "grading_age_band", [*BANDS, False])


@tagged("post_install", "-at_install")
class TestAttributeRule(AttributeCase):
    """Rules ask for what is known of a person."""

    def graded_by(self, domain, **vals):
        self.scheme(criteria=[self.matching([("order_count", ">=", 0)], 50)], domain=str(domain), **vals)

    def test_a_scheme_covers_an_age_band_on_the_day_of_the_run(self):
        young, old = self.person("2000-06-15", customer_rank=1), self.person("1950-06-15", customer_rank=1)
        self.graded_by([("partner_id.grading_age_band", "=", "25_34")])
        self.rescore(as_of=date(2025, 6, 14))
        self.assertEqual([bool(self.profile(p).scheme_id) for p in (young, old)], [False, False])
        self.rescore(as_of=date(2025, 6, 15))
        self.assertEqual([bool(self.profile(p).scheme_id) for p in (young, old)], [True, False])

    def test_a_criterion_asks_for_signs_and_interests(self):
        golf = self.env["grading.interest"].create({"name": "Rule golf"})
        one = self.person("1990-04-01", customer_rank=1, grading_interest_ids=[Command.link(golf.id)])
        two = self.person("1990-05-01", customer_rank=1, grading_preferred_channel="visit")
        three = self.customer("Unknown", customer_rank=1)
        self.scheme(
            criteria=[
                self.matching([("partner_id.grading_zodiac", "!=", "aries")], 1),
                self.matching([("partner_id.grading_interest_ids.name", "=", "Rule golf")], 10),
                self.matching([("partner_id.grading_preferred_channel", "=", "visit")], 100),
                self.matching([("partner_id.grading_birth_month", "in", ["04", "05"])], 200),
            ]
        )
        self.rescore()
        self.assertEqual([self.profile(p).score for p in (one, two, three)], [210, 301, 1])

    def test_a_new_birthdate_asks_for_a_new_score_when_a_rule_reads_the_age(self):
        person = self.person("1950-06-15", customer_rank=1)
        self.rescore()
        queue = self.env["grading.queue"]._waiting([("company_id", "=", self.company.id)])
        queue.unlink()
        self.assertNotIn("birthdate_date", self.env["res.partner"]._grading_watched_fields())
        person.birthdate_date = "2001-01-01"
        self.assertFalse(queue._waiting([("company_id", "=", self.company.id)]))
        self.graded_by([("partner_id.grading_age_band", "=", "under_18")])
        person.birthdate_date = date.today() - timedelta(days=1000)
        queue = queue._waiting([("company_id", "=", self.company.id)])
        self.assertEqual(queue.partner_id, person)
        self.rescore(partners=queue.partner_id)
        self.assertTrue(self.profile(person).scheme_id)


@tagged("post_install", "-at_install")
class TestAttributeValues(AttributeCase):
    def test_a_birthdate_lies_between_1900_and_today(self):
        with freeze_time("2025-06-15 12:00:00"):
            for wrong in ("2025-06-16", "1899-12-31"):
                with self.assert_refused("Ada", "1900", "leave it empty", error=ValidationError):
                    self.customer("Ada", birthdate_date=wrong)
            with self.assert_refused("Ada", "Birthdate", "between the years", error=ValidationError):
                self.customer("Ada", birthdate_date="0199-01-01")
            for right in ("2025-06-15", "1900-01-01"):
                self.assertEqual(str(self.customer("Ada", birthdate_date=right).birthdate_date), right)

    def test_birthdate_and_gender_are_those_of_the_community_modules(self):
        described = self.env["res.partner"].fields_get(["birthdate_date", "gender"])
        self.assertEqual(described["birthdate_date"]["type"], "date")
        self.assertEqual([key for key, _label in described["gender"]["selection"]], ["male", "female", "other"])

    def test_an_income_band_in_use_is_not_deleted(self):
        band = self.env["grading.income.band"].create({"name": "Test band"})
        person = self.customer("Rich", grading_income_band_id=band.id, active=False)
        with self.assert_refused("Test band", "1 contacts", "Archive it"):
            band.unlink()
        person.grading_income_band_id = False
        band.unlink()
        self.assertFalse(band.exists())

    def test_two_interests_or_bands_of_one_name_are_refused(self):
        for model in ("grading.interest", "grading.income.band"):
            self.env[model].create({"name": "Same name"})
            with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
                self.env[model].create({"name": "Same name"})

    def test_the_form_hides_what_is_personal_from_companies(self):
        arch = self.env["res.partner"].get_view(self.env.ref("base.view_partner_form").id, "form")["arch"]
        [page] = etree.fromstring(arch).xpath("//page[@name='grading_person']")
        self.assertEqual(page.get("invisible"), "is_company")
        shown = {field.get("name") for field in page.iter("field")}
        self.assertEqual(shown, {*PERSONAL} - {"grading_birth_month", "grading_born_this_month"})


@tagged("post_install", "-at_install")
class TestAttributeSecurity(AttributeCase):
    def test_the_portal_user_reads_none_of_them_even_on_their_own_contact(self):
        user = self.portal()
        user.partner_id.write({"birthdate_date": "1990-04-01", "gender": "other"})
        me = user.partner_id.with_user(user)
        self.assertEqual(me.read(["name"])[0]["name"], user.partner_id.name)
        known = me.fields_get()
        for name in PERSONAL:
            with self.subTest(field=name):
                self.assertNotIn(name, known)
                for read in (lambda n=name: me.read([n]), lambda n=name: me.web_read({n: {}})):
                    with self.assertRaises(AccessError):
                        read()
                with self.assertRaises(AccessError):
                    me.search([(name, "!=", False)])
                with self.assertRaises(AccessError):
                    me.write({name: False})
        for model in ("grading.interest", "grading.income.band"):
            self.assertFalse(self.env[model].with_user(user).has_access("read"))

    def test_a_salesperson_notes_customer_facts_and_adds_interests(self):
        salesman = self.salesman()
        ada = self.customer("Ada").with_user(salesman)
        golf = self.env["grading.interest"].with_user(salesman).create({"name": "Salesman's golf"})
        band = self.env["grading.income.band"].create({"name": "Test band"})
        ada.write(
            {
                "birthdate_date": "1990-04-01",
                "gender": "female",
                "grading_interest_ids": [Command.link(golf.id)],
                "grading_income_band_id": band.id,
                "grading_preferred_channel": "phone",
            }
        )
        self.assertEqual((ada.grading_zodiac, ada.grading_interest_ids), ("aries", golf))
        with self.assertRaises(AccessError):
            golf.unlink()
        with self.assertRaises(AccessError):
            band.with_user(salesman).name = "Other"

    def test_a_manager_decides_on_interests_and_bands(self):
        manager = self.manager()
        for model in ("grading.interest", "grading.income.band"):
            record = self.env[model].with_user(manager).create({"name": "Manager's"})
            record.name = "Other"
            record.unlink()
            self.assertFalse(record.exists())

    def test_an_employee_reads_them_and_changes_nothing(self):
        ada = self.customer("Ada", birthdate_date="1990-04-01").with_user(self.internal())
        self.assertEqual(ada.grading_zodiac, "aries")
        with self.assertRaises(AccessError):
            ada.birthdate_date = "1990-04-02"
        with self.assertRaises(UserError):
            self.env["grading.interest"].with_user(ada.env.user).create({"name": "Not mine"})
