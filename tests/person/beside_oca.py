from dateutil.relativedelta import relativedelta
from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..common import GradingCase

SHARED = ("birthdate_date", "gender")


@tagged("post_install", "-at_install")
class TestBesideOca(GradingCase):
    """With OCA's modules about people, their risk and their stage: one birthdate, one gender, one age."""

    def contact_form(self, user=None):
        """The contact's form as it reaches the browser of the user, without the forms in it."""
        env = self.env(user=user or self.salesman())
        arch = etree.fromstring(env["res.partner"].get_view(env.ref("base.view_partner_form").id)["arch"])
        for inner in arch.xpath("//field/*"):
            inner.getparent().remove(inner)
        return arch

    def shown(self, arch, *names):
        return [node.get("name") for node in arch.iter("field") if node.get("name") in names]

    def test_birthdate_gender_and_age_are_shown_and_asked_for_once(self):
        arch = self.contact_form()
        for name in (*SHARED, "age", "age_range_id"):
            with self.subTest(field=name):
                self.assertEqual(self.shown(arch, name), [name])
        self.assertFalse(self.shown(arch, "grading_age_band"), "their age and age range say it")
        ours = arch.find(".//page[@name='grading_person']")
        self.assertFalse(self.shown(ours, *SHARED))
        self.assertTrue(self.shown(ours, "grading_zodiac", "grading_preferred_channel"))

    def test_what_is_entered_on_their_page_is_what_our_rules_read(self):
        born = self.company._grading_today() - relativedelta(years=30)
        with Form(self.env["res.partner"].with_user(self.salesman())) as form:
            form.firstname, form.lastname = "Ada", "Lovelace"
            form.birthdate_date = born
            form.gender = "female"
        ada = form.record
        self.assertEqual((ada.age, ada.grading_age_band, ada.grading_born_this_month), (30, "25_34", True))
        greeted = self.env["res.partner"].search([("grading_born_this_month", "=", True), ("gender", "=", "female")])
        self.assertIn(ada, greeted)

    def test_the_portal_user_reads_neither_where_their_modules_give_the_fields_no_groups(self):
        user = self.portal()
        user.partner_id.write({"birthdate_date": "1990-04-01", "gender": "other"})
        for name in (*SHARED, "age"):
            with self.subTest(field=name), self.assertRaises(AccessError), mute_logger("odoo.models"):
                user.partner_id.with_user(user).read([name])

    def test_no_view_of_a_contact_or_lead_depends_on_what_some_users_cannot_read(self):
        views = self.env["ir.ui.view"].search(
            [("model", "in", ("res.partner", "crm.lead", "crm.claim", "sale.order")), ("inherit_id", "=", False)]
        )
        for view in views:
            with self.subTest(view=view.xml_id):
                self.assertFalse(view.warning_info)

    def test_a_contact_of_everything_is_graded(self):
        stage = self.env["res.partner.stage"].search([], limit=1)
        ada = self.customer("Ada Lovelace", stage_id=stage.id, birthdate_date="1990-04-01", gender="female")
        self.order(ada, 50, self.company._grading_today())
        self.scheme()
        self.rescore()
        self.assertEqual((ada.grading_grade_id, ada.lastname), (self.silver, "Lovelace"))
