from datetime import timedelta

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import SQL

from ...models.run.grading_run_pipeline import Rules
from ...models.run.grading_staging import POPULATION


@tagged("post_install", "-at_install")
class TestCareTour(HttpCase):
    """A salesperson opens My Contacts Due, marks one done and sees the next date move, in a real browser."""

    def setUp(self):
        super().setUp()
        self.env["grading.cadence"].search([]).active = False
        company = self.env.company
        today = company._grading_today()
        self.seller = new_test_user(self.env, "care_seller", "sales_team.group_sale_salesman", name="Care Seller")
        self.seller.tz = company._grading_tz()
        grade = self.env["grading.grade"].create({"name": "Tour"})
        kind = self.env["mail.activity.type"].create({"name": "Write", "grading_channel": "online"})
        self.env["grading.cadence"].create(
            {"name": "Every week", "grade_ids": [Command.set(grade.ids)], "activity_type_id": kind.id}
        )
        for name, days in (("Neglected Customer", 20), ("Due Customer", 7), ("Later Customer", 2)):
            partner = self.env["res.partner"].create({"name": name, "user_id": self.seller.id})
            self.env["grading.profile"].create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "grade_id": grade.id,
                    "order_count": 1,
                    "last_online_date": today - timedelta(days=days),
                }
            )
        self.env.flush_all()
        Work = self.env["grading.worktable"]
        Work._create(POPULATION, SQL("SELECT partner_id FROM grading_profile WHERE grade_id = %s", grade.id))
        cadences = self.env["grading.cadence"]._in_force()
        rules = Rules(subject="customer", as_of=today, cadences=cadences)
        Work._write_care_batch(rules, 1, Work._create_care_changes(rules))

    def test_a_contact_is_marked_done_and_its_next_date_moves(self):
        self.start_tour("/odoo/grading-contacts-due", "grading_care_tour", login="care_seller")
        log = self.env["grading.care.log"].search([("user_id", "=", self.seller.id)])
        self.assertEqual((log.partner_id.name, log.state), ("Neglected Customer", "kept"))
        care = self.env["grading.care"].search([("partner_id", "=", log.partner_id.id)])
        self.assertEqual((care.next_date - care.done_date).days, 7)
