from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import html2plaintext

from ..common import GradingCase


@tagged("post_install", "-at_install")
class TestExplanation(GradingCase):
    """The page Grading explains why, and what is missing; never by computing it anew."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.buyer = cls.customer("Buyer")
        cls.order(cls.buyer, 40, cls.today - timedelta(days=12))

    def text(self, partner=None):
        return " ".join(html2plaintext((partner or self.buyer).grading_explanation or "").split())

    def test_criteria_values_and_points_of_the_most(self):
        self.scheme(
            criteria=[
                self.band("order_count", [(1, 5), (3, 10)], name="How often"),
                self.linear("last_order_date", -0.5, name="How lately", points_base=20, points_max=20),
                self.linear("average_days_late", name="How late", points_if_none=1, points_max=4),
                self.matching([("partner_id.email", "!=", False)], 3, name="Has an address"),
            ]
        )
        self.rescore()
        rows = {row["name"]: row for row in self.profile(self.buyer)._explanation()["rows"]}
        self.assertEqual((rows["How often"]["value"], rows["How often"]["points"]), ("1 order", 5))
        self.assertEqual((rows["How often"]["points_max"], rows["How often"]["percent"]), (10, 50))
        self.assertIn("10 points from 3 orders on", rows["How often"]["hint"])
        self.assertIn("12 days ago", rows["How lately"]["value"])
        self.assertEqual(rows["How lately"]["points"], 14)
        self.assertEqual(rows["How late"]["value"], "no data")
        self.assertEqual(rows["Has an address"]["points"], 0)
        self.assertIn("How often", self.text())

    def test_how_far_satisfaction_lies_from_expectation_is_said_in_words(self):
        self.scheme(criteria=[self.linear("satisfaction_gap", 1, name="Expectation met")])
        told = {5: "as expected", 7: "2 above expectation", 3.5: "1.5 below expectation"}
        for satisfaction, text in told.items():
            with self.subTest(satisfaction=satisfaction):
                self.env["grading.assessment"].search([("partner_id", "=", self.buyer.id)]).unlink()
                self.env["grading.assessment"].create(
                    {
                        "partner_id": self.buyer.id,
                        "company_id": self.company.id,
                        "expectation": 5,
                        "satisfaction": satisfaction,
                    }
                )
                self.rescore()
                [row] = self.profile(self.buyer)._explanation()["rows"]
                self.assertEqual(row["value"], text)

    def test_where_less_is_better_the_hint_says_so(self):
        self.scheme(criteria=[self.band("last_order_date", [(0, 5), (10, 3), (50, 0)], name="How lately")])
        self.rescore()
        [row] = self.profile(self.buyer)._explanation()["rows"]
        self.assertEqual((row["points"], row["hint"]), (3, "5 points when less than 10 days ago"))

    def test_what_is_missing_for_the_next_grade(self):
        self.scheme()
        self.rescore()
        self.assertIn("Grade Silver: 40 of 1,000 points (scheme “Test scheme”).", self.text())
        self.assertIn("Missing for Gold: 60 points", self.text())
        self.order(self.buyer, 100, self.today)
        self.rescore()
        self.assertNotIn("Missing", self.text())

    def test_what_is_missing_when_grades_begin_with_the_best_percent(self):
        self.order(best := self.customer("Best"), 100, self.today)
        self.scheme(
            criteria=[self.linear("order_amount")],
            thresholds=[(self.gold, 50), (self.bronze, 100)],
            threshold_mode="rank",
        )
        self.rescore()
        self.assertEqual(best.grading_grade_id, self.gold)
        self.assertIn("Missing for Gold: 60 points", self.text())

    def test_a_true_zero_differs_from_no_data(self):
        self.order(self.buyer, 40, self.today - timedelta(days=12))
        self.scheme(criteria=[self.linear("average_order_interval", name="Rhythm"), self.linear("share_of_budget")])
        self.rescore()
        rows = self.profile(self.buyer)._explanation()["rows"]
        self.assertEqual([row["value"] for row in rows], ["0 days", "no data"])

    def test_not_graded_says_why(self):
        self.scheme(domain="[('order_count', '>', 5)]")
        self.rescore()
        self.assertIn("no active scheme covers this customer", self.text())

    def test_an_override_and_a_pending_drop_are_explained(self):
        self.scheme(grace_days=10)
        self.order(self.buyer, 100, self.today)
        self.rescore()
        self.env["sale.order"].search(
            [("partner_id", "=", self.buyer.id), ("amount_untaxed", "=", 100)]
        ).state = "cancel"
        self.rescore()
        self.assertIn("The score has been in the Silver range since", self.text())
        self.profile(self.buyer)._override(self.bronze, "Moved <b>abroad</b>", self.today + timedelta(days=3))
        self.assertIn(f"Set to Bronze by {self.env.user.name}: “Moved <b>abroad</b>” (until", self.text())
        self.assertNotIn("The score has been", self.text())

    def test_the_hint_of_a_day_ahead_counts_in_days_ahead(self):
        steps = [(-9999, 2), (-180, 6), (-30, 25), (1, 8), (31, 0)]
        self.scheme(
            criteria=[self.band("date_deadline", steps, name="How soon")], thresholds=[(self.gold, 0)], subject="lead"
        )
        for days, hint in (
            (1000, "6 points within 180 days"),
            (90, "25 points within 30 days"),
            (-40, "25 points within 30 days"),
        ):
            with self.subTest(days=days):
                lead = self.env["crm.lead"].create(
                    {
                        "name": "Deal",
                        "company_id": self.company.id,
                        "team_id": False,
                        "user_id": False,
                        "date_deadline": self.today + timedelta(days=days),
                    }
                )
                lead.company_id = self.company
                self.env["grading.run"]._rescore(leads=lead)
                self.assertIn(hint, " ".join(html2plaintext(lead.grading_explanation).split()))

    def test_reading_it_writes_nothing(self):
        self.scheme()
        self.rescore()
        self.env.cr.execute("SELECT xmin, cmin FROM grading_profile WHERE partner_id = %s", [self.buyer.id])
        before = self.env.cr.fetchall()
        self.text()
        self.env.flush_all()
        self.env.cr.execute("SELECT xmin, cmin FROM grading_profile WHERE partner_id = %s", [self.buyer.id])
        self.assertEqual(self.env.cr.fetchall(), before)
