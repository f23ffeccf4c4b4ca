from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.base.context import ByServer
from ..common import with_seeds
from .play_case import PlayCase


@tagged("post_install", "-at_install")
class TestPlayNotStarted(PlayCase):
    """What starts no play."""

    def rise(self, partner):
        self.order(partner, 60, self.today)

    def test_a_run_over_an_earlier_day(self):
        play, first = self.play("grade_up"), self.play("first_order")
        self.order(self.ada, 60, self.ago(5))
        self.order(self.customer("New"), 60, self.ago(5))
        self.rescore(as_of=self.ago(1))
        self.assertEqual(self.profile(self.ada).grade_id, self.gold)
        self.assertEqual(self.started(play) + self.started(first), [])

    def test_the_first_grading_of_a_company(self):
        other = self.new_company("Elsewhere")
        plays = [
            self.play(trigger, company_id=other.id, **vals)
            for trigger, vals in (
                ("grade_up", {}), ("first_order", {}), ("nth_order", {}), ("complaint_late", {}),
                ("satisfaction_low", {"number": 9}), ("probability_below", {"share": 1}),
            )
        ]  # fmt: skip
        self.scheme(company_id=other.id)
        partner, known = self.customer("There"), self.customer("Known")
        known.with_company(other).with_context(grading_reason="Promising").grading_grade_id = self.gold
        self.order(known, 500, self.today, company_id=other.id)
        self.order(partner, 500, self.today, company_id=other.id)
        self.assess(partner, 1, company_id=other.id)
        self.complain(partner, company_id=other.id, date_open=self.ago(30), date_due=self.ago(20))
        self.rescore(company=other)
        self.assertEqual(self.profile(partner, other).order_count, 1)
        self.assertFalse(self.env["grading.play.case"].sudo().search([("play_id", "in", [p.id for p in plays])]))

    def test_what_was_there_before_the_play_became_active(self):
        self.money.grace_days = 10
        gone = self.order(self.ada, 60, self.today)
        self.rescore()
        plays = [self.play(t, active=False) for t in ("grade_up", "grade_falling", "first_order", "complaint_opened")]
        plays.append(self.play("satisfaction_low", number=9, active=False))
        complaint = self.complain(self.ada)
        self.force(gone, state="cancel")
        new = self.customer("New")
        self.order(new, 5, self.today)
        self.assess(self.ada, 1)
        self.rescore()
        self.override(new, self.gold)
        for play in plays:
            play.active = True
        complaint.name = "Other"
        self.rescore()
        for play in plays:
            self.assertEqual(self.started(play), [], play.trigger)

    def test_a_changed_condition_counts_from_then_on(self):
        play = self.play("grade_up")
        self.force(play, active_since="2020-01-01 00:00:00")
        play.name = "Other name"
        self.assertEqual(play.active_since.year, 2020)
        play.grade_id = self.gold
        self.assertEqual(play.active_since, self.env.cr.now())

    def test_an_import(self):
        plays = [self.play("grade_up"), self.play("complaint_opened"), self.play("nth_order", number=2)]
        for number, context in enumerate(({"import_file": True}, {"grading_no_plays": ByServer.YES})):
            with self.subTest(context=context):
                partner = self.customer(f"Imported {number}")
                self.order(partner, 50, self.ago(10))
                self.rescore(partners=partner)
                self.forget_requests()
                importing = partner.with_context(**context)
                importing.env["grading.complaint"].create({"partner_id": partner.id})
                order = self.order(partner, 60, self.today, state="draft")
                self.env.flush_all()
                self.forget_requests()
                order.with_context(**context).state = "sale"
                self.env.flush_all()
                lines = self.env["grading.queue"]._waiting([("partner_id", "=", partner.id)])
                self.assertTrue(lines.is_silent)
                self.rescore(partners=partner)
                self.assertEqual(self.profile(partner).grade_id, self.gold)
                importing._grading_profiles().with_context(**context)._override(self.silver, "Imported")
        for play in plays:
            self.assertEqual(self.started(play), [], play.trigger)

    def test_a_save_beside_an_import_is_heard(self):
        play = self.play("grade_up")
        self.order(self.ada, 60, self.today)
        Queue = self.env["grading.queue"]
        Queue.with_context(import_file=True)._enqueue([(self.ada, self.company)])
        Queue._enqueue([(self.ada, self.company)])
        self.assertEqual(Queue._waiting([]).mapped("is_silent"), [False])
        self.rescore(partners=self.ada)
        self.assertEqual(self.started(play), ["Ada"])

    def test_what_modules_bring_with_them(self):
        play = self.play("complaint_opened")
        self.registry.ready = False
        try:
            self.complain(self.ada)
        finally:
            self.registry.ready = True
        self.assertEqual(self.started(play), [])

    def test_those_who_are_not_to_be_disturbed_or_archived(self):
        play = self.play("complaint_opened")
        self.ada.grading_do_not_disturb = True
        self.complain(self.ada)
        self.ada.write({"grading_do_not_disturb": False, "active": False})
        self.complain(self.ada)
        self.assertEqual(self.started(play), [])

    def test_other_customers_than_the_filter_says_and_other_companies(self):
        rich = self.play("complaint_opened", domain="[('order_amount', '>', 70)]")
        all_of_them = self.play("complaint_opened", domain="[('partner_id.name', '=', 'Ada')]", company_id=False)
        elsewhere = self.play("complaint_opened", company_id=self.new_company("Elsewhere").id)
        self.complain(self.ada)
        self.assertEqual((self.started(rich), self.started(all_of_them)), ([], ["Ada"]))
        self.assertEqual(self.started(elsewhere), [])

    def test_again_within_the_pause(self):
        play = self.play("complaint_opened", cooldown_days=30)
        self.complain(self.ada)
        self.complain(self.ada)
        self.assertEqual(len(self.cases(play)), 1)
        self.force(self.cases(play), date_start=fields.Datetime.now() - timedelta(days=31))
        self.complain(self.ada)
        self.assertEqual(len(self.cases(play)), 2)

    def test_a_play_whose_filter_has_gone_bad_is_named_and_fails_no_save(self):
        bad, good = self.play("complaint_opened"), self.play("complaint_opened", name="Good")
        self.force(bad, domain="[('nonsense', '=', 1)]")
        with self.assertLogs("odoo.addons.customer_grading.models.play.grading_play_start", "WARNING"):
            self.complain(self.ada)
        self.assertEqual((self.started(bad), self.started(good)), ([], ["Ada"]))
        with self.assertLogs("odoo.addons.customer_grading.models.run", "WARNING"):
            run = self.env["grading.run"]._rescore()
        self.assertEqual(run.state, "failed")
        self.assertIn("Play", run.message)


