from odoo.tests import HttpCase, tagged

from ..common import GradingCase

SELLERS = "customer_grading.customer_grading_group_user"
MANAGERS = "customer_grading.customer_grading_group_manager"


@tagged("post_install", "-at_install")
class TestSession(GradingCase, HttpCase):
    """What the browser is told when it is loaded, so that it need not ask while the connection is lost."""

    def groups(self, user):
        self.authenticate(user.login, user.login)
        return self.make_jsonrpc_request("/web/session/get_session_info")["groups"]

    def test_the_session_says_who_may_see_grades_and_who_manages_them(self):
        for user, expected in (
            (self.internal(), (False, False)),
            (self.salesman(), (True, False)),
            (self.manager(), (True, True)),
        ):
            with self.subTest(user=user.login):
                groups = self.groups(user)
                self.assertEqual((groups[SELLERS], groups[MANAGERS]), expected)
                self.assertIn("base.group_allow_export", groups)  # what Odoo says is kept
