from importlib.util import module_from_spec, spec_from_file_location

from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_path

LOYALTY = "customer_grading.grading_criterion_in_service_loyalty"


@tagged("post_install", "-at_install")
class TestLoyaltyIsAskedFor(TransactionCase):
    """From 19.0.1.0.0, whose scheme *In service* gave everybody a neutral 15 points for loyalty."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        spec = spec_from_file_location(
            "post_migrate", file_path("customer_grading/migrations/19.0.1.1.0/post-migrate.py")
        )
        cls.script = module_from_spec(spec)
        spec.loader.exec_module(cls.script)
        cls.scheme = cls.env.ref("customer_grading.grading_scheme_in_service")
        cls.asked = cls.scheme.criterion_ids.filtered(lambda criterion: criterion.dimension == "loyalty")
        cls.grades = cls.env["grading.grade"].concat(*(cls.env.ref(xmlid) for xmlid in cls.script.UNFOLDED))
        cls.grades.fold = True

    def _neutral(self, **vals):
        """The criterion as it was shipped, but for ``vals``."""
        neutral = self.env["grading.criterion"].create(
            {"scheme_id": self.scheme.id, "name": "Neutral", **self.script.SHIPPED, **vals}
        )
        self.env["ir.model.data"]._update_xmlids([{"xml_id": LOYALTY, "record": neutral, "noupdate": True}])
        return neutral

    def _migrate(self):
        self.env.flush_all()
        self.script.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()

    def test_the_new_criteria_take_the_place_of_the_neutral_one(self):
        neutral = self._neutral()
        self._migrate()
        self.assertFalse(neutral.exists())
        self.assertEqual(self.asked.exists(), self.asked)

    def _assert_rule_of_his_own(self, **vals):
        neutral = self._neutral(**vals)
        self._migrate()
        self.assertEqual(self.scheme.criterion_ids.filtered(lambda c: c.dimension == "loyalty"), neutral)

    def test_a_criterion_with_other_points_stays_and_the_new_ones_go(self):
        self._assert_rule_of_his_own(points_max=20)

    def test_a_criterion_with_other_neutral_points_stays_and_the_new_ones_go(self):
        self._assert_rule_of_his_own(points_if_none=0)

    def test_a_criterion_with_a_filter_stays_and_the_new_ones_go(self):
        self._assert_rule_of_his_own(domain='[("order_count", ">", 9)]')

    def test_a_criterion_that_somebody_removed_does_not_come_back_as_others(self):
        self._migrate()
        self.assertFalse(self.asked.exists())

    def test_the_grades_that_were_folded_are_not_any_more(self):
        self._neutral()
        self._migrate()
        self.assertFalse(any(self.grades.mapped("fold")))

    def test_everybody_is_rescored(self):
        self._neutral()
        cron = self.env.ref("customer_grading.ir_cron_rescore")
        waiting = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self._migrate()
        self.assertGreater(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), waiting)
