from datetime import date

from odoo.tests import tagged
from odoo.tools import SQL

from .purchase_case import AS_OF, PurchaseCase


@tagged("post_install", "-at_install")
class TestPurchaseQueue(PurchaseCase):
    """Which documents ask for new scores, and of whom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme()
        cls.ada = cls.customer("Ada", is_company=True)
        cls.env["grading.queue"]._waiting([]).unlink()

    def waiting(self):
        """Who waits for a new score now, and no longer."""
        lines = self.env["grading.queue"]._waiting([])
        partners = lines.partner_id.commercial_partner_id
        lines.unlink()
        return partners

    def test_a_credit_note_to_another_address_asks_for_who_ordered(self):
        payer = self.customer("Payer", is_company=True)
        invoice = self.bill(self.sell(self.ada, 1000, partner_invoice_id=payer.id))
        self.waiting()
        self.credit(invoice)
        self.assertEqual(self.waiting(), self.ada | payer)
        self.assertEqual(self.judged(self.ada, "order_count"), (0,))

    def test_a_receipt_asks_for_its_customer(self):
        self.invoice(self.ada, 100, "out_receipt")
        self.assertEqual(self.waiting(), self.ada)

    def test_a_rate_asks_for_the_customers_with_documents_that_had_none(self):
        order = self.sell(self.ada, 100, currency=self.dollar)
        self.invoice(self.customer("Ben"), 100, currency_id=self.dollar.id)
        self.sell(self.customer("Eve"), 100)
        self.company.grading_amount_source = "invoice"
        self.assertIn("INV", self.rescore(as_of=AS_OF).message)
        self.company.grading_amount_source = "order"
        self.assertIn(order.name, self.rescore(as_of=AS_OF).message)
        self.assertEqual(self.profile(self.ada).order_amount, 0)
        self.waiting()
        rate = self.rate(self.dollar, 2, date(2025, 6, 1))  # by Odoo's rule the first rate counts for earlier days
        self.assertEqual(self.waiting().mapped("name"), ["Ada", "Ben"])
        self.assertEqual(self.judged(self.ada, "order_count", "order_amount"), (1, 50))
        rate.rate = 4
        self.assertEqual(self.waiting().mapped("name"), ["Ada", "Ben"])
        self.assertEqual(self.judged(self.ada, "order_count", "order_amount"), (1, 25))
        self.rate(self.dollar, 5, date(2025, 7, 1))
        self.assertFalse(self.waiting(), "the next rates concern no earlier document")
        self.assertFalse(self.rescore(as_of=AS_OF).message)

    def test_a_rate_asks_for_the_firm_that_an_invoice_was_posted_for(self):
        firm, other = (self.customer(name, is_company=True) for name in ("Firm", "Other"))
        ben = self.customer("Ben", parent_id=firm.id)
        self.invoice(ben, 100, currency_id=self.dollar.id)
        ben.parent_id = other
        self.waiting()
        self.rate(self.dollar, 2)
        self.assertEqual(self.waiting(), firm)

    def test_a_rate_of_another_company_is_none(self):
        other = self.new_company("Other")
        self.sell(self.ada, 100, currency=self.dollar)
        self.rate(self.dollar, 2, company=other)
        self.assertTrue(self.rescore(as_of=AS_OF).message)

    def test_the_first_rate_of_a_company_asks_whatever_rates_another_has(self):
        self.rate(self.dollar, 3, company=self.new_company("Other"))
        self.sell(self.ada, 100, currency=self.dollar)
        self.waiting()
        self.rate(self.dollar, 2, date(2025, 6, 1))  # after the order
        self.assertEqual(self.waiting(), self.ada)

    def test_a_rate_that_is_one_is_a_rate(self):
        self.rate(self.dollar, 1)
        self.sell(self.ada, 100, currency=self.dollar)
        self.assertEqual(self.judged(self.ada, "order_amount"), (100,))

    def test_a_missing_rate_is_noticed_beside_a_rate_of_the_own_currency(self):
        """Rates may stand against a third currency: 1 over the own rate is what Odoo stores where there is none."""
        pound = self.env.ref("base.GBP")
        pound.active = True
        self.rate(self.company.currency_id, 1.2834)
        order = self.sell(self.ada, 100000, currency=pound)
        invoice = self.invoice(self.customer("Ben"), 100000, currency_id=pound.id)
        self.assertAlmostEqual(order.currency_rate, 1 / 1.2834, 6)
        self.assertAlmostEqual(invoice.invoice_currency_rate, 1 / 1.2834, 6)
        for source, name in (("order", order.name), ("invoice", invoice.name)):
            self.company.grading_amount_source = source
            with self.subTest(source=source):
                self.assertIn(name, self.rescore(as_of=AS_OF).message)
                partner = (order if source == "order" else invoice).partner_id
                self.assertEqual(self.profile(partner).order_amount, 0)
        self.waiting()
        self.rate(pound, 1.0695)  # by Odoo's rule 1.2 euros are a pound
        self.assertEqual(self.waiting().mapped("name"), ["Ada", "Ben"])
        for source, partner in (("order", order.partner_id), ("invoice", invoice.partner_id)):
            self.company.grading_amount_source = source
            with self.subTest(source=source, entered=True):
                self.assertFalse(self.rescore(as_of=AS_OF).message)
                self.assertAlmostEqual(self.profile(partner).order_amount, 100000 * 1.2834 / 1.0695, 2)

    def test_documents_in_the_own_currency_and_with_a_rate_count_beside_a_rate_of_the_own_currency(self):
        self.rate(self.company.currency_id, 1.2834)
        self.rate(self.dollar, 1)
        self.sell(self.ada, 100)
        self.sell(self.customer("Ben"), 100, currency=self.dollar)
        self.invoice(self.customer("Eve"), 100, currency_id=self.dollar.id)
        self.assertFalse(self.rescore(as_of=AS_OF).message)
        amounts = {profile.partner_id.name: profile.order_amount for profile in self.env["grading.profile"].search([])}
        self.assertEqual(amounts["Ada"], 100)
        self.assertAlmostEqual(amounts["Ben"], 128.34, 2)
        self.company.grading_amount_source = "invoice"
        self.assertFalse(self.rescore(as_of=AS_OF).message)
        self.assertAlmostEqual(
            self.profile(self.env["res.partner"].search([("name", "=", "Eve")])).order_amount, 128.34, 2
        )

    def test_the_own_rate_is_looked_up_for_foreign_documents_alone(self):
        """The company's own currency decides first: many orders cost no more than before."""
        self.assertEqual(
            self.text_of(
                self.env["grading.measure"]._is_unrated(
                    SQL.identifier("sale", "currency_rate"), SQL.identifier("sale", "currency_id"), SQL("DATE 'today'")
                )
            ).partition("COALESCE")[0],
            f'CASE WHEN "sale"."currency_id" <> {self.company.currency_id.id} THEN "sale"."currency_rate" = 1'
            ' OR ABS("sale"."currency_rate" * ',
        )
        self.rate(self.company.currency_id, 1.2834)
        self.sell(self.ada, 100)
        self.env.flush_all()
        amount = self.env["grading.measure"]._order_purchases(AS_OF, SQL("res_partner"))
        plan = self.env.execute_query(SQL("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) %s", amount))
        lookups = [line for [line] in plan if "res_currency_rate" in line]
        self.assertTrue(lookups)
        self.assertTrue(all("never executed" in line for line in lookups), plan)

    def test_invoices_stay_with_the_company_that_they_were_posted_for(self):
        self.company.grading_amount_source = "invoice"
        ben = self.customer("Ben", parent_id=self.ada.id)
        firm = self.customer("Firm", is_company=True, customer_rank=1)
        self.invoice(ben, 60)
        self.invoice(self.ada, 50)
        self.sell(ben, 7)
        self.judged(self.ada)
        self.waiting()
        ben.parent_id = firm
        self.rescore(as_of=AS_OF, partners=self.ada | firm)
        self.assertEqual((self.profile(self.ada).order_amount, self.profile(firm).order_amount), (110, 0))
        self.invoice(ben, 5)
        self.assertEqual(self.judged(firm, "order_amount"), (5,))
        self.assertEqual(self.judged(self.ada, "order_amount"), (110,))

    def test_orders_go_along_and_the_histories_of_both_companies_say_why(self):
        ben = self.customer("Ben", parent_id=self.ada.id)
        firm = self.customer("Firm", is_company=True, customer_rank=1)
        self.sell(ben, 500)
        self.rescore()
        self.env["grading.queue"]._waiting([]).unlink()
        ben.parent_id = firm
        self.assertEqual(set(self.env["grading.queue"]._waiting([]).mapped("reason")), {"moved"})
        self.rescore(partners=self.ada | firm)
        for partner, grade in ((self.ada, self.bronze), (firm, self.gold)):
            line = self.profile(partner).history_ids[0]
            self.assertEqual((line.new_grade_id, line.reason), (grade, "moved"))

    def test_a_person_who_becomes_a_contact_brings_their_invoices(self):
        self.company.grading_amount_source = "invoice"
        ben = self.customer("Ben")
        self.invoice(ben, 60)
        self.judged(ben)
        ben.parent_id = self.ada
        self.assertEqual(self.judged(self.ada, "order_amount"), (60,))
