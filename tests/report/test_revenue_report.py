from collections import defaultdict
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ..common import with_seeds
from ..measure.purchase_case import PurchaseCase
from .figures_case import FiguresCase


@tagged("post_install", "-at_install")
class TestRevenueReport(FiguresCase):
    """Revenue by the grade of then and of now, held against the orders themselves."""

    model = "grading.revenue.report"

    @with_seeds(3)
    def test_revenue_and_orders_by_grade_and_month(self, rng):
        customers = self.customers(rng, 12)
        orders = self.random_orders(rng, customers, 150)
        self.scheme()
        self.rescore()
        grades = self.random_months(rng, customers)
        then, now = defaultdict(lambda: [0, 0]), defaultdict(lambda: [0, 0])
        for customer, day, amount in orders:
            for sums in (
                then[self.grade_then(grades, customer, day), day.replace(day=1)],
                now[(self.profile(customer).grade_id,)],
            ):
                sums[0] += amount
                sums[1] += amount > 0
        here = [("partner_id", "in", [customer.id for customer in customers])]
        measures = ["amount:sum", "order_count:sum"]
        self.assert_same(self.groups(["grade_id", "date:month"], measures, here), then)
        self.assert_same(self.groups(["grade_now_id"], measures, here), now)
        for customer in customers:
            rows = self.rows([("partner_id", "=", customer.id)])
            self.assertAlmostEqual(sum(rows.mapped("amount")), self.profile(customer).order_amount or 0, 2)
            self.assertEqual(sum(rows.mapped("order_count")), self.profile(customer).order_count)

    def test_cells_open_the_documents_that_they_count(self):
        ada, ben = self.customer("Ada"), self.customer("Ben")
        for partner, amount, days in ((ada, 10, 3), (ada, 20, 100), (ben, 5, 100), (ben, -4, 3)):
            self.order(partner, amount, self.today - timedelta(days=days))
        self.remember(ada, self.today - timedelta(days=100), self.gold)
        self.assert_cells_open_what_they_count(["grade_id", "date:month"], "amount")
        self.assertEqual(len(set(self.rows().ids)), 4)

    def test_what_one_document_returns_of_two_purchases_has_two_keys(self):
        """Also where both are of the same amount, as on a ticket that brings goods of two tickets back."""
        ada = self.customer("Ada")
        order = self.order(ada, 10, self.today - timedelta(days=3))
        day = self.today - timedelta(days=2)
        returned = SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s::int AS partner_id, 'sale.order'::varchar AS document_model, %s::int AS id,"
                " 'Return'::varchar AS name, %s::date AS day, %s::timestamp AS moment, -5::numeric AS amount,"
                " -5::numeric AS own_amount, NULL::int AS currency_id, %s::int AS purchase",
                ada.id,
                order.id,
                day,
                day,
                purchase,
            )
            for purchase in (-1, -2)
        )
        with patch.object(self.env.registry["grading.measure"], "_documents_to_net", lambda *args: [returned]):
            rows = self.rows([("partner_id", "=", ada.id), ("name", "=", "Return")])
            self.assertEqual(len(set(rows.ids)), 2)
            self.assertEqual(rows.mapped("amount"), [-5, -5])

    def test_a_row_opens_its_order(self):
        order = self.order(self.customer("Ada"), 10, self.today)
        action = self.rows().action_open()
        self.assertEqual((action["res_model"], action["res_id"]), ("sale.order", order.id))

    def test_a_salesperson_sees_their_own_documents_and_those_without_one(self):
        ada = self.customer("Ada")
        days = {user: self.order(ada, 10, self.today, user_id=user) for user in (self.seller.id, self.chief.id, False)}
        seen = self.rows(user=self.seller)
        self.assertEqual(set(seen.mapped("document_id")), {days[self.seller.id].id, days[False].id})
        self.assertEqual(set(self.rows(user=self.chief).mapped("document_id")), {order.id for order in days.values()})
        self.assert_cells_open_what_they_count(["grade_id"], "amount", user=self.seller)

    def test_companies_are_apart_and_outsiders_see_nothing(self):
        self.order(self.customer("Ada"), 10, self.today)
        self.assert_apart_and_closed()

    def test_two_companies_at_work_are_seen_together_each_with_its_own_grades(self):
        ada = self.customer("Ada")
        self.order(ada, 10, self.today - timedelta(days=40))
        self.order(ada, 7, self.today - timedelta(days=40), company_id=self.other.id)
        self.remember(ada, self.today - timedelta(days=40), self.gold)
        self.remember(ada, self.today - timedelta(days=40), self.bronze, company_id=self.other.id)
        both = self.env(context={**self.env.context, "allowed_company_ids": (self.company | self.other).ids})
        found = self.env[self.model].with_env(both)._read_group([], ["company_id", "grade_id"], ["amount:sum"])
        self.assertEqual(
            [(company, grade, amount) for company, grade, amount in found],
            [(self.company, self.gold, 10), (self.other, self.bronze, 7)],
        )

    def test_what_another_module_counts_as_a_purchase_is_there(self):
        Measure = self.env.registry["grading.measure"]
        sources, ada = Measure._purchase_sources, self.customer("Ada")

        def more(model, as_of, contacts, counted):
            rent = SQL(
                "SELECT contact.commercial_partner_id, DATE '2025-01-01', NULL::timestamp, 40.0, TRUE, 'Rent'"
                " FROM %s AS contact WHERE contact.id = %s",
                contacts,
                ada.id,
            )
            return [*sources(model, as_of, contacts, counted), rent]

        self.patch(Measure, "_purchase_sources", more)
        self.order(ada, 2, self.today)
        self.assertEqual(self.groups(["name"], ["amount:sum"], [("name", "=", "Rent")]), {("Rent",): (40,)})
        self.assertEqual(sum(self.rows([("partner_id", "=", ada.id)]).mapped("amount")), 42)
        action = self.rows([("name", "=", "Rent")]).action_open()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", ada.id))

    def test_without_sales_margin_there_is_no_margin(self):
        installed = "margin" in self.env["sale.order"]._fields
        report = self.env[self.model]
        self.assertEqual("margin" in report.fields_get(), installed)
        self.assertEqual("margin" in report.get_view(view_type="list")["models"][report._name], installed)

    def test_what_is_not_asked_for_is_not_looked_up(self):
        """Sums by month read neither snapshots nor profiles, nor the orders once more."""
        query = self.env[self.model]._search([])
        plan = self.plan(SQL("%s GROUP BY date", query.select(SQL("date, SUM(amount)"))))
        self.assertNotIn("grading_snapshot", plan)
        self.assertNotIn("grading_profile", plan)
        self.assertEqual(plan.count(" on sale_order "), 1)
        plan = self.plan(SQL("%s GROUP BY grade_id", query.select(SQL("grade_id, SUM(amount)"))))
        self.assertIn("grading_snapshot", plan)

    def plan(self, select):
        return "\n".join(line for [line] in self.env.execute_query(SQL("EXPLAIN %s", select)))