@tagged("post_install", "-at_install")
class TestControlGroup(PlayCase):
    @with_seeds(3)
    def test_sql_and_python_draw_the_same_customers_each_time(self, rng):
        play = self.play(control_percent=rng.randint(1, 90))
        partners = self.env["res.partner"].browse(rng.sample(range(1, 10**9), 500))
        rows = self.env.execute_query(
            SQL("SELECT id, %s FROM UNNEST(%s::int[]) AS id", play._hash_to_sql(SQL("id")), partners.ids)
        )
        self.assertEqual(dict(rows), {partner.id: play._hash(partner) for partner in partners})
        drawn = sum(number < play.control_percent for number in dict(rows).values())
        self.assertAlmostEqual(drawn / 5, play.control_percent, delta=12)

    def test_another_play_draws_others(self):
        one, other = self.play(control_percent=50), self.play(control_percent=50)
        partners = self.env["res.partner"].browse(range(1, 200))
        drawn = [{p.id for p in partners if play._hash(p) < 50} for play in (one, other)]
        self.assertNotEqual(*drawn)

    def test_of_a_control_case_nothing_is_done(self):
        partners = self.env["res.partner"].create([{"name": f"P {n}", "customer_rank": 1} for n in range(40)])
        self.rescore()
        play = self.play(control_percent=50)
        cases = play._start_for(partners)
        self.assertEqual(len(cases), 40)
        self.begin()
        alone = cases.filtered(lambda case: play._hash(case.partner_id) < 50)
        self.assertTrue(0 < len(alone) < 40)
        self.assertEqual(set(alone.mapped("state")), {"control"})
        self.assertEqual(set((cases - alone).mapped("state")), {"running"})
        tagged_ones = partners.filtered(lambda partner: self.played in partner.category_id)
        self.assertEqual(tagged_ones, (cases - alone).partner_id)
        self.assertFalse(alone.filtered("is_begun"))
