from datetime import date

from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.query import Query

from ..common import GradingCase

AS_OF = date(2025, 3, 10)


@tagged("post_install", "-at_install")
class TestLifecycle(GradingCase):
    """A customer is in the first stage, in their order, whose filter it meets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = cls.customer("Buyer")
        cls.order(cls.buyer, 100, date(2025, 1, 1))
        cls.scheme()
        cls.lost, cls.first, cls.regular = cls.env["grading.lifecycle"].create(
            [
                {"name": "Lost", "sequence": 1, "domain": "[('last_order_date', '<', 'today -1y')]"},
                {"name": "First", "sequence": 2, "domain": "[('order_count', '=', 1)]"},
                {"name": "Regular", "sequence": 3},
            ]
        )

    def stage(self, as_of=AS_OF):
        self.rescore(as_of=as_of)
        return self.profile(self.buyer).lifecycle_id

    def test_sql_of_the_stages_in_their_order(self):
        stages, query = self.lost + self.first + self.regular, Query(self.env, "grading_profile")
        self.assertEqual(
            self.text_of(stages._to_sql(stages, query, AS_OF)),
            f'CASE WHEN "grading_profile"."last_order_date" < \'2024-03-10\'::date THEN {self.lost.id} '
            f'WHEN "grading_profile"."order_count" IN (1) THEN {self.first.id} WHEN TRUE THEN {self.regular.id} '
            "ELSE NULL::int END",
        )

    def test_the_first_stage_that_matches_wins(self):
        self.assertEqual(self.stage(), self.first)
        self.regular.sequence = 0
        self.assertEqual(self.stage(), self.regular)

    def test_golden_sql(self):
        query = self.env["grading.worktable"]._query(SQL.identifier("grading_profile"))
        stages = self.lost + self.first + self.regular
        case = self.env["grading.lifecycle"]._to_sql(stages, query, AS_OF)
        self.assertEqual(
            case.code,
            'CASE WHEN "grading_profile"."last_order_date" < %s THEN %s'
            ' WHEN "grading_profile"."order_count" IN %s THEN %s WHEN TRUE THEN %s ELSE NULL::int END',
        )
        self.assertEqual(case.params, [date(2024, 3, 10), self.lost.id, (1,), self.first.id, self.regular.id])
        self.assertEqual(self.env["grading.lifecycle"]._to_sql(stages.browse(), query, AS_OF).code, "NULL::int")

    def test_an_order_moves_the_customer_on_and_silence_back(self):
        self.assertEqual(self.stage(), self.first)
        self.order(self.buyer, 50, date(2025, 2, 1))
        self.assertEqual(self.stage(), self.regular)
        self.assertEqual(self.stage(as_of=date(2026, 2, 1)), self.regular)
        self.assertEqual(self.stage(as_of=date(2026, 2, 2)), self.lost)

    def test_the_history_has_every_change_of_stage(self):
        self.stage()
        self.order(self.buyer, 1, date(2025, 2, 1))
        self.stage()
        lines = self.env["grading.history"].search([("partner_id", "=", self.buyer.id)])
        self.assertEqual(
            [(line.old_lifecycle_id, line.new_lifecycle_id) for line in lines],
            [(self.first, self.regular), (self.env["grading.lifecycle"], self.first)],
        )

    def test_a_stage_may_ask_for_the_grade(self):
        self.first.domain = str([("grade_id", "=", self.gold.id)])
        self.assertEqual(self.stage(), self.first)
        self.first.domain = str([("grade_id", "=", self.bronze.id)])
        self.assertEqual(self.stage(), self.regular)

    def test_a_customer_who_meets_no_filter_has_no_stage(self):
        self.regular.active = self.first.active = False
        self.assertFalse(self.stage())

    def test_a_stage_gone_bad_leaves_the_stages_as_they_are_and_is_named(self):
        self.assertEqual(self.stage(), self.first)
        self.force(self.regular, domain="[('gone', '=', 1)]")
        self.order(self.buyer, 50, date(2025, 2, 1))
        run = self.env["grading.run"]._rescore(as_of=AS_OF)
        self.assertEqual(run.state, "failed")
        self.assertIn("Regular", run.message)
        profile = self.profile(self.buyer)
        self.assertEqual((profile.lifecycle_id, profile.order_count), (self.first, 2))

    def test_customers_are_found_and_grouped_by_stage(self):
        self.stage()
        Partner = self.env["res.partner"]
        self.assertEqual(Partner.search([("grading_lifecycle_id", "=", self.first.id)]), self.buyer)
        groups = Partner.with_context(read_group_expand=True).formatted_read_group(
            [("grading_profile_id", "!=", False)], ["grading_lifecycle_id"], ["__count"]
        )
        counts = {
            group["grading_lifecycle_id"] and group["grading_lifecycle_id"][0]: group["__count"] for group in groups
        }
        self.assertEqual((counts[self.first.id], counts[self.lost.id]), (1, 0))
