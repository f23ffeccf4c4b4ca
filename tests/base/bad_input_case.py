from datetime import timedelta

from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tools import mute_logger

from ..common import GradingCase

HOSTILE = """O'Brien "%s" %(x)s 100% \\ ; DROP TABLE res_partner; -- $$ {0} <script>alert(1)</script>"""
RUN_LOGGER = "odoo.addons.customer_grading.models.run.grading_run"


class BadInputCase(GradingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.ada = cls.customer("Ada")
        cls.ada_order = cls.order(cls.ada, 50, cls.today - timedelta(days=20))

    def create_over_rpc(self, values):
        """Create a scheme as a call from outside does it, which turns errors of the database into messages."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr, mute_logger("odoo.sql_db"):
            env = self.env(cr=cr)
            retrying(lambda: env["grading.scheme"].create(values), env)

    def rescore_failing(self):
        with mute_logger(RUN_LOGGER):
            run = self.env["grading.run"]._rescore()
        self.assertEqual(run.state, "failed")
        return run

    def assert_refused_or_named(self, change, *words):
        """A change that only the whole scheme can decide is refused, or it is named on the next run, which
        leaves the scheme's customers as they are."""
        self.rescore()
        graded = (self.ada.grading_grade_id, self.ada.grading_score)
        try:
            with self.env.cr.savepoint():
                change()
            message = self.rescore_failing().message
        except UserError as error:
            message = str(error)
        for word in words:
            self.assertIn(word, message)
        self.assertEqual((self.ada.grading_grade_id, self.ada.grading_score), graded)
