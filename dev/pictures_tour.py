"""`make pictures`: the pictures of README, docs and Apps page, taken of the demo data in a real browser.

Runs as a test of Odoo's, which brings server and browser along, on a database of its own.
"""

import base64
import json
from pathlib import Path
from unittest.mock import patch

from odoo.tests import HttpCase, tagged
from odoo.tests.common import ChromeBrowser

FOLDER = Path(__file__).resolve().parent.parent / "static" / "description"
# Until the page has what the picture is about, then a moment for what moves.
WAIT = """(async () => {
    const end = Date.now() + 30000;
    while (!document.querySelector(%s)) {
        if (Date.now() > end) {
            throw new Error("The picture's subject did not appear");
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    document.querySelector(%s)?.click();
    document.querySelectorAll(".o_notification_close").forEach((button) => button.click());
    await new Promise((resolve) => setTimeout(resolve, 2500));
    console.log("test successful");
})()"""


@tagged("post_install", "-at_install")
class Pictures(HttpCase):
    browser_size = "1200x760"

    def setUp(self):
        super().setUp()
        if run := self.env["grading.run"]._open_backfill():
            run._execute()  # the months before

    def take(self, name, path, subject, login="demo", click="#none"):
        """Save the window as a picture.

        :param str name: of the file, without its ending
        :param str path: of the screen, below ``/odoo/``
        :param str subject: a selector of what must be there
        :param str click: a selector of what to click then
        """
        stop = ChromeBrowser.stop

        def take_and_stop(browser):
            answer = browser._websocket_request("Page.captureScreenshot", params={"format": "png"})
            (FOLDER / f"{name}.png").write_bytes(base64.b64decode(answer["data"]))
            stop(browser)

        with patch.object(ChromeBrowser, "stop", take_and_stop):
            self.browser_js(
                f"/odoo/{path}", WAIT % (json.dumps(subject), json.dumps(click)), "odoo.isReady === true", login=login
            )

    def test_customers(self):
        self.take("customers", "grading", ".o_kanban_record")

    def test_leads(self):
        self.take("leads", "grading-leads", ".o_kanban_record")

    def test_life_cycle(self):
        self.take("life", "grading-life-cycle", ".o_kanban_record")

    def test_contacts_due(self):
        self.browser_size = "1440x760"
        self.take("due", "grading-contacts-due", ".o_data_row")

    def test_movement(self):
        self.take("movement", "grading-movement", ".o_pivot table", login="admin")

    def test_page_of_a_customer(self):
        customer = self.env.ref("customer_grading.res_partner_aurora_hotels")
        self.browser_size = "1200x1600"
        self.take("page", f"contacts/{customer.id}", ".o_form_sheet", click=".o_notebook a[name=grading]")
