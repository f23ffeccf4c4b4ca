from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.backtest import grading_backtest
from ...models.memory.grading_snapshot import month_end
from .backtest_case import BacktestCase

APART_CRON = "customer_grading.ir_cron_judge_apart"


@tagged("post_install", "-at_install")
class TestBacktest(BacktestCase):
    """What followed an earlier day, by grade and by tenth of the score."""

    def test_each_grade_shows_who_had_it_and_what_they_bought_afterwards(self):
        self.shop(("Ada", 500, [30, 20]), ("Bob", 150, []), ("Cleo", 50, [7]), ("Dan", 5, []))
        test = self.test_of()
        [total] = self.lines(test, "all")
        self.assertEqual((total.customer_count, total.order_count, total.revenue), (4, 3, 57))
        gold, silver, bronze = self.lines(test, "grade")
        self.assertEqual((gold + silver + bronze).grade_id, self.gold + self.silver + self.bronze)
        self.assertEqual((gold.customer_count, gold.order_count, gold.revenue), (2, 2, 50))
        self.assertEqual((gold.revenue_mean, gold.success_rate), (25, 50))
        self.assertAlmostEqual(gold.revenue_share, 100 * 50 / 57, 1)
        self.assertEqual((silver.revenue_mean, silver.success_rate, bronze.success_rate), (7, 100, 0))
        self.assertEqual((silver.revenue_low, silver.revenue_high), (False, False))  # of one customer

    def test_grades_and_all_that_people_see_stay_as_they_are(self):
        self.shop(("Ada", 500, [30]), ("Bob", 5, []))
        self.rescore()
        profiles = SQL("SELECT TO_JSONB(profile) FROM grading_profile AS profile ORDER BY id")
        history = SQL("SELECT COUNT(*), MAX(id) FROM grading_history")
        self.env.flush_all()
        before = [self.env.execute_query(query) for query in (profiles, history)]
        self.test_of()
        self.env.flush_all()
        self.assertEqual([self.env.execute_query(query) for query in (profiles, history)], before)

    def test_nothing_that_comes_after_the_months_changes_a_figure(self):
        partners = self.shop(("Ada", 500, [30]), ("Bob", 50, []), ("Cleo", 5, [9]))
        before = self.figures(self.test_of())
        rows = [(partner.id, self.until + timedelta(days=1), 900, 1, "sale") for partner in partners]
        newcomer = self.customer("Newcomer")
        self.insert_orders([*rows, (newcomer.id, self.until + timedelta(days=1), 50, 1, "sale")])
        self.assertEqual(self.figures(self.test_of()), before)

    def test_nothing_that_comes_after_the_day_changes_who_has_which_grade(self):
        partners = self.shop(("Ada", 500, []), ("Bob", 50, []), ("Cleo", 5, []))
        counts = self.lines(self.test_of(), "grade").mapped("customer_count")
        self.insert_orders([(partner.id, self.until, 900, 1, "sale") for partner in partners])
        test = self.test_of()
        self.assertEqual(self.lines(test, "grade").mapped("customer_count"), counts)
        self.assertEqual(self.lines(test, "all").order_count, 3)

    def test_the_last_day_of_the_months_counts_and_the_next_does_not(self):
        [ada] = self.shop(("Ada", 500, []))
        self.insert_orders([(ada.id, self.until, 1, 1, "sale"), (ada.id, self.until + timedelta(days=1), 2, 1, "sale")])
        self.assertEqual(self.lines(self.test_of(), "all").revenue, 1)

    def test_returns_are_deducted_and_are_no_order(self):
        [ada] = self.shop(("Ada", 500, [100]))
        self.insert_orders([(ada.id, self.day + timedelta(days=9), -30, 1, "sale")])
        [total] = self.lines(self.test_of(), "all")
        self.assertEqual((total.order_count, total.revenue), (1, 70))

    def test_equal_scores_share_their_tenth_and_their_part_of_the_best(self):
        self.shop(*((f"Equal {number}", 40, [10 * number] if number else []) for number in range(20)))
        test = self.test_of()
        [tenth] = self.lines(test, "tenth")
        self.assertEqual(tenth.customer_count, 20)
        total = self.lines(test, "all")
        self.assertAlmostEqual(total.best_share, 20, 1)
        self.assertAlmostEqual(total.auc, 0.5, 3)

    def test_lost_is_what_a_run_of_the_last_day_would_say(self):
        partners = self.env["res.partner"].create([{"name": f"Regular {number}"} for number in range(60)])
        rows = []
        for place, partner in enumerate(partners):
            last = self.until - timedelta(days=20) if place % 3 else self.day - timedelta(days=30)
            rows += [(partner.id, last - timedelta(days=(20 + place % 7) * back), 60, 1, "sale") for back in range(30)]
        self.insert_orders(rows)
        test = self.test_of()
        run = self.rescore(as_of=self.until)
        lost = self.env["grading.profile"].search([("partner_id", "in", partners.ids), ("lost_date", "<=", self.until)])
        self.assertEqual(run.as_of, self.until)
        self.assertTrue(0 < len(lost) < 60)
        self.assertAlmostEqual(self.lines(test, "all").lost_rate, 100 * len(lost) / 60, 6)

    def test_a_lower_grade_that_brought_more_is_named_in_words(self):
        self.shop(
            *((f"Gold {number}", 400, [99 + number % 3]) for number in range(9)),
            *((f"Silver {number}", 40, [118 + number]) for number in range(5)),
            *((f"Bronze {number}", 4, [1 + number % 2]) for number in range(9)),
        )
        said = self.test_of().statements
        self.assertIn(
            "Silver brought more than Gold: 120 against 100 a head; the difference is more than chance.", said
        )
        self.assertNotIn("Bronze brought more", said)

    def test_each_lower_grade_stands_beside_the_better_one_that_brought_the_least(self):
        self.shop(
            *((f"Gold {number}", 400, [99 + number % 3]) for number in range(9)),
            *((f"Silver {number}", 40, [149 + number % 3]) for number in range(9)),
            *((f"Bronze {number}", 4, [139 + number % 3]) for number in range(9)),
        )
        said = self.test_of().statements
        self.assertIn("Silver brought more than Gold: 150 against 100 a head", said)
        self.assertIn("Bronze brought more than Gold: 140 against 100 a head", said)
        self.assertNotIn("more than Silver", said)
        self.assertNotIn("No grade brought more", said)

    def test_an_inversion_that_strays_far_is_within_chance(self):
        self.shop(
            *((f"Gold {number}", 400, [(10, 100, 190)[number % 3]]) for number in range(6)),
            *((f"Silver {number}", 40, [(20, 110, 200)[number % 3]]) for number in range(6)),
        )
        self.assertIn(
            "Silver brought more than Gold: 110 against 100 a head; the difference is within chance.",
            self.test_of().statements,
        )

    def test_an_inversion_of_a_few_cannot_be_told_from_chance(self):
        self.shop(("Ada", 400, [10]), ("Bob", 400, [190]), ("Cleo", 40, [15]), ("Dan", 40, [205]))
        self.assertIn(
            "Silver brought more than Gold: 110 against 100 a head; there are too few customers to tell the difference "
            "from chance.",
            self.test_of().statements,
        )

    def test_what_one_customer_brought_is_no_certainty(self):
        self.shop(("Ada", 900, [500]), *((f"Other {number}", 40 + number, []) for number in range(30)))
        test = self.test_of()
        total = self.lines(test, "all")
        self.assertEqual((total.best_share, total.best_share_low, total.best_share_high), (100, False, False))
        self.assertEqual((total.auc, total.auc_low, total.auc_high), (1, False, False))
        self.assertEqual((total.revenue_low, total.revenue_high, total.revenue_error), (False, False, False))
        self.assertIn("brought 100 % of the revenue. Too few brought the one part or the other", test.statements)
        self.assertIn("in 100 of 100 cases", test.statements)
        self.assertIn("too few of either kind to say how sure that is", test.statements)
        self.assertNotIn("100 to 100", test.statements)

    def test_where_all_who_bought_were_among_the_best_no_limits_are_known(self):
        self.shop(
            *((f"Best {number}", 900 + number, [50 + number]) for number in range(10)),
            *((f"Other {number}", 40 + number, []) for number in range(40)),
        )
        test = self.test_of()
        total = self.lines(test, "all")
        self.assertEqual((total.best_share, total.best_share_low, total.best_share_high), (100, False, False))
        self.assertEqual((total.auc, total.auc_low, total.auc_high), (1, False, False))
        self.assertLess(total.revenue_low, total.revenue_mean)  # ten carry it

    def test_limits_of_an_earlier_release_without_width_are_not_told(self):
        self.shop(("Ada", 900, [500]), ("Bob", 40, []), ("Cleo", 41, []))
        test = self.test_of()
        self.lines(test, "all").sudo().write(
            {"best_share_low": 100, "best_share_high": 100, "auc_low": 1, "auc_high": 1}
        )
        test.invalidate_recordset(["statements"])
        self.assertNotIn("100 to 100", test.statements)
        self.assertIn("too few of either kind", test.statements)

    def test_schemes_that_order_customers_alike_have_no_limits_of_their_difference(self):
        self.shop(*((f"Customer {number}", 20 + number, [5 * (number % 4)]) for number in range(40)))
        twin = self.scheme([self.linear("order_amount", 2)], active=False, name="Twin")
        test = self.test_of(twin, other_scheme_id=self.rules.id)
        total = self.lines(test, "all")
        for name in ("best_share_difference", "auc_difference"):
            self.assertEqual([total[name + suffix] for suffix in ("", "_low", "_high")], [0, False, False])
        self.assertIn("too few customers stand elsewhere to tell that from chance", test.statements)

    def test_grades_in_their_order_are_praised(self):
        self.shop(("Ada", 400, [90]), ("Bob", 40, [15]), ("Cleo", 4, []))
        self.assertIn("No grade brought more a head than a better one.", self.test_of().statements)

    def test_what_was_entered_on_a_customer_is_named_as_hindsight(self):
        self.assertFalse(self.env["grading.backtest"].create({"scheme_id": self.rules.id}).hindsight)
        told = self.scheme(
            [
                self.linear("share_of_budget", 1, name="Of the budget"),
                self.linear("referral_count", 1, name="Referrals"),
                self.matching([("brand_contribution", "=", "celebrity")], 1, name="Known"),
                self.matching([("partner_id.country_id.code", "=", "BE")], 1, name="Near"),
                self.linear("order_amount", 1, name="Amount"),
            ],
            active=False,
        )
        test = self.env["grading.backtest"].create({"scheme_id": told.id})
        self.assertIn("may tell of what came after the day: Of the budget, Referrals, Known.", test.hindsight)

    # ------------------------------------------------------------
    # Which rules
    # ------------------------------------------------------------

    def draft(self, criteria, **vals):
        return self.scheme(criteria, active=False, is_draft=True, **vals)

    def test_a_draft_is_tried_in_the_place_of_its_scheme_and_beside_it(self):
        self.shop(("Ada", 500, []), ("Bob", 150, [80]), ("Cleo", 5, [70]))
        draft = self.draft([self.linear("order_count", 100)], draft_of_id=self.rules.id)
        test = self.test_of(draft, other_scheme_id=self.rules.id)
        self.assertEqual(self.lines(test, "grade").mapped("customer_count"), [3])
        self.assertEqual(self.lines(test, "grade", "other").mapped("customer_count"), [2, 1])
        [gold] = self.lines(test, "grade")
        self.assertAlmostEqual(gold.difference, 50 - 40, 2)

    def test_an_archived_scheme_grades_whom_it_covers(self):
        self.shop(("Ada", 500, [1]), ("Bob", 150, []), ("Cleo", 5, []))
        archived = self.scheme([self.linear("order_count", 100)], active=False, domain="[('order_amount', '>', 100)]")
        self.assertEqual(self.lines(self.test_of(archived), "all").customer_count, 2)
        self.assertEqual(self.lines(self.test_of(), "all").customer_count, 3)

    def test_customers_whom_no_scheme_grades_stand_apart(self):
        self.shop(("Ada", 500, [1]), ("Bob", 5, [2]))
        self.rules.domain = "[('order_amount', '>', 100)]"
        gold, none = self.lines(self.test_of(), "grade")
        self.assertEqual((gold.grade_id, none.grade_id), (self.gold, self.gold.browse()))
        self.assertEqual((none.display_name, none.revenue), ("Not graded", 2))

    def test_the_button_of_a_draft_asks_beside_its_scheme(self):
        draft = self.draft(None, draft_of_id=self.rules.id)
        test = self.env["grading.backtest"].with_context(**draft.action_backtest()["context"]).create({})
        self.assertEqual((test.scheme_id, test.other_scheme_id, test.subject), (draft, self.rules, "customer"))

    # ------------------------------------------------------------
    # Trend, and in the background
    # ------------------------------------------------------------

    def test_twelve_month_ends_make_a_trend(self):
        self.shop(("Ada", 500, [30]), ("Bob", 5, []))
        test = self.test_of(period="trend", months=3)
        days = sorted(set(test.line_ids.mapped("date")))
        last = grading_backtest.latest_day(self.today, 3)
        self.assertEqual(days, [month_end(last, -back) for back in reversed(range(12))])
        self.assertEqual(self.lines(test, "all", day=last).customer_count, 2)
        self.assertEqual(test.run_id.day_count, 12)
        action = test.action_view_trend()
        self.assertTrue(self.env[action["res_model"]].search(action["domain"]))
        action = test.action_view_total_trend()
        totals = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual((set(totals.mapped("kind")), len(totals)), ({"all"}, 12))

    def test_many_customers_are_judged_in_the_background_and_a_user_may_stop_it(self):
        self.shop(("Ada", 500, [30]), ("Bob", 5, []))
        self.rescore()
        test = self.env["grading.backtest"].create({"period": "trend"})
        with patch.object(grading_backtest, "RESCORE_AT_ONCE", 1):
            test.action_run()
        self.assertEqual((test.state, len(test.line_ids)), ("running", 0))
        waiting = self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.env.ref(APART_CRON).id)])
        self.assertTrue(waiting)
        test.action_stop()
        self.assertEqual(test.state, "stopped")
        test.action_continue()
        self.assertEqual(test.state, "running")
        test.run_id._execute()
        self.assertEqual((test.state, len(test.total_ids), test.progress), ("done", 12, 100))

    def test_a_question_that_changes_drops_the_figures(self):
        self.shop(("Ada", 500, [30]))
        test = self.test_of()
        run = test.run_id
        test.months = 6
        self.assertFalse(test.line_ids or run.exists() or test.state)

    def test_a_company_without_customers_has_an_answer(self):
        test = self.test_of()
        self.assertEqual(self.lines(test, "all").customer_count, 0)
        self.assertTrue(test.statements)
