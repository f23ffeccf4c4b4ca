import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..common import GradingCase, seeds

AS_OF = date(2025, 3, 10)


class ReferralCase(GradingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.both = cls.scheme(criteria=[cls.linear("referral_count"), cls.linear("referral_amount", 0.01)])
        cls.ada, cls.bob, cls.cid = (cls.customer(name, customer_rank=1) for name in ("Ada", "Bob", "Cid"))

    def new_lead(self, **vals):
        return self.env["crm.lead"].create({"name": "Lead", "company_id": self.company.id, **vals})

    def measured(self, partner, company=None):
        profile = self.profile(partner, company)
        return profile.referral_count, profile.referral_amount

    def clear_queue(self):
        self.env.flush_all()
        self.env["grading.queue"]._waiting([("company_id", "!=", False)]).unlink()

    def queued(self):
        self.env.flush_all()
        return self.env["grading.queue"]._waiting([("company_id", "=", self.company.id)]).partner_id

    def assert_incremental_equals_full(self):
        """Rescoring only those in the queue leaves nothing for a full run to change."""
        self.env.flush_all()
        lines = self.env["grading.queue"]._waiting([("company_id", "=", self.company.id)])
        run = self.env["grading.run"]._rescore(partners=lines.partner_id, leads=lines.lead_id, as_of=AS_OF)
        self.assertEqual(run.state, "done")
        with self.compared_as_before():
            self.assertEqual(self.rescore(as_of=AS_OF).changed_count, 0)
        self.clear_queue()


@tagged("post_install", "-at_install")
class TestReferralMeasure(ReferralCase):
    """The customers that a customer referred, and what they bought."""

    def test_a_referrer_counts_the_referred_customers_and_what_they_bought(self):
        self.bob.referred_by_id = self.cid.referred_by_id = self.ada
        self.order(self.bob, 100, AS_OF)
        self.order(self.cid, 20.5, AS_OF)
        self.order(self.cid, 7, AS_OF + timedelta(days=1))
        self.order(self.ada, 5000, AS_OF)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.measured(self.ada), (2, 120.5))
        self.assertEqual(self.measured(self.bob), (0, 0))
        self.assertEqual(self.profile(self.ada).score, 2 + 1.21)

    def test_a_referral_belongs_to_customers_on_whichever_contact_it_is_noted(self):
        firm = self.customer("Firm", is_company=True)
        for referrer in (self.ada, self.customer("Ada's assistant", parent_id=self.ada.id)):
            self.customer("Clerk", parent_id=firm.id, referred_by_id=referrer.id)
        buyer = self.customer("Buyer", parent_id=firm.id)
        self.order(buyer, 300, AS_OF)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.measured(self.ada), (1, 300))

    def test_a_lead_counts_until_it_has_a_contact_or_is_lost(self):
        open_lead = self.new_lead(referred_by_id=self.ada.id)
        self.new_lead(referred_by_id=self.ada.id).action_set_lost()
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.ada).referral_count, 1)
        open_lead.partner_id = self.bob
        self.assertEqual(self.bob.referred_by_id, self.ada)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(self.ada).referral_count, 1, "the lead and its contact count once")

    def test_an_archived_customer_counts_no_more(self):
        self.bob.referred_by_id = self.ada
        self.order(self.bob, 100, AS_OF)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.measured(self.ada), (1, 100))
        self.clear_queue()
        self.bob.active = False
        self.assertIn(self.ada, self.queued())
        self.assert_incremental_equals_full()
        self.assertEqual(self.measured(self.ada), (0, 0))

    def test_a_contact_who_moves_to_the_company_of_the_referrer_is_no_referral_any_more(self):
        firm = self.customer("Firm", is_company=True, customer_rank=1)
        self.bob.referred_by_id = firm
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.profile(firm).referral_count, 1)
        self.clear_queue()
        self.bob.parent_id = firm
        self.assert_incremental_equals_full()
        self.assertEqual(self.profile(firm).referral_count, 0)

    def test_companies_are_apart(self):
        other = self.new_company("Other Company")
        self.scheme(company_id=other.id, criteria=[self.linear("referral_count"), self.linear("referral_amount")])
        self.bob.referred_by_id = self.ada
        theirs = self.customer("Theirs", company_id=other.id, referred_by_id=self.ada.id)
        self.env["crm.lead"].create({"name": "Theirs", "company_id": other.id, "referred_by_id": self.ada.id})
        self.order(self.ada, 1, AS_OF)
        self.order(self.ada, 1, AS_OF, company_id=other.id)
        self.order(self.bob, 100, AS_OF)
        self.order(self.bob, 30, AS_OF, company_id=other.id)
        self.order(theirs, 5, AS_OF, company_id=other.id)
        self.rescore(as_of=AS_OF)
        self.rescore(as_of=AS_OF, company=other)
        self.assertEqual(self.measured(self.ada), (1, 100))
        self.assertEqual(self.measured(self.ada, other), (3, 35))

    def test_a_branch_counts_the_customers_of_its_company(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.scheme(company_id=branch.id, criteria=[self.linear("referral_count")])
        self.customer("Ours", company_id=self.company.id, referred_by_id=self.ada.id)
        self.rescore(as_of=AS_OF, company=branch)
        self.assertEqual(self.profile(self.ada, branch).referral_count, 1)

    def test_invoices_count_where_they_are_the_source(self):
        self.company.grading_amount_source = "invoice"
        journal = self.env["account.journal"].create({"name": "Sales", "type": "sale", "code": "REF"})
        self.bob.referred_by_id = self.ada
        for signed, kind in ((500, "out_invoice"), (-120, "out_refund")):
            move = self.env["account.move"].create(
                {"partner_id": self.bob.id, "move_type": kind, "journal_id": journal.id, "invoice_date": AS_OF}
            )
            self.force(move, state="posted", amount_untaxed_signed=signed, invoice_date=AS_OF)
        self.order(self.bob, 7777, AS_OF)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.measured(self.ada), (1, 380))

    def test_the_contact_shows_the_figures_of_its_customer(self):
        self.bob.referred_by_id = self.ada
        self.order(self.bob, 100, AS_OF)
        self.rescore(as_of=AS_OF)
        clerk = self.customer("Clerk", parent_id=self.ada.id)
        self.assertEqual((clerk.grading_referral_count, clerk.grading_referral_amount), (1, 100))


