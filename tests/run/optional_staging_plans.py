from odoo.tests import TransactionCase, tagged

from .test_staging_plans import whole_tables_of_runs


@tagged("post_install", "-at_install")
class TestStagingPlansOfTickets(TransactionCase):
    """The same where purchases are made at the counter, too."""

    def test_no_table_is_read_for_each_row(self):
        self.assertEqual(whole_tables_of_runs(self.env.ref("base.main_company")), {"order": [], "invoice": []})
