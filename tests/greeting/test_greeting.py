from datetime import date
from unittest.mock import patch

import psycopg2

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .greeting_case import GreetingCase

CRON_LOGGER = "odoo.addons.customer_grading.models.greeting.grading_occasion_due"


@tagged("post_install", "-at_install")
@freeze_time("2025-03-10 09:00:00")
class TestGreeting(GreetingCase):
    """Which contacts are greeted and by which users, on Emma's birthday; and that each is greeted once."""

    def feast_today(self, **vals):
        return self.feast(date(2025, 3, 10), **vals)

    # ------------------------------------------------------------
    # Which contacts
    # ------------------------------------------------------------

    def test_a_contact_who_is_no_customer_is_not_greeted(self):
        supplier = self.customer("Supplier", birthdate_date=date(1980, 3, 10))
        self.occasion()
        self.greet()
        self.assertFalse(self.greetings(supplier))
        self.assertTrue(self.greetings(self.emma))

    def test_an_archived_contact_is_not_greeted(self):
        self.occasion()
        self.feast_today()
        self.emma.active = False
        self.greet()
        self.assertEqual(self.greetings().partner_id, self.acme)
        self.acme.active = False
        self.greetings().unlink()
        self.greet()
        self.assertFalse(self.greetings())

    def test_a_contact_not_to_be_disturbed_is_not_greeted(self):
        self.occasion()
        self.acme.grading_do_not_disturb = True
        self.greet()
        self.assertFalse(self.greetings())
        self.acme.grading_do_not_disturb = False
        self.emma.grading_do_not_disturb = True
        self.greet()
        self.assertFalse(self.greetings())

    def test_an_archived_occasion_makes_no_greeting(self):
        self.occasion(active=False)
        self.greet()
        self.assertFalse(self.greetings())

    def test_the_grade_in_force_decides(self):
        self.occasion(grade_ids=[Command.set(self.gold.ids)])
        self.greet()
        self.assertFalse(self.greetings())
        self.profile(self.acme).grade_id = self.gold
        self.greet()
        self.assertEqual(self.greetings().grade_id, self.gold)

    def test_a_grade_that_is_archived_goes_on_deciding(self):
        self.occasion(grade_ids=[Command.set(self.gold.ids)])
        self.gold.active = False
        self.greet()
        self.assertFalse(self.greetings())

    @mute_logger("odoo.sql_db")
    def test_a_grade_that_decides_is_not_deleted(self):
        self.occasion(grade_ids=[Command.set(self.gold.ids)])
        with self.assertRaises(psycopg2.errors.IntegrityError), self.env.cr.savepoint():
            self.gold.unlink()

    def test_the_country_or_the_language_decides(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        china, belgium = self.env.ref("base.cn"), self.env.ref("base.be")
        french = self.env.ref("base.lang_fr")
        beijing = self.customer("In China", country_id=china.id)
        speaker = self.customer("French", country_id=belgium.id, lang="fr_FR")
        other = self.customer("Other", country_id=belgium.id, lang="en_US")
        for partner in (beijing, speaker, other):
            self.known(partner)
        self.feast_today(country_ids=[Command.set(china.ids)], lang_ids=[Command.set(french.ids)])
        self.greet()
        self.assertEqual(self.greetings().partner_id, beijing | speaker)

    def test_a_person_without_country_is_where_the_customer_is(self):
        self.acme.country_id = self.env.ref("base.cn")
        self.emma.country_id = False
        self.occasion(country_ids=[Command.set(self.acme.country_id.ids)])
        self.greet()
        self.assertEqual(self.greetings().partner_id, self.emma)

    def test_an_occasion_of_another_company_makes_no_greeting_here(self):
        self.occasion(company_id=self.new_company("Second Company").id)
        self.greet()
        self.assertFalse(self.greetings(self.emma))

    def test_a_customer_of_two_companies_is_greeted_once(self):
        second = self.new_company("Second Company")
        self.known(self.acme, second)
        self.occasion(company_id=False)
        self.greet()
        self.greet()
        self.assertEqual(len(self.greetings(self.emma)), 1)

    # ------------------------------------------------------------
    # By an activity
    # ------------------------------------------------------------

    def test_the_salesperson_gets_one_activity(self):
        call = self.env.ref("mail.mail_activity_data_call")
        self.occasion(name="Birthday", activity_type_id=call.id, note="<p>She likes wine.</p>")
        self.greet()
        activity = self.activities(self.emma)
        self.assertEqual(activity, self.greetings().activity_id)
        self.assertEqual((activity.user_id, activity.activity_type_id), (self.seller, call))
        self.assertEqual((activity.summary, activity.date_deadline), ("Birthday", date(2025, 3, 10)))
        self.assertIn("Emma turns 51", activity.note)
        self.assertIn("She likes wine.", activity.note)

    def test_an_activity_done_is_not_planned_again(self):
        self.occasion()
        self.greet()
        self.activities(self.emma)._action_done()
        self.greet()
        self.assertFalse(self.activities(self.emma))
        self.assertEqual(len(self.greetings()), 1)

    def test_what_is_caught_up_is_for_today(self):
        self.occasion()
        with freeze_time("2025-03-12 09:00:00"):
            self.greet()
        self.assertEqual(self.activities(self.emma).date_deadline, date(2025, 3, 12))

    def test_what_is_prepared_is_for_the_day_itself(self):
        self.occasion(days_before=5)
        with freeze_time("2025-03-06 09:00:00"):
            self.greet()
        self.assertEqual(self.activities(self.emma).date_deadline, date(2025, 3, 10))

    def test_no_mail_is_sent_for_each_activity(self):
        self.occasion()
        with self.mock_mail_gateway():
            self.greet()
        self.assertFalse(self._new_mails)
        self.assertEqual(self.activities(self.emma).user_id, self.seller)

    def test_the_contacts_own_salesperson_comes_first(self):
        self.emma.user_id = self.manager()
        self.occasion()
        self.greet()
        self.assertEqual(self.greetings().user_id, self.emma.user_id)

    def test_without_a_salesperson_the_leader_of_the_latest_teams_order_greets(self):
        old, new = (self.user(login, "sales_team.group_sale_salesman") for login in ("old_leader", "new_leader"))
        teams = self.env["crm.team"].create(
            [{"name": user.name, "user_id": user.id, "company_id": self.company.id} for user in (new, old)]
        )
        for team, day in zip(teams, (date(2025, 2, 1), date(2024, 2, 1)), strict=True):
            self.order(self.emma, 10, day, team_id=team.id, user_id=False)
        self.seller.active = False
        self.occasion()
        self.greet()
        self.assertEqual(self.greetings().user_id, new)

    def test_without_a_responsible_user_the_greeting_says_so(self):
        (self.acme | self.emma).user_id = False
        self.occasion()
        self.greet()
        self.assertEqual(self.greetings().state, "nobody")
        self.assertFalse(self.activities(self.emma))

    def test_the_activity_is_in_the_language_of_the_salesperson(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.seller.lang = "fr_FR"
        occasion = self.occasion(name="Birthday")
        occasion.with_context(lang="fr_FR").name = "Anniversaire"
        self.greet()
        self.assertEqual(self.activities(self.emma).summary, "Anniversaire")

    # ------------------------------------------------------------
    # Once, and whatever happens
    # ------------------------------------------------------------

    def test_the_database_refuses_a_second_greeting_for_a_day(self):
        occasion = self.occasion()
        self.greet()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation), self.env.cr.savepoint():
            self.greetings().copy({"occasion_id": occasion.id, "partner_id": self.emma.id}).flush_recordset()

    @mute_logger(CRON_LOGGER)
    def test_an_occasion_that_fails_says_why_and_keeps_no_other_from_greeting(self):
        bad, good = self.occasion(name="Bad", sequence=1), self.occasion(name="Good", sequence=2)
        Greeting = self.env.registry["grading.greeting"]
        plan = Greeting._plan

        def fail_for_bad(self):
            if self.occasion_id == bad:
                raise UserError(self.env._("No paper left"))
            return plan(self)

        with patch.object(Greeting, "_plan", fail_for_bad):
            self.greet()
        self.assertEqual(self.greetings().occasion_id, good)
        self.assertEqual(bad.error, "No paper left")
        self.greet()
        self.assertFalse(bad.error)
        self.assertEqual(self.greetings().occasion_id, good | bad)

    def test_the_copy_of_an_occasion_is_archived_and_makes_no_greeting(self):
        copy = self.feast_today(name="Feast").copy()
        self.assertEqual((copy.name, copy.active, copy.line_ids.date), ("Feast (copy)", False, date(2025, 3, 10)))
        self.greet()
        self.assertNotIn(copy, self.greetings().occasion_id)

    def test_an_occasion_that_greeted_is_archived_not_deleted(self):
        occasion = self.occasion(name="Birthday")
        self.greet()
        with self.assert_refused("Birthday", "Archive"):
            occasion.unlink()
        self.greetings().unlink()
        occasion.unlink()
        self.assertFalse(occasion.exists())
