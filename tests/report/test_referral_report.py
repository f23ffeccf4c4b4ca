from collections import defaultdict
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import LeadCase, with_seeds
from .figures_case import FiguresCase, mean


@tagged("post_install", "-at_install")
class TestReferralReport(FiguresCase, LeadCase):
    """Who has referred whom, and what came of it, held against contacts, leads and orders."""

    model = "grading.referral.report"

    @with_seeds(3)
    def test_referrals_by_referrer(self, rng):
        customers = self.customers(rng, 10)
        names, expected = list(customers), defaultdict(list)
        bought = defaultdict(list)
        for customer, _day, amount in self.random_orders(rng, customers, 40):
            bought[customer].append(amount)
        for place, customer in enumerate(names[3:], 3):
            referrer = rng.choice(names[:place])
            # Noted with one contact of the referrer on one contact of the referred: the customers count.
            rng.choice(customers[customer]).referred_by_id = rng.choice(customers[referrer])
            orders = sum(amount > 0 for amount in bought[customer])
            expected[(referrer,)].append((100 * (orders > 0), orders, sum(bought[customer])))
        for _number in range(4):
            referrer = rng.choice(names)
            self.lead(referred_by_id=rng.choice(customers[referrer]).id)
            expected[(referrer,)].append((0, 0, 0))
        self.scheme()
        self.rescore(partners=self.env["res.partner"].concat(*names))
        here = [("partner_id", "in", [customer.id for customer in names])]
        got = self.groups(["partner_id"], ["customer_rate:avg", "order_count:sum", "amount:sum", "__count"], here)
        wanted = {}
        for key, rows in expected.items():
            rates, orders, amounts = zip(*rows, strict=True)
            wanted[key] = (mean(rates), sum(orders), sum(amounts), len(rows))
        self.assert_same({key: tuple(float(n or 0) for n in row) for key, row in got.items()}, wanted)

    def test_each_referral_has_a_key_of_its_own(self):
        """Also pairs of neighboring numbers, which differ in the same bits."""
        customers = [self.customer(f"Customer {number}") for number in range(41)]
        first = customers[0].id % 2
        for referrer, referred in zip(customers[first::2], customers[first + 1 :: 2], strict=False):
            referred.referred_by_id = referrer
        rows = self.rows([("referred_id", "in", [customer.id for customer in customers])])
        self.assertEqual(len(set(rows.ids)), 20)

    def test_a_contact_without_a_profile_has_not_bought(self):
        """Without a salesperson, a lead or an order there is none."""
        ada, grace, heddy = (self.customer(name, user_id=False) for name in ("Ada", "Grace", "Heddy"))
        (grace | heddy).referred_by_id = ada
        self.order(grace, 10, self.today - timedelta(days=20))
        self.scheme()
        self.rescore(partners=ada | grace | heddy)
        self.assertFalse(self.profile(heddy))
        got = self.groups([], ["customer_rate:avg"], [("partner_id", "=", ada.id)], user=self.chief)
        self.assertEqual(got, {(): (50,)})

    def world(self):
        ada = self.customer("Ada")
        owners = (self.seller.id, self.chief.id)
        mine, theirs = (self.customer(f"Of {owner}", user_id=owner, referred_by_id=ada.id) for owner in owners)
        for customer in (mine, theirs):
            self.order(customer, 10, self.today - timedelta(days=20))
        hidden = self.lead(user_id=self.chief.id, referred_by_id=ada.id)
        self.scheme()
        self.rescore()
        return ada, mine, theirs, hidden

    def test_amounts_are_seen_with_the_documents_and_leads_with_the_pipeline(self):
        ada, mine, theirs, hidden = self.world()
        here = [("partner_id", "=", ada.id)]
        seen = {row.referred_id: (row.amount, row.customer_rate) for row in self.rows(here, user=self.seller)}
        self.assertEqual(seen, {mine: (10, 100), theirs: (0, 0)})
        self.assertEqual(self.groups([], ["amount:sum"], here, user=self.seller), {(): (10,)})
        rows = self.rows(here, user=self.chief)
        self.assertEqual(sum(rows.mapped("amount")), 20)
        self.assertEqual(rows.lead_id, hidden)
        self.assert_cells_open_what_they_count(["partner_id"], "amount", user=self.seller)
        self.assertEqual(rows.filtered("lead_id").action_open()["res_id"], hidden.id)

    def test_companies_are_apart_and_outsiders_see_nothing(self):
        """A referral is between customers, whom all companies share; what was bought is a company's own."""
        here = [("partner_id", "=", self.world()[0].id)]
        foreigner = self.manager("foreigner", company_id=self.other.id, company_ids=self.other.ids)
        theirs = self.rows(here, user=foreigner, allowed_company_ids=self.other.ids)
        self.assertEqual(theirs.company_id, self.other)
        self.assertEqual((sum(theirs.mapped("amount")), theirs.lead_id.ids), (0, []))
        for user in (self.internal(), self.portal()):
            with self.assertRaises(AccessError):
                self.rows(user=user)
