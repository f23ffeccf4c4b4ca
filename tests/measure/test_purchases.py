from datetime import date, timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.base.fields import OrEmpty
from .purchase_case import AS_OF, PurchaseCase

MEASURES = ("order_count", "order_amount")


class World(PurchaseCase):
    """What customers did. Each method is a customer's story; the table below says what it comes to."""

    def ordered(self, ada):
        self.sell(ada, 1000)

    def ordered_and_invoiced(self, ada):
        self.bill(self.sell(ada, 1000))

    def credited_in_part(self, ada):
        self.credit(self.bill(self.sell(ada, 1000)), 300)

    def credited_in_full(self, ada):
        self.credit(self.bill(self.sell(ada, 600, 400)))

    def credited_with_a_discount(self, ada):
        self.credit(self.bill(self.sell(ada, 1000, -100)))

    def credited_and_invoiced_anew(self, ada):
        self.credit(self.bill(self.sell(ada, 1000)), again=True)

    def credit_note_that_was_reversed(self, ada):
        """The reversal charges again for what was invoiced: it is no purchase of its own."""
        invoice = self.invoice(ada, 1000)
        self.credit(self.credit(invoice, 300))

    def credited_and_invoiced_anew_without_an_order(self, ada):
        self.credit(self.invoice(ada, 1000), again=True)

    def invoiced_too_much(self, ada):
        order = self.sell(ada, 1000)
        invoice = order._create_invoices()
        invoice.invoice_line_ids.price_unit = 1200
        self.credit(self.post(invoice, date(2025, 1, 15)), 200)

    def credited_without_an_order(self, ada):
        self.bill(self.sell(ada, 1000))
        self.invoice(ada, 250, "out_refund")

    def returned(self, ada):
        self.sell(ada, 1000)
        self.bill(self.sell(ada, -400, day=date(2025, 2, 1)))

    def exchanged(self, ada):
        self.bill(self.sell(ada, 1000, -400))

    def returned_more_than_bought(self, ada):
        self.bill(self.sell(ada, 100))
        self.bill(self.sell(ada, -100, day=date(2025, 2, 1)))
        self.bill(self.sell(ada, -50, day=date(2025, 2, 2)))

    def got_a_sample(self, ada):
        self.sell(ada, 0)

    def paid_in_dollars(self, ada):
        self.credit(self.bill(self.sell(ada, 1000, currency=self.dollar)), 250)

    def credited_in_dollars_at_another_rate(self, ada):
        self.credit(self.bill(self.sell(ada, 1000, currency=self.dollar)), day=date(2025, 2, 10))

    def bought_through_a_contact_of_a_contact(self, ada):
        child = self.customer("Child", parent_id=ada.id)
        self.bill(self.sell(self.customer("Grandchild", parent_id=child.id), 1000))

    def paid_down(self, ada):
        order = self.sell(ada, 1000)
        self.pay_down(order, 300)
        self.bill(order, date(2025, 2, 1))

    def paid_down_and_got_it_back(self, ada):
        order = self.sell(ada, 1000)
        self.credit(self.pay_down(order, 300))

    def was_invoiced_in_parts(self, ada):
        order = self.sell(ada, 600, 400)
        first = order._create_invoices()
        first.invoice_line_ids[1].unlink()
        self.post(first, date(2025, 1, 15))
        self.bill(order, date(2025, 2, 15))

    def was_invoiced_once_for_two_orders(self, ada):
        self.bill(self.sell(ada, 600) | self.sell(ada, 400))

    def cancelled_after_credit(self, ada):
        order = self.sell(ada, 1000)
        self.credit(self.bill(order))
        order._action_cancel()

    def has_an_open_credit_note(self, ada):
        move = self.bill(self.sell(ada, 1000))
        move._reverse_moves([{"invoice_date": date(2025, 1, 20)}])

    def paid_at_the_counter(self, ada):
        self.invoice(ada, 1000, "out_receipt")

    def is_credited_later(self, ada):
        self.credit(self.bill(self.sell(ada, 1000)), day=AS_OF + timedelta(days=1))

    # The story, then orders and their amount: where confirmed orders count, and where posted invoices count.
    TABLE = [
        (ordered, (1, 1000), (0, 0)),
        (ordered_and_invoiced, (1, 1000), (1, 1000)),
        (credited_in_part, (1, 700), (1, 700)),
        (credited_in_full, (0, 0), (0, 0)),
        (credited_with_a_discount, (0, 0), (0, 0)),
        (credited_and_invoiced_anew, (1, 1000), (1, 1000)),
        (credited_and_invoiced_anew_without_an_order, (0, 0), (1, 1000)),
        (credit_note_that_was_reversed, (0, 0), (1, 1000)),
        (invoiced_too_much, (1, 1000), (1, 1000)),
        (credited_without_an_order, (1, 1000), (1, 750)),
        (returned, (1, 600), (0, -400)),
        (exchanged, (1, 600), (1, 600)),
        (returned_more_than_bought, (1, -50), (1, -50)),
        (got_a_sample, (0, 0), (0, 0)),
        (paid_in_dollars, (1, 600), (1, 600)),  # 750 at 1.25
        (credited_in_dollars_at_another_rate, (0, 0), (0, -200)),  # 1000 at 1.25 less 1000 at 1.00
        (bought_through_a_contact_of_a_contact, (1, 1000), (1, 1000)),
        (paid_down, (1, 1000), (1, 1000)),
        (paid_down_and_got_it_back, (1, 1000), (0, 0)),
        (was_invoiced_in_parts, (1, 1000), (1, 1000)),
        (was_invoiced_once_for_two_orders, (2, 1000), (1, 1000)),
        (cancelled_after_credit, (0, 0), (0, 0)),
        (has_an_open_credit_note, (1, 1000), (1, 1000)),
        (paid_at_the_counter, (0, 0), (1, 1000)),
        (is_credited_later, (1, 1000), (1, 1000)),
    ]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rate(cls.dollar, 1.25)
        cls.rate(cls.dollar, 1, date(2025, 2, 1))
        cls.scheme()

    def live(self):
        """The stories, each of a customer of its own: ``{story: customer}``."""
        customers = {}
        for story, _orders, _invoices in self.TABLE:
            customers[story] = self.customer(story.__name__, is_company=True)
            story(self, customers[story])
        self.env.flush_all()
        return customers

    def measured(self, customer):
        profile = self.profile(customer)
        return tuple(profile[name] for name in MEASURES)


