from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged


class OwnerTourCase(HttpCase):
    """A public pool of two leads, one of which the salesperson has lost."""

    def setUp(self):
        super().setUp()
        self.env["crm.team"].with_context(active_test=False).search([]).grading_pool = False
        self.seller = new_test_user(self.env, "pool_seller", "sales_team.group_sale_salesman", name="Pool Seller")
        team = self.env["crm.team"].create(
            {
                "name": "Tour",
                "company_id": self.env.company.id,
                "grading_pool": True,
                "crm_team_member_ids": [Command.create({"user_id": self.seller.id})],
            }
        )
        values = {"team_id": team.id, "user_id": False, "type": "opportunity"}
        self.lead, lost = self.env["crm.lead"].create(
            [
                {"name": "Found Lead", "contact_name": "Fay", "city": "Ghent", **values},
                {"name": "Lost Lead", **values},
            ]
        )
        move = {"lead_id": lost.id, "team_id": team.id, "old_user_id": self.seller.id}
        self.env["grading.ownership"]._move("pooled", [move])

    def claim(self, url, tour):
        self.start_tour(url, tour, login="pool_seller")
        self.assertEqual(self.lead.user_id, self.seller)
        row = self.env["grading.ownership"].search([("lead_id", "=", self.lead.id)])
        self.assertEqual((row.reason, row.new_user_id), ("claimed", self.seller))


@tagged("post_install", "-at_install")
class TestOwnerTour(OwnerTourCase):
    """A salesperson opens the public pool and claims a lead, in a real browser."""

    def test_a_lead_is_claimed_from_the_pool(self):
        self.claim("/odoo", "grading_pool_tour")


@tagged("post_install", "-at_install")
class TestOwnerTourPhone(OwnerTourCase):
    """The same on the width of a phone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_a_lead_is_claimed_from_the_pool_on_a_phone(self):
        self.claim("/odoo/grading-pool", "grading_pool_phone_tour")
