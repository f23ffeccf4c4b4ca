"""With Odoo's SMS installed: not collected by the suite, which needs nothing beyond the module's dependencies."""

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .greeting_case import GreetingCase


@tagged("post_install", "-at_install")
@freeze_time("2025-03-10 09:00:00")
class TestGreetingSms(GreetingCase):
    def setUp(self):
        super().setUp()
        self.emma.write({"country_id": self.env.ref("base.be").id, "grading_greeting_consent": True})
        self.birthday = self.occasion(name="Birthday", send_by="sms", sms_text="Happy birthday, {name}!")

    def sent(self):
        return self.env["sms.sms"].search([("partner_id", "=", self.emma.id)])

    def test_a_contact_who_has_agreed_gets_one_sms_in_their_own_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.emma.lang = "fr_FR"
        self.birthday.with_context(lang="fr_FR").sms_text = "Bon anniversaire, {name} !"
        self.greet()
        self.greet()
        sms = self.sent()
        self.assertEqual((len(sms), sms.state, sms.number), (1, "outgoing", "+32475123456"))
        self.assertEqual(sms.body, "Bon anniversaire, Emma !")
        self.assertEqual((self.greetings().state, self.greetings().message_id), ("sms", sms.mail_message_id))
        self.assertFalse(self.greetings().activity_id)

    def test_without_consent_number_or_on_the_blacklist_the_salesperson_greets(self):
        def no_consent():
            self.emma.grading_greeting_consent = False

        def no_number():
            self.emma.write({"grading_greeting_consent": True, "phone": False})

        def blacklisted():
            self.emma.phone = "+32475123456"
            self.env["phone.blacklist"]._add(["+32475123456"])

        for prevent, obstacle in ((no_consent, "consent"), (no_number, "address"), (blacklisted, "blacklist")):
            prevent()
            self.env.invalidate_all()
            self.greet()
            self.assertEqual((self.greetings().state, self.greetings().obstacle), ("activity", obstacle))
            self.assertFalse(self.sent())
            self.greetings().unlink()

    def test_an_sms_without_text_is_refused(self):
        with self.assert_refused("Birthday", "text", error=ValidationError):
            self.birthday.sms_text = False
