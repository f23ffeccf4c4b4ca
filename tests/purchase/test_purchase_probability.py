from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .chance_case import ChanceCase, chance
from .test_purchase_model import AS_OF


@tagged("post_install", "-at_install")
class TestPurchaseProbability(ChanceCase):
    """The probability and the dates of customers, as runs, rules and people see them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.regular, cls.rare, cls.stranger = (cls.customer(name) for name in ("Regular", "Rare", "Stranger"))
        for days in range(0, 300, 30):
            cls.order(cls.regular, 10, AS_OF - timedelta(days))
        cls.order(cls.rare, 10, AS_OF - timedelta(400))
        cls.stranger.customer_rank = 1

    def watch(self, **domains):
        """Stages of the life cycle by name."""
        return self.env["grading.lifecycle"].create(
            [
                {"name": name, "sequence": place, "domain": str(domain)}
                for place, (name, domain) in enumerate(domains.items())
            ]
        )

    def row(self, partner):
        [row] = self.profile(partner).read(["decline_date", "lost_date", "lifecycle_id", "score", "write_date"])
        return row

    def test_the_first_run_fits_the_model_and_sets_the_days_of_customers_with_orders(self):
        self.scheme()
        self.rescore(as_of=AS_OF, partners=self.rare)
        self.assertEqual((self.Model._current().method, self.Model._current().date), ("interval", AS_OF))
        self.assertGreater(self.profile(self.regular).lost_date, self.profile(self.regular).decline_date)
        self.assertFalse(self.profile(self.stranger).lost_date)

    def test_a_run_over_a_few_customers_leaves_the_model_as_it_is(self):
        self.scheme()
        self.rescore(as_of=AS_OF)
        model = self.Model._current()
        self.rescore(as_of=AS_OF + timedelta(30), partners=self.rare)
        self.assertEqual(self.Model._current(), model)
        self.rescore(as_of=AS_OF + timedelta(30))
        self.assertEqual(self.Model._current().date, AS_OF + timedelta(30))

    def test_the_model_is_fitted_once_a_week(self):
        self.scheme([self.linear("decline_date", 0.1)])
        for days in (0, 1, 6, 7, 8):
            self.rescore(as_of=AS_OF + timedelta(days))
        dates = self.Model.search([("company_id", "=", self.company.id)]).mapped("date")
        self.assertEqual(dates, [AS_OF + timedelta(7), AS_OF])

    def test_a_night_that_passes_writes_no_row(self):
        self.scheme()
        self.watch(Lost=[("lost_date", "<=", "today")], Decline=[("decline_date", "<=", "today")], Normal=[])
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.rescore(as_of=AS_OF + timedelta(1)).changed_count, 0)

    def test_silence_takes_a_customer_from_stage_to_stage_on_the_very_days(self):
        self.scheme()
        lost, decline, normal = self.watch(
            Lost=[("lost_date", "<=", "today")], Decline=[("decline_date", "<=", "today")], Normal=[]
        )
        self.rescore(as_of=AS_OF)
        row = self.row(self.regular)
        for day, stage in (
            (row["decline_date"] - timedelta(1), normal),
            (row["decline_date"], decline),
            (row["lost_date"] - timedelta(1), decline),
            (row["lost_date"], lost),
        ):
            self.rescore(as_of=day, partners=self.regular)
            self.assertEqual(self.profile(self.regular).lifecycle_id, stage, day)

    def test_an_order_moves_the_dates_and_a_few_customers_are_scored_as_among_all(self):
        self.scheme([self.linear("lost_date", -0.1, points_base=50), self.linear("purchase_probability", 100)])
        self.rescore(as_of=AS_OF)
        before = self.row(self.rare)
        self.order(self.rare, 10, AS_OF)
        self.rescore(as_of=AS_OF, partners=self.rare)
        alone = self.row(self.rare)
        self.assertGreater(alone["lost_date"], before["lost_date"])
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.row(self.rare), alone)

    def test_the_probability_gives_points_by_steps_and_by_unit_on_the_day_of_the_run(self):
        self.scheme([self.band("purchase_probability", [(0, 1), (0.5, 7)]), self.linear("purchase_probability", 100)])
        for day in (AS_OF, AS_OF + timedelta(200)):
            self.rescore(as_of=day)
            expected = chance(self.Model._current(), 10, 270, (day - AS_OF).days)
            self.assertEqual(self.profile(self.regular).score, round((7 if expected >= 0.5 else 1) + 100 * expected, 2))
            self.assertEqual(self.profile(self.stranger).score, 0)

    def test_customers_cannot_be_ranked_by_the_probability(self):
        with self.assert_refused("Test scheme", "Probability to buy", "choose steps", error=ValidationError):
            self.scheme([self.rank("purchase_probability")])

    def test_customers_are_ranked_by_the_day_on_which_they_are_lost(self):
        self.scheme([self.rank("lost_date")])
        self.rescore(as_of=AS_OF)
        self.assertGreater(self.profile(self.regular).score, self.profile(self.rare).score)

    def test_a_rule_that_asks_for_the_probability_has_it_on_the_day_of_the_run(self):
        self.scheme([self.matching([("purchase_probability", ">", 0.5)], 10)])
        self.rescore(as_of=AS_OF)
        points = [self.profile(partner).score for partner in (self.regular, self.rare, self.stranger)]
        self.assertEqual(points, [10, 0, 0])
        self.rescore(as_of=AS_OF + timedelta(300))
        self.assertEqual(self.profile(self.regular).score, 0)

    def test_the_probability_is_seen_found_sorted_and_averaged(self):
        self.scheme([self.linear("purchase_probability")])
        self.rescore(as_of=AS_OF)
        Profile = self.env["grading.profile"].with_context(grading_as_of=AS_OF)
        regular, rare, stranger = (
            self.profile(partner).with_env(Profile.env) for partner in (self.regular, self.rare, self.stranger)
        )
        all_three = regular + rare + stranger
        values = [chance(self.Model._current(), 10, 270, 0), chance(self.Model._current(), 1, 0, 400)]
        for profile, value in zip(all_three, values, strict=False):
            self.assertAlmostEqual(profile.purchase_probability, value, 12)
        self.assertIs(stranger.purchase_probability, False)
        ours = [("id", "in", all_three.ids)]
        limit = sum(values) / 2
        self.assertEqual(Profile.search([*ours, ("purchase_probability", ">", limit)]), regular)
        self.assertEqual(Profile.search([*ours, ("purchase_probability", "<=", limit)]), rare)
        self.assertEqual(Profile.search(ours, order="purchase_probability DESC NULLS LAST"), all_three)
        [[average]] = Profile._read_group(ours, [], ["purchase_probability:avg"])
        self.assertAlmostEqual(average, limit, 12)
        with self.assert_refused("Probability to Buy", error=UserError):
            Profile.search([("purchase_probability", "=", 0.5)])

    def test_the_customers_of_each_company_are_predicted_by_its_own_model(self):
        self.scheme([self.linear("purchase_probability")])
        self.rescore(as_of=AS_OF)
        other = self.new_company("Other Company", grading_horizon_days=7)
        self.scheme([self.linear("purchase_probability")], company_id=other.id)
        self.order(self.regular, 10, AS_OF, company_id=other.id)
        self.rescore(as_of=AS_OF, company=other)
        here, there = self.profile(self.regular), self.profile(self.regular, other)
        profiles = (here + there).with_context(grading_as_of=AS_OF)
        theirs = self.Model.with_company(other)._current()
        expected = [chance(self.Model._current(), 10, 270, 0), chance(theirs, 1, 0, 0)]
        for profile, value in zip(profiles, expected, strict=True):
            self.assertAlmostEqual(profile.purchase_probability, value, 12)
        ours = [("id", "in", profiles.ids)]
        self.assertEqual(profiles.search([*ours, ("purchase_probability", "<", sum(expected) / 2)]), there)

    def test_a_model_of_another_company_stops_no_user_of_one(self):
        self.scheme([self.linear("purchase_probability")])
        self.rescore(as_of=AS_OF)
        other = self.new_company("Other Company")
        self.scheme([self.linear("purchase_probability")], company_id=other.id)
        self.order(self.regular, 10, AS_OF, company_id=other.id)
        self.rescore(as_of=AS_OF, company=other)
        self.assertTrue(self.Model.with_company(other)._current())
        for user in (self.salesman(), self.manager("of_one", company_ids=self.company.ids)):
            partners = self.env["res.partner"].with_user(user)
            profiles = self.env["grading.profile"].with_user(user)
            mine = [("partner_id", "=", self.regular.id)]
            with self.subTest(user=user.login):
                profile = profiles.search([*mine, ("purchase_probability", ">=", 0)])
                self.assertEqual(profile.company_id, self.company)
                self.assertGreaterEqual(profile.purchase_probability, 0)
                self.assertTrue(profile.explanation)
                self.assertEqual(profiles.search(mine, order="purchase_probability desc"), profile)
                self.assertTrue(profiles._read_group(mine, [], ["purchase_probability:avg"]))
                found = [("id", "=", self.regular.id), ("grading_purchase_probability", ">=", 0)]
                self.assertEqual(partners.search(found, order="grading_purchase_probability"), self.regular)

    def test_a_lead_of_no_company_is_explained_to_users_of_any(self):
        other = self.new_company("Other Company")
        self.scheme([self.linear("willingness", 10, dimension="intent")], subject="lead", company_id=False)
        lead = self.lead(company_id=False, willingness="5")
        company = self.env["crm.lead"]._grading_first_company()
        self.env["grading.run"].with_company(company)._rescore(leads=lead)
        user = self.manager("of_other", company_id=other.id, company_ids=other.ids)
        lead = lead.with_user(user).with_context(allowed_company_ids=other.ids)
        self.assertTrue(lead.grading_profile_id.explanation)
        self.assertTrue(lead.grading_explanation)
        self.assertNotIn(lead.grading_profile_id.sudo().company_id, user.company_ids)
        [row] = lead.grading_profile_id.search_read([("lead_id", "=", lead.id)])  # each field
        self.assertGreaterEqual(row.keys(), {"purchase_probability", "faded_order_amount", "last_order_date"})

    def test_a_profile_that_is_not_saved_yet_has_no_probability(self):
        self.model()
        profile = self.env["grading.profile"].new({"partner_id": self.rare.id, "order_count": 3})
        self.assertIs(profile.purchase_probability, False)

    def test_the_explanation_shows_the_probability_and_the_days(self):
        scheme = self.scheme(
            [self.linear("purchase_probability"), self.linear("lost_date", -0.01, points_base=100)], name="Foreseen"
        )
        self.rescore(as_of=AS_OF)
        self.assertEqual(scheme.criterion_ids.mapped("measure"), ["purchase_probability", "lost_date"])
        regular, stranger = self.profile(self.regular).with_context(grading_as_of=AS_OF), self.profile(self.stranger)
        probability, lost = (row["value"] for row in regular._explain_criteria())
        self.assertEqual(probability, f"{100 * regular.purchase_probability:.0f} %")
        self.assertIn(str(regular.lost_date.year), lost)
        self.assertEqual([row["value"] for row in stranger._explain_criteria()], ["no data", "no data"])

    def test_a_portal_user_reads_neither_the_probability_nor_the_dates(self):
        self.scheme([self.linear("purchase_probability")])
        self.rescore(as_of=AS_OF)
        portal = self.portal()
        with self.assertRaises(AccessError):
            self.profile(self.regular).with_user(portal).read(["purchase_probability"])
        with self.assertRaises(AccessError):
            self.env["grading.profile"].with_user(portal).search([("purchase_probability", ">", 0)])

    # ------------------------------------------------------------
    # Settings
    # ------------------------------------------------------------

    def test_a_horizon_out_of_range_is_refused(self):
        for days in (6, 731):
            with self.assert_refused("Graded Company", str(days), "7", "730", error=ValidationError):
                self.company.grading_horizon_days = days

    def test_limits_that_make_no_sense_are_refused(self):
        for decline, lost in ((50, 50), (20, 30), (100, 15), (50, 0)):
            with self.assert_refused("Graded Company", str(decline), str(lost), error=ValidationError):
                self.company.write({"grading_decline_percent": decline, "grading_lost_percent": lost})

    def test_other_limits_open_a_full_run_that_moves_the_dates_and_keeps_the_model(self):
        self.scheme([self.linear("lost_date", 0.1)])
        self.rescore(as_of=AS_OF)
        before, model = self.row(self.regular), self.Model._current()
        open_runs = [("company_id", "=", self.company.id), ("state", "=", "running"), ("scope", "=", "full")]
        self.env["grading.run"].search(open_runs).unlink()
        self.company.grading_lost_percent = 5
        self.assertEqual(self.env["grading.run"].search_count(open_runs), 1)
        self.rescore(as_of=AS_OF)
        self.assertGreater(self.row(self.regular)["lost_date"], before["lost_date"])
        self.assertEqual(self.row(self.regular)["decline_date"], before["decline_date"])
        self.assertEqual(self.Model._current(), model)
