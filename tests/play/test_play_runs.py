from datetime import timedelta

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

    def test_the_number_of_a_start_belongs_to_the_play_and_the_profile(self):
        play = self.play("complaint_opened", cooldown_days=30)
        self.complain(self.ada)
        self.force(self.cases(play), date_start=fields.Datetime.now() - timedelta(days=31))
        self.complain(self.ada)
        self.assertEqual(self.cases(play).mapped("start_number"), [1, 2])
