from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools.misc import format_date

from .glance_case import GlanceCase


@tagged("post_install", "-at_install")
class TestGlance(GlanceCase):
    """The page Grading reads as an answer: what, why, what next. The values are worked out by hand."""

    def day(self, day):
        return format_date(self.env, day)

    def test_what_the_grade_is_and_asks_for(self):
        what = self.glance()["what"]
        self.assertEqual(
            what["grade"],
            {
                "name": "Silver",
                "title": "the good",
                "color": 4,
                "strategy": "Visit them.",
                "effort": "20 % of the selling time",
            },
        )
        self.assertEqual((what["score"], what["trend"]), ("50", "same"))
        self.assertEqual(what["sentences"], ["Grade Silver: 50 of 1,010 points (scheme “Test scheme”)."])
        self.assertIsNone(what["stage"])

    def test_what_says_the_stage_and_what_to_do_in_it(self):
        self.env["grading.lifecycle"].create(
            {"name": "Buying", "domain": "[('order_count', '>', 0)]", "strategy": "<p>Go on.</p>"}
        )
        self.rescore()
        stage = self.glance()["what"]["stage"]
        self.assertEqual(stage["strategy"], "Go on.")
        self.assertIn("In the stage “Buying” since", stage["sentence"])

    def test_the_scale_has_the_score_and_where_each_grade_begins(self):
        scale = self.glance()["scale"]
        self.assertEqual((scale["score"], scale["max"], scale["label"]), (50, 1010, "50 of 1,010 points"))
        self.assertEqual(
            [(g["name"], g["start"]) for g in scale["grades"]], [("Bronze", 0), ("Silver", 10), ("Gold", 100)]
        )

    def test_why_goes_from_the_weightiest_criterion_down(self):
        why = self.glance()["why"]
        self.assertEqual(
            [(r["name"], self.plain(r["value"]), r["points"], r["percent"], r["weight"]) for r in why["rows"]],
            [
                ("Orders", "2 orders", "10 of 500", 2, 100),
                ("Money", "400 €", "40 of 500", 8, 100),
                ("Answers", "no data", "0 of 10", 0, 2),
            ],
        )
        self.assertEqual(why["scores"], ["Value 50 of 1,000", "Loyalty 0 of 10"])

    def test_a_rank_is_told_by_how_many_others_are_behind(self):
        for number in range(3):
            self.order(self.customer(f"Other {number}"), 10 * number + 1, self.last)
        self.scheme(criteria=[self.rank("order_amount", 40)], sequence=1)
        self.rescore()
        [row] = self.glance()["why"]["rows"]
        self.assertRegex(row["text"], r"^ahead of \d+ % of customers$")
        self.assertEqual(self.glance()["next"]["ways"], [], "Gala is ahead of all: there is nothing to gain")

    def test_what_next_counts_what_one_more_order_and_an_assessment_bring(self):
        following = self.glance()["next"]
        self.assertEqual(following["sentence"], "50 points to Gold, the best")
        self.assertEqual(
            [(self.plain(way["text"]), way["gain"]) for way in following["ways"]],
            [
                ("One more order like the others, of about 200 €", "about 25 points"),  # 5 and 0.1 × 200
                ("An assessment with the best answers", "up to 10 points"),
            ],
        )

    def test_points_that_are_missing_are_rounded_up_and_what_reads_as_none_is_no_way(self):
        profile = self.profile(self.gala)
        for score, sentence in ((99.96, "0.1 points"), (99.001, "1 point"), (98.96, "1.1 points")):
            self.force(profile, score=score)
            self.assertEqual(self.glance()["next"]["sentence"], f"{sentence} to Gold, the best")
        answers = self.rules.criterion_ids[2]
        points = {str(criterion.id): criterion.points_max for criterion in self.rules.criterion_ids}
        for given, gains in ((9.96, []), (9.95, ["up to 0.1 points"])):
            profile.points_detail = {**points, str(answers.id): given}
            ways = {way["text"]: way["gain"] for way in self.glance()["next"]["ways"]}
            self.assertEqual([gain for text, gain in ways.items() if "assessment" in text], gains)

    def test_points_have_one_decimal(self):
        profile, answers = self.profile(self.gala), self.rules.criterion_ids[2]
        profile.points_detail = {**profile.points_detail, str(answers.id): 1.87}
        self.assertEqual([row["points"] for row in self.glance()["why"]["rows"]][-1], "1.9 of 10")

    def test_at_the_best_grade_none_is_missing(self):
        self.order(self.gala, 1000, self.today)
        self.rescore()
        self.assertEqual(self.glance()["next"]["sentence"], "The best grade of the scheme is reached.")

    def test_ways_are_told_in_units_and_by_labels(self):
        self.scheme(
            criteria=[
                self.linear("referral_count", 2, points_max=20, name="Referrals"),
                self.band("brand_contribution", [(0, 0), (2, 1.5)], name="Brand"),
            ],
            sequence=1,
        )
        self.rescore()
        self.assertEqual(
            [(way["text"], way["gain"]) for way in self.glance()["next"]["ways"]],
            [
                ("Referrals: +2 points for each further referred customer", "up to 20 points"),
                ("Brand: 1.5 points from “National” on", "up to 1.5 points"),
            ],
        )

    def test_the_rhythm_never_expects_a_day_that_has_passed(self):
        rhythm = {row["label"]: row for row in self.glance()["rhythm"]["rows"]}
        self.assertEqual(rhythm["Last order"]["text"], f"{self.day(self.last)} (30 days ago)")
        self.assertEqual(rhythm["Rhythm"]["text"], "an order every 60 days")
        for interval in (1.4, 1, 0.3):
            self.profile(self.gala).sudo().average_order_interval = interval
            rows = {row["label"]: row["text"] for row in self.glance()["rhythm"]["rows"]}
            self.assertEqual(rows["Rhythm"], "an order every day")
        self.profile(self.gala).sudo().average_order_interval = 60
        ahead = self.last + timedelta(days=60)
        self.assertEqual(rhythm["Next order expected"]["text"], f"{self.day(ahead)} (in 30 days)")
        late = self.customer("Late")
        for days in (200, 150):
            self.order(late, 20, self.today - timedelta(days=days))
        self.rescore()
        rhythm = {row["label"]: row for row in self.glance(late)["rhythm"]["rows"]}
        self.assertNotIn("Next order expected", rhythm)
        passed = self.today - timedelta(days=100)
        self.assertEqual(rhythm["Next order was expected"]["text"], f"{self.day(passed)} (100 days ago)")

    def test_an_order_is_late_where_the_customer_counts_as_overdue(self):
        profile = self.profile(self.gala)
        for expected, declining, late in ((1, 2, False), (-5, 2, False), (-5, -2, True)):
            with self.subTest(expected=expected, declining=declining):
                profile.next_order_date = self.today + timedelta(days=expected)
                profile.decline_date = self.today + timedelta(days=declining)
                self.assertEqual(profile.is_overdue, late)
                [row] = [row for row in self.glance()["rhythm"]["rows"] if row["label"].startswith("Next order")]
                self.assertEqual(row["late"], late)
                self.assertEqual(row["label"], f"Next order {'expected' if expected > 0 else 'was expected'}")

    def test_a_day_is_told_with_its_distance(self):
        profile = self.profile(self.gala)
        for days, text in ((0, "today"), (1, "yesterday"), (-1, "tomorrow"), (2, "2 days ago"), (-2, "in 2 days")):
            with self.subTest(days=days):
                day = self.today - timedelta(days=days)
                self.assertEqual(profile._explain_day(day), f"{self.day(day)} ({text})")

    def test_amounts_go_back_two_years_month_by_month(self):
        start = self.today.replace(day=1) - relativedelta(months=23)
        self.order(self.gala, 7, start)
        self.order(self.gala, 1000, start - timedelta(days=1))
        amounts = self.glance()["amounts"]
        self.assertEqual(len(amounts["months"]), 24)
        self.assertEqual(amounts["months"][0]["amount"], 7)
        self.assertEqual(sum(month["amount"] for month in amounts["months"]), 407)
        self.assertEqual(self.plain(amounts["total"]), "407 €")
        self.assertEqual(self.plain(amounts["months"][0]["text"]), "7 €")

    def test_amounts_are_those_of_all_contacts_and_of_no_other_customer(self):
        person = self.customer("Person of Gala", parent_id=self.gala.id, active=False)
        self.order(person, 30, self.last)
        self.order(self.customer("Another"), 5000, self.last)
        self.assertEqual(self.plain(self.glance()["amounts"]["total"]), "430 €")

    def test_top_products_and_categories(self):
        tools, food = self.env["product.category"].create([{"name": "Tools"}, {"name": "Food"}])
        hammer, saw, bread = self.env["product.product"].create(
            [
                {"name": name, "type": "service", "categ_id": category.id, "taxes_id": False}
                for name, category in (("Hammer", tools), ("Saw", tools), ("Bread", food))
            ]
        )
        lines = [
            Command.create({"product_id": product.id, "price_unit": price, "tax_ids": False})
            for product, price in ((hammer, 50), (saw, 20), (bread, 30))
        ]
        sale = self.order(self.gala, 100, self.last, order_line=lines)
        self.force(sale, amount_untaxed=100)
        old = self.order(self.gala, 999, self.today - timedelta(days=800), order_line=[lines[2]])
        self.assertEqual(old.state, "sale")
        glance = self.glance()
        self.assertEqual(
            [(row["name"], self.plain(row["text"]), row["percent"]) for row in glance["products"]],
            [("Hammer", "50 €", 50), ("Bread", "30 €", 30), ("Saw", "20 €", 20)],
        )
        self.assertEqual([(row["name"], row["percent"]) for row in glance["categories"]], [("Tools", 70), ("Food", 30)])

    def test_open_leads_complaints_and_answers_are_links(self):
        lead = self.lead("Deal", partner_id=self.gala.id, expected_revenue=1500)
        lost = self.lead("Lost", partner_id=self.gala.id)
        lost.action_set_lost()
        complaint = self.env["grading.complaint"].create(
            {"partner_id": self.gala.id, "note": "Broken", "date_open": self.today - timedelta(days=20)}
        )
        answer = self.env["grading.assessment"].create(
            {"partner_id": self.gala.id, "satisfaction": 8, "recommendation": 9.5}
        )
        links = {kind["model"]: kind for kind in self.glance()["links"]}
        [row] = links["crm.lead"]["rows"]
        self.assertEqual((row["id"], row["name"], self.plain(row["text"])), (lead.id, "Deal", "1,500 €, New"))
        [row] = links["grading.complaint"]["rows"]
        self.assertEqual((row["id"], row["name"], row["late"]), (complaint.id, "Broken", True))
        self.assertIn("overdue since", row["text"])
        [row] = links["grading.assessment"]["rows"]
        self.assertEqual((row["id"], row["text"]), (answer.id, "Satisfaction 8 of 10, Recommendation 9.5 of 10"))

    def test_of_many_records_the_first_are_named_and_all_are_counted(self):
        for number in range(7):
            self.lead(f"Deal {number}", partner_id=self.gala.id, expected_revenue=number)
        [kind] = self.glance()["links"]
        self.assertEqual([row["name"] for row in kind["rows"]], [f"Deal {number}" for number in (6, 5, 4, 3, 2)])
        self.assertEqual(kind["count"], 7)
        self.assertEqual(self.env["crm.lead"].search_count(kind["domain"]), 7)

    def test_sections_without_data_are_left_out(self):
        prospect = self.customer("Prospect", willingness="3")
        self.lead_scheme()
        self.rescore()
        glance = self.glance(prospect)
        self.assertTrue(glance["what"]["grade"])
        for section in ("rhythm", "people"):
            self.assertIsNone(glance[section], section)
        self.assertFalse(glance.keys() & {"amounts", "products", "categories"})
        self.assertEqual(glance["links"], [])

    def test_a_contact_that_is_not_graded_has_none(self):
        self.assertIs(self.glance(self.customer("Nobody")), False)

    def test_a_customer_whom_no_scheme_covers_is_told_so(self):
        self.rules.domain = "[('order_count', '>', 5)]"
        self.rescore()
        glance = self.glance()
        self.assertIn("no active scheme covers this customer", glance["what"]["sentences"][0])
        self.assertIsNone(glance["what"]["score"])
        self.assertEqual([glance[name] for name in ("scale", "why", "next")], [None] * 3)
        self.assertTrue(glance["rhythm"] and glance["amounts"])

    def test_a_lead_has_what_applies(self):
        self.lead_scheme()
        lead = self.lead("Deal", partner_id=self.gala.id, willingness="3")
        other = self.lead("Other", partner_id=self.gala.id)
        self.rescore()
        glance = self.glance(lead)
        self.assertEqual(glance["what"]["grade"]["name"], lead.grading_grade_id.name)
        self.assertTrue(glance["scale"] and glance["why"] and glance["next"])
        self.assertFalse(glance.keys() & {"rhythm", "amounts", "products"})
        self.assertEqual([row["id"] for kind in glance["links"] for row in kind["rows"]], other.ids)

    def test_people_are_told_who_was_in_touch_and_who_is_to_be(self):
        call, visit = self.env["mail.activity.type"].create(
            [{"name": channel, "grading_channel": channel} for channel in ("call", "visit")]
        )
        cadence = self.env["grading.cadence"].create(
            {
                "name": "Every month",
                "channel": "visit",
                "interval_number": 1,
                "interval_type": "month",
                "activity_type_id": visit.id,
            }
        )
        self.gala.activity_schedule(activity_type_id=call.id, user_id=self.env.uid)._action_done()
        self.rescore()
        people = self.glance()["people"]
        [made] = people["made"]
        self.assertEqual(
            (made["channel"], made["day"], made["text"]),
            ("call", f"{self.day(self.today)} (today)", self.env.user.name),
        )
        [due] = people["due"]
        self.assertEqual((due["channel"], due["text"].partition(",")[0]), ("visit", cadence.name))
        self.force(
            self.env["grading.care"].search([("partner_id", "=", self.gala.id)]),
            next_date=self.today - timedelta(days=3),
        )
        [due] = self.glance()["people"]["due"]
        self.assertEqual((due["late"], due["day"]), (True, f"overdue since {self.day(self.today - timedelta(days=3))}"))

    def test_contacts_about_leads_that_are_hidden_are_left_out(self):
        seller = self.salesman("glance_people")
        self.message(self.lead("Secret", partner_id=self.gala.id, user_id=self.manager().id), self.today)
        self.message(self.lead("Open", partner_id=self.gala.id, user_id=seller.id), self.today - timedelta(days=2))
        days = [row["day"] for row in self.glance(user=seller)["people"]["made"]]
        self.assertEqual(days, [f"{self.day(self.today - timedelta(days=2))} (2 days ago)"])


