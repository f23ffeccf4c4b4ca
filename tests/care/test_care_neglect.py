from datetime import date, timedelta

from lxml import etree

from odoo.tests import freeze_time, tagged

from .care_case import DAY, CareCase


@tagged("post_install", "-at_install")
class TestNeglected(CareCase):
    """Gold is contacted online every week: after two weeks without any contact such a customer is neglected."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.scheme(name="Service")
        cls.anna = cls.known("Anna", last=DAY - timedelta(days=15), scheme_id=cls.service.id)

    def neglected(self, today=DAY):
        self.look_after(min(today, DAY))
        self.env.invalidate_all()  # as on another day
        with freeze_time(f"{today} 12:00:00"):
            Care = self.env["grading.care"].with_context(tz="Europe/Brussels")
            care = Care.search([("is_neglected", "=", True)])
            self.assertEqual(care, Care.search([]).filtered("is_neglected"), "as it is searched so it is shown")
            self.assertEqual(Care.search([("is_neglected", "=", False)]), Care.search([]) - care)
        return care

    def test_who_was_not_contacted_for_longer_than_twice_the_rhythm_is(self):
        self.assertEqual(self.neglected().partner_id, self.anna)
        self.assertEqual(self.neglected().contact_date, DAY - timedelta(days=15))

    def test_who_was_contacted_just_so_long_ago_is_not(self):
        self.measure(self.anna, last_online_date=DAY - timedelta(days=14))
        self.assertFalse(self.neglected())
        self.assertTrue(self.neglected(DAY + timedelta(days=1)))

    def test_any_contact_will_do(self):
        self.measure(self.anna, last_visit_date=DAY - timedelta(days=3))
        self.assertFalse(self.neglected())
        self.measure(self.anna, last_visit_date=None, last_call_date=DAY - timedelta(days=3))
        self.assertFalse(self.neglected())

    def test_every_grade_counts_and_the_best_comes_first(self):
        self.weekly.grade_ids += self.silver
        bert = self.known("Bert", last=DAY - timedelta(days=30), scheme_id=self.service.id, grade_id=self.silver.id)
        self.assertEqual(self.neglected().partner_id, self.anna | bert)
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_care_action_neglected")
        self.assertIn("search_default_neglected", action["context"])
        self.assertNotIn("best", action["context"], "what is left out must be a filter that one sees")
        view = self.env.ref("customer_grading.grading_care_view_list_neglected")
        arch = etree.fromstring(self.env["grading.care"].get_view(view.id, "list")["arch"])
        found = self.env["grading.care"].search([("id", "in", self.neglected().ids)], order=arch.get("default_order"))
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
        self.assertEqual(self.neglected().lead_id, lead)

    def test_of_several_rhythms_the_shortest_counts_and_everybody_is_listed_once(self):
        monthly = self.cadence("Monthly", "visit", unit="month")
        self.assertEqual(self.neglected().cadence_id, self.weekly)
        self.weekly.active = False
        self.assertFalse(self.neglected())
        self.assertEqual(self.neglected(DAY + timedelta(days=60)).cadence_id, monthly)

    def test_a_rhythm_before_orders_is_none(self):
        self.weekly.anchor = "next_order"
        self.measure(self.anna, next_order_date=DAY + timedelta(days=30))
        self.assertFalse(self.neglected())

    def test_who_was_never_contacted_is_neglected_after_twice_the_rhythm(self):
        self.measure(self.anna, last_online_date=None)
        self.assertFalse(self.neglected())
        self.assertTrue(self.neglected(DAY + timedelta(days=15)))

    def test_who_was_never_contacted_counts_from_the_last_order_as_the_next_contact_does(self):
        ordered = DAY - timedelta(days=15)
        self.measure(self.anna, last_online_date=None, last_order_date=ordered)
        care = self.neglected()
        self.assertEqual((care.partner_id, care.silent_since, care.contact_date), (self.anna, ordered, False))
        self.assertEqual(care.next_date, ordered + timedelta(days=7))

    def test_it_says_since_when_nobody_was_in_touch(self):
        self.measure(self.anna, last_order_date=DAY - timedelta(days=1))
        self.assertEqual(self.neglected().silent_since, DAY - timedelta(days=15))
        self.measure(self.anna, last_online_date=None, last_order_date=None)
        self.assertEqual(self.neglected(DAY + timedelta(days=15)).silent_since, DAY)

    def test_months_are_those_of_the_calendar(self):
        self.weekly.write({"interval_type": "month"})
        self.measure(self.anna, last_online_date=date(2025, 12, 31))
        self.assertFalse(self.neglected(date(2026, 2, 28)))
        self.assertTrue(self.neglected(date(2026, 3, 1)))

    def test_a_salesperson_sees_his_own(self):
        other = self.salesman("other")
        self.neglected()
        for user, expected in ((self.seller, self.anna), (other, self.anna.browse())):
            with self.subTest(user=user.login), freeze_time(DAY):
                care = self.env["grading.care"].with_user(user).search([("is_neglected", "=", True)])
                self.assertEqual(care.partner_id, expected)
                self.assertEqual(bool(care.contact_date), bool(expected))
