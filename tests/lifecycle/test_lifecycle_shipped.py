import random
from datetime import date, timedelta

from odoo.tests import tagged

from ..common import GradingCase

AS_OF = date(2025, 6, 30)
NAMES = ("prospect", "introduction", "growth", "maturity", "decline", "lost")
OTHER_NAMES = ("awareness", "consideration", "purchase", "support", "loyalty")


@tagged("post_install", "-at_install")
class TestLifecycleShipped(GradingCase):
    """The stages that are shipped: which customer is in which, repeated in plain Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme()

    def setUp(self):
        super().setUp()
        self.use(NAMES)

    def use(self, names):
        self.env["grading.lifecycle"].search([]).active = False
        stages = {name: self.env.ref(f"customer_grading.grading_lifecycle_{name}") for name in names}
        self.env["grading.lifecycle"].union(*stages.values()).active = True
        self.names = {stage.id: name for name, stage in stages.items()}

    @classmethod
    def random_customers(cls, seed, move=0, backwards=False):
        """Forty customers with up to eight orders in two and a half years, ``move`` days later."""
        rng = random.Random(seed)
        drawn = []
        for number in range(40):
            pace = rng.choice((5, 20, 60, 200))
            day = AS_OF - timedelta(days=rng.randrange(900))
            orders = []
            for _order in range(rng.randrange(9)):
                if day <= AS_OF:
                    orders.append((day + timedelta(days=move), rng.choice((50, 100, 400))))
                day += timedelta(days=1 + int(rng.expovariate(1 / pace)))
            drawn.append((f"Customer {number}", orders))
        if backwards:
            drawn.reverse()
        partners = cls.env["res.partner"].create([{"name": name, "customer_rank": 1} for name, _orders in drawn])
        cls.insert_orders(
            [
                (partner.id, order_day, amount, 1, "sale")
                for partner, (_name, orders) in zip(partners, drawn, strict=True)
                for order_day, amount in orders
            ]
        )
        return {partner.name: partner for partner in partners}

    def found(self, customers):
        return {name: self.names.get(self.profile(customer).lifecycle_id.id) for name, customer in customers.items()}

    def expected(self, profile):
        """The stage by the words of the documentation; what the model foresees has its own oracle."""
        if not profile.order_count:
            return "prospect"
        change = profile.order_amount_change
        if profile.decline_date > AS_OF:
            if profile.order_day_count == 1:
                return "introduction"
            if profile.order_day_count <= 3 or change is not False and change >= 25:
                return "growth"
            if change is False or change > -40:
                return "maturity"
        return "decline" if profile.lost_date > AS_OF else "lost"

    def test_each_customer_is_in_the_stage_that_is_documented(self):
        stages = set()
        for seed in (1, 2):
            with self.subTest(seed=seed):
                customers = self.random_customers(seed)
                self.rescore(as_of=AS_OF)
                expected = {name: self.expected(self.profile(customer)) for name, customer in customers.items()}
                self.assertEqual(self.found(customers), expected)
                stages.update(expected.values())
        self.assertGreater(len(stages), 4)

    def put_away(self, customers):
        """Leave nothing of them to learn from: what archived customers have bought is of the past, too."""
        partners = self.env["res.partner"].union(*customers.values())
        self.env["sale.order"].search([("partner_id", "in", partners.ids)]).state = "cancel"
        partners.active = False

    def test_the_stage_does_not_depend_on_the_order_of_rows(self):
        first = self.random_customers(3)
        self.rescore(as_of=AS_OF)
        found = self.found(first)
        self.put_away(first)
        again = self.random_customers(3, backwards=True)
        self.env["grading.purchase.model"].search([]).sudo().unlink()
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.found(again), found)

    def test_moving_all_days_alike_changes_no_stage(self):
        moved = 731  # two years, a leap day among them: the windows of twelve months are as long
        first = self.random_customers(4)
        self.rescore(as_of=AS_OF)
        found = self.found(first)
        dates = {name: self.profile(customer).lost_date for name, customer in first.items()}
        self.put_away(first)
        later = self.random_customers(4, move=moved)
        self.env["grading.purchase.model"].search([]).sudo().unlink()
        self.rescore(as_of=AS_OF + timedelta(days=moved))
        for name, customer in later.items():
            lost = self.profile(customer).lost_date
            self.assertEqual(lost, dates[name] and dates[name] + timedelta(days=moved), name)
        changed = {name for name, stage in self.found(later).items() if stage != found[name]}
        self.assertFalse(changed)

    def test_every_customer_is_in_one_of_the_other_set_too(self):
        customers = self.random_customers(5)
        self.use(OTHER_NAMES)
        self.rescore(as_of=AS_OF)
        found = self.found(customers)
        self.assertNotIn(None, found.values())
        for name, customer in customers.items():
            profile = self.profile(customer)
            loyal = profile.order_day_count >= 4 and profile.decline_date > AS_OF
            self.assertEqual(found[name] == "loyalty", loyal, name)
            self.assertEqual(found[name] == "awareness", not profile.order_count, name)

    def test_a_prospect_with_an_open_lead_considers(self):
        self.use(OTHER_NAMES)
        self.scheme([self.linear("willingness")], name="Leads", subject="lead")
        known, asked = self.customer("Known", customer_rank=1), self.customer("Asked")
        self.lead(partner_id=asked.id)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.found({"known": known, "asked": asked}), {"known": "awareness", "asked": "consideration"})

    def test_several_orders_on_one_day_are_one_purchase(self):
        once, twice = self.customer("Once"), self.customer("Twice")
        self.order(once, 100, AS_OF)
        for _order in range(5):
            self.order(twice, 20, AS_OF)
        self.rescore(as_of=AS_OF)
        self.assertEqual(self.found({"once": once, "twice": twice}), {"once": "introduction", "twice": "introduction"})
        self.assertEqual(self.profile(once).lost_date, self.profile(twice).lost_date)
        self.assertEqual(self.profile(twice).order_count, 5)
