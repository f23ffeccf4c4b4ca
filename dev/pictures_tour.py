"""`make pictures`: the pictures of README, docs and Apps page, taken of the demo data in a real browser.

Runs as a test of Odoo's, which brings server and browser along, on a database of its own. Each picture names the files
that its screen is made of, so that `dev/checks/pictures.py` can tell when it is out of date.
"""

import base64
import io
import json
import sys
from pathlib import Path
from unittest.mock import patch

from PIL import Image

from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tests.common import ChromeBrowser

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "dev" / "checks"))
import pictures  # noqa: E402 - it lies beside, not in a package

COLOURS = 192  # of a palette: a third of the size, and no eye sees it
PATIENCE = 6  # times as long as a test waits for the browser: nothing is tested here, and the machine may be busy
# Until the page has what the picture is about, then a moment for what moves.
WAIT = """(async () => {
    const until = async (selector) => {
        const end = Date.now() + 300000;
        while (!document.querySelector(selector)) {
            if (Date.now() > end) {
                throw new Error(`The picture's subject did not appear: ${selector}`);
            }
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        return document.querySelector(selector);
    };
    await until(%(subject)s);
    for (const selector of %(clicks)s) {
        (await until(selector)).click();
        await new Promise((resolve) => setTimeout(resolve, 500));
    }
    document.querySelectorAll(".o_notification_close").forEach((button) => button.click());
    await new Promise((resolve) => setTimeout(resolve, %(pause)s));
    const place = document.querySelector(%(scroll)s);
    place?.scrollIntoView({ block: "start" });
    await new Promise((resolve) => setTimeout(resolve, 300));
    console.log("test successful");
})()"""
KANBAN = "static/src/views/grading_kanban"
GLANCE = ["static/src/widgets/grading_glance", "static/src/widgets/grading_score_line"]
PREVIEW = ["views/draft/grading_preview_views.xml", "static/src/fields/grading_preview"]
SCHEME = ["views/score/grading_scheme_views.xml"]


