from odoo.tests import HttpCase, tagged

from odoo.addons.web.tests import test_js

SUITE = "@customer_grading"


@tagged("post_install", "-at_install")
class TestUnits(HttpCase):
    """The unit tests of our widgets, in Odoo's own runner."""

    def test_the_units_of_the_browser_on_the_desktop(self):
        self.run_units("desktop")

    def test_the_units_of_the_browser_on_a_phone(self):
        self.run_units("mobile")

    def run_units(self, preset):
        suite = test_js.HOOTCommon._generate_hash(self, SUITE)
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset={preset}&timeout=15000&id={suite}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=test_js.unit_test_error_checker,
        )
