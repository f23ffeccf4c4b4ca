from datetime import timedelta

from odoo.tests import tagged

from ..queue_case import QueueCase


@tagged("post_install", "-at_install")
class TestMerge(QueueCase):
    """Merging contacts by Odoo's wizard loses neither the history nor a person's word."""

    def merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({"partner_ids": (source | target).ids})
        wizard._merge((source | target).ids, target)
        self.env.invalidate_all()
        self.assertFalse(source.exists())

    def test_the_target_takes_over_orders_history_and_override(self):
        self.ada.with_context(grading_reason="She decides").grading_grade_id = self.gold
        lines = self.profile(self.ada).history_ids
        target = self.profile(self.bob)
        own_lines = target.history_ids
        with self.assert_queues(self.bob):
            self.merge(self.ada, self.bob)
        self.assertEqual(self.profile(self.bob), target)
        self.assertEqual((target.grade_id, target.manual_user_id), (self.gold, self.env.user))
        self.assertIn("She decides", target.manual_reason)
        self.assertEqual((lines | own_lines).exists().profile_id, target)
        self.assertEqual((lines | own_lines).partner_id, self.bob)
        self.run_cron()
        self.assertEqual((target.order_amount, target.score, target.grade_id), (100, 100, self.gold))
        self.assertIn("merge", target.history_ids.mapped("reason"))

    def test_an_end_of_the_override_is_taken_over(self):
        self.profile(self.ada)._override(self.gold, "She decides", self.today)
        self.merge(self.ada, self.bob)
        self.run_cron()
        self.assertEqual(self.profile(self.bob).manual_until, self.today)
        self.rescore(as_of=self.today + timedelta(days=1))
        self.assertFalse(self.profile(self.bob).manual_grade_id)

    def test_the_override_of_the_target_stays(self):
        self.ada.grading_grade_id = self.gold
        self.bob.with_context(grading_reason="His own").grading_grade_id = self.bronze
        self.merge(self.ada, self.bob)
        self.run_cron()
        profile = self.profile(self.bob)
        self.assertEqual((profile.grade_id, profile.manual_reason, profile.score), (self.bronze, "His own", 100))

    def test_a_target_without_a_profile_gets_the_one_of_the_source(self):
        stranger = self.customer("Stranger")
        self.ada.grading_grade_id = self.gold
        profile = self.profile(self.ada)
        lines = profile.history_ids
        self.merge(self.ada, stranger)
        self.assertEqual(self.profile(stranger), profile)
        self.assertEqual(lines.exists().partner_id, stranger)
        self.run_cron()
        self.assertEqual((stranger.grading_grade_id, stranger.grading_score), (self.gold, 50))

    def test_each_company_is_merged_for_itself(self):
        other = self.new_company("Other Company")
        self.scheme(company_id=other.id)
        self.order(self.ada, 300, self.today, company_id=other.id)
        self.rescore(company=other)
        self.ada.with_company(other).with_context(grading_reason="There").grading_grade_id = self.silver
        self.env["grading.queue"]._waiting([]).unlink()
        self.merge(self.ada, self.bob)
        self.assertEqual(self.queued(), {(self.bob, self.company), (self.bob, other)})
        self.run_cron()
        here, there = self.profile(self.bob), self.profile(self.bob, other)
        self.assertEqual((here.score, here.manual_grade_id), (100, self.env["grading.grade"]))
        self.assertEqual((there.score, there.manual_reason), (300, "There"))
        self.assertEqual(there.manual_grade_id, self.silver)

    def test_a_salesperson_may_merge(self):
        seller = self.salesman()
        seller.group_ids += self.env.ref("base.group_partner_manager")
        self.ada.grading_grade_id = self.gold
        self.force(self.ada, email="one@example.com")
        self.force(self.bob, email="one@example.com")
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(seller)
        wizard.create({})._merge((self.ada | self.bob).ids, self.bob.with_user(seller))
        self.env.invalidate_all()
        self.assertEqual(self.profile(self.bob).manual_grade_id, self.gold)