@tagged("post_install", "-at_install")
class TestReferralOracle(ReferralCase):
    """The same count and amount in plain Python on random data."""

    def _world(self, rng, other):
        """Random customers, contacts, referrals (only to earlier customers, so there is no circle), leads and orders.

        :return: ``{customer: (count, amount)}`` as it should be
        """
        customers, families = [], {}
        firms = self.env["res.partner"].create(
            [
                {
                    "name": f"Random {number}",
                    "is_company": True,
                    "customer_rank": 1,
                    "active": number < 9 or rng.random() < 0.6,
                }
                for number in range(14)
            ]
        )
        for customer in firms:
            people = [customer]
            for _person in range(rng.randint(0, 2)):
                parent = rng.choice(people).id
                people.append(self.customer("Person", parent_id=parent, active=rng.random() < 0.8))
            if customers:
                referrers = [rng.choice(families[rng.choice(customers)]).id for _person in people]
                known = [referrer if rng.random() < 0.6 else None for referrer in referrers]
                self.force_each(self.env["res.partner"].union(*people), referred_by_id=known)
            customers.append(customer)
            families[customer] = people
        leads = self._random_leads(rng, families, other)
        bought = self._random_orders(rng, families)
        choices = (None, None, None, self.company.id, other.id)
        partners = self.env["res.partner"].union(*customers)
        self.force_each(partners, company_id=[rng.choice(choices) for _customer in partners])
        return self._expected(families, leads, bought)

    def _random_leads(self, rng, families, other):
        leads = self.env["crm.lead"].create([{"name": "Random", "active": rng.random() < 0.8} for _lead in range(12)])
        self.force_each(
            leads,
            referred_by_id=[rng.choice(families[rng.choice(list(families))]).id for _lead in leads],
            partner_id=[rng.choice((None, None, self.ada.id, self.bob.id)) for _lead in leads],
            company_id=[rng.choice((None, self.company.id, other.id)) for _lead in leads],
        )
        return leads

    def _random_orders(self, rng, families):
        bought, rows = defaultdict(Decimal), []
        for customer, people in families.items():
            for _order in range(rng.randint(0, 4)):
                day = AS_OF - timedelta(days=rng.randint(-20, 1500))
                amount, rate = Decimal(repr(round(rng.lognormvariate(5, 1), 2))), Decimal(rng.choice(("1", "1.25")))
                state = rng.choice(("sale", "sale", "draft", "cancel"))
                rows.append((rng.choice(people).id, day, amount, rate, state))
                if state == "sale" and day <= AS_OF:
                    bought[customer] += amount / rate
        self.insert_orders(rows)
        return bought

    def _expected(self, families, leads, bought):
        ours = (self.env["res.company"], self.company)
        owner = {person: customer for customer, people in families.items() for person in people}
        expected = {}
        for customer in families:
            brought = {
                other
                for other, people in families.items()
                for person in people
                if owner.get(person.referred_by_id) == customer and other.active and other.company_id in ours
            }
            open_leads = [
                lead
                for lead in leads
                if owner[lead.referred_by_id] == customer
                and not lead.partner_id and lead.active and lead.company_id in ours
            ]  # fmt: skip
            amount = sum((bought[other] for other in brought), Decimal())
            cents = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
            expected[customer] = (len(brought) + len(open_leads), float(cents))
        return expected

    def test_count_and_amount_equal_the_oracle_in_full_and_in_incremental_runs(self):
        other = self.new_company("Other Company")
        for seed in seeds(3):
            with self.subTest(seed=seed):
                expected = self._world(random.Random(seed), other)
                self.rescore(as_of=AS_OF)
                judged = {customer: row for customer, row in expected.items() if self.profile(customer)}
                self.assertGreater(len([row for row in judged.values() if row[0] and row[1]]), 0)
                self.assertEqual({customer: self.measured(customer) for customer in judged}, judged)
                some = self.env["res.partner"].union(*list(judged)[:5])
                names = ("referral_count", "referral_amount", "score", "points_detail")
                self.env["grading.profile"].search([("partner_id", "in", some.ids)]).write(dict.fromkeys(names, False))
                self.rescore(as_of=AS_OF, partners=some)
                self.assertEqual({customer: self.measured(customer) for customer in judged}, judged)


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