@tagged("post_install", "-at_install")
class TestPurchases(World):
    """A purchase is a commercial transaction with a positive net amount; it counts once, whatever it leaves."""

    def test_what_each_story_comes_to(self):
        customers = self.live()
        self.rescore(as_of=AS_OF)
        for story, expected, _invoices in self.TABLE:
            with self.subTest(story=story.__name__, counted="orders"):
                self.assertEqual(self.measured(customers[story]), expected)
        self.assert_alone(customers)
        self.assert_sales_analysis(customers)
        self.company.grading_amount_source = "invoice"
        self.rescore(as_of=AS_OF)
        for story, _orders, expected in self.TABLE:
            with self.subTest(story=story.__name__, counted="invoices"):
                self.assertEqual(self.measured(customers[story]), expected)
        self.assert_alone(customers)
        self.assert_invoice_analysis(customers)

    def assert_alone(self, customers):
        """Judged one by one they come to the same: nothing is written."""
        partners = self.env["res.partner"].union(*customers.values())
        self.assertEqual(self.rescore(as_of=AS_OF, partners=partners).changed_count, 0)

    def assert_sales_analysis(self, customers):
        """Where nothing was credited Odoo's sales analysis says the same."""
        Report = self.env["sale.report"]
        for story in (World.ordered, World.returned, World.exchanged, World.paid_down, World.was_invoiced_in_parts):
            customer = customers[story]
            domain = [("commercial_partner_id", "=", customer.id), ("state", "=", "sale")]
            [[amount]] = Report._read_group(domain, aggregates=["price_subtotal:sum"])
            self.assertAlmostEqual(amount, self.profile(customer).order_amount, 2, story.__name__)

    def assert_invoice_analysis(self, customers):
        """Odoo's invoice analysis says the same of each customer."""
        domain = [
            ("state", "=", "posted"),
            ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
            ("invoice_date", "<=", AS_OF),
            ("company_id", "=", self.company.id),
        ]
        Report = self.env["account.invoice.report"]
        amounts = dict(Report._read_group(domain, ["commercial_partner_id"], ["price_subtotal:sum"]))
        for story, customer in customers.items():
            got, want = self.profile(customer).order_amount, amounts.get(customer, 0)
            self.assertAlmostEqual(got, want, 2, story.__name__)

    def test_companies_are_apart(self):
        other = self.new_company("Other")
        ada = self.customer("Ada")
        self.sell(ada, 1000)
        self.order(ada, 70, date(2025, 1, 1), company_id=other.id)
        self.assertEqual(self.judged(ada, *MEASURES), (1, 1000))
        self.scheme(company_id=other.id)
        self.rescore(as_of=AS_OF, company=other)
        self.assertEqual(self.profile(ada, other).order_amount, 70)

    def test_a_later_credit_note_changes_no_earlier_day(self):
        ada = self.customer("Ada")
        self.credit(self.bill(self.sell(ada, 1000)), day=date(2025, 2, 20))
        for source in ("order", "invoice"):
            self.company.grading_amount_source = source
            self.assertEqual(self.judged(ada, *MEASURES, as_of=date(2025, 2, 19)), (1, 1000))
            self.assertEqual(self.judged(ada, *MEASURES, as_of=date(2025, 2, 20)), (0, 0))

    def test_a_purchase_counts_on_its_first_day_and_its_amount_on_the_days_of_its_invoices(self):
        self.company.grading_amount_source = "invoice"
        ada = self.customer("Ada")
        order = self.sell(ada, 1000, day=date(2024, 3, 1))
        self.pay_down(order, 300, date(2024, 3, 10))
        final = self.bill(order, date(2024, 4, 15))
        names = ("first_order_date", "last_order_date", "order_amount_12m", "order_amount_prev_12m")
        self.assertEqual(self.judged(ada, *names), (date(2024, 3, 10), date(2024, 3, 10), 700, 300))
        self.credit(final, 500, 0, day=date(2025, 3, 1))
        # 500 of 1000 are left: of the final invoice and of the down payment alike.
        self.assertEqual(self.judged(ada, *names), (date(2024, 3, 10), date(2024, 3, 10), 350, 150))

    def test_the_rounding_of_taxes_leaves_no_purchase_of_a_cent(self):
        ada = self.customer("Ada")
        order = self.sell(ada, 10, 10, 10)
        self.credit(self.bill(order))
        self.force(order, amount_untaxed=30.01)
        self.assertEqual(self.judged(ada, *MEASURES), (0, 0))

    def test_average_and_decayed_amount_are_unknown_where_more_was_returned_than_bought(self):
        ada = self.customer("Ada")
        self.order(ada, 100, date(2025, 3, 1))
        self.order(ada, -300, date(2023, 1, 1))
        names = ("order_count", "order_amount", "average_order_amount", "faded_order_amount")
        self.assertEqual(self.judged(ada, *names), (1, -200, False, False))
        self.assertEqual(self.profile(ada).export_data(["average_order_amount"])["datas"], [[""]])

    def test_what_was_not_measured_is_shown_and_exported_as_unknown(self):
        ada = self.customer("Ada", customer_rank=1)
        names = (
            "average_order_amount", "faded_order_amount", "average_order_interval", "average_days_late",
            "annual_budget", "share_of_budget", "order_amount_change",
        )  # fmt: skip
        self.scheme([self.linear(name) for name in ("average_days_late", "share_of_budget")], sequence=1)
        self.assertEqual(self.judged(ada, *names), (False,) * len(names))
        profile = self.profile(ada)
        self.assertEqual(profile.export_data(list(names))["datas"], [[""] * len(names)])
        self.assertEqual([profile.read(list(names))[0][name] for name in names], [False] * len(names))
        self.assertEqual((profile.order_amount, profile.overdue_amount), (0, 0))

    def test_each_number_on_a_profile_may_be_unknown(self):
        """A measure that no rule asks for has not been taken; what is computed of its columns knows by itself."""
        Profile = self.env["grading.profile"]
        scores = [name for name in Profile._fields if name.endswith("score") and name != "noted_score"]
        numbers = [
            name
            for name in [*self.env["grading.measure"]._measures(), *scores]
            if (field := Profile._fields.get(name)) and field.store and field.type in ("integer", "float", "monetary")
        ]
        self.assertGreater(len(numbers), 40)
        self.assertEqual([name for name in numbers if not isinstance(Profile._fields[name], OrEmpty)], [])

    def test_filters_read_a_count_that_was_not_taken_as_none(self):
        """As Odoo's own numbers, so that a rule of “no overdue invoice” finds those who never had an invoice."""
        ada = self.customer("Ada")
        self.sell(ada, 100)
        self.rescore()
        profile = self.profile(ada)
        self.assertEqual((profile.overdue_invoice_count, profile.contact_count_90d), (False, False))
        for condition in (
            ("overdue_invoice_count", "=", 0),
            ("contact_count_90d", "<", 1),
            ("rfm_recency", "=", False),
        ):
            self.assertEqual(profile.search([("id", "=", profile.id), condition]), profile, condition)
        self.assertFalse(profile.search([("id", "=", profile.id), ("overdue_invoice_count", ">", 0)]))

    def test_windows_and_counts_that_no_rule_asks_for_are_empty_and_not_0(self):
        ada = self.customer("Ada")
        self.sell(ada, 100)
        self.env["grading.complaint"].create({"partner_id": ada.id, "name": "Late", "company_id": self.company.id})
        self.env["grading.tag.rule"].search([]).active = False
        names = ["order_count_3m", "rfm_recency", "product_category_count", "loyalty_score", "open_complaint_count"]
        self.assertEqual(self.judged(ada, *names), (False,) * len(names))
        self.assertEqual(self.profile(ada).export_data(names)["datas"], [[""] * len(names)])
        self.assertIs(ada.with_company(self.company).grading_open_complaint_count, False)

    def test_a_prospect_who_gets_a_sample_stays_one(self):
        worth = self.linear("expected_revenue", 0.001, dimension="intent")
        self.scheme([worth], sequence=1, subject="lead", name="Before")
        self.env["grading.scheme"].search([("subject", "=", "customer")]).domain = "[('order_count', '>', 0)]"
        ada = self.customer("Ada")
        lead = self.lead("Ada's", partner_id=ada.id, expected_revenue=500000)
        self.sell(ada, 0)
        self.sell(ada, -5)
        self.rescore()
        profile = self.profile(ada)
        self.assertEqual((profile.best_lead_id, profile.grade_id, profile.score), (lead, self.gold, 500))

    def test_referrals_are_taken_over_from_leads_until_something_was_bought(self):
        before = self.env.cr.now() + timedelta(days=1)
        ada = self.customer("Ada")
        self.sell(ada, 0)
        self.credit(self.bill(self.sell(ada, 100)))
        self.assertFalse(ada._grading_has_bought(before))
        self.sell(ada, 100)
        self.assertTrue(ada._grading_has_bought(before))
        self.assertFalse(ada._grading_has_bought(before.replace(year=2024)))

    def test_what_was_credited_is_no_category_and_no_weekend(self):
        ada = self.customer("Ada")
        self.scheme([self.linear("product_category_count"), self.linear("weekend_order_percent")], sequence=1)
        self.goods.categ_id = self.env["product.category"].create({"name": "Goods"})
        self.credit(self.bill(self.sell(ada, 100, day=date(2025, 1, 11))))  # a Saturday
        names = ("product_category_count", "weekend_order_percent")
        self.assertEqual(self.judged(ada, *names), (0, False))
        self.sell(ada, 100)
        self.assertEqual(self.judged(ada, *names), (1, 0))

    def test_another_module_adds_what_else_is_a_purchase(self):
        Measure = self.env.registry["grading.measure"]
        sources = Measure._purchase_sources
        ada = self.customer("Ada", customer_rank=1)

        def more(model, as_of, contacts, counted):
            rent = SQL(
                "SELECT contact.commercial_partner_id, DATE '2025-01-01', NULL::timestamp, 40.0, TRUE, 'Rent'"
                " FROM %s AS contact WHERE contact.id = %s",
                contacts,
                ada.id,
            )
            return [*sources(model, as_of, contacts, counted), rent]

        self.patch(Measure, "_purchase_sources", more)
        self.assertEqual(self.judged(ada, *MEASURES), (1, 40))


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


