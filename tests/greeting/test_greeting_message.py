from datetime import date
from unittest.mock import patch

from psycopg2.extras import Json

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from .greeting_case import BIRTHDATE, GreetingCase

GREETABLE = {"birthdate_date": BIRTHDATE, "email": "ada@example.com", "grading_greeting_consent": True}
MESSAGE_LOGGER = "odoo.addons.customer_grading.models.greeting.grading_greeting"


@tagged("post_install", "-at_install")
@freeze_time("2025-03-10 09:00:00")
class TestGreetingMessage(GreetingCase):
    """Which contacts are greeted by a message on Emma's birthday, with which text, and which are not."""

    def mails(self, partner):
        return self.env["mail.mail"].search([("model", "=", "res.partner"), ("res_id", "=", partner.id)])

    def agreed(self, **vals):
        """Emma has agreed to messages, and her birthday is greeted by e-mail unless said otherwise."""
        self.emma.grading_greeting_consent = True
        return self.occasion(**{"send_by": "email", "template_id": self.template.id, **vals})

    # ------------------------------------------------------------
    # By e-mail
    # ------------------------------------------------------------

    def test_a_contact_who_has_agreed_gets_the_mail_and_no_user_an_activity(self):
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

    def test_a_duplicate_has_agreed_to_nothing(self):
        self.agreed()
        duplicate = self.emma.copy()
        self.assertEqual((duplicate.grading_greeting_consent, duplicate.birthdate_date), (False, BIRTHDATE))

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
    def test_a_contact_for_whom_the_template_fails_does_not_keep_it_from_the_others(self):
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
    # In whose name
    # ------------------------------------------------------------

    def sender(self):
        """Greet Emma by a mail in the name of the salesperson.

        :return: the address that it comes from, and its author
        """
        self.template.email_from = "{{ ctx.get('grading_salesperson', user).email or 'us@example.com' }}"
        self.agreed()
        self.greet()
        mail = self.mails(self.emma)
        return mail.email_from, mail.author_id

    def test_the_mail_is_the_salespersons(self):
        self.assertEqual(self.sender(), ("seller@example.com", self.seller.partner_id))
        self.assertEqual(self.greetings().user_id, self.seller)

    def test_each_mail_is_its_own_salespersons(self):
        self.known(self.customer("Ada", user_id=self.manager(email="boss@example.com").id, **GREETABLE))
        self.sender()
        self.assertEqual(self.mails(self.emma).email_from, "seller@example.com")
        self.assertEqual(self.mails(self.greetings().partner_id - self.emma).email_from, "boss@example.com")

    def test_the_mail_is_that_of_the_salesperson_of_the_order_where_there_is_no_other(self):
        self.acme.user_id = False
        self.order(self.acme, 10, date(2025, 2, 1), user_id=self.seller.id)
        self.assertEqual(self.sender(), ("seller@example.com", self.seller.partner_id))

    def test_nothing_is_sent_in_the_name_of_a_user_who_has_left(self):
        self.seller.active = False
        self.assertEqual(self.sender(), ("us@example.com", self.company.partner_id))

    def test_a_greeting_that_the_robot_sent_is_no_contact_but_one_that_a_person_made_is(self):
        self.sender()
        self.assertFalse(self.contacts(self.acme))
        self.greetings().unlink()
        self.emma.grading_greeting_consent = False
        self.greet()
        self.activities(self.emma).with_user(self.seller)._action_done()
        self.assertEqual(self.contacts(self.acme), [self.seller.id])

    def contacts(self, customer):
        """Which of our users had contact with a customer, once for each time."""
        self.env.flush_all()
        persons = SQL(
            "(SELECT id, commercial_partner_id FROM res_partner WHERE commercial_partner_id = %s)", customer.id
        )
        Source = self.env["grading.contact.source"]
        select = Source._contacts_select(persons, Source._leads_of(persons), "UTC")
        return [user_id for [user_id] in self.env.execute_query(SQL("SELECT user_id FROM (%s) AS contact", select))]

    # ------------------------------------------------------------
    # By SMS
    # ------------------------------------------------------------

    def test_an_sms_can_be_chosen_where_its_module_is_installed(self):
        options = dict(self.env["grading.occasion"]._selection_send_by())
        self.assertEqual("sms" in options, "sms.sms" in self.env)

    def test_the_sms_text_names_contact_company_and_salesperson(self):
        occasion = self.occasion(name="Birthday", sms_text="{occasion}: {name}! {salesperson}, {company}")
        self.assertEqual(
            occasion._sms_body(self.emma, self.seller), f"Birthday: Emma! {self.seller.name}, {self.company.name}"
        )

    def test_a_name_is_not_read_as_a_placeholder(self):
        self.emma.name = "{company}"
        self.assertEqual(self.occasion(sms_text="Dear {name}")._sms_body(self.emma, self.seller), "Dear {company}")

    def test_a_placeholder_that_means_nothing_is_refused(self):
        with self.assert_refused("{colour}", "{name}", error=ValidationError):
            self.occasion(sms_text="Hello {colour}")

    def test_a_placeholder_that_only_a_translation_has_is_refused_or_stays_as_it_is(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        occasion = self.occasion(sms_text="Dear {name}")
        with self.assert_refused("{nom}", error=ValidationError):
            occasion._update_field_translations("sms_text", {"fr_FR": "Bonjour {nom}"})
        self.env.invalidate_all()
        self.force(occasion, sms_text=Json({"en_US": "Dear {name}", "fr_FR": "Bonjour {nom} {name}"}))
        french = occasion.with_context(lang="fr_FR")
        self.assertEqual(french._sms_body(self.emma, self.seller), "Bonjour {nom} Emma")

    def test_where_sms_is_not_installed_any_more_the_salesperson_greets(self):
        occasion = self.occasion(sms_text="Hello")
        self.force(occasion, send_by="sms")
        self.emma.grading_greeting_consent = True
        with patch.object(self.env.registry, "models", {**self.env.registry.models}) as models:
            models.pop("sms.sms", None)
            self.assertEqual(
                self.env["grading.greeting"].new({"partner_id": self.emma.id})._find_obstacle("sms"), "module"
            )

    def test_a_message_needs_what_it_says(self):
        with self.assert_refused("Occasion", "template", error=ValidationError):
            self.occasion(send_by="email")
        self.template.model_id = self.env["ir.model"]._get_id("crm.lead")
        with self.assert_refused("Occasion", "contacts", error=ValidationError):
            self.occasion(send_by="email", template_id=self.template.id)
