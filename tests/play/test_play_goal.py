from datetime import datetime, timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from ..common import with_seeds
from .play_case import PlayCase


class GoalCase(PlayCase):
    @classmethod
    def begun(cls, goal, partner=None, days=10, **vals):
        """A case of a play with this goal, begun now."""
        vals.setdefault("plan_id", cls.plan((cls.call_type, 0)).id)
        play = cls.play(goal=goal, goal_days=days, **vals)
        case = play._start_for(partner or cls.ada)
        cls.begin()
        return case

    @classmethod
    def follow_up(cls):
        Case = cls.env["grading.play.case"]
        Case._follow_up_once()
        Case._measure()
        cls.env.invalidate_all()

    @classmethod
    def back(cls, cases, days):
        """As if the cases had been started so many days ago."""
        for case in cases:
            start = case.date_start - timedelta(days=days)
            cls.force(case, date_start=start, date_deadline=case.date_deadline - timedelta(days=days))


@tagged("post_install", "-at_install")
class TestPlayGoal(GoalCase):
    def assert_reached(self, case):
        self.assertEqual((case.state, case.date_end, case.activity_ids.ids), ("reached", self.today, []))
        self.assertIn("Goal reached", str(case._subject().message_ids[0].body))

    def test_an_order_after_the_start(self):
        case = self.begun("order")
        self.back(case, 3)
        self.rescore(partners=self.ada)
        self.follow_up()
        self.assertEqual(case.state, "running", "the order before it does not count")
        self.order(self.ada, 5, self.ago(1))
        self.rescore(partners=self.ada)
        self.assert_reached(case)
        self.assertEqual(case.date_reached, self.ago(1))

    def test_an_order_later_on_the_same_day(self):
        case = self.begun("order")
        order = self.order(self.ada, 5, self.today)
        self.force(order, date_order=case.date_start - timedelta(seconds=1))
        self.follow_up()
        self.assertEqual(case.state, "running")
        self.force(case, date_start=case.date_start - timedelta(seconds=5))
        self.follow_up()
        self.assertEqual(case.state, "reached")

    def test_an_order_that_comes_too_late(self):
        case = self.begun("order", days=2)
        self.back(case, 5)
        self.order(self.ada, 5, self.ago(1))
        self.follow_up()
        self.assertEqual((case.state, case.date_end, case.activity_ids.ids), ("expired", self.today, []))
        self.assertIn("Expired", str(self.ada.message_ids[0].body))

    def test_the_last_day_counts(self):
        case = self.begun("order", days=2)
        self.back(case, 3)
        self.order(self.ada, 5, self.ago(1))
        self.follow_up()
        self.assertEqual(case.state, "reached")

    def test_a_lead_that_is_won(self):
        lead = self.lead("Lead", partner_id=self.customer("Buyer").id)
        self.rescore()
        play = self.play(subject="lead", goal="order")
        case = play._start_for(lead)
        self.begin()
        lead.stage_id = self.won
        self.assertEqual(case.state, "reached")

    def test_an_activity_of_the_play_that_is_done_is_a_contact_at_once(self):
        case = self.begun("contact")
        other = self.begun("contact", plan_id=self.plan((self.paper_type, 0), (self.call_type, 3)).id)
        case.activity_ids.action_done()
        self.assert_reached(case)
        other.activity_ids.filtered(lambda a: a.activity_type_id == self.paper_type).action_done()
        self.assertEqual(other.state, "running", "paperwork is none")
        self.back(other, 1)
        self.follow_up()
        self.assertEqual(other.state, "reached", "the same call counts, too")

    def test_paperwork_is_no_contact(self):
        case = self.begun("contact", plan_id=self.plan((self.paper_type, 0)).id)
        case.activity_ids.action_done()
        self.follow_up()
        self.assertEqual(case.state, "running")

    def test_a_contact_by_whatever_way(self):
        case = self.begun("contact")
        self.force(case, date_start=case.date_start - timedelta(hours=1))
        self.env["mail.message"].create(
            {
                "model": "res.partner",
                "res_id": self.ada.id,
                "body": "Hello",
                "message_type": "email",
                "author_id": self.ada.id,
                "date": datetime.combine(self.ago(1), datetime.min.time()),
            }
        )
        self.follow_up()
        self.assertEqual(case.state, "running", "before the start")
        self.post(self.ada.with_user(self.seller), partner_ids=self.ada.ids)
        self.rescore(partners=self.ada)
        self.assertEqual(case.state, "running", "a run does not look for it")
        self.follow_up()
        self.assert_reached(case)

    def test_a_contact_by_a_user_of_another_company_is_theirs(self):
        """About no document a contact belongs where its author works."""
        other = self.new_company("Other Company")
        stranger = self.salesman("stranger", company_id=other.id, company_ids=other.ids)
        case = self.begun("contact")
        self.force(case, date_start=case.date_start - timedelta(hours=1))
        self.post(self.ada.with_user(stranger).with_context(allowed_company_ids=other.ids), partner_ids=self.ada.ids)
        self.follow_up()
        self.assertEqual(case.state, "running")
        self.post(self.ada.with_user(self.seller), partner_ids=self.ada.ids)
        self.follow_up()
        self.assert_reached(case)

    def test_the_complaint_of_the_play_is_closed(self):
        play = self.play("complaint_opened", goal="complaint_closed")
        first, second = self.complain(self.ada), self.complain(self.ada)
        self.begin()
        first.write({"date_close": self.today, "outcome": "resolved"})
        self.assertEqual(self.cases(play).mapped("state"), ["reached", "running"])
        other = self.begun("complaint_closed")
        second.write({"date_close": self.today, "outcome": "resolved"})
        self.assertEqual((self.cases(play).mapped("state"), other.state), (["reached"] * 2, "reached"))

    def test_satisfaction_rises(self):
        self.play()  # with any play satisfaction is measured
        self.assess(self.ada, 5)
        ben = self.customer("Ben", customer_rank=1)
        self.rescore()
        known, unknown = self.begun("satisfaction_up"), self.begun("satisfaction_up", ben)
        self.assertEqual(known.satisfaction_then, 5)
        for satisfaction, states in ((5, "running running"), (6, "reached running"), (9, "reached reached")):
            for partner in self.ada + ben:
                self.assess(partner, satisfaction)
            self.rescore(partners=self.ada + ben)
            self.assertEqual(f"{known.state} {unknown.state}", states)

    def test_the_grade_rises_by_a_run_or_by_hand(self):
        ben = self.customer("Ben")
        self.order(ben, 50, self.today)
        self.rescore()
        case, other = self.begun("grade_up"), self.begun("grade_up", ben)
        self.order(self.ada, 60, self.today)
        self.rescore(partners=self.ada)
        self.assert_reached(case)
        self.override(ben, self.bronze)
        self.assertEqual(other.state, "running")
        self.override(ben, self.gold)
        self.assert_reached(other)

    def test_of_grades_in_the_same_place_the_older_one_is_the_better_by_hand_too(self):
        (self.silver + self.bronze).sequence = self.silver.sequence
        self.override(self.ada, self.bronze)
        self.assertEqual(self.profile(self.ada).trend, "down")
        case, rises = self.begun("grade_up"), self.play("grade_up")
        self.override(self.ada, self.silver)
        self.assertEqual((self.profile(self.ada).trend, self.started(rises)), ("up", ["Ada"]))
        self.assert_reached(case)

    def test_the_control_group_reaches_its_goal_but_goes_on(self):
        case = self.begun("order")
        self.force(case, state="control", is_begun=False)
        self.back(case, 3)
        messages = self.ada.message_ids
        self.order(self.ada, 5, self.ago(1))
        self.follow_up()
        self.assertEqual((case.state, case.date_reached, case.date_end), ("control", self.ago(1), False))
        self.assertEqual((case.order_count_after, case.amount_after), (1, 5))
        self.assertEqual(self.ada.message_ids, messages)


