from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged

from ..common import with_seeds
from ..measure.purchase_case import PurchaseCase
from .figures_case import FiguresCase, mean, month_end


@tagged("post_install", "-at_install")
class TestPaymentReport(FiguresCase, PurchaseCase):
    """How many days late invoices are paid, held against the invoices and payments that were made."""

    model = "grading.payment.report"

    def bill_of(self, customer, amount, due, **vals):
        """A posted invoice that is due on a day."""
        move = self.invoice(customer, amount, day=due - timedelta(days=10), **vals)
        move.invoice_date_due = due
        return move

    def pay(self, invoice, day, amount=None):
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        values = {"payment_date": day} | ({"amount": amount} if amount else {})
        wizard.create(values)._create_payments()

    @with_seeds(2)
    def test_days_late_by_grade_and_month(self, rng):
        customers = [self.customer(f"Customer {number}") for number in range(3)]
        grades = {}
        for customer in customers:
            for back in range(1, 9):
                day = month_end(self.today - relativedelta(months=back))
                grades[customer, day] = rng.choice(self.grades)
                self.remember(customer, day, grades[customer, day])
        expected = defaultdict(list)
        for _number in range(8):
            customer, due = rng.choice(customers), self.today - timedelta(days=rng.randrange(45, 200))
            invoice = self.bill_of(customer, 100, due)
            late = rng.choice([None, -5, 0, 7, 30])
            if late is not None:
                self.pay(invoice, due + timedelta(days=late))
            grade = self.grade_then(grades, customer, due)
            expected[grade, due.replace(day=1)].append((self.today - due).days if late is None else late)
        here = [("partner_id", "in", [customer.id for customer in customers])]
        got = self.groups(["grade_id", "date:month"], ["days_late:avg", "__count"], here)
        self.assert_same(got, {key: (mean(days), len(days)) for key, days in expected.items()})
        self.scheme([self.linear("average_days_late")])
        self.rescore()
        for customer in customers:
            rows = self.rows([("partner_id", "=", customer.id)])
            average = self.profile(customer).average_days_late
            self.assertAlmostEqual(mean(rows.mapped("days_late")), average, 6)

    def test_paid_and_overdue_and_what_is_not_due_yet(self):
        ada = self.customer("Ada")
        paid = self.bill_of(ada, 100, self.today - timedelta(days=40))
        self.pay(paid, self.today - timedelta(days=20))
        overdue = self.bill_of(ada, 60, self.today - timedelta(days=5))
        self.pay(overdue, self.today - timedelta(days=2), 50)
        self.bill_of(ada, 70, self.today + timedelta(days=5))
        ahead = self.bill_of(ada, 30, self.today - timedelta(days=4))
        self.pay(ahead, self.today + timedelta(days=1))  # entered today already
        found = {row.move_id: (row.state, row.days_late, row.amount, row.paid_date) for row in self.rows()}
        twenty = self.today - timedelta(days=20)
        self.assertEqual(
            found,
            {paid: ("paid", 20, 100, twenty), overdue: ("overdue", 5, 10, False), ahead: ("overdue", 4, 30, False)},
        )
        self.assertEqual(self.rows([("move_id", "=", overdue.id)]).action_open()["res_id"], overdue.id)
        self.assert_cells_open_what_they_count(["state"], "amount")

    def test_a_salesperson_sees_their_own_invoices(self):
        ada, due = self.customer("Ada"), self.today - timedelta(days=5)
        mine = self.bill_of(ada, 10, due, invoice_user_id=self.seller.id)
        theirs = self.bill_of(ada, 20, due, invoice_user_id=self.chief.id)
        self.assertEqual(self.rows(user=self.seller).mapped("amount"), [10])
        self.assertEqual(set(self.rows(user=self.chief).move_id), {mine, theirs})

    def test_companies_are_apart_and_outsiders_see_nothing(self):
        self.bill_of(self.customer("Ada"), 10, self.today - timedelta(days=5))
        self.assert_apart_and_closed()
