from collections import defaultdict
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import with_seeds
from .referral_case import AS_OF, ReferralCase


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

    def test_what_referred_customers_bought_is_told_to_users_of_all_documents_alone(self):
        sam, boss = self.salesman(), self.manager()
        self.ada.user_id, self.bob.user_id = sam, boss
        self.bob.referred_by_id = self.ada
        self.rescore(as_of=AS_OF)
        self.order(self.bob, 4321, AS_OF)
        self.rescore(as_of=AS_OF)
        for user, is_visible in ((sam, False), (boss, True)):
            profile = self.profile(self.ada).with_user(user)
            with self.subTest(user=user.login):
                self.assertEqual(profile.referral_count, 1)
                told = " ".join([profile.explanation, *profile.history_ids.mapped(lambda line: line.change_text or "")])
                self.assertEqual("4,321" in told, is_visible)
                ada = self.ada.with_user(user)
                for record, name in ((profile, "referral_amount"), (ada, "grading_referral_amount")):
                    if is_visible:
                        self.assertEqual(record[name], 4321)
                        continue
                    with self.assertRaises(AccessError):
                        record.read([name])
                    with self.assertRaises(AccessError):
                        record.search([(name, ">", 4000)])

    def test_the_contact_shows_the_figures_of_its_customer(self):
        self.bob.referred_by_id = self.ada
        self.order(self.bob, 100, AS_OF)
        self.rescore(as_of=AS_OF)
        clerk = self.customer("Clerk", parent_id=self.ada.id)
        self.assertEqual((clerk.grading_referral_count, clerk.grading_referral_amount), (1, 100))


@tagged("post_install", "-at_install")
class TestReferralOracle(ReferralCase):
    """The same count and amount in plain Python on random data."""

    def setUp(self):
        super().setUp()
        self.other = self.new_company("Other Company")

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

    @with_seeds(3)
    def test_count_and_amount_equal_the_oracle_in_full_and_in_incremental_runs(self, rng):
        expected = self._world(rng, self.other)
        self.rescore(as_of=AS_OF)
        judged = {customer: row for customer, row in expected.items() if self.profile(customer)}
        self.assertEqual({customer: self.measured(customer) for customer in judged}, judged)
        some = self.env["res.partner"].union(*list(judged)[:5])
        names = ("referral_count", "referral_amount", "score", "points_detail")
        self.env["grading.profile"].search([("partner_id", "in", some.ids)]).write(dict.fromkeys(names, False))
        self.rescore(as_of=AS_OF, partners=some)
        self.assertEqual({customer: self.measured(customer) for customer in judged}, judged)
        return len([row for row in judged.values() if row[0] and row[1]])