class Pictures(HttpCase):
    """Each picture once in a language: of the README and the Apps page, and of the guides."""

    browser_size = "1200x760"
    test_cursor_lock_timeout = 20 * PATIENCE
    home = "docs/pictures"
    front = "static/description"  # where pictures of the README and the Apps page are
    lang = "en_US"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.lang != "en_US":
            cls.env["base.language.install"].create(
                {"lang_ids": [Command.set(cls.env["res.lang"]._activate_lang(cls.lang).ids)], "overwrite": True}
            ).lang_install()
            cls.env["res.users"].search([]).lang = cls.lang

    def take(self, name, path, shows, *, subject=".o_data_row", clicks=(), **how):
        """Save the window as a picture.

        :param str name: of the file, without its ending
        :param str path: of the screen, below ``/odoo/``
        :param list shows: the files and folders of the checkout that the screen is made of
        :param str subject: a selector of what must be there
        :param clicks: selectors of what to click then, one after the other
        :param how: ``login``; ``pause`` in milliseconds; ``scroll``, a selector of what stands at the top; ``size`` of
            the window; ``home``, the folder
        """
        picture = f"{how.get('home', self.home)}/{name}.png"
        script = WAIT % {
            "subject": json.dumps(subject),
            "clicks": json.dumps(clicks),
            "pause": how.get("pause", 2500),
            "scroll": json.dumps(how.get("scroll", "#none")),
        }
        navigate, wait = ChromeBrowser.navigate_to, ChromeBrowser._wait_code_ok

        def navigate_patiently(browser, *args, **kwargs):
            browser.throttling_factor = PATIENCE
            navigate(browser, *args, **kwargs)

        def wait_and_save(browser, *args, **kwargs):
            wait(browser, *args, **kwargs)
            answer = browser._websocket_request("Page.captureScreenshot", params={"format": "png"})
            save(ROOT / picture, base64.b64decode(answer["data"]))

        self.browser_size = how.get("size", self.browser_size)
        with patch.multiple(ChromeBrowser, navigate_to=navigate_patiently, _wait_code_ok=wait_and_save):
            self.browser_js(f"/odoo/{path}", script, "odoo.isReady === true", login=how.get("login", "admin"))
        pictures.remember(picture, shows)

    def draft(self):
        """A draft of the scheme in service, in which months with an order count for more, with its preview.

        :rtype: tuple[grading.scheme, grading.preview]
        """
        scheme = self.env.ref("customer_grading.grading_scheme_in_service").with_user(self.env.ref("base.user_admin"))
        draft = scheme.browse(scheme.action_edit_as_draft()["res_id"])
        draft.criterion_ids.filtered(lambda criterion: criterion.measure == "order_months").write(
            {"points_per_unit": 2, "points_max": 20}
        )
        draft.threshold_ids.sorted("min_score")[-1].min_score = 70
        return draft, draft.env["grading.preview"].browse(draft.action_preview()["res_id"])

    # ------------------------------------------------------------
    # Every day
    # ------------------------------------------------------------

    def test_customers(self):
        shows = ["views/profile/res_partner_grading_views.xml", KANBAN, "static/src/widgets/grading_calls"]
        self.take("customers", "grading", shows, subject=".o_kanban_record", login="demo", home=self.front)

    def test_contacts_due(self):
        shows = ["views/care/grading_care_views.xml", "static/src/views/grading_due"]
        self.take("due", "grading-contacts-due", shows, size="1440x760", login="demo", home=self.front)

    def test_contact_done(self):
        shows = ["wizard/grading_care_done_views.xml", "views/care/grading_care_views.xml"]
        clicks = ["button[name=action_done].fa-check, .o_data_row button[name=action_done]"]
        self.take("done", "grading-contacts-due", shows, clicks=clicks, size="1440x600", login="demo")

    def test_page_of_a_customer(self):
        customer = self.env.ref("customer_grading.res_partner_aurora_hotels")
        shows = ["views/profile/res_partner_views.xml", "views/profile/grading_explanation_templates.xml", *GLANCE]
        clicks = [".o_notebook a[name=grading]"]
        path = f"contacts/{customer.id}"
        size = "1200x1600"
        self.take("page", path, shows, subject=".o_form_sheet", clicks=clicks, size=size, login="demo", home=self.front)

    def test_customers_at_risk(self):
        shows = ["views/worth/res_partner_views.xml"]
        self.take("risk", "grading-at-risk", shows, size="1440x600", home=self.front)

    # ------------------------------------------------------------
    # What managers see
    # ------------------------------------------------------------

    def test_overview(self):
        shows = ["data/files/grading_dashboard.json", "static/src/dashboard"]
        subject = "canvas.o-scorecard, .o-scorecard"
        self.take("overview", "grading-overview", shows, subject=subject, size="1440x1000", pause=8000, home=self.front)

    def test_movement(self):
        shows = ["views/report/grading_movement_views.xml", "static/src/views/grading_movement"]
        self.take("movement", "grading-movement", shows, subject=".o_pivot table", home=self.front)

    def test_segments(self):
        shows = ["views/secondary/grading_secondary_views.xml"]
        self.take("segments", "grading-segments", shows, subject=".o_pivot table")

    def test_draft(self):
        draft, _preview = self.draft()
        shows = [*SCHEME, "static/src/widgets/grading_histogram", "static/src/fields/grading_threshold_count"]
        self.take("draft", f"grading-schemes/{draft.id}", shows, subject=".o_form_sheet", size="1320x1460")

    def test_preview(self):
        _draft, preview = self.draft()
        path = f"grading.preview/{preview.id}"
        self.take("preview", path, PREVIEW, subject=".o_field_grading_preview table", home=self.front)

    def test_back_test(self):
        test = self.env["grading.backtest"].create({"months": 3})
        test.action_run()
        path = f"grading-backtests/{test.id}"
        shows = ["views/backtest/grading_backtest_views.xml"]
        self.take("backtest", path, shows, subject=".o_form_sheet .o_data_row", size="1440x740")

    def test_suggestion(self):
        suggestion = self.env["grading.suggestion"].with_context(lang=self.lang).create({"kind": "groups"})
        suggestion.action_learn()
        path = f"grading-suggestions/{suggestion.id}"
        shows = ["views/suggest/grading_suggestion_views.xml"]
        self.take("suggestion", path, shows, subject=".o_form_sheet", size="1440x700")

    def test_play(self):
        play = self.env.ref("customer_grading.grading_play_serious_complaint")
        shows = ["views/play/grading_play_views.xml"]
        self.take("play", f"grading-plays/{play.id}", shows, subject=".o_form_sheet", size="1200x800")

    def test_settings(self):
        shows = ["views/base/res_config_settings_views.xml"]
        subject = ".settings .app_settings_block"
        path = "action-customer_grading.res_config_settings_action"
        self.take("settings", path, shows, subject=subject, size="1200x900")


@tagged("post_install", "-at_install")
class English(Pictures):
    """The pictures of README, Apps page and the English guides."""

    def test_leads(self):
        shows = ["views/profile/crm_lead_grading_views.xml", KANBAN]
        self.take("leads", "grading-leads", shows, subject=".o_kanban_record", login="demo", home=self.front)

    def test_life_cycle(self):
        shows = ["views/lifecycle/res_partner_lifecycle_views.xml", KANBAN]
        self.take("life", "grading-life-cycle", shows, subject=".o_kanban_record", login="demo", home=self.front)


@tagged("post_install", "-at_install")
class Chinese(Pictures):
    """The pictures of the Chinese guides."""

    home = front = "docs/zh_CN/pictures"
    lang = "zh_CN"


del Pictures  # its pictures are taken by the languages


def save(path, png):
    """Write a picture with a palette, which makes it small."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    image.save(path, optimize=True)
