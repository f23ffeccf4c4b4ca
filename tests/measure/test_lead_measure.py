import math
from datetime import date, datetime, timedelta

from odoo.tests import tagged
from odoo.tools.query import Query

from ...models.base.context import ByServer
from ..common import LeadCase

AS_OF = date(2025, 3, 10)


class MeasureCase(LeadCase):
    def measured(self, lead, as_of=AS_OF):
        self.rescore(as_of=as_of, leads=lead)
        return self.lead_profile(lead)

    def assert_unknown(self, profile, name):
        self.assertTrue(profile, "there is a profile that could know it")
        self.assertTrue(profile._is_unknown(name), f"{name} is {profile[name]}")


@tagged("post_install", "-at_install")
class TestLeadFields(MeasureCase):
    """What stands on the lead itself."""

    def test_what_a_salesperson_fills_in(self):
        lead = self.lead(willingness="4", date_deadline=AS_OF + timedelta(days=30), expected_revenue=1234.5)
        self.force(lead, automated_probability=37.5)
        self.assertRecordValues(
            self.measured(lead),
            [
                {
                    "willingness": "4",
                    "date_deadline": AS_OF + timedelta(days=30),
                    "expected_revenue": 1234.5,
                    "probability": 37.5,
                    "company_id": self.company.id,
                    "lead_id": lead.id,
                    "partner_id": False,
                }
            ],
        )

    def test_what_is_not_filled_in_is_unknown(self):
        profile = self.measured(self.lead())
        for name in ("willingness", "date_deadline", "last_contact_date", "engagement"):
            with self.subTest(measure=name):
                self.assert_unknown(profile, name)
        self.assertEqual((profile.contact_count_90d, profile.open_activity_count), (0, 0))
        self.assertFalse(profile._is_unknown("contact_count_90d") or profile._is_unknown("open_activity_count"))

    def test_leads_are_measured_where_no_scheme_grades_them(self):
        self.assertFalse(self.env["grading.scheme"].search([("subject", "=", "lead")]))
        profile = self.measured(self.lead(expected_revenue=10))
        self.assertEqual((profile.expected_revenue, profile.grade_id), (10, self.env["grading.grade"]))

    def test_the_odds_are_those_that_odoo_has_worked_out(self):
        lead = self.lead()
        lead.probability = 77
        self.force(lead, automated_probability=12.25)
        self.assertEqual(lead.probability, 77)
        self.assertEqual(self.measured(lead).probability, 12.25, "whatever was entered")

    def test_the_deadline_is_scored_by_days_since_and_full_months_since(self):
        lead = self.lead(date_deadline=AS_OF - timedelta(days=40))
        days = self.lead_scheme([self.linear("date_deadline", 1)])
        self.assertEqual(self.measured(lead).score, 40)
        days.criterion_ids.date_unit = "months"
        self.assertEqual(self.measured(lead).score, 1)
        lead.date_deadline = AS_OF + timedelta(days=20)
        days.criterion_ids.write({"date_unit": "days", "points_min": -100})
        self.assertEqual(self.measured(lead).score, -20)

    def test_willingness_is_scored_by_its_number(self):
        self.lead_scheme()
        for step in "12345":
            with self.subTest(step=step):
                self.assertEqual(self.measured(self.lead(willingness=step)).score, 10 * int(step))

    def test_a_lead_of_another_company_is_not_measured_here(self):
        other = self.new_company("Other Company")
        theirs = self.lead(company_id=other.id, team_id=False, stage_id=False)
        self.rescore(as_of=AS_OF)
        self.assertFalse(self.lead_profile(theirs))
        self.rescore(as_of=AS_OF, company=other)
        self.assertEqual(self.lead_profile(theirs).company_id, other)

    def test_a_lead_that_moves_to_another_company_takes_its_profile_along(self):
        other = self.new_company("Other Company")
        lead = self.lead(willingness="5")
        self.lead_scheme(company_id=False)
        profile = self.measured(lead)
        lines = profile.history_ids
        self.assertTrue(lines)
        lead.write({"company_id": other.id, "team_id": False})
        self.rescore(as_of=AS_OF, company=other)
        self.assertEqual((self.lead_profile(lead), profile.company_id, lines.company_id), (profile, other, other))


