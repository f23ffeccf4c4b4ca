from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestOverviewTour(HttpCase):
    """A manager opens the overview from the menu, and what a card and a cell count, in a real browser."""

    browser_size = "1440x1400"  # cells out of sight are not drawn, and cannot be clicked

    def setUp(self):
        super().setUp()
        Complaint = self.env["grading.complaint"]
        today = self.env.company._grading_today()
        Complaint.search([("state", "=", "open")]).write({"date_close": today, "outcome": "withdrawn"})
        partner = self.env["res.partner"].create({"name": "Loud Lou"})
        Complaint.create(
            {
                "partner_id": partner.id,
                "company_id": self.env.company.id,
                "name": "Tour complaint",
                "severity": "serious",
                "user_id": self.env.ref("base.user_admin").id,
            }
        )

    def test_the_figures_open_what_they_count(self):
        self.start_tour("/odoo/grading", "grading_overview_tour", login="admin")
