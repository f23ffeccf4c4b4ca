from datetime import date, timedelta

from lxml import etree

from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .care_case import DAY, CareCase


@tagged("post_install", "-at_install")
class TestOverdueContacts(CareCase):
    """Gold is contacted online every week: after two weeks without any contact such a customer is overdue."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.scheme(name="Service")
        cls.anna = cls.known("Anna", last=DAY - timedelta(days=15), scheme_id=cls.service.id)

    def overdue(self, today=DAY):
        self.look_after(min(today, DAY))
        self.env.invalidate_all()  # as on another day
        with freeze_time(f"{today} 12:00:00"):
            Care = self.env["grading.care"].with_context(tz="Europe/Brussels")
            care = Care.search([("is_neglected", "=", True)])
            self.assertEqual(care, Care.search([]).filtered("is_neglected"), "as it is searched so it is shown")
            self.assertEqual(Care.search([("is_neglected", "=", False)]), Care.search([]) - care)
        return care

    # ------------------------------------------------------------
    # Golden SQL
    # ------------------------------------------------------------

    def test_sql_of_the_last_contact_of_any_kind(self):
        self.assertEqual(
            self.text_of(self.env["grading.profile"]._last_contact_to_sql("profile")),
            'GREATEST("profile"."last_online_date", "profile"."last_call_date", "profile"."last_visit_date")',
        )

    def test_sql_of_the_day_since_which_there_was_no_contact(self):
        self.assertEqual(
            self.text_of(self.env["grading.profile"]._silent_since_to_sql("profile")),
            'COALESCE(GREATEST("profile"."last_online_date", "profile"."last_call_date", "profile"."last_visit_date"), '
            '"profile"."last_order_date", '
            "(\"profile\".\"create_date\" AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Brussels')::date)",
        )

    def test_sql_of_an_overdue_contact(self):
        Care = self.env["grading.care"]
        with freeze_time(DAY):
            self.assertEqual(
                self.text_of(Care._neglected_to_sql("care")),
                f'("care"."id" = ( SELECT overdue.id FROM grading_profile AS profile'
                f" CROSS JOIN LATERAL ( {self.text_of(Care._overdue_select())} ) AS overdue"
                f' WHERE profile.id = "care"."profile_id" AND overdue.overdue_date <= \'2026-03-04\'::date ) IS TRUE)',
            )

    def test_sql_of_when_a_contact_is_overdue(self):
        interval = self.text_of(self.env["grading.cadence"]._interval_to_sql())
        since = self.text_of(self.env["grading.profile"]._silent_since_to_sql("profile"))
        self.assertEqual(
            self.text_of(self.env["grading.care"]._overdue_select(condition=SQL("cadence.id > 7"))),
            f"SELECT own.id, own.channel, silent.since, (silent.since + 2 * {interval})::date + 1 AS overdue_date"
            " FROM grading_care AS own JOIN grading_cadence AS cadence ON cadence.id = own.cadence_id"
            f" CROSS JOIN LATERAL (SELECT GREATEST({since}, NULL) AS since) AS silent"
            " WHERE own.profile_id = profile.id AND cadence.active AND cadence.anchor = 'contact' AND cadence.id > 7"
            f" ORDER BY {interval}, own.id LIMIT 1",
        )

    # ------------------------------------------------------------
    # The attention list
    # ------------------------------------------------------------

    def test_a_customer_without_contact_for_more_than_two_intervals_is_overdue(self):
        self.assertEqual(self.overdue().partner_id, self.anna)
        self.assertEqual(self.overdue().contact_date, DAY - timedelta(days=15))

    def test_a_customer_contacted_exactly_two_intervals_ago_is_not_overdue(self):
        self.measure(self.anna, last_online_date=DAY - timedelta(days=14))
        self.assertFalse(self.overdue())
        self.assertTrue(self.overdue(DAY + timedelta(days=1)))

    def test_any_contact_will_do(self):
        self.measure(self.anna, last_visit_date=DAY - timedelta(days=3))
        self.assertFalse(self.overdue())
        self.measure(self.anna, last_visit_date=None, last_call_date=DAY - timedelta(days=3))
        self.assertFalse(self.overdue())

    def test_every_grade_counts_and_the_best_comes_first(self):
        self.weekly.grade_ids += self.silver
        bert = self.known("Bert", last=DAY - timedelta(days=30), scheme_id=self.service.id, grade_id=self.silver.id)
        self.assertEqual(self.overdue().partner_id, self.anna | bert)
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_care_action_neglected")
        self.assertIn("search_default_neglected", action["context"])
        self.assertNotIn("best", action["context"], "what is left out must be a filter that one sees")
        view = self.env.ref("customer_grading.grading_care_view_list_neglected")
        arch = etree.fromstring(self.env["grading.care"].get_view(view.id, "list")["arch"])
        found = self.env["grading.care"].search([("id", "in", self.overdue().ids)], order=arch.get("default_order"))
        self.assertEqual([care.partner_id for care in found], [self.anna, bert])

    def test_a_filter_shows_the_best_grade_of_each_scheme_alone(self):
        self.weekly.grade_ids += self.silver
        bert = self.known("Bert", last=DAY - timedelta(days=30), scheme_id=self.service.id, grade_id=self.silver.id)
        Care = self.env["grading.care"].with_user(self.manager())
        self.look_after()
        ours = [("company_id", "=", self.company.id)]
        for best, rest in ((self.anna, bert), (bert, self.anna.browse())):
            self.assertEqual(Care.search([*ours, ("is_best_grade", "=", True)]).partner_id, best)
            self.assertEqual(Care.search(ours).filtered("is_best_grade").partner_id, best)
            self.assertTrue(rest <= Care.search([*ours, ("is_best_grade", "=", False)]).partner_id)
            self.service.threshold_ids.filtered(lambda threshold: threshold.grade_id == self.gold).unlink()

    def test_leads_of_the_best_grade_count_as_customers_do(self):
        lead = self.lead("Hers", user_id=self.seller.id)
        self.measure(lead, scheme_id=self.lead_scheme().id, last_call_date=DAY - timedelta(days=20))
        self.assertEqual(self.overdue().lead_id, lead)

    def test_of_several_cadences_the_shortest_counts_and_each_customer_is_listed_once(self):
        monthly = self.cadence("Monthly", "visit", unit="month")
        self.assertEqual(self.overdue().cadence_id, self.weekly)
        self.weekly.active = False
        self.assertFalse(self.overdue())
        self.assertEqual(self.overdue(DAY + timedelta(days=60)).cadence_id, monthly)

    def test_a_cadence_before_orders_does_not_count(self):
        self.weekly.anchor = "next_order"
        self.measure(self.anna, next_order_date=DAY + timedelta(days=30))
        self.assertFalse(self.overdue())

    def test_a_customer_never_contacted_is_overdue_after_two_intervals(self):
        self.measure(self.anna, last_online_date=None)
        self.assertFalse(self.overdue())
        self.assertTrue(self.overdue(DAY + timedelta(days=15)))

    def test_a_customer_never_contacted_counts_from_the_last_order_as_the_next_contact_does(self):
        ordered = DAY - timedelta(days=15)
        self.measure(self.anna, last_online_date=None, last_order_date=ordered)
        care = self.overdue()
        self.assertEqual((care.partner_id, care.silent_since, care.contact_date), (self.anna, ordered, False))
        self.assertEqual(care.next_date, ordered + timedelta(days=7))

    def test_it_says_since_when_there_was_no_contact(self):
        self.measure(self.anna, last_order_date=DAY - timedelta(days=1))
        self.assertEqual(self.overdue().silent_since, DAY - timedelta(days=15))
        self.measure(self.anna, last_online_date=None, last_order_date=None)
        self.assertEqual(self.overdue(DAY + timedelta(days=15)).silent_since, DAY)

    def test_months_are_those_of_the_calendar(self):
        self.weekly.write({"interval_type": "month"})
        self.measure(self.anna, last_online_date=date(2025, 12, 31))
        self.assertFalse(self.overdue(date(2026, 2, 28)))
        self.assertTrue(self.overdue(date(2026, 3, 1)))

    def test_a_salesperson_sees_only_their_own(self):
        other = self.salesman("other")
        self.overdue()
        for user, expected in ((self.seller, self.anna), (other, self.anna.browse())):
            with self.subTest(user=user.login), freeze_time(DAY):
                care = self.env["grading.care"].with_user(user).search([("is_neglected", "=", True)])
                self.assertEqual(care.partner_id, expected)
                self.assertEqual(bool(care.contact_date), bool(expected))