@tagged("post_install", "-at_install")
class TestGainOfOrder(GlanceCase):
    """What one more order is said to bring is what the next run gives for it."""

    def test_the_gain_is_what_a_run_finds_after_the_order(self):
        self.gala.annual_budget = 2000
        self.scheme(
            sequence=1,
            criteria=[
                self.linear("order_count", 3),
                self.linear("order_count_12m", 3),
                self.linear("order_amount_12m", 0.07),
                self.linear("average_order_amount", 0.01),
                self.linear("last_order_date", -0.5, points_base=40),
                self.linear("first_order_date", 0.5),
                self.linear("order_months", 4),
                self.linear("order_day_count", 4),
                self.linear("average_order_interval", -0.3, points_base=90),
                self.linear("next_order_date", -0.2, points_base=90, points_min=-90),
                self.linear("faded_order_amount", 0.02),
                self.linear("share_of_budget", 60),
                self.linear("order_amount_change", 0.1),
                self.linear("purchase_probability", 80),
                self.rank("order_amount", 30),
                self.matching([("order_count", ">", 2)], 6),
            ],
        )
        self.order(self.gala, 140, self.today - timedelta(days=500))
        for number in range(4):
            self.order(self.customer(f"Other {number}"), 150 * number + 60, self.last)
        self.rescore()
        profile = self.profile(self.gala)
        rows, before = profile._explain_criteria(), profile.points_detail
        gains = profile._points_of_order(rows)
        self.assertGreater(len(gains), 10, "nearly every criterion is moved by an order")
        self.order(self.gala, profile.average_order_amount, self.today)
        with self.compared_as_before():
            self.rescore()
        after = self.profile(self.gala).points_detail
        for row in rows:
            criterion, key = row["criterion"], str(row["criterion"].id)
            with self.subTest(measure=criterion.measure or criterion.kind):
                self.assertAlmostEqual(gains.get(criterion, 0), after[key] - before[key], delta=0.011)
