from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import LeadCase

COOKIE, KEY, OTHER = "GA1.2.1234567890.1700000000", "1234567890.1700000000", "22.33"


@tagged("post_install", "-at_install")
class TestWebKey(LeadCase):
    """A visitor whom a website knows is found again on contacts and leads."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.customer("Ada", grading_web_key=COOKIE, email="ada@example.com")
        cls.boss = cls.manager()

    def load(self, model, fields, *rows, user=None):
        return self.env[model].with_user(user or self.boss).load(fields, [list(row) for row in rows])

    def test_what_the_cookie_has_in_front_is_left_out(self):
        for written, kept in (
            (COOKIE, KEY),
            (f"  {COOKIE} ", KEY),
            ("GA1.1-2.5.6", "5.6"),
            (KEY, KEY),
            ("crm-4711", "crm-4711"),
            ("  ", False),
            (False, False),
        ):
            with self.subTest(written=written):
                self.ada.grading_web_key = written
                self.env.flush_all()
                self.ada.invalidate_recordset()
                self.assertEqual(self.ada.grading_web_key, kept)

    def test_it_is_found_however_it_is_written(self):
        for key in (KEY, COOKIE):
            self.assertEqual(self.env["res.partner"].search([("grading_web_key", "=", key)]), self.ada)

    # ------------------------------------------------------------
    # Import
    # ------------------------------------------------------------

    def test_a_row_with_the_key_alone_updates_the_contact(self):
        result = self.load("res.partner", ["grading_web_key", "phone"], (COOKIE, "123"))
        self.assertEqual((result["ids"], result["messages"]), ([self.ada.id], []))
        self.assertEqual((self.ada.phone, self.ada.name), ("123", "Ada"))

    def test_an_unknown_key_makes_a_contact_and_the_same_key_again_updates_it(self):
        rows = [(OTHER, "Bob", "1"), (OTHER, "Bob", "2"), (KEY, "Ada", "3"), ("", "Cleo", "4"), ("", "Dan", "5")]
        result = self.load("res.partner", ["grading_web_key", "name", "phone"], *rows)
        self.assertFalse(result["messages"])
        first, again, ada, cleo, dan = self.env["res.partner"].browse(result["ids"])
        self.assertEqual((first, ada), (again, self.ada))
        self.assertEqual([partner.phone for partner in (first, ada, cleo, dan)], ["2", "3", "4", "5"])

    def test_a_row_with_an_external_id_is_about_that_record(self):
        fields = ["id", "grading_web_key", "name"]
        [new_id] = self.load("res.partner", fields, ("__import__.web_bob", KEY, "Bob"))["ids"]
        self.assertNotEqual(new_id, self.ada.id)
        again = self.load("res.partner", [".id", "grading_web_key", "name"], (str(new_id), KEY, "Bobby"))
        self.assertEqual((again["ids"], self.ada.name), ([new_id], "Ada"))

    def test_a_key_of_two_contacts_says_which_they_are(self):
        self.customer("Twin", grading_web_key=KEY)
        result = self.load("res.partner", ["grading_web_key", "phone"], (KEY, "123"))
        self.assertFalse(result["ids"])
        self.assertIn("Twin", result["messages"][0]["message"])
        self.assertFalse(self.ada.phone)

    def test_archived_contacts_and_closed_leads_are_not_found(self):
        self.ada.active = False
        lead = self.lead(grading_web_key=OTHER)
        lead.action_set_lost()
        [contact] = self.load("res.partner", ["grading_web_key", "name"], (KEY, "Ada"))["ids"]
        [again] = self.load("crm.lead", ["grading_web_key", "name"], (OTHER, "Again"))["ids"]
        self.assertNotEqual(contact, self.ada.id)
        self.assertNotEqual(again, lead.id)

    def test_what_the_user_may_not_see_is_not_touched(self):
        lead = self.lead(grading_web_key=OTHER, user_id=self.boss.id)
        seller = self.salesman()
        [mine] = self.load("crm.lead", ["grading_web_key", "name"], (OTHER, "Mine"), user=seller)["ids"]
        self.assertNotEqual(mine, lead.id)
        self.assertEqual(lead.name, "Lead")

    def test_data_files_are_no_imports(self):
        made = self.env["res.partner"]._load_records([{"values": {"name": "Bob", "grading_web_key": KEY}}])
        self.assertNotEqual(made, self.ada)

    # ------------------------------------------------------------
    # Leads and their customers
    # ------------------------------------------------------------

    def test_a_lead_with_a_known_key_belongs_to_that_customer_and_keeps_its_own_address(self):
        lead = self.lead(grading_web_key=COOKIE, email_from="a.new@example.com")
        self.assertEqual((lead.partner_id, lead.email_from), (self.ada, "a.new@example.com"))
        [imported] = self.load("crm.lead", ["name", "grading_web_key"], ("Imported", "GA1.1.7.8"))["ids"]
        imported = self.env["crm.lead"].browse(imported)
        self.assertFalse(imported.partner_id)
        imported.grading_web_key = KEY
        self.assertEqual(imported.partner_id, self.ada)

    def test_a_lead_that_has_a_customer_keeps_them(self):
        bob = self.customer("Bob")
        lead = self.lead(grading_web_key=KEY, partner_id=bob.id)
        self.assertEqual(lead.partner_id, bob)
        self.assertFalse(bob.grading_web_key, "it is Ada's")

    def test_no_customer_of_another_company_and_none_of_a_shared_key_is_linked(self):
        self.ada.company_id = self.new_company("Other Company")
        self.assertFalse(self.lead(grading_web_key=KEY).partner_id)
        self.ada.company_id = False
        self.customer("Twin", grading_web_key=KEY)
        self.assertFalse(self.lead(grading_web_key=KEY).partner_id)

    def test_the_contact_that_a_lead_becomes_takes_the_key_over(self):
        lead = self.lead(contact_name="Bob", partner_name="Bobs", grading_web_key=OTHER)
        lead._handle_partner_assignment(create_missing=True)
        self.assertEqual((lead.partner_id.name, lead.partner_id.grading_web_key), ("Bob", OTHER))
        self.assertFalse(lead.partner_id.parent_id.grading_web_key)

    def test_a_merged_lead_has_the_first_key(self):
        leads = self.lead("First") | self.lead("Second", grading_web_key=OTHER)
        self.assertEqual(leads.merge_opportunity().grading_web_key, OTHER)

    def test_a_copy_has_none(self):
        self.assertFalse(self.ada.copy().grading_web_key)
        self.assertFalse(self.lead(grading_web_key=OTHER).copy().grading_web_key)

    # ------------------------------------------------------------
    # Privacy
    # ------------------------------------------------------------

    def test_no_portal_user_reads_filters_or_writes_it(self):
        visitor = self.portal()
        visitor.partner_id.grading_web_key = OTHER
        mine = visitor.partner_id.with_user(visitor)
        self.assertNotIn("grading_web_key", mine.fields_get())
        for attempt in (
            lambda: mine.read(["grading_web_key"]),
            lambda: mine.search([("grading_web_key", "!=", False)]),
            lambda: mine._read_group([], ["grading_web_key"]),
            lambda: mine.write({"grading_web_key": KEY}),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_employees_read_it(self):
        self.assertEqual(self.ada.with_user(self.internal()).grading_web_key, KEY)
