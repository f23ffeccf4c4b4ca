from datetime import date
from fractions import Fraction

from odoo.exceptions import ValidationError
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

    def test_sql_of_filters_in_order(self):
        filters = [("Many", [("order_count", ">", 3)], 10), ("Some", [("order_count", ">", 1)], 4)]
        self.assertEqual(
            self.sql(self.cases(filters, points_if_none=1)),
            'ROUND((CASE WHEN "grading_profile"."order_count" > 3 THEN 10.0 '
            'WHEN "grading_profile"."order_count" > 1 THEN 4.0 ELSE 1.0 END)::numeric, 2)',
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

    def test_rank_is_the_share_of_the_others_that_are_lower_and_half_of_the_equal_ones(self):
        others = [self.customer("Other %s" % number) for number in range(4)]
        for customer, amount in zip(others, (10, 20, 20, 1000), strict=True):
            self.order(customer, amount, AS_OF)
        ranked = self.rank("order_amount", 100)
        self.assertEqual(self.points(ranked), 75)
        self.assertEqual([self.points(ranked, customer) for customer in others], [0, 37.5, 37.5, 100])
        reverse = self.rank("order_amount", 100, best="low")
        self.assertEqual([self.points(reverse, customer) for customer in others], [100, 62.5, 62.5, 0])

    def test_the_only_customer_stands_in_the_middle(self):
        ranked = self.rank("order_amount", 100)
        self.assertEqual(self.points(ranked), 50)
        scheme = self.scheme(criteria=[ranked], domain="[('order_count', '>', 100)]", sequence=1)
        self.rescore(as_of=AS_OF)
        self.assertFalse(self.env["grading.ruler"].search([("criterion_id", "=", scheme.criterion_ids.id)]).marks)
        scheme.domain = "[('order_count', '>', 0)]"
        self.rescore(as_of=AS_OF, partners=self.buyer)
        self.assertEqual(self.profile(self.buyer).score, 50, "alone, as a full run would find")

    def crowd(self, select):
        """A scheme by top percents, and a table of customers that it would have compared."""
        scheme = self.scheme(
            criteria=[self.rank("order_amount", 100)],
            thresholds=[(self.gold, 5), (self.silver, 50), (self.bronze, 100)],
            threshold_mode="rank",
        )
        self.env.cr.execute("DROP TABLE IF EXISTS crowd")
        self.env.cr.execute(
            SQL("CREATE TEMP TABLE crowd ON COMMIT DROP AS SELECT %s::int AS scheme_id, crowd.* FROM (%s) AS crowd",
                scheme.id, select)
        )  # fmt: skip
        return scheme

    def test_a_thousand_equal_customers_stand_in_the_middle(self):
        Ruler = self.env["grading.ruler"].sudo()
        gold, silver, bronze = (str(grade.id) for grade in (self.gold, self.silver, self.bronze))
        for tied, better, rank in ((1000, 0, 0.5), (1, 0, 0.5), (1000, 100, 499.5 / 1099), (2, 18, 0.5 / 19)):
            with self.subTest(tied=tied, better=better):
                scheme = self.crowd(
                    SQL(
                        "SELECT amount::numeric AS order_amount, amount::numeric AS score FROM ("
                        " SELECT 7 AS amount FROM GENERATE_SERIES(1, %s) UNION ALL"
                        " SELECT 7 + n FROM GENERATE_SERIES(1, %s) AS n) AS line",
                        tied,
                        better,
                    )
                )
                marks = Ruler._fix_criterion(scheme.criterion_ids, SQL("crowd"))
                self.assertAlmostEqual(marks[0][1], rank)
                begun = dict(Ruler._fix_scheme(scheme, SQL("crowd")))
                expected = self.begins([7] * tied + [7 + n for n in range(1, better + 1)], (5, 20, 50, 100))
                self.assertEqual(begun, {g: expected[p] for g, p in ((gold, 5), (silver, 50), (bronze, 100))
                                         if p in expected})  # fmt: skip
                top = [[p, expected[p]] for p in (5, 20) if p in expected]
                self.assertEqual(Ruler._fix_abc_cuts("order_amount", [5, 20], SQL("crowd")), top)
                self.assertEqual(bool(top), better > 0)

    def begins(self, values, percents):
        """Where each best percent begins, in naive Python; nothing for one that no value stands high enough for."""
        ranks = {}
        for value in set(values):
            lower, equal = sum(other < value for other in values), values.count(value) - 1
            ranks[value] = Fraction(2 * lower + equal, 2 * (len(values) - 1)) if len(values) > 1 else Fraction(1, 2)
        found = {p: [value for value, rank in ranks.items() if 100 * rank >= 100 - p] for p in percents}
        return {percent: min(high) for percent, high in found.items() if high}

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

    def test_the_first_filter_that_is_met_gives_its_points(self):
        many, some = ("Many", [("order_count", ">", 2)], 8), ("Some", [("order_count", ">", 0)], 3)
        self.assertEqual(self.points(self.cases([many, some])), 8)
        self.assertEqual(self.points(self.cases([some, many])), 3)
        self.assertEqual(self.points(self.cases([("None", [("order_count", ">", 9)], 8)], points_if_none=-2)), -2)

    def test_the_order_of_filters_can_be_changed(self):
        scheme = self.scheme([self.cases([("A", "[]", 1), ("B", "[]", 5)])], [(self.bronze, 0)])
        first, second = scheme.criterion_ids.case_ids
        version = scheme.version
        self.env.cr.precommit.data.clear()
        first.sequence, second.sequence = 9, 3
        self.assertGreater(scheme.version, version)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.buyer).score, 5)

    def test_the_most_and_least_of_filters_in_order_are_those_of_the_filters_and_of_none(self):
        for filters, none, expected in (
            ([("A", "[]", 4), ("B", "[]", 9)], 2, (2, 9)),
            ([("A", "[]", -4), ("B", "[]", 3)], 6, (-4, 6)),
        ):
            criterion = self.scheme(criteria=[self.cases(filters, points_if_none=none)]).criterion_ids
            self.assertEqual((criterion.points_min, criterion.points_max), expected)

    def test_a_criterion_without_a_filter_or_with_a_bad_one_is_refused(self):
        with self.assert_refused("add at least one filter", error=ValidationError):
            self.scheme(criteria=[self.cases([])])
        with self.assert_refused("Odd", "gone_field", error=ValidationError):
            self.scheme(criteria=[self.cases([("Odd", "[('gone_field', '=', 1)]", 4)])])

    def test_what_the_filters_read_is_measured_and_watched(self):
        filters = [("Late", [("average_days_late", ">", 3)], 1), ("BE", [("partner_id.country_id.code", "=", "BE")], 5)]
        scheme = self.scheme(criteria=[self.cases(filters)], thresholds=[(self.bronze, 0)])
        self.assertIn("average_days_late", scheme._measures_read())
        self.assertIn("country_id", scheme.criterion_ids._partner_fields())
        self.assertIn("country_id", self.env["res.partner"]._grading_watched_fields())
        scheme.criterion_ids.case_ids[1].domain = "[('partner_id.city', '=', 'Ghent')]"
        self.assertNotIn("country_id", scheme.criterion_ids._partner_fields())
        self.assertIn("city", self.env["res.partner"]._grading_watched_fields())

    def capped(self, *criteria, most=10, **vals):
        """The scheme with these criteria of value, of which together no more than ``most`` counts."""
        cap = {"kind": "cap", "dimension": "value", "points_max": most, "name": "Most of value"}
        return self.scheme(criteria=[*criteria, cap], thresholds=[(self.bronze, -1000)], **vals)

    def test_a_dimension_gives_no_more_than_its_most(self):
        for given, most, expected in (((8, 7), 10, -5), ((3, 4), 10, 0), ((8, -3), 10, 0), ((20, -3), 10, -7)):
            with self.subTest(given=given):
                criteria = [self.matching("[]", points) for points in given]
                scheme = self.capped(*criteria, self.matching("[]", 50, dimension="loyalty"), most=most)
                self.rescore(as_of=AS_OF)
                profile, cap = self.profile(self.buyer), scheme.criterion_ids[-1]
                self.assertEqual(profile.points_detail[str(cap.id)], expected)
                self.assertEqual(profile.value_score, min(most, sum(given)))
                self.assertEqual(profile.score, profile.value_score + 50)
                self.assertAlmostEqual(sum(profile.points_detail.values()), profile.score, 2)
                scheme.active = False

    def test_what_can_be_reached_and_the_levels_count_with_the_most(self):
        scheme = self.capped(self.matching("[]", 8), self.matching([("order_count", ">", 99)], 32), most=12)
        self.assertEqual(scheme.points_max, 12)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.buyer).value_level, "3")  # 8 of 12
        scheme.criterion_ids[-1].points_max = 100
        self.assertEqual(scheme.points_max, 40)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.buyer).value_level, "1")  # 8 of 40

    def test_a_dimension_has_one_most(self):
        scheme = self.capped(self.matching("[]", 8))
        with self.assert_refused("limits the dimension “Value” already", error=ValidationError):
            scheme.criterion_ids[-1].copy()

    def test_the_explanation_says_that_the_most_is_reached(self):
        self.capped(self.matching("[]", 8, name="Eight"), self.linear("order_count", 1, points_max=9, name="Orders"))
        self.rescore(as_of=AS_OF)
        rows = {row["name"]: row for row in self.profile(self.buyer)._explain_criteria()}
        self.assertEqual((rows["Most of value"]["points"], rows["Most of value"]["value"]), (-1, "reached"))
        self.assertEqual((rows["Most of value"]["points_max"], rows["Orders"]["open"]), (0, 0))

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
