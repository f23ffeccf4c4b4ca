from odoo.fields import Command
from odoo.tests import tagged

from .care_case import DAY, CareCase


@tagged("post_install", "-at_install")
class TestCadenceShipped(CareCase):
    """The cadences that come with the module."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.weekly.active = False

    def use(self, *names):
        cadences = self.env["grading.cadence"].union(
            *(self.env.ref(f"customer_grading.grading_cadence_{name}") for name in names)
        )
        cadences.write({"active": True, "grade_ids": [Command.set(self.gold.ids)]})
        return cadences

    def test_an_offer_is_due_every_week_while_the_lead_has_no_quotation(self):
        offer = self.use("a_offer")
        lead = self.lead(user_id=self.seller.id, partner_id=self.customer("Anna").id)
        self.measure(lead)
        anna = self.known("No Lead")
        self.look_after()
        self.assertEqual(self.care(lead, offer).next_date, DAY)
        self.assertFalse(self.care(anna, offer))
        quotation = self.order(lead.partner_id, 10, DAY, state="draft", opportunity_id=lead.id)
        self.look_after()
        self.assertFalse(self.care(lead, offer))
        self.force(quotation, state="cancel")
        self.look_after()
        self.assertTrue(self.care(lead, offer))

    def test_an_offer_that_was_done_without_a_quotation_is_due_again_after_a_week(self):
        offer = self.use("a_offer")
        lead = self.lead(user_id=self.seller.id)
        self.measure(lead)
        self.look_after()
        today = self.company._grading_today()
        self.look_after(today)
        care = self.care(lead, offer)
        self.mark_done(care)
        self.assertEqual((care.next_date - today).days, 7)

    def test_a_best_customer_is_called_visited_and_asked_for_the_renewal(self):
        call, visit, renewal = cadences = self.use("d_call", "d_visit", "d_renewal")
        anna = self.known(last_call_date=DAY, last_visit_date=DAY, next_order_date=self.after(70))
        self.look_after()
        days = [(self.care(anna, cadence).next_date - DAY).days for cadence in cadences]
        self.assertEqual(days, [31, 92, 10])
        self.assertEqual((call.channel, visit.channel, renewal.channel), ("call", "visit", "call"))

    def test_all_cadences_can_be_used_and_have_texts_for_customers_and_leads(self):
        shipped = self.env["grading.cadence"].with_context(active_test=False)
        shipped = shipped.search([("company_id", "=", False)])
        shipped = shipped.filtered(
            lambda cadence: cadence.get_external_id()[cadence.id].startswith("customer_grading.")
        )
        self.assertGreaterEqual(len(shipped), 11)
        shipped._check_domain()
        shipped.write({"active": True, "grade_ids": [Command.set(self.gold.ids)]})
        anna = self.known(next_order_date=DAY, last=self.after(-900), last_order_date=self.after(-900))
        lead = self.lead(user_id=self.seller.id)
        self.measure(lead, last_online_date=self.after(-900))
        self.look_after()
        self.plan(self.after(200))
        for subject in (anna, lead):
            for activity in self.activities(subject):
                self.assertIn(subject.name, activity.summary)
                self.assertNotIn("{", f"{activity.summary} {activity.note}")