@tagged("post_install", "-at_install")
class TestStageProgress(MeasureCase):
    """How far a lead is on its team's way."""

    def progress(self, stage, team=None):
        lead = self.lead(team_id=(self.team if team is None else team).id, stage_id=stage.id)
        self.assertEqual(lead.stage_id, stage, "Odoo has put the lead elsewhere")
        return self.measured(lead).stage_progress

    def test_from_0_in_the_first_stage_to_100_when_won(self):
        stages = (self.new, self.talks, self.offer, self.won)
        self.assertEqual([self.progress(stage) for stage in stages], [0, 33.33, 66.67, 100])

    def test_stages_of_all_teams_are_on_the_way_of_each(self):
        demo = self.stage("Demo", 2)
        self.assertEqual([self.progress(stage) for stage in (self.talks, demo, self.offer)], [25, 50, 75])
        self.assertEqual(self.progress(self.won), 100)

    def test_stages_of_another_team_are_not_on_the_way(self):
        rivals = self.env["crm.team"].create({"name": "Rivals", "company_id": self.company.id})
        self.stage("Trial", 2, rivals)
        self.assertEqual(self.progress(self.offer), 66.67)

    def test_a_lead_in_a_stage_of_another_team_counts_by_its_place_in_the_order(self):
        rivals = self.env["crm.team"].create({"name": "Rivals", "company_id": self.company.id})
        early, late = self.stage("Early", 1, rivals), self.stage("Late", 90, rivals)
        leads = self.lead() | self.lead()
        for lead, stage in zip(leads, (early, late), strict=True):
            self.force(lead, stage_id=stage.id)  # Odoo's own screens would move it to a stage of its team
        self.assertEqual([self.measured(lead).stage_progress for lead in leads], [33.33, 100])

    def test_without_a_stage_that_wins_the_last_one_is_100(self):
        self.won.is_won = False
        stages = (self.new, self.talks, self.offer, self.won)
        self.assertEqual([self.progress(stage) for stage in stages], [0, 33.33, 66.67, 100])

    def test_a_way_of_one_stage_leads_nowhere(self):
        single = self.env["crm.team"].create({"name": "Single", "company_id": self.company.id})
        stage = self.stage("Alone", 1, single)
        self.assert_unknown(self.measured(self.lead(team_id=single.id, stage_id=stage.id)), "stage_progress")
        stage.is_won = True
        self.assertEqual(self.progress(stage, single), 100)

    def test_a_lead_without_a_stage_is_nowhere(self):
        lead = self.lead()
        self.force(lead, stage_id=None)
        self.assert_unknown(self.measured(lead), "stage_progress")

    def test_a_lead_without_a_team_goes_the_way_of_all_teams(self):
        first, second = self.stage("First", 1), self.stage("Second", 2)
        self.stage("Third", 3, is_won=True)
        none = self.env["crm.team"]
        self.assertEqual((self.progress(first, none), self.progress(second, none)), (0, 50))

    def test_equal_places_in_the_order_go_by_age(self):
        twin = self.stage("Talks too", 2, self.team)
        self.assertEqual((self.progress(self.talks), self.progress(twin)), (25, 50))

    def test_two_stages_that_win_are_both_100(self):
        renewal = self.stage("Renewed", 9, self.team, is_won=True)
        self.assertEqual([self.progress(stage) for stage in (self.offer, self.won, renewal)], [66.67, 100, 100])


