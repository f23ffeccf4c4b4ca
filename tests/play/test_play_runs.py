from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .play_case import PlayCase


@tagged("post_install", "-at_install")
class TestPlayRuns(PlayCase):
    """Which runs start plays."""

    def test_a_rule_that_is_set_aside_in_every_run_holds_no_play_back(self):
        self.env["grading.run"].search([("company_id", "=", self.company.id)]).unlink()
        self.break_a_rule()
        self.rescore_in_spite_of_a_rule()
        late, first = self.play("complaint_late"), self.play("first_order")
        self.complain(self.ada, severity="serious")
        self.order(self.customer("New"), 20, self.today)
        self.rescore_in_spite_of_a_rule()
        self.rescore_in_spite_of_a_rule(as_of=self.today + timedelta(days=4))
        self.assertEqual((self.started(late), self.started(first)), (["Ada"], ["New"]))

    def test_an_update_from_before_versions_were_noted(self):
        """Until all are judged anew, each customer who is moved may be so because of the update."""
        plays = self.play("grade_up") + self.play("grade_falling") + self.play("first_order")
        self.money.grace_days = 10
        ben, new = self.customer("Ben"), self.customer("New")
        self.order(ben, 105, self.today)
        self.rescore()
        self.env["grading.play.case"].search([("play_id", "in", plays.ids)]).unlink()
        self.force(self.profile(self.ada) + self.profile(ben), scheme_version=None)
        self.force(self.env["grading.run"].search([("company_id", "=", self.company.id)]), scheme_versions=None)
        self.order(new, 20, self.today)
        self.order(self.ada, 60, self.today)
        self.force(self.env["sale.order"].search([("partner_id", "=", ben.id)]), amount_untaxed=95)
        self.rescore()
        self.assertEqual((self.profile(self.ada).grade_id, self.profile(ben).pending_since), (self.gold, self.today))
        self.rescore(as_of=self.today + timedelta(days=1))
        self.assertEqual(self.started(plays), ["New"])
        self.order(ben, 60, self.today)
        self.order(new, 90, self.today)
        self.rescore()
        self.assertEqual(self.started(plays), ["New", "New"])
        self.assertEqual(self.cases(plays)[1].play_id, plays[0])

    def test_an_update_that_measures_in_another_way(self):
        """What it moves is not the customers' doing: no play starts, and history puts it down to the rules. The figures
        of the next night are."""
        plays = self.play("grade_up") + self.play("grade_falling") + self.play("first_order")
        plays += self.play("probability_below", share=0.25)
        self.money.grace_days = 10
        ben, new, old = self.customer("Ben"), self.customer("New"), self.customer("Old")
        theirs = self.order(ben, 105, self.today)
        old_orders = [self.order(old, 1, self.ago(days)) for days in (800, 770, 740)]
        self.force(self.env["sale.order"].browse(order.id for order in old_orders), state="draft")
        self.rescore()
        self.assertEqual(self.cases(plays).mapped("event"), ["order:1"], "Ben's")
        self.env["grading.play.case"].search([("play_id", "in", plays.ids)]).unlink()
        self.force(plays, active_since=fields.Datetime.now() - timedelta(days=900))
        self.force(self.env["grading.run"].search([("company_id", "=", self.company.id)]), measured_by=None)
        # As if the release counted other amounts, and other orders.
        self.order(self.ada, 60, self.ago(30))
        self.force(theirs, amount_untaxed=95)
        self.force(self.env["sale.order"].browse(order.id for order in old_orders), state="sale")
        self.order(new, 20, self.today + timedelta(days=1))
        self.rescore(as_of=self.today + timedelta(days=1))
        self.assertEqual(self.profile(self.ada).grade_id, self.gold)
        self.assertTrue(self.profile(self.ada).history_ids.sorted("id")[-1].rules_changed)
        self.assertTrue(self.profile(ben).pending_since)
        self.assertLess(self.profile(old).purchase_probability, 0.25)
        self.assertEqual(self.started(plays), ["New"], "this order has come since")
        self.rescore(as_of=self.today + timedelta(days=2))
        self.order(new, 90, self.today + timedelta(days=2))
        self.rescore(as_of=self.today + timedelta(days=3))
        self.assertEqual(self.started(plays), ["New", "New"])
        self.assertEqual(self.cases(plays)[1].play_id, plays[0])
        self.assertFalse(self.profile(new).history_ids.sorted("id")[-1].rules_changed)

    def test_other_settings_of_the_company(self):
        """What counts as revenue is a rule: a customer whom the choice moves has done nothing."""
        falls = self.play("grade_down")
        order = self.order(self.ada, 60, self.ago(1))
        self.rescore()
        self.assertEqual(self.profile(self.ada).grade_id, self.gold)
        self.company.grading_amount_source = "invoice"
        self.rescore(as_of=self.today + timedelta(days=1))
        self.assertNotEqual(self.profile(self.ada).grade_id, self.gold)
        self.assertTrue(self.profile(self.ada).history_ids.sorted("id")[-1].rules_changed)
        self.assertFalse(self.cases(falls))
        self.company.grading_amount_source = "order"
        self.rescore(as_of=self.today + timedelta(days=2))
        self.assertEqual(self.profile(self.ada).grade_id, self.gold)
        self.force(order, amount_untaxed=1)
        self.rescore(as_of=self.today + timedelta(days=3))
        self.assertFalse(self.profile(self.ada).history_ids.sorted("id")[-1].rules_changed)
        self.assertEqual(self.started(falls), ["Ada"], "now the customer buys less")

    def test_a_run_that_works_past_midnight(self):
        """Its changes are asked about by no later run."""
        rises, first = self.play("grade_up"), self.play("first_order")
        self.order(self.ada, 60, self.today)
        self.order(self.customer("New"), 20, self.today)
        next_day = self.today + timedelta(days=1)
        with patch.object(self.env.registry["res.company"], "_grading_today", lambda _company: next_day):
            self.rescore(as_of=self.today)
        self.assertEqual((self.started(rises), self.started(first)), (["Ada"], ["New"]))

    def test_the_second_night_of_a_company(self):
        """What was late and silent when it was graded for the first time is no news."""
        self.env["grading.run"].search([("company_id", "=", self.company.id)]).unlink()
        plays = self.play("complaint_late") + self.play("probability_below", share=0.25)
        self.force(plays, active_since=fields.Datetime.now() - timedelta(days=900))
        ben = self.customer("Ben")
        for days in (800, 770, 740):
            self.order(ben, 1, self.ago(days))
        complaint = self.complain(self.ada, date_open=self.ago(30), date_due=self.ago(20))
        due = self.complain(self.ada, date_due=self.today)
        self.force(complaint, create_date=fields.Datetime.now() - timedelta(days=30))
        self.rescore()
        self.assertFalse(self.cases(plays))
        self.rescore(as_of=self.today + timedelta(days=1))
        self.assertEqual(self.cases(plays).complaint_id, due, "it has become late since")

    def test_the_number_of_a_start_belongs_to_the_play_and_the_profile(self):
        play = self.play("complaint_opened", cooldown_days=30)
        self.complain(self.ada)
        self.force(self.cases(play), date_start=fields.Datetime.now() - timedelta(days=31))
        self.complain(self.ada)
        self.assertEqual(self.cases(play).mapped("start_number"), [1, 2])
