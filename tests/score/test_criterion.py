from datetime import date

from odoo.tests import Form, tagged
from odoo.tools import SQL
from odoo.tools.query import Query

from ..common import GradingCase

AS_OF = date(2025, 3, 10)


@tagged("post_install", "-at_install")
class TestCriterion(GradingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = cls.customer("Buyer")
        for day in (date(2024, 1, 31), date(2024, 12, 1), date(2025, 2, 1)):
            cls.order(cls.buyer, 100, day)
        cls.order(cls.buyer, -50, date(2025, 2, 2), state="cancel")

    def points(self, criterion, customer=None):
        """What one criterion gives to the customer."""
        scheme = self.scheme(criteria=[criterion], thresholds=[(self.bronze, -1000)])
        self.rescore(as_of=AS_OF)
        profile = self.profile(customer or self.buyer)
        self.assertEqual(profile.score, profile.points_detail[str(scheme.criterion_ids.id)])
        scheme.active = False
        return profile.score

    def sql(self, criterion, cut_points=None):
        record = self.scheme(criteria=[criterion]).criterion_ids
        query = Query(self.env, "grading_profile")
        cut_points = {record: cut_points} if cut_points is not None else {}
        return self.env.cr.mogrify(record._to_sql(query, AS_OF, cut_points)).decode()

    # ------------------------------------------------------------
    # Golden SQL
    # ------------------------------------------------------------

    def test_sql_of_a_scheme_is_that_of_its_criteria_in_their_order(self):
        scheme = self.scheme(criteria=[self.linear("order_count"), self.matching([("order_count", ">", 1)], 5)])
        query = Query(self.env, "grading_profile")
        self.assertEqual(
            [(criterion, self.text_of(sql)) for criterion, sql in scheme._points_to_sql(query, AS_OF, {})],
            [(criterion, self.text_of(criterion._to_sql(query, AS_OF, {}))) for criterion in scheme.criterion_ids],
        )

    def test_sql_of_steps(self):
        self.assertEqual(
            self.sql(self.band("order_count", [(0, 1), (5, 3)], points_if_none=2)),
            'ROUND(CASE WHEN "grading_profile"."order_count" IS NULL THEN 2.0::numeric ELSE LEAST(3.0::numeric, '
            'GREATEST(0.0::numeric, (CASE WHEN "grading_profile"."order_count" >= 5.0::numeric THEN 3.0 '
            'WHEN "grading_profile"."order_count" >= 0.0::numeric THEN 1.0 ELSE 0 END)::numeric)) END, 2)',
        )

    def test_sql_of_points_per_unit(self):
        days = '(DATE \'2025-03-10\'::date - "grading_profile"."last_order_date")'
        self.assertEqual(
            self.sql(self.linear("last_order_date", -0.5, points_base=10, points_max=10)),
            f"ROUND(CASE WHEN {days} IS NULL THEN 0.0::numeric ELSE LEAST(10.0::numeric, GREATEST(0.0::numeric, "
            f"(10.0::numeric +  -0.5::numeric * ({days})::numeric)::numeric)) END, 2)",
        )

    def test_sql_of_a_rank(self):
        value = '(-"grading_profile"."order_amount")::float8'
        self.assertEqual(
            self.sql(self.rank("order_amount", best="low"), cut_points=[[-300.0, 0.0], [-200.0, 0.5], [-100.0, 1.0]]),
            f"ROUND(CASE WHEN {value} IS NULL THEN 0.0::numeric ELSE LEAST(100.0::numeric, GREATEST(0.0::numeric, "
            "(0.0::numeric + 100.0::numeric * "
            f"COALESCE((ARRAY[0.0,0.5,1.0]::float8[])[WIDTH_BUCKET({value}, "
            "ARRAY[ -300.0, -200.0, -100.0]::float8[])], 0)::numeric)::numeric)) END, 2)",
        )

    def test_sql_of_a_filter(self):
        self.assertEqual(
            self.sql(self.matching([("order_count", ">", 3)], 10, points_if_none=1)),
            'ROUND((CASE WHEN "grading_profile"."order_count" > 3 THEN 10.0 ELSE 1.0 END)::numeric, 2)',
        )

    def test_sql_of_grades_from_the_best_down(self):
        scheme = self.scheme()
        sql = self.env.cr.mogrify(scheme._grade_to_sql(SQL("score"), {})).decode()
        self.assertEqual(
            sql,
            "CASE WHEN score >= 100.0::numeric THEN %s WHEN score >= 10.0::numeric THEN %s "
            "WHEN score >= 0.0::numeric THEN %s ELSE NULL::int END" % (self.gold.id, self.silver.id, self.bronze.id),
        )

    def test_sql_of_grades_by_top_percents(self):
        scheme = self.scheme(threshold_mode="rank", thresholds=[(self.gold, 10), (self.silver, 50), (self.bronze, 100)])
        cuts = {scheme: {str(self.gold.id): 90.0, str(self.bronze.id): 5.0}}
        self.assertEqual(
            self.text_of(scheme._grade_to_sql(SQL("score"), cuts)),
            f"CASE WHEN score >= 90.0::numeric THEN {self.gold.id} WHEN score >= 5.0::numeric THEN {self.bronze.id}"
            " ELSE NULL::int END",
        )

    def test_sql_of_the_scheme_that_covers_a_customer_or_a_prospect(self):
        many = self.scheme(domain="[('order_count', '>', 3)]")
        willing = [self.linear("willingness")]
        prospects = self.scheme(willing, subject="lead", domain="[('willingness', '>', 2)]")
        query = Query(self.env, "grading_profile")
        self.assertEqual(
            self.text_of(many._scheme_to_sql(many, prospects, query, AS_OF)),
            f'CASE WHEN "grading_profile"."order_count" > 3 THEN {many.id} '
            "WHEN COALESCE(grading_profile.order_count, 0) = 0 AND (grading_profile.best_lead_id IS NOT NULL"
            ' OR grading_profile.willingness IS NOT NULL) AND ("grading_profile"."willingness" > \'2\')'
            f" THEN {prospects.id} ELSE NULL::int END",
        )

    # ------------------------------------------------------------
    # Points
    # ------------------------------------------------------------

    def test_a_step_counts_from_its_number_on(self):
        self.assertEqual(self.points(self.band("order_count", [(3, 7), (4, 9)])), 7)
        self.assertEqual(self.points(self.band("order_count", [(4, 9), (2, 5)])), 5)
        self.assertEqual(self.points(self.band("order_count", [(4, 9)])), 0)

    def test_points_may_be_negative_and_stay_within_the_caps(self):
        self.assertEqual(self.points(self.band("order_count", [(0, -8)])), -8)
        self.assertEqual(self.points(self.linear("order_count", -4, points_min=-10, points_max=0)), -10)
        self.assertEqual(self.points(self.linear("order_count", 4, points_max=10)), 10)
        self.assertEqual(self.points(self.matching([("order_count", ">", 0)], -15)), -15)

    def test_a_date_is_scored_by_days_or_full_months_since(self):
        self.assertEqual(self.points(self.linear("last_order_date", 1)), 37)
        self.assertEqual(self.points(self.linear("last_order_date", 1, date_unit="months")), 1)
        self.assertEqual(self.points(self.linear("first_order_date", 1, date_unit="months")), 13)

    def test_no_data_gives_its_own_points_uncapped(self):
        self.assertEqual(self.points(self.linear("average_days_late", 1, points_if_none=12, points_max=5)), 12)
        self.assertEqual(self.points(self.band("share_of_budget", [(0, 5)], points_if_none=-3)), -3)

    def test_rank_is_the_share_of_the_other_customers_who_are_lower(self):
        others = [self.customer("Other %s" % number) for number in range(4)]
        for customer, amount in zip(others, (10, 20, 20, 1000), strict=True):
            self.order(customer, amount, AS_OF)
        ranked = self.rank("order_amount", 100)
        self.assertEqual(self.points(ranked), 75)
        self.assertEqual([self.points(ranked, customer) for customer in others], [0, 25, 25, 100])
        reverse = self.rank("order_amount", 100, best="low")
        self.assertEqual([self.points(reverse, customer) for customer in others], [100, 50, 50, 0])

    def test_rank_of_a_date_takes_the_latest_for_the_best(self):
        other = self.customer("Later")
        self.order(other, 1, AS_OF)
        self.assertEqual(self.points(self.rank("last_order_date", 10)), 0)
        self.assertEqual(self.points(self.rank("last_order_date", 10), other), 10)

    def test_many_customers_are_ranked_to_a_tenth_of_a_percent(self):
        criterion = self.scheme(criteria=[self.rank("order_amount", 100)]).criterion_ids
        self.env.cr.execute(
            "CREATE TEMP TABLE crowd ON COMMIT DROP AS SELECT %s::int AS scheme_id, n::numeric AS order_amount"
            " FROM GENERATE_SERIES(1, 20000) AS n",
            [criterion.scheme_id.id],
        )
        breaks = self.env["grading.ruler"].sudo()._fix_criterion(criterion, SQL("crowd"))
        self.assertLessEqual(len(breaks), 1002)
        self.assertEqual((breaks[0][1], breaks[-1]), (0, [20000.0, 1.0]))
        for value, share in breaks:
            self.assertAlmostEqual(share, (value - 1) / 19999, places=9)
        gaps = [after[1] - before[1] for before, after in zip(breaks, breaks[1:], strict=False)]
        self.assertLess(max(gaps), 0.0011)

    def test_a_filter_reaches_the_contact(self):
        belgium = self.env.ref("base.be")
        self.buyer.country_id = belgium
        self.assertEqual(self.points(self.matching([("partner_id.country_id.code", "=", "BE")], 5)), 5)
        self.assertEqual(self.points(self.matching([("partner_id.country_id.code", "=", "FR")], 5)), 0)
        self.buyer.category_id = self.env["res.partner.category"].create({"name": "VIP"})
        self.assertEqual(self.points(self.matching([("partner_id.category_id.name", "=", "VIP")], 5)), 5)

    def test_today_in_a_filter_is_the_day_of_the_run(self):
        self.assertEqual(self.points(self.matching([("last_order_date", ">=", "today -37d")], 5)), 5)
        self.assertEqual(self.points(self.matching([("last_order_date", ">=", "today -36d")], 5)), 0)
        self.assertEqual(self.points(self.matching([("last_order_date", ">=", "today -1m")], 5)), 0)

    def test_the_first_scheme_that_covers_a_customer_applies(self):
        rest = self.scheme(sequence=20)
        few = self.scheme(sequence=10, domain="[('order_count', '>', 100)]", name="Few")
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.buyer).scheme_id, rest)
        few.domain = "[('order_count', '>', 1)]"
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.buyer).scheme_id, few)
        few.active = False
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.buyer).scheme_id, rest)

    def test_a_customer_below_every_threshold_is_not_graded_but_scored(self):
        self.scheme(criteria=[self.linear("order_count")], thresholds=[(self.gold, 50), (self.silver, 10)])
        self.rescore(as_of=AS_OF)
        profile = self.profile(self.buyer)
        self.assertEqual((profile.score, profile.grade_id), (3, self.env["grading.grade"]))

    def test_more_than_fifty_criteria_balance(self):
        scheme = self.scheme(criteria=[self.linear("order_count", name="C%s" % n) for n in range(60)])
        self.rescore(as_of=AS_OF)
        profile = self.profile(self.buyer)
        self.assertEqual((len(profile.points_detail), profile.score), (len(scheme.criterion_ids), 180))

    def test_the_form_adds_up_the_points_live(self):
        scheme = self.scheme(criteria=[self.linear("order_count", points_max=30)])
        with Form(scheme) as form:
            self.assertEqual(form.points_max, 30)
            with form.criterion_ids.new() as criterion:
                criterion.kind = "linear"
                criterion.measure = "order_months"
                criterion.points_max = 12
            self.assertEqual(form.points_max, 42)
        self.assertEqual(scheme.criterion_ids[-1].name, "Months with an order")
