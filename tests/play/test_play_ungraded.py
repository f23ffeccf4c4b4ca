from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .play_case import PlayCase


@tagged("post_install", "-at_install")
class TestPlayUngraded(PlayCase):
    """A complaint by a contact who is not graded is answered as any other; it alone makes no graded customer."""

    def setUp(self):
        super().setUp()
        self.new = self.customer("New")

    def test_a_contact_without_documents(self):
        play = self.play("complaint_opened", severity="serious", plan_id=self.plan((self.call_type, 0)).id)
        complaint = self.complain(self.new, severity="serious")
        case = self.cases(play)
        self.assertEqual((case.partner_id, case.complaint_id, case.user_id), (self.new, complaint, self.seller))
        self.assertFalse(case.profile_id)
        self.assertEqual(play.preview_count, 0, "it has started")
        self.begin()
        self.assertEqual(case.activity_ids.user_id, self.seller)
        self.assertEqual(self.new.category_id, self.played)
        self.rescore(partners=self.new)
        self.rescore()
        self.assertFalse(self.profile(self.new), "a complaint alone makes no graded customer")
        complaint.write({"date_close": self.today, "outcome": "resolved"})
        self.assertEqual(len(self.cases(play)), 1)

    def test_the_goal_is_reached(self):
        play = self.play("complaint_opened", goal="complaint_closed")
        self.complain(self.new).write({"date_close": self.today, "outcome": "resolved"})
        self.assertEqual(self.cases(play).state, "reached")

    def test_the_customer_of_another_company_and_one_of_us(self):
        play = self.play("complaint_opened")
        other = self.new_company("Elsewhere")
        self.scheme(company_id=other.id)
        self.order(self.new, 500, self.today, company_id=other.id)
        self.rescore(company=other)
        self.complain(self.new)
        self.complain(self.seller.partner_id)
        self.complain(self.new, company_id=other.id)
        self.assertEqual((self.started(play), self.cases(play).company_id), (["New"], self.company))

    def test_the_filter_the_pause_and_opt_outs_hold(self):
        gold = self.play("complaint_opened", domain="[('grade_id', '=', %s)]" % self.gold.id)
        name = self.play("complaint_opened", domain="[('partner_id.name', '=', 'New')]", cooldown_days=30)
        self.complain(self.new)
        self.complain(self.new)
        self.assertEqual((self.started(gold), self.started(name)), ([], ["New"]))
        self.new.grading_do_not_disturb = True
        self.force(self.cases(name), date_start=fields.Datetime.now() - timedelta(days=31))
        self.complain(self.new)
        self.assertEqual(len(self.cases(name)), 1)

    def test_once_they_are_graded_their_plays_are_on_the_page(self):
        play = self.play("complaint_opened", cooldown_days=30)
        self.complain(self.new)
        self.order(self.new, 50, self.ago(2))  # before the start: the goal is not reached
        self.rescore(partners=self.new)
        case = self.cases(play)
        self.assertEqual((case.profile_id, case.start_number), (self.profile(self.new), 1))
        self.assertEqual(self.profile(self.new).play_case_ids, case)
        self.complain(self.new)
        self.assertEqual(self.cases(play), case, "the pause is not over")

    def test_two_complaints_at_the_same_moment_start_it_once(self):
        """The second transaction does not see the first: neither its pause nor its number."""
        play = self.play("complaint_opened", cooldown_days=30)
        self.complain(self.new)
        self.force(self.cases(play), company_id=self.new_company("Elsewhere").id)
        self.complain(self.new)
        mine, other = self.cases(play).sorted(lambda case: case.company_id != self.company)
        self.assertEqual((mine.start_number, other.start_number), (1, 1), "another company counts for itself")
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.force(other, company_id=self.company.id)

    def test_two_who_are_not_graded_are_merged_and_graded(self):
        play, other = self.play("complaint_opened", cooldown_days=30), self.customer("Other")
        self.complain(self.new)
        self.complain(other)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.new + other).ids, self.new)
        self.env.invalidate_all()
        self.assertEqual(len(self.cases(play)), 2)
        self.order(self.new, 50, self.today)
        self.rescore()
        self.assertEqual(self.cases(play).profile_id, self.profile(self.new))

    def test_one_who_is_not_graded_is_merged_into_one_who_is(self):
        play = self.play("complaint_opened", cooldown_days=30)
        self.complain(self.new)
        self.complain(self.ada)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.new + self.ada).ids, self.ada)
        self.env.invalidate_all()
        self.assertEqual((len(self.cases(play)), self.cases(play).profile_id), (2, self.profile(self.ada)))