@tagged("post_install", "-at_install")
class TestReferralLead(ReferralCase):
    """The referrer goes from the lead to the customer that is made of it."""

    def test_a_customer_made_from_a_lead_has_its_referrer_on_the_company_alone(self):
        lead = self.new_lead(partner_name="Firm", contact_name="Person", referred_by_id=self.ada.id)
        lead._handle_partner_assignment(create_missing=True)
        self.assertEqual(lead.partner_id.name, "Person")
        self.assertFalse(lead.partner_id.referred_by_id)
        self.assertEqual(lead.partner_id.commercial_partner_id.name, "Firm")
        self.assertEqual(lead.partner_id.commercial_partner_id.referred_by_id, self.ada)

    def test_a_person_made_from_a_lead_has_its_referrer(self):
        lead = self.new_lead(contact_name="Person", referred_by_id=self.ada.id)
        self.assertEqual(lead._create_customer().referred_by_id, self.ada)

    def test_the_conversion_of_a_lead_keeps_its_referrer(self):
        lead = self.new_lead(type="lead", contact_name="Person", referred_by_id=self.ada.id)
        wizard = self.env["crm.lead2opportunity.partner"].with_context(
            active_model="crm.lead", active_id=lead.id, active_ids=lead.ids
        )
        wizard.create({"name": "convert", "action": "create"}).action_apply()
        self.assertEqual(lead.type, "opportunity")
        self.assertEqual((lead.referred_by_id, lead.partner_id.referred_by_id), (self.ada, self.ada))

    def test_a_contact_made_from_a_mail_to_a_lead_has_its_referrer(self):
        lead = self.new_lead(email_from="mail@example.com", referred_by_id=self.ada.id)
        values = lead._get_customer_information()["mail@example.com"]
        self.assertEqual(values["referred_by_id"], self.ada.id)
        firm = self.customer("Firm of the referral", is_company=True)
        lead.partner_name = firm.name
        values = lead._get_customer_information()["mail@example.com"]
        self.assertEqual(values["parent_id"], firm.id)
        self.assertNotIn("referred_by_id", values)

    def test_a_new_customer_takes_the_referrer_of_the_lead_when_linked(self):
        self.new_lead(referred_by_id=self.ada.id).partner_id = self.bob
        self.new_lead(partner_id=self.cid.id).referred_by_id = self.ada
        self.assertEqual((self.bob + self.cid).referred_by_id, self.ada)

    def test_a_customer_keeps_an_existing_referrer(self):
        clerk = self.customer("Bob's clerk", parent_id=self.bob.id, referred_by_id=self.cid.id)
        self.new_lead(referred_by_id=self.ada.id, partner_id=self.bob.id)
        self.assertFalse(self.bob.referred_by_id)
        self.assertEqual(clerk.referred_by_id, self.cid)

    def test_a_customer_who_had_bought_before_the_lead_came_was_not_won_by_it(self):
        self.order(self.bob, 100, AS_OF)
        self.new_lead(referred_by_id=self.ada.id, partner_id=self.bob.id)
        self.assertFalse(self.bob.referred_by_id)
        self.order(self.cid, 100, date.today() + timedelta(days=1))
        self.new_lead(referred_by_id=self.ada.id, partner_id=self.cid.id)
        self.assertEqual(self.cid.referred_by_id, self.ada)

    def test_linking_a_customer_does_not_fail_for_a_circle(self):
        self.ada.referred_by_id = self.bob
        lead = self.new_lead(referred_by_id=self.ada.id)
        lead.partner_id = self.bob
        self.assertFalse(self.bob.referred_by_id)
        lead.partner_id = self.ada
        self.assertEqual(self.ada.referred_by_id, self.bob)

    def test_a_lead_is_not_referred_by_its_own_customer(self):
        clerk = self.customer("Bob's clerk", parent_id=self.bob.id)
        lead = self.new_lead(partner_id=self.bob.id)
        with self.assert_refused("Lead", "clerk", "Choose a contact of another customer", error=ValidationError):
            lead.referred_by_id = clerk

    def test_a_referrer_of_another_company_is_refused(self):
        other = self.new_company("Other Company")
        theirs = self.customer("Theirs", company_id=other.id)
        with self.assert_refused("Theirs"):
            self.new_lead(referred_by_id=theirs.id)

    def test_merged_leads_keep_the_first_referrer(self):
        leads = self.new_lead(type="opportunity") + self.new_lead(referred_by_id=self.ada.id)
        merged = leads.merge_opportunity()
        self.assertEqual(merged.referred_by_id, self.ada)

    def test_merged_leads_do_not_take_their_own_customer_for_their_referrer(self):
        leads = self.new_lead(type="opportunity", partner_id=self.ada.id) + self.new_lead(referred_by_id=self.ada.id)
        merged = (leads + self.new_lead(referred_by_id=self.bob.id)).merge_opportunity()
        self.assertEqual((merged.partner_id, merged.referred_by_id), (self.ada, self.bob))


