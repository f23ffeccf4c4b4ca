from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .referral_case import AS_OF, ReferralCase


@tagged("post_install", "-at_install")
class TestReferralQueue(ReferralCase):
    """Customers that gain or lose by a change are scored again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.assistant = cls.customer("Ada's assistant", parent_id=cls.ada.id)
        cls.bob.referred_by_id = cls.assistant
        cls.rescore(as_of=AS_OF)

    def setUp(self):
        super().setUp()
        self.clear_queue()

    def test_an_order_of_the_referred_customer_is_counted_at_once(self):
        order = self.env["sale.order"].create({"partner_id": self.bob.id, "date_order": "2025-03-01"})
        self.force(order, amount_untaxed=40)
        order.write({"state": "sale", "date_order": "2025-03-02"})
        self.assertIn(self.ada, self.queued().commercial_partner_id)
        self.assert_incremental_equals_full()
        self.assertEqual(self.measured(self.ada), (1, 40))

    def test_only_the_direct_referrer_is_asked_for(self):
        self.cid.referred_by_id = self.bob
        self.clear_queue()
        self.env["grading.queue"]._enqueue([(self.cid, self.company)])
        self.assertEqual(self.queued(), self.cid + self.bob)

    def test_old_and_new_referrer_are_asked_for_when_the_referrer_changes(self):
        self.bob.referred_by_id = self.cid
        self.assertLessEqual(self.ada + self.cid, self.queued().commercial_partner_id)
        self.assert_incremental_equals_full()
        self.assertEqual([self.measured(p)[0] for p in (self.ada, self.cid)], [0, 1])

    def test_a_new_contact_counts_for_the_referrer(self):
        self.customer("New", referred_by_id=self.cid.id)
        self.assertEqual(self.queued(), self.cid)
        self.assert_incremental_equals_full()
        self.assertEqual(self.measured(self.cid), (1, 0))

    def test_a_contact_that_moves_to_another_customer_takes_the_referral_along(self):
        firm = self.customer("Firm", is_company=True, referred_by_id=self.ada.id)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.measured(self.ada)[0], 2)
        self.clear_queue()
        self.bob.parent_id = firm
        self.assert_incremental_equals_full()
        self.assertEqual(self.measured(self.ada)[0], 1)

    def test_a_referrer_that_moves_to_another_customer_takes_the_referrals_along(self):
        self.assistant.parent_id = self.cid
        self.assert_incremental_equals_full()
        self.assertEqual([self.measured(p)[0] for p in (self.ada, self.cid)], [0, 1])

    def test_deleting_the_referred_or_the_referrer_is_noticed(self):
        new = self.customer("New", referred_by_id=self.cid.id)
        self.rescore(as_of=AS_OF)
        self.clear_queue()
        new.unlink()
        self.assertEqual(self.queued(), self.cid)
        self.assistant.unlink()
        self.assertEqual(self.queued(), self.cid + self.ada)
        self.assert_incremental_equals_full()
        self.assertEqual([self.measured(p)[0] for p in (self.ada, self.cid)], [0, 0])

    def test_a_lead_that_loses_its_contact_counts_again(self):
        person = self.customer("Person", referred_by_id=self.ada.id)
        lead = self.new_lead(partner_id=person.id, referred_by_id=self.cid.id)
        self.rescore(as_of=AS_OF)
        self.clear_queue()
        person.unlink()
        self.assertFalse(lead.partner_id)
        self.assert_incremental_equals_full()
        self.assertEqual(self.measured(self.cid)[0], 1)

    def test_a_lead_is_counted_when_it_comes_and_not_when_it_goes(self):
        steps = (
            (lambda: self.new_lead(name="Counted", referred_by_id=self.cid.id), 1),
            (lambda: self._lead().action_set_lost(), 0),
            (lambda: self._lead().action_unarchive(), 1),
            (lambda: self._lead().write({"referred_by_id": self.ada.id}), 0),
            (lambda: self._lead().write({"referred_by_id": self.cid.id}), 1),
            (lambda: self._lead().unlink(), 0),
        )
        for number, (step, expected) in enumerate(steps):
            with self.subTest(step=number):
                step()
                self.assertIn(self.cid, self.queued())
                self.assert_incremental_equals_full()
                self.assertEqual(self.measured(self.cid)[0], expected)

    def _lead(self):
        return self.env["crm.lead"].with_context(active_test=False).search([("name", "=", "Counted")])


@tagged("post_install", "-at_install")
class TestReferralCircle(ReferralCase):
    """No customer is their own referrer."""

    def test_a_customer_cannot_refer_itself(self):
        with self.assert_refused("Ada", "Choose a contact of another customer", error=ValidationError):
            self.ada.referred_by_id = self.ada

    def test_colleagues_do_not_refer_each_other(self):
        firm = self.customer("Firm", is_company=True)
        one, two = (self.customer(name, parent_id=firm.id) for name in ("One", "Two"))
        with self.assert_refused("One", "Two", "both belong to the customer Firm", error=ValidationError):
            one.referred_by_id = two
        with self.assert_refused("Three", "Firm", error=ValidationError):
            self.customer("Three", parent_id=firm.id, referred_by_id=firm.id)

    def test_a_customer_cannot_refer_itself_through_others(self):
        self.bob.referred_by_id = self.ada
        self.customer("Cid's clerk", parent_id=self.cid.id, referred_by_id=self.bob.id)
        with self.assert_refused("Ada", "Cid", "who referred Bob", "first empty", error=ValidationError):
            self.ada.referred_by_id = self.cid
        assistant = self.customer("Ada's assistant", parent_id=self.ada.id)
        with self.assert_refused("who referred Bob", error=ValidationError):
            assistant.referred_by_id = self.cid
        self.bob.referred_by_id = False
        self.ada.referred_by_id = self.cid
        self.assertEqual(self.ada.referred_by_id, self.cid)

    def test_two_may_be_referred_by_the_same(self):
        (self.bob + self.cid).referred_by_id = self.ada
        self.assertEqual(self.ada.grading_referred_partner_count, 2)

    def test_a_circle_from_elsewhere_does_not_trap_the_check(self):
        self.force(self.bob, referred_by_id=self.cid.id)
        self.force(self.cid, referred_by_id=self.bob.id)
        self.ada.referred_by_id = self.bob
        self.assertEqual(self.ada.referred_by_id, self.bob)

    def test_a_copy_is_not_referred(self):
        self.bob.referred_by_id = self.ada
        self.assertFalse(self.bob.copy().referred_by_id)
        lead = self.new_lead(referred_by_id=self.ada.id)
        self.assertFalse(lead.copy().referred_by_id)


@tagged("post_install", "-at_install")
class TestReferralMerge(ReferralCase):
    """Merging contacts keeps the referrers, and closes no circle."""

    def merge(self, source, target):
        self.env["base.partner.merge.automatic.wizard"]._merge((source + target).ids, target)
        self.assertFalse(source.exists())

    def test_referrals_and_referrer_of_a_merged_customer_go_to_the_one_that_stays(self):
        twin = self.customer("Ada again", referred_by_id=self.cid.id, customer_rank=1)
        self.bob.referred_by_id = twin
        lead = self.new_lead(referred_by_id=twin.id)
        self.rescore(as_of=AS_OF)
        self.clear_queue()
        self.merge(twin, self.ada)
        self.assertEqual(self.bob.referred_by_id, self.ada)
        self.assertEqual(lead.referred_by_id, self.ada)
        self.assertEqual(self.ada.referred_by_id, self.cid)
        self.assert_incremental_equals_full()
        self.assertEqual([self.measured(p)[0] for p in (self.ada, self.cid)], [2, 1])

    def test_the_customer_that_stays_keeps_its_own_referrer(self):
        self.ada.referred_by_id = self.bob
        self.merge(self.customer("Ada again", referred_by_id=self.cid.id), self.ada)
        self.assertEqual(self.ada.referred_by_id, self.bob)

    def test_a_customer_merged_into_its_referrer_does_not_refer_itself(self):
        self.merge(self.customer("Ada again", referred_by_id=self.ada.id), self.ada)
        self.assertFalse(self.ada.referred_by_id)

    def test_a_customer_merged_into_its_referral_does_not_refer_itself(self):
        twin = self.customer("Ada again")
        self.ada.referred_by_id = twin
        self.merge(twin, self.ada)
        self.assertFalse(self.ada.referred_by_id)

    def test_a_chain_that_the_merge_would_close_is_broken(self):
        twin = self.customer("Ada again")
        self.bob.referred_by_id = twin
        self.ada.referred_by_id = self.bob
        self.merge(twin, self.ada)
        self.assertEqual(self.bob.referred_by_id, self.ada)
        self.assertFalse(self.ada.referred_by_id)

    def test_people_of_the_customer_that_stays_are_not_referred_by_it(self):
        twin = self.customer("Ada again")
        assistant = self.customer("Ada's assistant", parent_id=self.ada.id, referred_by_id=twin.id)
        self.merge(twin, self.ada)
        self.assertFalse(assistant.referred_by_id)
