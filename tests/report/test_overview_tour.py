import base64
import io
from unittest.mock import patch

from odoo.tests import HttpCase, tagged
from odoo.tests.common import ChromeBrowser
from odoo.tools.pdf import PdfReader

PAPERS = {"A4": (8.27, 11.69), "Letter": (8.5, 11)}
# Inches that browsers leave on each side, and pixels of an inch.
MARGIN, INCH = 0.4, 96
# Ctrl+P as soon as the figures are there; done when the browser's own dialog would open.
PRESS = """
    window.print = () => setTimeout(() => console.log("test successful"), 500);
    const timer = setInterval(() => {
        if (document.querySelector("canvas.o-scorecard[role=button][title='Open Complaints']")) {
            clearInterval(timer);
            const keys = { key: "p", ctrlKey: true, bubbles: true, cancelable: true };
            document.body.dispatchEvent(new KeyboardEvent("keydown", keys));
        }
    }, 100);
"""
# How wide and how high all figures together are on paper, and how many there are.
EXTENT = """(() => {
    const figures = [...document.querySelectorAll(".o-figure, .o-dashboard-clickable-cell")];
    const places = figures.map((figure) => figure.getBoundingClientRect());
    const from = (side) => Math.min(...places.map((place) => place[side]));
    const to = (side) => Math.max(...places.map((place) => place[side]));
    return [to("right") - from("left"), to("bottom") - from("top"), places.length];
})()"""


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

    def test_it_is_printed_on_one_page_from_the_first_card_to_the_last_figure(self):
        for name, paper in PAPERS.items():
            with self.subTest(paper=name):
                document, (width, height, figures) = self.printed(*paper)
                self.assertEqual(PdfReader(io.BytesIO(document)).numPages, 1)
                self.assertGreater(figures, 20)
                self.assertLessEqual(width, (paper[0] - 2 * MARGIN) * INCH)
                self.assertLessEqual(height, (paper[1] - 2 * MARGIN) * INCH)

    def printed(self, width, height):
        """What Ctrl+P gives on a paper of so many inches: the document, and what :data:`EXTENT` tells."""
        found, wait = [], ChromeBrowser._wait_code_ok

        def wait_and_print(browser, *args, **options):
            wait(browser, *args, **options)
            ask = browser._websocket_request
            ask("Emulation.setEmulatedMedia", params={"media": "print"})
            extent = ask("Runtime.evaluate", params={"expression": EXTENT, "returnByValue": True})
            params = {"paperWidth": width, "paperHeight": height, "printBackground": True}
            document = ask("Page.printToPDF", params=params, timeout=60)
            found.extend([base64.b64decode(document["data"]), extent["result"]["value"]])

        with patch.object(ChromeBrowser, "_wait_code_ok", wait_and_print):
            self.browser_js(
                "/odoo/action-customer_grading.spreadsheet_dashboard_action_overview", PRESS, login="admin", timeout=120
            )
        return found