@tagged("post_install", "-at_install")
class TestPayments(PurchaseCase):
    """How late a customer pays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment = cls.band("average_days_late", [(-3650, 3), (1, 2), (15, 1), (45, 0)], points_if_none=2)
        cls.scheme([cls.payment, cls.linear("overdue_amount", 0)])
        cls.ada, cls.ben, cls.eve = (cls.customer(name, customer_rank=1) for name in ("Ada", "Ben", "Eve"))
        cls.bank = cls.env["account.journal"].search(
            [("company_id", "=", cls.company.id), ("type", "=", "bank")], limit=1
        )

    def pay(self, invoice, day, amount=None):
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        values = {"payment_date": day, "journal_id": self.bank.id} | ({"amount": amount} if amount else {})
        payment = wizard.create(values)
        payment.payment_method_line_id.payment_account_id = self.env["account.account"].search(
            [("account_type", "=", "asset_current"), ("reconcile", "=", True)], limit=1
        ) or self.env["account.account"].create(
            {"name": "Outstanding", "code": "101998", "account_type": "asset_current", "reconcile": True}
        )
        payment.action_create_payments()

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


@tagged("post_install", "-at_install")
class TestCalendar(PurchaseCase):
    """The same history comes to the same in any month of any year."""

    NAMES = (
        "order_months", "order_count_12m", "order_amount_12m", "order_amount_prev_12m", "order_day_count",
        "average_order_interval", "complaint_count_12m", "score",
    )  # fmt: skip

    def test_a_history_that_is_moved_gets_the_same_score(self):
        self.scheme(
            [
                self.linear("order_months", 5),
                self.linear("first_order_date", 1, date_unit="months"),
                self.band("last_order_date", [(0, 20), (1, 10), (3, 5), (12, -5)], date_unit="months"),
                self.linear("order_amount_12m", 0.01),
                self.linear("order_amount_prev_12m", 0.001),
                self.linear("complaint_count_12m", -1),
            ]
        )
        ages = {"Young": (0, 3, 31), "Old": (30, 365, 366, 729, 730, 731), "Regular": tuple(range(5, 700, 30))}
        found = set()
        for as_of in (date(2023, 3, 1), date(2024, 2, 29), date(2024, 3, 31), date(2025, 1, 31), date(2025, 12, 1)):
            customers = [self.customer(name) for name in ages]
            rows = [
                (customer.id, as_of - timedelta(days=age), 10 + age, 1, "sale")
                for customer, days in zip(customers, ages.values(), strict=True)
                for age in days
            ]
            self.insert_orders(rows)
            complaint = {"company_id": self.company.id, "name": "Late"}
            self.env["grading.complaint"].create(
                [
                    {**complaint, "partner_id": customer.id, "date_open": as_of - timedelta(days=age)}
                    for customer in customers
                    for age in (364, 365, 366)
                ]
            )
            self.rescore(as_of=as_of)
            found.add(tuple(self.profile(customer)[name] for customer in customers for name in self.NAMES))
            self.env["sale.order"].search([("partner_id", "in", [c.id for c in customers])]).state = "cancel"
        self.assertEqual(len(found), 1, found)

    def test_months_are_counted_from_the_first_order(self):
        ada = self.customer("Ada")
        self.scheme()
        first = date(2024, 1, 31)
        for days, months in ((0, 1), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (400, 4)):
            self.order(ada, 10, first + timedelta(days=days))
            self.assertEqual(self.judged(ada, "order_months"), (months,), days)

    def test_a_year_is_twelve_months_and_no_month_is_two(self):
        Measure = self.env["grading.measure"]
        for days, months in ((0, 0), (30, 0), (31, 1), (59, 1), (364, 11), (365, 12), (730, 24), (-31, -1), (-30, 0)):
            [[got]] = self.env.execute_query(SQL("SELECT %s", Measure._months_to_sql(SQL("%s", days))))
            self.assertEqual(got, months, days)
