from datetime import date

from odoo.tests import tagged

from .purchase_case import AS_OF, PaymentCase


@tagged("post_install", "-at_install")
class TestPayments(PaymentCase):
    """How late a customer pays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment = cls.band("average_days_late", [(-3650, 3), (1, 2), (15, 1), (45, 0)], points_if_none=2)
        cls.scheme([cls.payment, cls.linear("overdue_amount", 0)])
        cls.ada, cls.ben, cls.eve = (cls.customer(name, customer_rank=1) for name in ("Ada", "Ben", "Eve"))

    def late(self, partner, as_of):
        return self.judged(partner, "average_days_late", as_of=as_of)[0]

    def points(self, partner):
        return self.profile(partner).score

    def test_who_never_pays_stands_no_better_than_who_pays_late(self):
        self.pay(self.invoice(self.ada, 100, day=date(2025, 1, 1)), date(2025, 1, 21))
        self.invoice(self.ben, 100, day=date(2025, 1, 1))
        for day, late, points in (
            (date(2025, 1, 1), False, 2),
            (date(2025, 1, 10), 9, 2),
            (date(2025, 1, 21), 20, 1),
            (date(2025, 2, 15), 45, 0),
            (date(2026, 1, 1), 365, 0),
        ):
            with self.subTest(day=day):
                self.assertEqual(self.late(self.ben, day), late)
                self.assertEqual(self.points(self.ben), points)
        self.assertEqual((self.late(self.ada, AS_OF), self.points(self.ada)), (20, 1))
        self.assertIs(self.late(self.eve, AS_OF), False)

    def test_an_invoice_that_was_paid_later_was_open_until_then(self):
        self.pay(self.invoice(self.ada, 100, day=date(2025, 1, 1)), date(2025, 2, 10))
        self.assertEqual(self.late(self.ada, date(2025, 1, 31)), 30)
        self.assertEqual(self.late(self.ada, AS_OF), 40)

    def test_a_credit_note_is_no_payment_neither_late_nor_in_time(self):
        wrong = self.invoice(self.ada, 100, day=date(2025, 1, 1))
        self.credit(wrong, day=date(2025, 4, 1))
        part = self.invoice(self.ben, 100, day=date(2025, 1, 1))
        self.pay(part, date(2025, 1, 11), 60)
        self.credit(part, 40, day=date(2025, 3, 1))
        for item in (wrong, part):
            lines = (item | item.reversal_move_ids).line_ids.filtered(lambda line: not line.reconciled)
            lines.filtered(lambda line: line.account_id.account_type == "asset_receivable").reconcile()
            self.assertTrue(item.currency_id.is_zero(item.amount_residual))
        self.assertEqual(self.late(self.ada, date(2025, 1, 31)), 30, "it was open")
        self.assertIs(self.late(self.ada, date(2025, 4, 2)), False)
        self.assertEqual(self.late(self.ben, date(2025, 4, 2)), 10, "the day of the payment")

    def test_what_is_booked_for_another_rate_is_no_payment(self):
        self.rate(self.dollar, 1)
        self.rate(self.dollar, 2, date(2025, 3, 1))
        wrong = self.invoice(self.ada, 100, day=date(2025, 1, 1), currency_id=self.dollar.id)
        self.credit(wrong, day=date(2025, 4, 1))
        lines = (wrong | wrong.reversal_move_ids).line_ids
        lines.filtered(
            lambda line: line.account_id.account_type == "asset_receivable" and not line.reconciled
        ).reconcile()
        partials = wrong.line_ids.matched_credit_ids
        self.assertTrue(partials.exchange_move_id, "otherwise this proves nothing")
        self.assertIs(self.late(self.ada, date(2025, 4, 2)), False)

    def test_what_is_due_in_a_currency_without_a_rate_is_left_out_until_one_is_entered(self):
        self.invoice(self.ada, 100, day=date(2025, 1, 1))
        foreign = self.invoice(self.ada, 800, day=date(2025, 1, 1), currency_id=self.dollar.id)
        self.assertEqual(foreign.amount_residual_signed, 800, "what Odoo stores")
        self.assertEqual(self.judged(self.ada, "overdue_amount"), (100,))
        self.rate(self.dollar, 4)
        self.assertEqual(self.judged(self.ada, "overdue_amount"), (300,))

    def test_what_is_due_in_a_currency_without_a_rate_is_named_by_the_run(self):
        foreign = self.invoice(self.ada, 800, day=date(2025, 1, 1), currency_id=self.dollar.id)
        due_later = self.invoice(self.ada, 800, day=AS_OF, currency_id=self.dollar.id)
        for source, sentence in (("order", "no rate: 1."), ("invoice", "2 documents were skipped")):
            with self.subTest(source=source):
                self.company.grading_amount_source = source
                message = self.rescore(as_of=AS_OF).message
                self.assertIn(sentence, message)
                self.assertEqual(message.count(foreign.name), 1)
                self.assertEqual(message.count(due_later.name), source == "invoice")
        self.company.grading_amount_source = "order"
        self.rate(self.dollar, 4)
        self.assertFalse(self.rescore(as_of=AS_OF).message)

    def test_who_pays_everything_weeks_late_is_a_risk_for_that(self):
        self.pay(self.invoice(self.ada, 100, day=date(2025, 1, 1)), date(2025, 1, 21))
        self.judged(self.ada)
        self.assertFalse(self.profile(self.ada).risk_reason, "once is no habit")
        self.pay(self.invoice(self.ada, 100, day=date(2025, 2, 1)), date(2025, 2, 23))
        self.judged(self.ada)
        self.assertEqual(self.profile(self.ada).risk_reason, "Pays 21 days late on average")

    def test_open_and_paid_ones_are_averaged(self):
        self.pay(self.invoice(self.ada, 100, day=date(2025, 1, 1)), date(2025, 1, 11))
        self.invoice(self.ada, 100, day=date(2025, 3, 1))
        self.invoice(self.ada, 100, day=date(2025, 4, 1))  # not known yet
        self.assertEqual(self.late(self.ada, AS_OF), 20)  # 10 and 30

    def test_a_night_rewrites_only_those_whose_points_change(self):
        self.invoice(self.ada, 100, day=date(2025, 3, 1))
        self.invoice(self.ben, 100, day=date(2025, 3, 20))
        self.judged(self.ada, as_of=date(2025, 4, 1))
        # Ben is 15 days late on the 4th, Ada 45 days on the 15th.
        for day, changed in ((2, 0), (3, 0), (4, 1), (5, 0), (14, 0), (15, 1), (16, 0)):
            with self.subTest(day=day):
                self.assertEqual(self.rescore(as_of=date(2025, 4, day)).changed_count, changed)

    def test_it_is_searched_sorted_and_averaged_as_it_is_today(self):
        self.pay(self.invoice(self.ada, 100, day=date(2025, 1, 1)), date(2025, 1, 21))
        self.invoice(self.ben, 100, day=date(2025, 3, 1))
        self.judged(self.ada)
        Profile = self.env["grading.profile"].with_context(grading_as_of=AS_OF)
        mine = [("company_id", "=", self.company.id), ("partner_id", "in", (self.ada | self.ben | self.eve).ids)]
        for condition, found in (
            (("average_days_late", ">", 20), self.ben),
            (("average_days_late", "<=", 20), self.ada),
            (("average_days_late", "=", 20), self.ada),
            (("average_days_late", "=", False), self.eve),
            (("average_days_late", "!=", False), self.ada | self.ben),
        ):
            with self.subTest(condition=condition):
                self.assertEqual(Profile.search([*mine, condition]).partner_id, found)
        latest_first = Profile.search(mine, order="average_days_late desc").partner_id
        self.assertEqual(latest_first.mapped("name"), ["Ben", "Ada", "Eve"])
        [[average]] = Profile._read_group(mine, aggregates=["average_days_late:avg"])
        self.assertEqual(average, 25)
        for value in ("late", 1e300, True, float("nan")):
            with self.subTest(value=value), self.assert_refused("number"):
                Profile.search([("average_days_late", ">", value)])

    def test_sql_of_the_average(self):
        self.assertEqual(
            self.text_of(self.env["grading.measure"]._value_to_sql("average_days_late", date(2026, 1, 31))),
            '(("grading_profile"."late_days" + "grading_profile"."overdue_invoice_count" *'
            " (DATE '2026-01-31'::date - DATE '2020-01-01')) / NULLIF(\"grading_profile\".\"due_invoice_count\", 0))",
        )

    def test_an_invoice_of_nothing_is_never_late(self):
        self.invoice(self.ada, 0, day=date(2025, 1, 1))
        self.assertIs(self.late(self.ada, AS_OF), False)
