from datetime import timedelta

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import SQL

from ...models.run.grading_run_pipeline import Rules
from ...models.run.grading_staging import POPULATION


class CareTourCase(HttpCase):
    """Three customers of a salesperson: one is overdue for two reasons, one is due today, and one later."""

    def setUp(self):
        super().setUp()
        self.env["grading.cadence"].search([]).active = False
        company = self.env.company
        today = company._grading_today()
        self.seller = new_test_user(self.env, "care_seller", "sales_team.group_sale_salesman", name="Care Seller")
        self.seller.tz = company._grading_tz()
        grade = self.env["grading.grade"].create({"name": "Tour"})
        write, ring = self.env["mail.activity.type"].create(
            [{"name": "Write", "grading_channel": "online"}, {"name": "Ring", "grading_channel": "call"}]
        )
        common = {"grade_ids": [Command.set(grade.ids)]}
        self.env["grading.cadence"].create(
            [
                {"name": "Every week", "activity_type_id": write.id, **common},
                {
                    "name": "Every month",
                    "channel": "call",
                    "interval_type": "month",
                    "activity_type_id": ring.id,
                    **common,
                },
            ]
        )
        for name, days in (("Neglected Customer", 20), ("Due Customer", 7), ("Later Customer", 2)):
            partner = self.env["res.partner"].create(
                {"name": name, "user_id": self.seller.id, "phone": "+32 2 290 34 90", "email": "tour@example.com"}
            )
            self.env["grading.profile"].create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "grade_id": grade.id,
                    "order_count": 1,
                    "last_online_date": today - timedelta(days=days),
                    "last_call_date": today - timedelta(days=2 * days),
                }
            )
        self.env.flush_all()
        Work = self.env["grading.worktable"]
        Work._create(POPULATION, SQL("SELECT partner_id FROM grading_profile WHERE grade_id = %s", grade.id))
        cadences = self.env["grading.cadence"]._in_force()
        rules = Rules(subject="customer", as_of=today, cadences=cadences)
        Work._write_care_batch(rules, 1, Work._create_care_changes(rules))


@tagged("post_install", "-at_install")
class TestCareTour(CareTourCase):
    """A salesperson works through My Contacts Due in a real browser, with the mouse and without."""

    def test_a_day_of_contacts(self):
        self.start_tour("/odoo/grading-contacts-due", "grading_care_tour", login="care_seller")
        log = self.env["grading.care.log"].search([("user_id", "=", self.seller.id)])
        self.assertEqual((log.partner_id.name, log.mapped("state")), ("Neglected Customer", ["kept", "kept"]))
        messages = log.partner_id.message_ids.filtered("mail_activity_type_id")
        self.assertEqual(len(messages), 1)
        self.assertNotIn("Wrong customer", messages.body)
        cares = self.env["grading.care"].search([("partner_id", "=", log.partner_id.id)])
        self.assertEqual((cares[0].next_date - cares[0].done_date).days, 7)
        postponed = self.env["grading.care"].search([("user_id", "=", self.seller.id), ("put_off_date", "!=", False)])
        self.assertIn("Due Customer", postponed.mapped("display_name"))


@tagged("post_install", "-at_install")
class TestCarePhoneTour(CareTourCase):
    """The same on a phone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_a_contact_is_marked_done_on_a_phone(self):
        self.start_tour("/odoo/grading-contacts-due", "grading_care_phone_tour", login="care_seller")
        self.assertFalse(self.env["grading.care.log"].search([("user_id", "=", self.seller.id)]))
