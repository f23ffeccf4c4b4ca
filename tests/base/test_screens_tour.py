from odoo.tests import HttpCase, tagged

WALK = "gradingScreens().then(() => console.log('test successful'), (error) => console.error(error.message))"


class ScreensCase(HttpCase):
    """All menus of the app, and a form of each kind, opened one after the other by an administrator."""

    def walk(self):
        from axe_core_python.base import AXE_SCRIPT  # noqa: PLC0415 (no other test needs it)

        ready = "'gradingScreens' in window && odoo.isReady === true"
        self.browser_js("/odoo/grading", f"{AXE_SCRIPT}\n{WALK}", ready, login="admin", timeout=400)


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
