"""With Odoo's point of sale installed, and its link to sales orders: not collected by the suite, which needs nothing
beyond the module's dependencies."""

from datetime import date, datetime, time, timedelta

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.memory.grading_snapshot import month_end
from .purchase_case import AS_OF, PurchaseCase

NAMES = ("order_count", "order_amount")


class TicketCase(PurchaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme()
        cls.config = cls.env["pos.config"].create({"name": "Shop"})
        cls.session = cls.env["pos.session"].create({"config_id": cls.config.id, "user_id": cls.env.uid})
        cls.ada = cls.customer("Ada")

    @classmethod
    def line_of_ticket(cls, product, price, qty=1, **vals):
        """Values of a line of a ticket, untaxed."""
        return {
            "product_id": product.id,
            "price_unit": price,
            "qty": qty,
            "price_subtotal": price * qty,
            "price_subtotal_incl": price * qty,
            "name": "Line",
            "tax_ids": False,
            **vals,
        }

    @classmethod
    def ticket(cls, partner, *amounts, day=date(2025, 1, 10), state="paid", returns=(), lines=None, **vals):
        """A ticket with a line for each amount, untaxed, at noon UTC; ``returns`` are lines that are brought back in
        full, ``lines`` further values of each line."""
        values = [cls.line_of_ticket(cls.goods, amount, **(lines or {})) for amount in amounts]
        values += [
            cls.line_of_ticket(line.product_id, line.price_unit, qty=-1, refunded_orderline_id=line.id)
            for line in returns
        ]
        total = sum(line["price_subtotal"] for line in values)
        ticket = cls.env["pos.order"].create(
            {
                "company_id": cls.company.id,
                "session_id": cls.session.id,
                "partner_id": partner.id,
                "date_order": datetime.combine(day, time(12)),
                "amount_tax": 0,
                "amount_total": total,
                "amount_paid": total,
                "amount_return": 0,
                "lines": [Command.create(line) for line in values],
                **vals,
            }
        )
        if state != "draft":
            ticket.state = state
        return ticket

    def bought_amounts(self, partner):
        """What was paid for each product."""
        self.env.flush_all()
        scope = SQL("(SELECT id, commercial_partner_id FROM res_partner WHERE id = %s)", partner.id)
        selects = self.env["grading.measure"]._bought_amounts(AS_OF, scope)
        return self.env.execute_query(
            SQL(
                "SELECT bought.product_id, SUM(bought.amount) FROM (%s) AS bought GROUP BY bought.product_id",
                SQL(" UNION ALL ").join(selects),
            )
        )

    def assert_bought(self, ordered, invoiced=None, partner=None, **kwargs):
        """What is counted where orders count, and where invoices count."""
        for source, expected in (("order", ordered), ("invoice", invoiced or ordered)):
            self.company.grading_amount_source = source
            with self.subTest(source=source):
                self.assertEqual(self.judged(partner or self.ada, *NAMES, **kwargs), expected)


@tagged("post_install", "-at_install")
class TestTickets(TicketCase):
    """What named customers buy at the counter."""

    def test_a_paid_ticket_is_a_purchase(self):
        self.ticket(self.ada, 70, 30)
        self.ticket(self.ada, 5, state="done")
        self.assert_bought((2, 105))
        self.assertEqual(self.profile(self.ada).first_order_date, date(2025, 1, 10))

    def test_drafts_cancelled_tickets_and_nameless_customers_count_nothing(self):
        self.ticket(self.ada, 70, state="draft")
        self.ticket(self.ada, 30, state="cancel")
        self.ticket(self.env["res.partner"], 5)
        self.assert_bought((0, 0))

    def test_what_is_brought_back_is_deducted_from_its_ticket(self):
        first = self.ticket(self.ada, 70, 30)
        second = self.ticket(self.ada, 40)
        self.ticket(self.ada, 8, day=date(2025, 2, 1), returns=first.lines[1] | second.lines)
        self.assert_bought((2, 78))  # 70 of the first, nothing of the second, and 8
        self.assertEqual(self.profile(self.ada).last_order_date, date(2025, 2, 1))
        self.assert_bought((2, 140), as_of=date(2025, 1, 31))

    def test_a_return_without_its_ticket_is_deducted_and_no_purchase(self):
        self.ticket(self.ada, 100)
        self.ticket(self.ada, -30, day=date(2025, 2, 1))
        self.ticket(self.ada, 0)
        self.assert_bought((1, 70))

    def test_a_ticket_that_was_invoiced_is_counted_once(self):
        ticket = self.ticket(self.ada, 100)
        ticket.account_move = self.invoice(self.ada, 100, day=date(2025, 1, 20))
        self.assert_bought((1, 100))
        self.assertEqual(self.profile(self.ada).last_order_date, date(2025, 1, 20), "the day of the invoice")
        self.assert_bought((1, 100), as_of=date(2025, 1, 15))
        self.ticket(self.ada, day=date(2025, 2, 1), returns=ticket.lines)
        self.assert_bought((0, 0))  # whether or not the invoice was credited

    def test_an_invoice_of_a_return_whose_ticket_was_not_invoiced_belongs_to_that_ticket(self):
        ticket = self.ticket(self.ada, 100)
        back = self.ticket(self.ada, day=date(2025, 2, 1), returns=ticket.lines)
        back.account_move = self.invoice(self.ada, 100, day=date(2025, 2, 1), move_type="out_refund")
        self.assert_bought((0, 0))

    def test_a_credit_note_for_the_invoice_of_a_ticket_is_deducted_from_it(self):
        ticket = self.ticket(self.ada, 1000)
        ticket.account_move = self.invoice(self.ada, 1000)
        self.credit(ticket.account_move, 400, day=date(2025, 2, 1))
        self.assert_bought((1, 600))
        self.assert_bought((1, 1000), as_of=date(2025, 1, 31))
        note = self.credit(ticket.account_move, 600, day=date(2025, 2, 2))
        self.assert_bought((0, 0))
        self.credit(note, day=date(2025, 2, 3))  # which charges again what had been credited
        self.assert_bought((1, 600))

    def test_a_return_that_was_invoiced_is_deducted_once(self):
        ticket = self.ticket(self.ada, 100, 30)
        ticket.account_move = self.invoice(self.ada, 130)
        back = self.ticket(self.ada, day=date(2025, 2, 1), returns=ticket.lines[1])
        back.account_move = self.credit(ticket.account_move, 30, day=date(2025, 2, 1))
        self.assert_bought((1, 100))

    def test_a_ticket_that_settles_an_order_is_counted_once(self):
        order = self.sell(self.ada, 100)
        link = {"sale_order_origin_id": order.id, "sale_order_line_id": order.order_line.id}
        self.ticket(self.ada, 100, day=date(2025, 2, 1), lines=link)
        self.assert_bought((1, 100))
        order._action_cancel()
        self.assert_bought((1, 100))  # it was paid

    def test_a_down_payment_at_the_counter_is_no_purchase_of_its_own(self):
        order = self.sell(self.ada, 100)
        down = self.product("Down payment")
        self.config.down_payment_product_id = down
        link = {"sale_order_origin_id": order.id}
        paid = self.ticket(self.ada, 20, lines={**link, "product_id": down.id})
        self.assert_bought((1, 100), (1, 20))
        settled = self.ticket(self.ada, 100, -20, day=date(2025, 2, 1), lines=link)
        self.assert_bought((1, 100))
        settled.account_move = self.invoice(self.ada, 80, day=date(2025, 2, 1))
        self.assert_bought((1, 100))
        self.ticket(self.ada, day=date(2025, 2, 5), returns=settled.lines[0])
        self.assert_bought((0, 0))
        self.assert_bought((1, 100), as_of=date(2025, 2, 4))
        self.assertTrue(paid)

    def test_what_is_credited_of_a_settled_order_takes_the_down_payment_with_it(self):
        """As where the back office credits the final invoice: what is credited of the down payment counts nothing."""
        order = self.sell(self.ada, 100)
        self.config.down_payment_product_id = down = self.product("Down payment")
        link = {"sale_order_origin_id": order.id}
        paid = self.ticket(self.ada, 20, lines={**link, "product_id": down.id})
        paid.account_move = self.invoice(self.ada, 20)
        settled = self.ticket(self.ada, 100, day=date(2025, 2, 1), lines=link, state="draft")
        settled.lines = [Command.create(self.line_of_ticket(down, -20, **link))]
        settled.state = "paid"
        settled.account_move = self.invoice(self.ada, 80, day=date(2025, 2, 1))
        self.credit(paid.account_move, day=date(2025, 2, 2))
        self.assert_bought((1, 100), (1, 80))
        self.credit(settled.account_move, 40, day=date(2025, 2, 3))
        self.assert_bought((1, 50), (1, 40))

    def test_a_part_that_is_brought_back_of_an_order_is_taken_off_the_order_and_its_product(self):
        order = self.sell(self.ada, 100)
        link = {"sale_order_origin_id": order.id, "sale_order_line_id": order.order_line.id}
        settled = self.ticket(self.ada, 100, lines=link)
        self.ticket(self.ada, day=date(2025, 2, 1), returns=settled.lines)
        self.sell(self.ada, 40)
        self.assert_bought((1, 40), (0, 0))  # not invoiced
        self.assertEqual(self.bought_amounts(self.ada), [(self.goods.id, 40)])

    def test_what_is_brought_back_is_taken_off_once_for_each_of_two_referrers(self):
        self.scheme([self.linear("referral_amount")], sequence=1)
        referrers = [self.customer(name, customer_rank=1) for name in ("Bob", "Cid")]
        for referrer in referrers:
            self.customer("Contact", parent_id=self.ada.id).referred_by_id = referrer
        order = self.sell(self.ada, 70, 30)
        settled = self.ticket(self.ada, 70, 30, lines={"sale_order_origin_id": order.id})
        for own, line in zip(settled.lines, order.order_line, strict=True):
            own.sale_order_line_id = line
        self.ticket(self.ada, day=date(2025, 2, 1), returns=settled.lines[1])
        for referrer in referrers:
            self.assertEqual(self.judged(referrer, "referral_amount"), (70,))

    def test_the_documents_of_a_customer_are_opened_with_the_tickets(self):
        self.ticket(self.ada, 100)
        self.sell(self.ada, 40)
        action = self.ada.action_grading_view_orders()
        rows = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(sum(rows.mapped("order_count")), 2)
        self.assertEqual(sum(rows.mapped("amount")), 140)
        self.assertEqual(action["views"][0][1], "list")

    def test_an_order_paid_in_part_by_invoice_and_in_part_at_the_counter_is_one_purchase(self):
        order = self.sell(self.ada, 1000)
        self.pay_down(order, 300)
        link = {"sale_order_origin_id": order.id}
        settled = self.ticket(self.ada, 700, day=date(2025, 2, 1), lines=link)
        self.assert_bought((1, 1000))
        settled.account_move = self.invoice(self.ada, 700, day=date(2025, 2, 1))
        self.assert_bought((1, 1000))

    def test_contacts_buy_for_their_customer_and_companies_are_apart(self):
        other = self.new_company("Other")
        self.ticket(self.customer("Child", parent_id=self.ada.id), 70)
        self.force(self.ticket(self.ada, 30), company_id=other.id)
        self.assert_bought((1, 70))

    def test_a_ticket_in_a_foreign_currency_without_a_rate_is_left_out_and_named(self):
        ticket = self.ticket(self.ada, 100)
        journal = self.env["account.journal"].create(
            {"name": "Dollars", "type": "general", "code": "USDX", "currency_id": self.dollar.id}
        )
        self.force(ticket, sale_journal=journal.id, name="Ticket/1", currency_rate=1)
        self.assertIn("Ticket/1", self.rescore(as_of=AS_OF).message)
        self.rate(self.dollar, 2)
        self.assert_bought((1, 50))
        self.force(ticket, currency_rate=4)
        self.assert_bought((1, 25))

    def test_a_missing_rate_of_a_ticket_is_noticed_beside_a_rate_of_the_own_currency(self):
        ticket = self.ticket(self.ada, 100)
        journal = self.env["account.journal"].create(
            {"name": "Dollars", "type": "general", "code": "USDX", "currency_id": self.dollar.id}
        )
        self.rate(self.company.currency_id, 1.25)
        self.force(ticket, sale_journal=journal.id, name="Ticket/1", currency_rate=0.8)
        self.assertIn("Ticket/1", self.rescore(as_of=AS_OF).message)
        self.env["grading.queue"]._waiting([]).unlink()
        self.rate(self.dollar, 2.5)
        self.assertEqual(self.env["grading.queue"]._waiting([]).partner_id, self.ada)
        self.assert_bought((1, 50))

    def test_when_and_what_is_bought_at_the_counter(self):
        self.goods.categ_id = self.env["product.category"].create({"name": "Goods"})
        self.scheme([self.linear("product_category_count"), self.linear("weekend_order_percent")], sequence=1)
        self.ticket(self.ada, 100, day=date(2025, 1, 11))  # a Saturday
        self.assertEqual(self.judged(self.ada, "product_category_count", "weekend_order_percent"), (1, 100))

    def test_what_was_paid_for_a_product_at_the_counter_less_what_was_brought_back(self):
        ticket = self.ticket(self.ada, 100, 40)
        self.ticket(self.ada, returns=ticket.lines[:1], day=date(2025, 1, 12))
        self.assertEqual(self.bought_amounts(self.ada), [(self.goods.id, 40)])

    def test_a_paid_ticket_makes_a_customer_and_asks_for_a_score(self):
        waiting = self.env["grading.queue"]._waiting
        waiting([]).unlink()
        ticket = self.ticket(self.ada, 100, state="draft")
        self.assertFalse(waiting([]))
        ticket.state = "paid"
        self.assertEqual((waiting([]).partner_id, waiting([]).company_id), (self.ada, self.company))
        self.rescore(as_of=AS_OF, partners=self.ada)
        self.assertEqual((self.profile(self.ada).order_count, self.profile(self.ada).order_amount), (1, 100))
        waiting([]).unlink()
        ben = self.customer("Ben")
        ticket.partner_id = ben
        self.assertEqual(waiting([]).partner_id, self.ada | ben)

    def test_a_rate_that_is_entered_asks_for_new_scores_of_tickets_without_one(self):
        currency = self.env["res.currency"].create({"name": "XTS", "symbol": "¤"})
        journal = self.env["account.journal"].create(
            {"name": "Tests", "type": "general", "code": "XTSJ", "currency_id": currency.id}
        )
        self.force(self.ticket(self.ada, 100), sale_journal=journal.id, currency_rate=1)
        self.ticket(self.customer("Ben"), 100)
        self.env["grading.queue"]._waiting([]).unlink()
        self.env["res.currency.rate"].create({"currency_id": currency.id, "rate": 4, "company_id": self.company.id})
        self.assertEqual(self.env["grading.queue"]._waiting([]).partner_id, self.ada)

    def test_what_is_read_of_tickets_is_stored(self):
        columns = {
            "pos.order": (
                "account_move company_id config_id currency_rate date_order name partner_id sale_journal state"
            ),
            "pos.order.line": (
                "order_id price_subtotal product_id qty refunded_orderline_id sale_order_line_id sale_order_origin_id"
            ),
            "pos.config": "down_payment_product_id",
        }
        for model, names in columns.items():
            for name in names.split():
                field = self.env[model]._fields[name]
                self.assertTrue(field.store and field.column_type, f"{model}.{name}")
        self.assertLessEqual({"paid", "done"}, set(self.env["pos.order"]._fields["state"].get_values(self.env)))

    def test_a_customer_of_the_counter_has_bought(self):
        now = self.env.cr.now()
        self.assertFalse(self.ada._grading_has_bought(now))
        self.ticket(self.ada, 100, day=now.date() - timedelta(days=2))
        self.assertTrue(self.ada._grading_has_bought(now))

    def test_a_shop_has_the_months_since_its_first_ticket_to_remember(self):
        today, Snapshot = self.company._grading_today(), self.env["grading.snapshot"]
        self.assertFalse(Snapshot._months_missing())
        self.ticket(self.ada, 100, day=month_end(today, -3))
        self.assertEqual(Snapshot._months_missing(), [month_end(today, -back) for back in (1, 2, 3)])