@tagged("post_install", "-at_install")
class TestRevenueDocuments(PurchaseCase):
    """What counts of orders and invoices that were credited."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Report = cls.env["grading.revenue.report"]

    @with_seeds(2)
    def test_credited_amounts_are_taken_off_whichever_document_counts(self, rng):
        customers = [self.customer(f"Customer {number}") for number in range(3)]
        ordered, invoiced = defaultdict(float), defaultdict(float)
        for _number in range(8):
            customer, amount = rng.choice(customers), rng.choice([50, 80.5, 120])
            day = self.company._grading_today() - timedelta(days=rng.randrange(40, 300))
            later = day + timedelta(days=rng.randrange(1, 30))
            invoice = self.bill(self.sell(customer, amount, day=day), day=later)
            credited = rng.choice([0, 0, 20, amount])
            if credited:
                self.credit(invoice, credited, day=later + timedelta(days=2))
            ordered[customer, day.replace(day=1)] += amount - credited
            invoiced[customer, later.replace(day=1)] += amount - credited
        for counted, expected in (("order", ordered), ("invoice", invoiced)):
            self.company.grading_amount_source = counted
            found = self.Report._read_group(
                [("partner_id", "in", [customer.id for customer in customers])],
                ["partner_id", "date:month"],
                ["amount:sum"],
            )
            got = {(customer, month): float(amount) for customer, month, amount in found if amount}
            with self.subTest(counted=counted):
                self.assertEqual(got.keys(), {key for key, amount in expected.items() if amount})
                for key, amount in got.items():
                    self.assertAlmostEqual(amount, expected[key], 2)

    def test_an_invoice_and_its_credit_note_open_themselves(self):
        self.company.grading_amount_source = "invoice"
        ada = self.customer("Ada")
        invoice = self.bill(self.sell(ada, 100))
        note = self.credit(invoice, 30)
        rows = self.Report.search([("partner_id", "=", ada.id)])
        self.assertEqual(
            {row.document_id: (row.document_model, row.amount, row.order_count) for row in rows},
            {invoice.id: ("account.move", 70, 1), note.id: ("account.move", 0, 0)},
        )
        self.assertEqual(rows.filtered("amount").action_open()["res_id"], invoice.id)