@tagged("post_install", "-at_install")
class TestWonLead(MeasureCase):
    """A lead that was won stays scored as on the day on which it was won."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead_scheme(
            [
                cls.linear("date_deadline", 1, points_base=100),
                cls.linear("engagement", 1),
                cls.linear("contact_count_90d", 1),
                cls.linear("last_contact_date", 1),
            ]
        )
        cls.opportunity = cls.lead(date_deadline=AS_OF + timedelta(days=20))
        for ago in (3, 60, 89):
            cls.message(cls.opportunity, AS_OF - timedelta(days=ago))

    def test_days_that_pass_change_nothing_and_write_nothing(self):
        self.win(self.opportunity, AS_OF)
        profile = self.measured(self.opportunity)
        self.assertEqual((profile.closed_date, profile.stage_progress, profile.contact_count_90d), (AS_OF, 100, 3))
        score, points = profile.score, profile.points_detail
        for days in (1, 30, 400):
            run = self.rescore(as_of=AS_OF + timedelta(days=days))
            self.assertEqual((run.changed_count, profile.score, profile.points_detail), (0, score, points))

    def test_engagement_of_an_open_lead_decays(self):
        before = self.measured(self.opportunity).score
        after = self.measured(self.opportunity, AS_OF + timedelta(days=30))
        self.assertNotEqual(after.score, before)
        self.assertEqual(after.contact_count_90d, 2 - 1)

    def test_contacts_after_the_signature_do_not_count(self):
        self.win(self.opportunity, AS_OF)
        self.message(self.opportunity, AS_OF + timedelta(days=1))
        profile = self.measured(self.opportunity, AS_OF + timedelta(days=5))
        self.assertEqual((profile.contact_count_90d, profile.last_contact_date), (3, AS_OF - timedelta(days=3)))

    def test_the_day_is_that_of_the_company(self):
        self.win(self.opportunity, AS_OF)
        self.force(self.opportunity, date_closed=datetime(2025, 3, 10, 23, 30))
        self.assertEqual(self.measured(self.opportunity, AS_OF + timedelta(days=5)).closed_date, date(2025, 3, 11))

    def test_what_is_shown_is_what_was_scored(self):
        self.win(self.opportunity, AS_OF - timedelta(days=30))
        profile = self.measured(self.opportunity)
        [points] = [
            profile.points_detail[str(c.id)] for c in profile.scheme_id.criterion_ids if c.measure == "engagement"
        ]
        self.assertGreater(points, 0)
        self.assertAlmostEqual(profile.engagement, points, delta=0.01)

    def test_a_reopened_lead_is_scored_by_today_again(self):
        self.win(self.opportunity, AS_OF)
        frozen = self.measured(self.opportunity).score
        self.opportunity.stage_id = self.offer
        profile = self.measured(self.opportunity, AS_OF + timedelta(days=10))
        self.assertFalse(profile.closed_date)
        self.assertNotEqual(profile.score, frozen)


@tagged("post_install", "-at_install")
class TestSqlOfLeadMeasures(LeadCase):
    def value(self, name, date_unit="days"):
        criterion = self.linear(name, date_unit=date_unit)
        record = self.lead_scheme([criterion]).criterion_ids
        return self.env.cr.mogrify(record._value_to_sql(AS_OF)).decode()

    def test_choices_count_by_their_number(self):
        self.assertEqual(self.value("willingness"), '"grading_profile"."willingness"::int')

    def test_numbers_count_as_they_are(self):
        for name in ("stage_progress", "expected_revenue", "probability", "contact_count_90d", "open_activity_count"):
            self.assertEqual(self.value(name), f'"grading_profile"."{name}"')

    def test_dates_count_to_the_day_on_which_the_lead_was_won(self):
        today = 'LEAST(DATE \'2025-03-10\'::date, "grading_profile"."closed_date")'
        for name in ("date_deadline", "last_contact_date"):
            self.assertEqual(self.value(name), f'({today} - "grading_profile"."{name}")')
        days = f'({today} - "grading_profile"."date_deadline")'
        self.assertEqual(self.value("date_deadline", "months"), f"({days} * 12 / 365)")

    def test_engagement_counts_in_what_it_is_worth_on_that_day(self):
        column = '"grading_profile"."engagement_log"'
        day = 'LEAST(DATE \'2025-03-10\'::date, "grading_profile"."closed_date")'
        decay = math.log(2) / self.company.grading_half_life_days
        self.assertEqual(
            self.value("engagement"),
            f"CASE WHEN {column} IS NOT NULL THEN EXP(GREATEST( -700, LEAST(700, {column} - "
            f"(({day} - DATE '2020-01-01') * {decay!r}::float8)))) END",
        )

    def test_a_filter_on_the_lead_of_a_prospect_reads_the_best_lead(self):
        criterion = self.lead_scheme([self.matching([("lead_id.type", "=", "lead")], 1)]).criterion_ids
        sql = {}
        for through in (False, ByServer.YES):
            query = Query(self.env, "grading_profile")
            condition = criterion.with_context(grading_through_lead=through)._domain_to_sql(query, AS_OF)
            sql[through] = self.env.cr.mogrify(query.from_clause).decode() + self.env.cr.mogrify(condition).decode()
        self.assertIn('"lead_id"', sql[False])
        self.assertNotIn("best_lead_id", sql[False])
        self.assertIn('"best_lead_id"', sql[ByServer.YES])
        self.assertNotIn('"grading_profile"."lead_id"', sql[ByServer.YES])
