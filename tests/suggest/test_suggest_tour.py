from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestSuggestTour(HttpCase):
    """A manager has groups of customers suggested, in a real browser."""

    browser_size = "1440x900"

    def test_a_manager_has_two_grades_compared_and_is_told_what_lacks_for_points(self):
        self.start_tour("/odoo/grading-suggestions", "grading_suggestion_tour", login="admin")
        suggestion = self.env["grading.suggestion"].search([], limit=1)
        self.assertEqual((suggestion.kind, suggestion.state), ("points", "failed"))
        self.assertIn("at least 100 of each", suggestion.message)
