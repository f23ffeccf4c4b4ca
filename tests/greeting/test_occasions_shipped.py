from datetime import date

from odoo.tests import TransactionCase, new_test_user, tagged

YEARS = range(2025, 2041)
# The mean length of a month of the moon, and how far a real one strays from it.
LUNATION, STRAY = 29.530588, 0.7
# A new moon: 29 January 2025, 12:36 UTC, Chinese New Year.
NEW_MOON = date(2025, 1, 29)


@tagged("post_install", "-at_install")
class TestOccasionsShipped(TransactionCase):
    """The dates of the Chinese feasts and the templates that come with the module."""

    def dates(self, name):
        """Dates by year; each year has one."""
        occasion = self.env.ref(f"customer_grading.grading_occasion_{name}")
        days = {day.year: day for day in occasion.line_ids.mapped("date") if day.year in YEARS}
        self.assertEqual(sorted(days), list(YEARS))
        return days

    def moon_age(self, day):
        """Days since the last new moon, from −1 to 28.5, give or take what the moon strays from its mean."""
        return ((day - NEW_MOON).days + 1) % LUNATION - 1

    def test_known_dates(self):
        """As published in the calendars of the years."""
        known = {
            "chinese_new_year": ("2025-01-29", "2026-02-17", "2033-01-31", "2034-02-19", "2040-02-12"),
            "lantern": ("2025-02-12", "2026-03-03"),
            "qingming": ("2025-04-04", "2026-04-05", "2027-04-05", "2028-04-04"),
            "dragon_boat": ("2025-05-31", "2026-06-19", "2028-05-28"),
            "mid_autumn": ("2025-10-06", "2026-09-25", "2033-09-08"),
            "double_ninth": ("2025-10-29", "2026-10-18"),
        }
        for name, days in known.items():
            dates = self.dates(name)
            for day in map(date.fromisoformat, days):
                self.assertEqual(dates[day.year], day, name)

    def test_each_feast_is_on_its_day_of_the_month_of_the_moon(self):
        feasts = {"chinese_new_year": 1, "lantern": 15, "dragon_boat": 5, "mid_autumn": 15, "double_ninth": 9}
        for name, day_of_month in feasts.items():
            for day in self.dates(name).values():
                self.assertAlmostEqual(self.moon_age(day), day_of_month - 1, delta=STRAY + 0.6, msg=f"{name} {day}")

    def test_the_months_between_the_feasts_are_whole(self):
        new_year, lantern = self.dates("chinese_new_year"), self.dates("lantern")
        dragon, autumn, ninth = self.dates("dragon_boat"), self.dates("mid_autumn"), self.dates("double_ninth")
        for year in YEARS:
            self.assertEqual((lantern[year] - new_year[year]).days, 14)
            # From the 15th of the eighth to the 9th of the ninth month, which a leap month never parts here.
            self.assertIn((ninth[year] - autumn[year]).days, (23, 24))
            # Three months and ten days, or a leap month more.
            days = (autumn[year] - dragon[year]).days
            self.assertTrue(97 <= days <= 100 or 127 <= days <= 130, f"{year}: {days}")
            self.assertTrue(date(year, 1, 21) <= new_year[year] <= date(year, 2, 20), year)
            self.assertTrue(date(year, 9, 7) <= autumn[year] <= date(year, 10, 8), year)

    def test_qingming_is_fifteen_days_after_the_equinox(self):
        """By the approximation of the Purple Mountain Observatory: 0.2422 a year, less the leap days."""
        for year, day in self.dates("qingming").items():
            short = year % 100
            self.assertEqual(day, date(year, 4, int(short * 0.2422 + 4.81) - short // 4))

    def test_the_templates_bear_the_name_of_the_salesperson_chosen_or_the_companys(self):
        chosen, gone = (
            new_test_user(self.env, login, "base.group_user", email=f"{login}@example.com")
            for login in ("chosen", "gone")
        )
        customer = self.env["res.partner"].create({"name": "Ada", "user_id": gone.id})
        company = self.env["res.company"].create({"name": "House", "email": "house@example.com"})
        gone.active = False
        for name in ("birthday", "anniversary", "new_year"):
            template = self.env.ref(f"customer_grading.mail_template_{name}").with_context(grading_company=company)
            for salesperson, sender in ((chosen, chosen), (chosen.browse(), company)):
                senders = template.with_context(grading_salesperson=salesperson)._render_field(
                    "email_from", customer.ids
                )
                self.assertEqual(senders, {customer.id: sender.email_formatted}, name)
