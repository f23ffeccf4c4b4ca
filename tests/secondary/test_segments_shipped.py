from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import convert_file

from ..measure.purchase_case import PaymentCase


@tagged("post_install", "-at_install")
class TestSegmentsShipped(PaymentCase):
    """The schemes beside the grade that come with the module, each switched on: who is in which segment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.scheme()

    def switched_on(self, name):
        """``{customer: segment}`` by the shipped scheme of that name, as an administrator switches it on."""
        scheme = self.env.ref(f"customer_grading.grading_scheme_{name}")
        self.assertEqual((scheme.active, scheme.is_secondary, scheme.state), (False, True, "archived"))
        scheme.action_unarchive()
        self.rescore()
        rows = self.env["grading.secondary"].search(
            [("scheme_id", "=", scheme.id), ("company_id", "=", self.company.id)]
        )
        return {row.partner_id.name: row.grade_id.name for row in rows}

    def buyers(self, *names):
        """Customers with an order of long ago."""
        partners = [self.customer(name) for name in names]
        for partner in partners:
            self.order(partner, 100, self.today - timedelta(days=800))
        return partners

    def test_a_database_that_runs_already_gets_them_with_an_update_and_keeps_its_own(self):
        credit, satisfaction = (
            self.env.ref(f"customer_grading.grading_scheme_{name}") for name in ("credit", "satisfaction")
        )
        satisfaction.threshold_ids[0].domain = "[('satisfaction', '>=', 9)]"
        segments, former = credit.threshold_ids.grade_id, self.starts(credit)
        self.forget(credit, credit.threshold_ids, segments)
        convert_file(self.env, "customer_grading", "data/secondary_data.xml", {}, mode="update")
        again = self.env.ref("customer_grading.grading_scheme_credit")
        self.assertEqual((again.active, again.is_secondary), (False, True))
        self.assertEqual(self.starts(again), former)
        self.assertFalse(again.threshold_ids.grade_id & segments)
        self.assertEqual(satisfaction.threshold_ids[0].domain, "[('satisfaction', '>=', 9)]")

    def starts(self, scheme):
        return [
            (start.domain, start.grade_id.name, start.grade_id.title, start.grade_id.sequence)
            for start in scheme.threshold_ids
        ]

    def forget(self, *parts):
        """Delete what was shipped, and that it ever was."""
        for rows in parts:
            of_rows = [("module", "=", "customer_grading"), ("model", "=", rows._name), ("res_id", "in", rows.ids)]
            self.env["ir.model.data"].search(of_rows).unlink()
        for rows in parts:
            rows.exists().unlink()

    def test_value_by_shares_of_those_who_bought_within_twelve_months(self):
        """Of ten with different amounts: one, two, three and four of them."""
        for place, amount in enumerate((100, 90, 80, 70, 60, 50, 40, 30, 20, 10), 1):
            partner = self.customer(f"{place}")
            self.order(partner, amount, self.today - timedelta(days=30))
            self.order(partner, 1000 * place, self.today - timedelta(days=400))  # counts no more
        self.buyers("Former")
        self.assertEqual(
            self.switched_on("value_segments"),
            {
                **{"1": "Value A", "2": "Value B", "3": "Value B"},
                **{"4": "Value C", "5": "Value C", "6": "Value C"},
                **{"7": "Value D", "8": "Value D", "9": "Value D", "10": "Value D"},
            },
        )

    def test_satisfaction_by_what_customers_have_said(self):
        answers = {"Best": 10, "Just": 7, "Nearly": 6, "Half": 5, "Not": 4, "Never": 0}
        partners = self.buyers(*answers, "Silent", "Mixed")
        for partner, score in zip(partners, answers.values(), strict=False):
            self.answer(partner, score)
        for score in (4, 10):  # as old as each other: 7 on average
            self.answer(partners[-1], score)
        self.answer(self.customer("No customer", customer_rank=1), 9)
        self.assertEqual(
            self.switched_on("satisfaction"),
            {
                **{"Best": "Satisfied", "Just": "Satisfied", "Mixed": "Satisfied"},
                **{"Nearly": "Neutral", "Half": "Neutral", "Not": "Unhappy", "Never": "Unhappy"},
                "Silent": "Not Asked",
            },
        )

    def answer(self, partner, score):
        self.env["grading.assessment"].create(
            {"partner_id": partner.id, "date": self.today - timedelta(days=9), "satisfaction": score}
        )

    def test_credit_by_how_late_invoices_are_paid_and_what_is_overdue(self):
        names = ("Early", "Edge", "Slow", "Owes", "Edge of late", "Worst", "Silent", "New", "Mends")
        early, edge, slow, owes, late_edge, worst, _silent, new, mends = self.buyers(*names)
        self.bought(early, 100, paid=95)
        self.bought(edge, 100, paid=86)  # 14 days late
        self.bought(slow, 100, paid=85)  # 15 days
        self.bought(owes, 200, paid=200)
        self.bought(owes, 3)  # 1.5 days late on average, and overdue
        self.bought(late_edge, 60)  # open, 60 days late today
        self.bought(worst, 61)
        self.bought(new, -5)  # due in five days
        self.bought(mends, 300, paid=180)  # 120 days late
        self.bought(mends, 100, paid=100)  # 60 on average
        without_order = self.customer("Invoice only")
        self.bought(without_order, 50, paid=50)
        self.customer("Nothing", customer_rank=1)
        self.assertEqual(
            self.switched_on("credit"),
            {
                **{"Early": "Good Payer", "Edge": "Good Payer", "Invoice only": "Good Payer"},
                **{"Slow": "Late Payer", "Owes": "Late Payer", "Edge of late": "Late Payer", "Mends": "Late Payer"},
                **{"Worst": "Doubtful", "Silent": "No Invoices", "New": "No Invoices"},
            },
        )

    def bought(self, partner, due, paid=None):
        """An invoice that was due so many days ago, and paid so many days ago."""
        day = self.today - timedelta(days=due)
        invoice = self.invoice(partner, 100, day=min(day, self.today))
        if day > self.today:
            invoice.button_draft()
            invoice.invoice_date_due = day
            invoice.action_post()
        if paid is not None:
            self.pay(invoice, self.today - timedelta(days=paid))