@tagged("post_install", "-at_install")
class TestReferralScreen(ReferralCase):
    def test_the_buttons_show_what_they_count(self):
        assistant = self.customer("Ada's assistant", parent_id=self.ada.id)
        self.bob.referred_by_id = assistant
        self.cid.referred_by_id = self.ada
        lead = self.new_lead(referred_by_id=assistant.id)
        counts = (self.ada.grading_referred_partner_count, self.ada.grading_referred_lead_count)
        self.assertEqual(counts, (2, 1))
        self.assertEqual(assistant.grading_referred_partner_count, 1)
        action = self.ada.action_grading_view_referred_partners()
        self.assertEqual(self.env["res.partner"].search(action["domain"]), self.bob + self.cid)
        action = self.ada.action_grading_view_referred_leads()
        self.assertEqual(self.env["crm.lead"].search(action["domain"]), lead)

    def test_an_employee_outside_sales_sees_referrals_of_contacts_but_no_leads(self):
        employee = self.internal()
        self.bob.referred_by_id = self.ada
        self.assertEqual(self.ada.with_user(employee).grading_referred_partner_count, 1)
        with self.assertRaises(AccessError):
            self.ada.with_user(employee).grading_referred_lead_count  # noqa: B018

    def test_a_salesman_notes_a_referrer(self):
        salesman = self.salesman()
        self.bob.with_user(salesman).referred_by_id = self.ada
        lead = self.new_lead(user_id=salesman.id, contact_name="Person").with_user(salesman)
        lead.referred_by_id = self.ada
        lead._handle_partner_assignment(create_missing=True)
        self.assertEqual(lead.partner_id.referred_by_id, self.ada)

    def test_the_portal_user_reads_nothing_of_referrals(self):
        user = self.portal()
        user.partner_id.referred_by_id = self.ada
        me = user.partner_id.with_user(user)
        known = me.fields_get()
        for name in ("referred_by_id", "grading_referral_count", "grading_referral_amount",
                     "grading_referred_partner_count", "grading_referred_lead_count"):  # fmt: skip
            with self.subTest(field=name):
                self.assertNotIn(name, known)
                with self.assertRaises(AccessError):
                    me.read([name])
        with self.assertRaises(AccessError):
            me.search([("referred_by_id", "=", self.ada.id)])
        with self.assertRaises(AccessError):
            me.search([("referred_by_id.name", "=", "Ada")])
