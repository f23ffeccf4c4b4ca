from datetime import date, timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.query import Query

from .care_case import DAY, CareCase


@tagged("post_install", "-at_install")
class TestCare(CareCase):
    """When customers and leads are to be contacted next."""

    def test_sql_of_the_customers_a_cadence_covers(self):
        query = Query(self.env, "grading_profile")
        self.weekly.domain = "[('order_count', '>', 3)]"
        self.assertEqual(
            self.text_of(self.weekly._to_sql(query, DAY)),
            f'(grading_profile.grade_id = ANY(ARRAY[{self.gold.id}]) AND ("grading_profile"."order_count" > 3))',
        )
        self.weekly.grade_ids = False
        self.assertEqual(self.text_of(self.weekly._to_sql(query, DAY)), '"grading_profile"."order_count" > 3')

    def test_golden_sql_of_an_interval(self):
        self.assertEqual(
            self.text_of(self.env["grading.cadence"]._interval_to_sql()),
            "MAKE_INTERVAL(months => CASE cadence.interval_type WHEN 'month' THEN cadence.interval_number ELSE 0 END,"
            " days => CASE cadence.interval_type WHEN 'week' THEN 7 WHEN 'day' THEN 1 ELSE 0 END"
            " * cadence.interval_number)",
        )

    def test_sql_of_an_interval(self):
        for number, unit, days in ((3, "day", 3), (2, "week", 14), (1, "month", 31)):
            self.weekly.write({"interval_number": number, "interval_type": unit})
            self.env.flush_all()
            [[day]] = self.env.execute_query(
                SQL(
                    "SELECT (%s + %s)::date FROM grading_cadence AS cadence WHERE id = %s",
                    date(2026, 3, 4),
                    self.weekly._interval_to_sql(),
                    self.weekly.id,
                )
            )
            with self.subTest(unit=unit):
                self.assertEqual((day - date(2026, 3, 4)).days, days)
                self.assertEqual(date(2026, 3, 4) + self.weekly._interval(), day, "as Python reckons")

    def test_next_contact_is_an_interval_after_the_last_one(self):
        anna = self.known(last=DAY)
        self.look_after()
        care = self.care(anna)
        self.assertEqual((care.last_date, care.next_date, care.user_id), (DAY, self.after(7), self.seller))

    def test_a_customer_never_contacted_is_due_after_the_last_order_or_the_profile(self):
        bought = self.known("Bought", last_order_date=self.after(-3))
        fresh = self.known("Fresh")
        self.look_after()
        self.assertEqual(self.care(bought).next_date, self.after(4))
        self.assertEqual(self.care(fresh).next_date, self.after(7))

    def test_a_month_ends_where_the_month_ends_in_leap_years_too(self):
        self.weekly.write({"interval_number": 1, "interval_type": "month"})
        for last, following in (
            (date(2027, 1, 31), date(2027, 2, 28)),
            (date(2028, 1, 31), date(2028, 2, 29)),
            (date(2028, 2, 29), date(2028, 3, 29)),
            (date(2027, 12, 31), date(2028, 1, 31)),
        ):
            partner = self.known(f"After {last}", last=last)
            self.look_after(last)
            self.assertEqual(self.care(partner).next_date, following)

    def test_only_the_grades_and_the_customers_that_meet_the_filter_are_covered(self):
        self.weekly.domain = "[('order_count', '>', 3)]"
        anna = self.known("Anna", order_count=5)
        few = self.known("Few", order_count=2)
        silver = self.known("Silver", order_count=5, grade_id=self.silver.id)
        self.look_after()
        self.assertTrue(self.care(anna))
        self.assertFalse(self.care(few) or self.care(silver))
        self.measure(anna, grade_id=self.silver.id)
        self.look_after()
        self.assertFalse(self.care(anna))

    def test_a_second_time_nothing_is_new(self):
        self.known(last=DAY)
        lead = self.lead(user_id=self.seller.id, partner_id=self.customer("Lead's").id)
        self.measure(lead)
        self.assertEqual(self.look_after(), 2)
        self.assertEqual(self.look_after(), 0)

    def test_a_visit_counts_as_any_contact_and_a_call_as_an_online_one_and_never_the_reverse(self):
        visits = self.cadence("Visits", "visit", 2)
        calls = self.cadence("Calls", "call")
        anna = self.known(last=DAY, last_visit_date=self.after(-3), last_call_date=self.after(-4))
        bert = self.known("Bert", last=self.after(-5), last_visit_date=self.after(-3), last_call_date=self.after(-2))
        self.look_after()
        self.assertEqual(
            [self.care(anna, one).next_date for one in (self.weekly, calls)], [self.after(7), self.after(4)]
        )
        self.assertEqual(
            [self.care(bert, one).next_date for one in (self.weekly, calls)], [self.after(5), self.after(5)]
        )
        self.assertEqual(self.care(anna, visits).next_date, self.after(11))

    def test_each_channel_counts_for_itself_where_the_company_says_so(self):
        self.company.grading_visit_counts = False
        anna = self.known(last=self.after(-5), last_visit_date=self.after(-2), last_call_date=self.after(-1))
        self.look_after()
        self.assertEqual(self.care(anna).next_date, self.after(2))

    def test_what_is_counted_from_its_own_activity_is_not_postponed_by_other_contacts(self):
        offer = self.cadence("Offer", anchor="activity")
        anna = self.known(last=DAY)
        self.look_after()
        self.assertEqual(self.care(anna, offer).next_date, DAY)
        self.measure(anna, last_online_date=self.after(1))
        self.look_after(self.after(1))
        self.assertEqual(self.care(anna, offer).next_date, DAY)

    def test_profile_has_the_earliest_date_of_each_channel_and_of_all(self):
        self.cadence("Calls", "call", 3, "day")
        self.cadence("More Calls", "call", 2, "day")
        anna = self.known(last=DAY, last_call_date=DAY)
        self.look_after()
        profile = self.profile(anna)
        self.assertEqual(
            (profile.next_online_date, profile.next_call_date, profile.next_visit_date, profile.next_contact_date),
            (self.after(7), self.after(2), False, self.after(2)),
        )
        self.assertEqual(anna.grading_next_contact_date, self.after(2))
        self.assertEqual(self.env["res.partner"].search([("grading_next_call_date", "=", self.after(2))]), anna)

    def test_lost_won_and_archived_leads_and_archived_customers_are_not_covered(self):
        leads = [self.lead(name) for name in ("Open", "Lost", "Won", "Archived")]
        for lead in leads:
            self.measure(lead)
        anna = self.known()
        self.look_after()
        still_open, lost, won, archived = leads
        lost.action_set_lost()
        won.stage_id = self.won
        archived.active = False
        anna.active = False
        self.look_after()
        self.assertTrue(self.care(still_open))
        for subject in (lost, won, archived, anna):
            self.assertFalse(self.care(subject))
        self.assertFalse(self.profile(anna).next_contact_date)

    def test_a_prospect_is_covered_through_the_best_lead_and_shows_its_dates(self):
        prospect = self.customer("Prospect")
        lead = self.lead(partner_id=prospect.id)
        self.measure(lead, last_online_date=DAY)
        self.measure(prospect, order_count=0, best_lead_id=lead.id)
        self.look_after()
        self.assertTrue(self.care(lead))
        self.assertFalse(self.care(prospect))
        self.assertEqual(prospect.grading_next_contact_date, self.after(7))
        self.measure(prospect, order_count=1)
        self.look_after()
        self.assertTrue(self.care(prospect))

    def test_responsible_is_the_salesperson_the_team_leader_or_a_fixed_user(self):
        boss, clerk = self.salesman("boss"), self.salesman("clerk")
        self.team.user_id = boss
        self.env["crm.team.member"].create({"crm_team_id": self.team.id, "user_id": self.seller.id})
        led = self.cadence("Led", responsible_type="team_leader")
        fixed = self.cadence("Fixed", responsible_type="user", user_id=clerk.id)
        anna = self.known()
        lead = self.lead(user_id=clerk.id)
        self.measure(lead)
        self.look_after()
        self.assertEqual([self.care(anna, c).user_id for c in (self.weekly, led, fixed)], [self.seller, boss, clerk])
        self.assertEqual([self.care(lead, c).user_id for c in (self.weekly, led)], [clerk, boss])

    def test_a_lead_without_a_salesperson_is_that_of_its_customer(self):
        company = self.customer("Company", is_company=True)
        boss, contact = self.salesman("boss"), self.customer("Contact", parent_id=company.id, user_id=False)
        lead = self.lead(user_id=False, partner_id=contact.id)
        self.measure(lead)
        self.look_after()
        self.assertEqual(self.care(lead).user_id, self.seller)
        contact.user_id = boss
        self.look_after()
        self.assertEqual(self.care(lead).user_id, boss)

    def test_a_lead_in_the_public_pool_has_no_responsible_user(self):
        lead = self.lead(user_id=False, partner_id=self.customer("Anna").id)
        self.measure(lead)
        move = {"company_id": self.company.id, "team_id": self.team.id, "old_user_id": self.seller.id}
        self.env["grading.ownership"].create({**move, "lead_id": lead.id, "reason": "pooled", "date": DAY})
        self.look_after()
        self.assertFalse(self.care(lead).user_id)

    def test_a_user_who_has_left_or_is_not_of_the_company_is_not_responsible(self):
        stranger = self.salesman(
            "stranger",
            company_id=self.env.ref("base.main_company").id,
            company_ids=self.env.ref("base.main_company").ids,
        )
        gone = self.salesman("gone")
        anna, bert = self.known("Anna"), self.known("Bert")
        anna.user_id, bert.user_id = stranger, gone
        gone.active = False
        self.look_after()
        self.assertFalse(self.care(anna).user_id or self.care(bert).user_id)

    def test_a_cadence_gone_bad_leaves_its_dates_and_the_others_work(self):
        calls = self.cadence("Calls", "call", grade_ids=False)
        anna = self.known(last=DAY)
        self.look_after()
        self.force(self.weekly, domain="[('no_such_field', '=', 1)]")
        self.measure(anna, last_online_date=self.after(1), last_call_date=self.after(1))
        run = self.env["grading.run"]._rescore(as_of=self.after(1))
        self.assertEqual(run.state, "failed")
        self.assertIn("Weekly", run.message)
        self.assertEqual(self.care(anna).next_date, self.after(7))
        self.assertTrue(self.care(anna, calls))

    def test_the_run_measures_contacts_and_sets_the_dates(self):
        self.scheme([self.linear("order_amount")])
        anna = self.customer("Anna")
        self.order(anna, 500, DAY - timedelta(days=30))
        lead = self.lead(user_id=self.seller.id, partner_id=anna.id)
        self.message(lead, self.after(-2), "email", author_id=anna.id)
        self.rescore(self.after(0))
        self.assertEqual(self.care(anna).last_date, self.after(-2))
        self.assertEqual(anna.grading_next_contact_date, self.after(5))
        run = self.rescore(self.after(0))
        self.assertEqual(run.changed_count, 0)
        self.weekly.active = False
        self.rescore(self.after(0))
        self.assertFalse(self.care(anna))
        self.assertFalse(anna.grading_next_contact_date)

    def test_a_full_run_removes_contacts_of_customers_archived_by_sql(self):
        anna = self.known(last=DAY)
        self.look_after()
        self.force(anna, active=False)
        self.rescore(DAY)
        self.assertFalse(self.care(anna))

    def test_a_customer_who_becomes_a_contact_of_another_is_covered_there(self):
        company, anna = self.known("Company", last=DAY), self.known("Anna", last=DAY)
        company.is_company = True
        self.look_after()
        self.plan(self.after(9))
        self.assertTrue(self.activities(anna))
        anna.parent_id = company
        self.rescore(DAY, partners=anna)
        self.assertFalse(self.env["grading.care"].search([("partner_id", "=", anna.id)]))
        self.assertFalse(self.activities(anna))

    # ------------------------------------------------------------
    # What is refused
    # ------------------------------------------------------------

    def test_an_activity_that_would_not_keep_the_cadence_is_refused(self):
        with self.assert_refused("Weekly", "Ring", "Choose another", error=ValidationError):
            self.weekly.activity_type_id = self.call_type

    def test_an_unknown_placeholder_is_refused(self):
        with self.assert_refused("{nmae}", "{name}", error=ValidationError):
            self.weekly.summary = "Call {nmae}"
        with self.assert_refused("{last order}", "{last_order}", error=ValidationError):
            self.weekly.note = "<p>Last order {last order}</p>"

    def test_a_filter_that_cannot_be_used_is_refused(self):
        with self.assert_refused("Weekly", error=ValidationError):
            self.weekly.domain = "[('no_such_field', '=', 1)]"
