from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged

from ..common import with_seeds
from .figures_case import FiguresCase, mean, month_end

RATES = {3: "bought_3m", 6: "bought_6m", 12: "bought_12m"}


@tagged("post_install", "-at_install")
class TestRetentionReport(FiguresCase):
    """Which customers of a grade bought again, held against their orders."""

    model = "grading.retention.report"

    def bought_again(self, days, month, within):
        """100 or 0; None as long as one cannot tell."""
        first = month + timedelta(days=1)
        last = month_end(month + relativedelta(months=within))
        if last >= self.today.replace(day=1):
            return None
        return 100 * any(first <= day <= last for day in days)

    @with_seeds(3)
    def test_who_bought_again_by_grade_and_month(self, rng):
        customers = self.customers(rng, 10)
        days = defaultdict(list)
        for customer, day, amount in self.random_orders(rng, customers, 80, months=26):
            if amount > 0:
                days[customer].append(day)
        expected = defaultdict(list)
        year_ago = (self.today - relativedelta(months=11)).replace(day=1)
        for customer in customers:
            for back in range(1, 24):
                month, buying = month_end(self.today - relativedelta(months=back)), rng.random() < 0.8
                grade = rng.choice(self.grades)
                self.remember(customer, month, grade, order_count_12m=2 if buying else 0)
                if buying:
                    again = [self.bought_again(days[customer], month, within) for within in RATES]
                    again.append(100 * any(day >= year_ago for day in days[customer]))
                    expected[grade, month.replace(day=1)].append(again)
        here = [("partner_id", "in", [customer.id for customer in customers])]
        measures = [f"{name}:avg" for name in (*RATES.values(), "active_rate")]
        got = self.groups(["grade_id", "date:month"], [*measures, "__count"], here)
        wanted = {key: (*map(mean, zip(*rows, strict=True)), len(rows)) for key, rows in expected.items()}
        self.assert_same(got, wanted)

    def test_what_is_unknown_is_in_neither_list(self):
        ada = self.customer("Ada")
        for back in (1, 5):
            self.remember(ada, self.today - relativedelta(months=back), self.gold, order_count_12m=1)
        self.assertEqual(len(self.rows([("bought_3m", "=", 0)])), 1)
        self.assertEqual(len(self.rows([("bought_3m", "=", False)])), 1)
        self.assertFalse(self.rows([("bought_3m", ">", 0)]))

    def test_five_years_back_and_no_further(self):
        ada, month = self.customer("Ada"), self.today.replace(day=1) - relativedelta(months=60)
        self.order(ada, 10, month + relativedelta(months=1, days=1))
        for day in (month, month - timedelta(days=1)):
            self.remember(ada, day, self.gold, order_count_12m=1)
        [row] = self.rows()
        self.assertEqual((row.date, row.bought_3m, row.bought_12m), (month_end(month), 100, 100))

    def test_leads_have_no_part_in_it(self):
        lead = self.lead()
        self.remember(lead, self.today - relativedelta(months=4), self.gold, order_count_12m=1)
        self.assertFalse(self.rows())

    def test_a_salesperson_sees_their_own_customers(self):
        owners = {"Ada": self.seller.id, "Ben": self.chief.id, "Cleo": False}
        customers = {name: self.customer(name, user_id=owner) for name, owner in owners.items()}
        for customer in customers.values():
            self.remember(customer, self.today - relativedelta(months=4), self.gold, order_count_12m=1)
        self.assertEqual(self.rows(user=self.seller).partner_id, customers["Ada"] + customers["Cleo"])
        self.assertEqual(len(self.rows(user=self.chief)), 3)
        self.assert_cells_open_what_they_count(["grade_id", "date:month"], "active_rate", user=self.seller)

    def test_companies_are_apart_and_outsiders_see_nothing(self):
        self.remember(self.customer("Ada"), self.today - relativedelta(months=4), self.gold, order_count_12m=1)
        self.assert_apart_and_closed()
