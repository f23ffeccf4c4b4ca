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

    def credited_in_dollars_that_fell(self, ada):
        order = self.sell(ada, 1000, currency=self.dollar, day=date(2025, 2, 10))
        self.credit(self.bill(order, day=date(2025, 2, 11)), day=date(2025, 3, 10))

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
        (credited_in_dollars_that_fell, (0, 0), (0, 500)),  # 1000 at 1.00 less 1000 at 2.00
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
        cls.rate(cls.dollar, 2, date(2025, 3, 1))
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
        self.env["account.chart.template"].try_loading("generic_coa", company=other, install_demo=False)
        other.currency_id = self.company.currency_id
        self.scheme(company_id=other.id)
        ada = self.customer("Ada")
        self.bill(self.sell(ada, 1000))
        self.credit(self.bill(self.sell(ada, 100, company_id=other.id)), 30)
        for source in ("order", "invoice"):
            with self.subTest(source=source):
                (self.company | other).grading_amount_source = source
                self.assertEqual(self.judged(ada, *MEASURES), (1, 1000))
                self.rescore(as_of=AS_OF, company=other)
                elsewhere = self.profile(ada, other)
                self.assertEqual((elsewhere.order_count, elsewhere.order_amount), (1, 70))

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
        remembered = [
            field
            for model in ("grading.snapshot", "grading.secondary.snapshot", "grading.pool", "grading.profile.aside")
            for name, field in self.env[model]._fields.items()
            if name in {*numbers, "expected_days"} and not field.related
        ]
        self.assertGreater(len(remembered), 10)
        self.assertEqual([str(field) for field in remembered if not isinstance(field, OrEmpty)], [])

    def test_what_shows_a_number_that_may_be_unknown_may_be_so_itself(self):
        """A number that is related to one, on whatever model, and the sums that fade."""
        shown = [
            field
            for model in self.env.registry.values()
            if model._name.startswith("grading.") and not model._abstract
            for field in model._fields.values()
            if field.related and isinstance(field.related_field, OrEmpty)
        ]
        self.assertGreater(len(shown), 1)
        Profile = self.env["grading.profile"]
        shown += [Profile._fields[name] for name in Profile._decayed_sums()]
        self.assertEqual([str(field) for field in shown if not isinstance(field, OrEmpty)], [])

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
