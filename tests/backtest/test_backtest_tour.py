from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestBacktestTour(HttpCase):
    """A manager asks whether the rules were right, in a real browser."""

    browser_size = "1440x900"

    def test_a_manager_runs_a_backtest_of_the_demonstration(self):
        before = self.env["grading.backtest"].search([])
        self.start_tour("/odoo/grading-backtests", "grading_backtest_tour", login="admin")
        test = self.env["grading.backtest"].search([]) - before
        self.assertEqual((len(test), test.state, test.months), (1, "done", 3))
        self.assertTrue(test.line_ids)
