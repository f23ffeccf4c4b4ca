from odoo.tests import tagged

from ...models.score.grading_criterion_hint import format_number
from ..common import GradingCase


@tagged("post_install", "-at_install")
class TestCriterionHint(GradingCase):
    """What would bring more points is said with the unit of the measure, and is true."""

    def criterion(self, values, subject="customer"):
        return self.scheme(criteria=[values], subject=subject).criterion_ids

    def hint(self, values, points=0, known=True, subject="customer"):
        return self.criterion(values, subject)._explain_next(points, known).replace("\N{NO-BREAK SPACE}", " ")

    def test_points_per_unit_name_the_unit(self):
        for measure, per_unit, expected in (
            ("order_months", 0.5, "+0.5 points for each further month"),
            ("order_count", 1, "+1 point for each further order"),
            ("referral_count", 2, "+2 points for each further referred customer"),
            ("open_complaint_count", -5, "+5 points for each complaint less"),
            ("average_order_interval", -0.1, "+0.1 points for each day less"),
            ("satisfaction", 1, "+1 point for each further point of the rating"),
            ("share_of_budget", 2, "+0.02 points for each further percentage point"),
            ("order_amount", 0.001, "+1 point for each further 1,000 €"),
            ("order_amount", 0.0005, "+5 points for each further 10,000 €"),
        ):
            with self.subTest(measure=measure, per_unit=per_unit):
                self.assertEqual(self.hint(self.linear(measure, per_unit)), expected)

    def test_all_that_is_counted_has_a_word_of_its_own(self):
        measures = self.env["grading.measure"]._catalog()
        counted = [
            name
            for name, measure in measures.items()
            if measure.get("label") and measure.get("unit", "number") in ("count", "number")
        ]
        self.assertIn("order_count_24m", counted)
        units = self.env["grading.criterion"]._counted_units()
        words = {name: self.env["grading.criterion"]._unit_names()[units.get(name, "count")][0] for name in counted}
        self.assertEqual([name for name, word in words.items() if word == "unit"], [])

    def test_a_class_is_named_by_its_number(self):
        classes = self.band("rfm_recency", [(1, 0), (4, 3), (5, 5)])
        self.assertEqual(self.hint(classes, points=0), "3 points from class 4 on")
        self.assertEqual(self.hint(self.linear("rfm_recency", 2)), "+2 points for each further class")

    def test_what_reads_as_one_is_one_point(self):
        criterion = self.criterion(self.linear("order_count", 1))
        texts = [criterion._explain_points(points, digits=1) for points in (0.96, 1, 1.04, 1.06, 0)]
        self.assertEqual(texts, ["1 point", "1 point", "1 point", "1.1 points", "0 points"])

    def test_filters_in_order_are_named_by_the_one_that_is_met(self):
        filters = [("Fair", "[('order_count', '>', 5)]", 8), ("Web", "[('order_count', '>', 1)]", 3)]
        criterion = self.criterion(self.cases(filters, points_if_none=1))
        self.assertEqual([criterion._explain_met(points) for points in (8, 3, 1)], ["Fair", "Web", "–"])
        self.assertEqual(criterion._explain_moved(3, 8, None, None), "Fair (was Web)")
        self.assertFalse(self.hint(self.cases(filters)))

    def test_points_per_unit_of_a_date_say_which_way_it_goes(self):
        tenure = self.linear("first_order_date", 0.04, date_unit="months")
        self.assertEqual(self.hint(tenure), "+0.04 points with each month that passes")
        recency = self.linear("last_order_date", -0.5, points_base=20, points_max=20)
        self.assertEqual(self.hint(recency, points=3), "+0.5 points for each day that the date is later")

    def test_steps_name_where_they_begin_or_end(self):
        late = self.band("average_days_late", [(-3650, 3), (1, 2), (15, 1), (45, 0)])
        self.assertEqual(self.hint(late, points=2), "3 points when paid less than 1 day late")
        self.assertEqual(self.hint(late, points=0), "1 point when paid less than 45 days late")
        orders = self.band("order_count", [(0, 0), (1, 2.5), (3, 4)])
        self.assertEqual(self.hint(orders, points=0), "2.5 points from 1 order on")
        self.assertEqual(self.hint(orders, points=2.5), "4 points from 3 orders on")
        complaints = self.band("open_complaint_count", [(0, 6), (1, 3), (2, 0)])
        self.assertEqual(self.hint(complaints, points=3), "6 points below 1 complaint")
        budget = self.band("share_of_budget", [(0, 0), (0.4, 5)])
        self.assertEqual(self.hint(budget, points=0), "5 points from 40 % on")
        amount = self.band("order_amount", [(0, 0), (1000, 5)])
        self.assertEqual(self.hint(amount, points=0), "5 points from 1,000 € on")

    def test_steps_of_a_choice_are_said_by_its_labels(self):
        willing = self.band("willingness", [(1, 0), (3, 20), (5, 40)])
        self.assertEqual(self.hint(willing, points=0, subject="lead"), "20 points from “Interested” on")
        brand = self.band("brand_contribution", [(0, 0), (2, 1.5), (9, 3)])
        self.assertEqual(self.hint(brand, points=0), "1.5 points from “National” on")
        self.assertEqual(self.hint(brand, points=1.5), "", "no choice reaches that step")

    def test_steps_of_a_date(self):
        tenure = self.band("first_order_date", [(0, 0), (12, 2)], date_unit="months")
        self.assertEqual(self.hint(tenure), "2 points after 12 months")
        ahead = self.band("date_deadline", [(-9999, 9), (-30, 5), (1, 0)])
        self.assertEqual(self.hint(ahead, points=5, subject="lead"), "9 points when more than 30 days ahead")
        self.assertEqual(self.hint(ahead, points=0, subject="lead"), "5 points within 30 days")

    def test_a_rank_shows_the_share_of_the_customers_compared(self):
        rank = self.rank("order_amount", 50)
        self.assertEqual(self.hint(rank, points=41.5), "ahead of 83 % of customers")
        self.assertIn("ahead of 99 %", self.hint(rank, points=49.9), "the best has all the points")
        self.assertEqual(self.hint(rank, points=0, known=False), "")
        self.assertIn("ahead of 50 % of leads", self.hint(self.rank("expected_revenue"), 50, subject="lead"))

    def test_with_all_the_points_there_is_nothing_to_gain(self):
        self.assertEqual(self.hint(self.linear("order_count", points_max=5), points=5), "")

    def test_numbers_have_no_more_decimals_than_they_need(self):
        for value, digits, expected in (
            (40.0, 2, "40"), (86.65, 1, "86.7"), (86.65, 2, "86.65"), (0.5, 2, "0.5"), (0.04, 4, "0.04"),
            (1000.0, 2, "1,000"), (-2.5, 2, "-2.5"), (0.0, 2, "0"), (2.999999, 2, "3"),
        ):  # fmt: skip
            with self.subTest(value=value, digits=digits):
                self.assertEqual(format_number(self.env, value, digits), expected)
