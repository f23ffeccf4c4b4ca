from odoo.tests import tagged
from odoo.tools import SQL

from ...models.run.grading_run_pipeline import Rules
from ...models.run.grading_staging import POPULATION
from .tag_case import TagCase


@tagged("post_install", "-at_install")
class TestTagRun(TagCase):
    """What people do to rules and customers between the moment a run finds out about tags and that it writes them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.none = cls.env["res.partner.category"]

    def find_out(self):
        """The first half of step 6; how many customers there are to write."""
        self.env.flush_all()
        Work = self.env["grading.worktable"]
        tag_rules = self.env["grading.tag.rule"]._in_force("customer")
        select = "SELECT partner_id FROM grading_profile WHERE company_id = %s AND partner_id IS NOT NULL"
        Work._create(POPULATION, SQL(select, self.company.id))
        return Work._create_tag_changes(Rules(subject="customer", as_of=self.today, tag_rules=tag_rules))

    def write_batch(self, total):
        self.env.flush_all()
        return self.env["grading.worktable"]._write_tag_changes("customer", 1, total)

    def given_behind_our_back(self, **vals):
        """Anna has the tag from the rule, which has changed since without taking anything back."""
        self.apply()
        self.force(self.rule, **vals)
        self.assert_tags(self.anna, self.vip)

    def test_a_rule_archived_meanwhile_gives_nothing(self):
        total = self.find_out()
        self.rule.action_archive()
        self.assertEqual(self.write_batch(total), (0, 0))
        self.assert_tags(self.anna, self.none)
        self.assertFalse(self.anna.grading_tag_origin_ids)

    def test_a_rule_with_another_tag_meanwhile_gives_nothing(self):
        total = self.find_out()
        self.rule.category_id = self.new_tag
        self.assertEqual(self.write_batch(total), (0, 0))
        self.assert_tags(self.anna, self.none)
        self.assertEqual(self.apply(), (1, 0))
        self.assert_tags(self.anna, self.new_tag)

    def test_a_rule_that_holds_elsewhere_meanwhile_gives_nothing(self):
        total = self.find_out()
        self.rule.company_id = self.new_company("Second Company")
        self.assertEqual(self.write_batch(total), (0, 0))
        self.assert_tags(self.anna, self.none)

    def test_a_rule_deleted_meanwhile_gives_nothing_and_stops_nothing(self):
        self.tag_rule(self.new_tag)
        total = self.find_out()
        self.rule.unlink()
        self.assertEqual(self.write_batch(total), (1, 0))
        self.assert_tags(self.anna, self.new_tag)

    def test_a_customer_deleted_meanwhile_stops_nothing(self):
        carl = self.measured("Carl", order_count=9)
        total = self.find_out()
        carl.unlink()
        self.assertEqual(self.write_batch(total), (1, 0))
        self.assert_tags(self.anna, self.vip)

    def test_what_an_archived_rule_gave_all_the_same_is_taken_back(self):
        for keep in (False, True):
            with self.subTest(keep=keep):
                self.rule.write({"active": True, "keep": keep})
                self.given_behind_our_back(active=False)
                self.assertEqual(self.apply(), (0, 1))
                self.assert_tags(self.anna, self.none)

    def test_what_a_rule_gave_before_it_gave_another_tag_is_taken_back(self):
        self.given_behind_our_back(category_id=self.new_tag.id)
        self.assertEqual(self.apply(), (1, 1))
        self.assert_tags(self.anna, self.new_tag)

    def test_what_a_rule_gave_where_it_no_longer_holds_is_taken_back(self):
        self.given_behind_our_back(company_id=self.new_company("Second Company").id)
        self.assertEqual(self.apply(), (0, 1))
        self.assert_tags(self.anna, self.none)

    def test_a_rule_that_has_gone_bad_keeps_what_it_gave(self):
        self.scheme()
        self.given_behind_our_back(domain="[('no_such_field', '=', 1)]")
        self.assertEqual(self.env["grading.run"]._rescore().state, "failed")
        self.assert_tags(self.anna, self.vip)