@tagged("post_install", "-at_install")
class TestAmountAfter(GoalCase):
    @with_seeds(2)
    def test_orders_and_revenue_after_the_start_by_another_computation(self, rng):
        """Windows that are over and that are not, of treated and control cases; a return is deducted."""
        partners = self.env["res.partner"].create([{"name": f"P {n}", "customer_rank": 1} for n in range(25)])
        self.rescore()
        play = self.play(goal="order", goal_days=10, control_percent=40)
        cases = play._start_for(partners)
        orders = []
        for case in cases:
            start = self.today - timedelta(days=rng.randint(0, 20))
            self.force(
                case, date_start=datetime(start.year, start.month, start.day, 12),
                date_deadline=start + timedelta(days=10),
            )  # fmt: skip
            for _n in range(rng.randint(0, 4)):
                day = min(self.today, start + timedelta(days=rng.randint(-3, 14)))
                orders.append((case, start, day, rng.choice((5, 20, 100, -8))))
        for case, _start, day, amount in orders:
            hour = 13 if day == self.today else 12
            order = self.order(case.partner_id, amount, day)
            self.force(order, date_order=datetime(day.year, day.month, day.day, hour))
        expected = {}
        for case in cases:
            own = [
                (day, amount)
                for asked, start, day, amount in orders
                if asked == case and (day > start or day == start == self.today) and day <= start + timedelta(days=10)
            ]
            expected[case] = (
                sum(amount for _day, amount in own),
                sum(amount > 0 for _day, amount in own),
                case.date_deadline < self.today,
            )
        self.env["grading.play.case"]._measure()
        self.env.invalidate_all()
        found = {case: (case.amount_after, case.order_count_after, case.is_complete) for case in cases}
        self.assertEqual(found, expected)

    def test_what_is_final_stays_and_later_credit_notes_change_nothing(self):
        case = self.begun("order", days=2)
        self.back(case, 5)
        order = self.order(self.ada, 30, self.ago(4))
        self.follow_up()
        self.assertEqual((case.amount_after, case.is_complete), (30, True))
        self.force(order, amount_untaxed=99)
        self.follow_up()
        self.assertEqual(case.amount_after, 30)

    def test_of_one_that_was_stopped_it_is_measured_on(self):
        case = self.begun("order", days=10)
        self.back(case, 5)
        case._stop("hand")
        self.order(self.ada, 30, self.ago(1))
        self.follow_up()
        self.assertEqual((case.state, case.amount_after, case.order_count_after), ("stopped", 30, 1))

    def test_a_day_without_orders_writes_no_row(self):
        case = self.begun("order", days=10)
        self.follow_up()
        [version] = self.env.execute_query(self.version(case))
        self.follow_up()
        self.assertEqual(self.env.execute_query(self.version(case)), [version])

    def version(self, case):
        """What changes when the row is written."""
        return SQL("SELECT ctid::text FROM grading_play_case WHERE id = %s", case.id)
