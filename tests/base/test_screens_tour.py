from odoo.tests import HttpCase, tagged

TOUR = "grading_screens"


class ScreensCase(HttpCase):
    """All menus of the app, and a form of each kind, opened one after the other by an administrator."""

    def walk(self):
        from axe_core_python.base import AXE_SCRIPT  # of dev/requirements-dev.txt

        code = f"{AXE_SCRIPT}\nodoo.startTour({TOUR!r}, {{}})"
        self.start_tour("/odoo/grading", TOUR, login="admin", code=code, timeout=400)


@tagged("post_install", "-at_install")
class TestScreensOnTheDesktop(ScreensCase):
    browser_size = "1440x900"

    def test_nothing_is_too_wide_or_unlabelled_and_nothing_fails(self):
        self.walk()


@tagged("post_install", "-at_install")
class TestScreensOnThePhone(ScreensCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_nothing_is_too_wide_or_unlabelled_and_nothing_fails(self):
        self.walk()
