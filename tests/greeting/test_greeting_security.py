from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .greeting_case import GreetingCase


@tagged("post_install", "-at_install")
@freeze_time("2025-03-10 09:00:00")
class TestGreetingSecurity(GreetingCase):
    """Which users see the greetings and decide on the occasions, and what a customer never sees."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss, cls.employee, cls.guest = cls.manager(), cls.internal(), cls.portal()
        cls.birthday = cls.occasion(name="Birthday")
        cls.greeting = cls.env["grading.greeting"]._claim(cls.birthday)

    def test_a_portal_customer_reads_nothing_of_their_own_greetings(self):
        self.guest.partner_id = self.emma
        emma = self.emma.with_user(self.guest)
        for read in (
            lambda: emma.read(["grading_greeting_consent"]),
            lambda: self.acme.with_user(self.guest).read(["grading_founded_date"]),
            lambda: self.birthday.with_user(self.guest).read(["name"]),
            lambda: self.greeting.with_user(self.guest).read(["date"]),
            lambda: self.birthday.line_ids.with_user(self.guest).search([]),
        ):
            with self.assertRaises(AccessError):
                read()

    def test_a_salesperson_goes_from_a_greeting_to_its_contact(self):
        action = self.greeting.with_user(self.seller).action_open()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", self.emma.id))
        tree = etree.fromstring(self.env["grading.greeting"].get_view(view_type="list")["arch"])
        self.assertEqual((tree.get("action"), tree.get("type")), ("action_open", "object"))

    def test_salespeople_read_and_the_manager_decides(self):
        self.assertEqual(self.birthday.with_user(self.seller).name, "Birthday")
        with self.assertRaises(AccessError):
            self.birthday.with_user(self.seller).name = "Mine"
        with self.assertRaises(AccessError):
            self.env["grading.occasion.date"].with_user(self.seller).create(
                {"occasion_id": self.birthday.id, "date": "2025-01-01"}
            )
        feast = self.birthday.with_user(self.boss).create(
            {"name": "Feast", "kind": "dated", "line_ids": [Command.create({"date": "2041-02-01"})]}
        )
        feast.line_ids.unlink()
        feast.unlink()
        self.assertFalse(feast.exists())

    def test_companies_are_apart(self):
        company = self.new_company("Second Company")
        stranger = self.user(
            "stranger", "sales_team.group_sale_manager", company_id=company.id, company_ids=company.ids
        )
        env = self.env(user=stranger, context={"allowed_company_ids": company.ids})
        self.assertFalse(env["grading.greeting"].search([("id", "in", self.greeting.ids)]))
        self.assertFalse(env["grading.occasion"].search([("id", "in", self.birthday.ids)]))
        feast = self.feast("2025-03-10")
        self.assertFalse(env["grading.occasion.date"].search([("id", "in", feast.line_ids.ids)]))

    def test_the_user_who_notes_a_consent_is_on_record(self):
        emma = self.emma.with_user(self.seller).with_context(tracking_disable=False)
        emma.grading_greeting_consent = True
        self.flush_tracking()
        tracked = self.emma.message_ids.sudo().tracking_value_ids
        self.assertEqual(tracked.field_id.name, "grading_greeting_consent")
        self.assertEqual(tracked.mail_message_id.author_id, self.seller.partner_id)
