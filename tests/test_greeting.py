from datetime import date
from unittest.mock import patch

import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_grading.models import grading_greeting_cron

from .greeting_case import GreetingCase

CRON_LOGGER = "odoo.addons.customer_grading.models.grading_greeting_cron"
MESSAGE_LOGGER = "odoo.addons.customer_grading.models.grading_greeting_message"


@tagged("post_install", "-at_install")
@freeze_time("2025-03-10 09:00:00")
class TestGreeting(GreetingCase):
    """Who is greeted, by whom and how, on Emma's birthday."""

    def activities(self, partner):
        return self.env["mail.activity"].search([("res_model", "=", "res.partner"), ("res_id", "=", partner.id)])

    def mails(self, partner):
        return self.env["mail.mail"].search([("model", "=", "res.partner"), ("res_id", "=", partner.id)])

    def feast_today(self, **vals):
        return self.feast(date(2025, 3, 10), **vals)

    def agreed(self, **vals):
        """Emma has agreed to messages, and her birthday is greeted by e-mail unless said otherwise."""
        self.emma.grading_greeting_consent = True
        return self.occasion(**{"send_by": "email", "template_id": self.template.id, **vals})

    # ------------------------------------------------------------
    # Who
    # ------------------------------------------------------------

    def test_who_is_no_customer_is_not_greeted(self):
        supplier = self.customer("Supplier", birthdate_date=date(1980, 3, 10))
        self.occasion()
        self.greet()
        self.assertFalse(self.greetings(supplier))
        self.assertTrue(self.greetings(self.emma))

    def test_who_is_archived_is_not_greeted(self):
        self.occasion()
        self.feast_today()
        self.emma.active = False
        self.greet()
        self.assertEqual(self.greetings().partner_id, self.acme)
        self.acme.active = False
        self.greetings().unlink()
        self.greet()
        self.assertFalse(self.greetings())

    def test_an_archived_occasion_greets_nobody(self):
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

    def test_an_occasion_of_another_company_greets_nobody_here(self):
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

    def test_nobody_gets_a_mail_for_each_activity(self):
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

    def test_where_nobody_is_responsible_the_greeting_says_so(self):
        (self.acme | self.emma).user_id = False
        self.occasion()
        self.greet()
        self.assertEqual(self.greetings().state, "nobody")
        self.assertFalse(self.activities(self.emma))

    def test_the_salesperson_reads_it_in_his_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.seller.lang = "fr_FR"
        occasion = self.occasion(name="Birthday")
        occasion.with_context(lang="fr_FR").name = "Anniversaire"
        self.greet()
        self.assertEqual(self.activities(self.emma).summary, "Anniversaire")

    # ------------------------------------------------------------
    # By e-mail
    # ------------------------------------------------------------

    def test_who_has_agreed_gets_the_mail_and_nobody_an_activity(self):
        self.agreed()
        self.greet()
        self.greet()
        mail = self.mails(self.emma)
        self.assertEqual(len(mail), 1)
        self.assertEqual((mail.subject, mail.recipient_ids), ("Hello Emma", self.emma))
        self.assertEqual((self.greetings().state, self.greetings().message_id), ("email", mail.mail_message_id))
        self.assertFalse(self.activities(self.emma))

    def test_the_mail_is_in_the_contacts_language_whether_the_template_says_so_or_not(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.emma.lang = "fr_FR"
        jan = self.customer("Jan", parent_id=self.acme.id, birthdate_date=date(1980, 3, 10), email="jan@example.com")
        jan.grading_greeting_consent = True
        self.template.with_context(lang="fr_FR").subject = "Bonjour {{ object.name }}"
        self.agreed()
        for lang in ("{{ object.lang }}", False):
            self.template.lang = lang
            self.greetings().unlink()
            self.mails(self.emma).unlink()
            self.mails(jan).unlink()
            self.greet()
            self.assertEqual(self.mails(self.emma).subject, "Bonjour Emma")
            self.assertEqual(self.mails(jan).subject, "Hello Jan")

    def test_without_consent_the_salesperson_greets(self):
        self.agreed()
        self.emma.grading_greeting_consent = False
        self.assert_obstructed("consent")

    def test_on_the_blacklist_the_salesperson_greets(self):
        self.agreed()
        self.env["mail.blacklist"]._add("emma@example.com")
        self.assert_obstructed("blacklist")

    def test_without_an_address_the_salesperson_greets(self):
        self.agreed()
        self.emma.email = False
        self.assert_obstructed("address")

    def assert_obstructed(self, obstacle):
        self.env.invalidate_all()
        self.greet()
        self.assertFalse(self.mails(self.emma))
        self.assertEqual((self.greetings().state, self.greetings().obstacle), ("activity", obstacle))
        label = dict(self.env["grading.greeting"]._fields["obstacle"].selection)[obstacle]
        self.assertIn(label, self.activities(self.emma).note)

    def test_other_grades_than_those_chosen_get_an_activity_and_no_reason(self):
        self.agreed(message_grade_ids=[Command.set(self.gold.ids)])
        self.greet()
        self.assertEqual((self.greetings().state, self.greetings().obstacle), ("activity", False))
        self.greetings().unlink()
        self.profile(self.acme).grade_id = self.gold
        self.greet()
        self.assertEqual(self.greetings().state, "email")

    @mute_logger(MESSAGE_LOGGER)
    def test_the_one_for_whom_the_template_fails_does_not_keep_it_from_the_others(self):
        good = self.customer("Good", parent_id=self.acme.id, birthdate_date=date(1980, 3, 10), email="g@example.com")
        good.grading_greeting_consent = True
        self.template.body_html = "<p t-out=\"1 / (0 if object.name == 'Emma' else 1)\"/>"
        self.agreed()
        self.greet()
        self.assertEqual(self.greetings(good).state, "email")
        self.assertEqual(len(self.mails(good)), 1)
        failed = self.greetings(self.emma)
        self.assertEqual((failed.state, failed.obstacle, failed.user_id), ("activity", "error", self.seller))
        self.assertIn("division by zero", failed.error)
        self.assertFalse(self.mails(self.emma))

    # ------------------------------------------------------------
    # By SMS
    # ------------------------------------------------------------

    def test_an_sms_can_be_chosen_where_its_module_is_installed(self):
        options = dict(self.env["grading.occasion"]._selection_send_by())
        self.assertEqual("sms" in options, "sms.sms" in self.env)

    def test_the_sms_text_names_contact_company_and_salesperson(self):
        occasion = self.occasion(name="Birthday", sms_text="{occasion}: {name}! {salesperson}, {company}")
        self.assertEqual(occasion._sms_body(self.emma), f"Birthday: Emma! {self.seller.name}, {self.company.name}")

    def test_a_name_is_not_read_as_a_placeholder(self):
        self.emma.name = "{company}"
        self.assertEqual(self.occasion(sms_text="Dear {name}")._sms_body(self.emma), "Dear {company}")

    def test_a_placeholder_that_means_nothing_is_refused(self):
        with self.assert_refused("{colour}", "{name}", error=ValidationError):
            self.occasion(sms_text="Hello {colour}")

    def test_where_sms_is_not_installed_any_more_the_salesperson_greets(self):
        occasion = self.occasion(sms_text="Hello")
        self.force(occasion, send_by="sms")
        self.emma.grading_greeting_consent = True
        with patch.object(self.env.registry, "models", {**self.env.registry.models}) as models:
            models.pop("sms.sms", None)
            self.assertEqual(
                self.env["grading.greeting"].new({"partner_id": self.emma.id})._find_obstacle("sms"), "module"
            )

    # ------------------------------------------------------------
    # Once, and whatever happens
    # ------------------------------------------------------------

    def test_the_database_refuses_a_second_greeting_for_a_day(self):
        occasion = self.occasion()
        self.greet()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation), self.env.cr.savepoint():
            self.greetings().copy({"occasion_id": occasion.id, "partner_id": self.emma.id}).flush_recordset()

    def test_many_are_greeted_in_several_parts(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Person {n}", "parent_id": self.acme.id, "birthdate_date": "1980-03-10"} for n in range(7)]
        )
        self.occasion()
        with patch.object(grading_greeting_cron, "BATCH", 3):
            self.greet()
        self.assertEqual(self.greetings().partner_id, partners | self.emma)
        self.assertEqual(len(self.greetings()), 8)

    @mute_logger(CRON_LOGGER)
    def test_an_occasion_that_fails_says_why_and_keeps_no_other_from_greeting(self):
        bad, good = self.occasion(name="Bad", sequence=1), self.occasion(name="Good", sequence=2)
        Greeting = self.env.registry["grading.greeting"]
        plan = Greeting._plan

        def fail_for_bad(self):
            if self.occasion_id == bad:
                raise UserError("No paper left")
            return plan(self)

        with patch.object(Greeting, "_plan", fail_for_bad):
            self.greet()
        self.assertEqual(self.greetings().occasion_id, good)
        self.assertEqual(bad.error, "No paper left")
        self.greet()
        self.assertFalse(bad.error)
        self.assertEqual(self.greetings().occasion_id, good | bad)

    def test_an_occasion_that_greeted_is_archived_not_deleted(self):
        occasion = self.occasion(name="Birthday")
        self.greet()
        with self.assert_refused("Birthday", "archive"):
            occasion.unlink()
        self.greetings().unlink()
        occasion.unlink()
        self.assertFalse(occasion.exists())

    def test_a_message_needs_what_it_says(self):
        with self.assert_refused("Occasion", "template", error=ValidationError):
            self.occasion(send_by="email")
        self.template.model_id = self.env["ir.model"]._get_id("crm.lead")
        with self.assert_refused("Occasion", "contacts", error=ValidationError):
            self.occasion(send_by="email", template_id=self.template.id)
