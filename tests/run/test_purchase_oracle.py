import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from odoo.tests import tagged
from odoo.tools import SQL

from ..common import GradingCase, seeds
from .test_oracle import AS_OF, MEASURES, measure

TYPES = ("out_invoice", "out_refund", "out_receipt")


@dataclass
class Line:
    """A line of an order: what it comes to in the order's currency."""

    ordered: Fraction
    is_down_payment: bool = False
    id: int = 0


@dataclass
class Order:
    contact: object
    day: date
    rate: Fraction
    state: str
    lines: list = field(default_factory=list)
    id: int = 0


@dataclass
class Move:
    """An invoice, receipt or credit note: ``items`` are ``(line of an order or None, amount in its currency)``."""

    contact: object
    kind: str
    day: date
    rate: Fraction
    state: str
    items: list
    reverses: object = None
    id: int = 0

    @property
    def amount(self):
        total = sum((amount for _line, amount in self.items), Fraction()) / self.rate
        return -total if self.kind == "out_refund" else total


def credited(line, moves):
    """What was credited on a line of an order for good, in the order's currency."""
    on_line = {
        kind: sum((a for move in moves if move.kind == kind for item, a in move.items if item is line), Fraction())
        for kind in TYPES
    }
    sign = -1 if line.ordered < 0 else 1
    again = max(0, sign * (on_line["out_invoice"] - line.ordered))
    return sign * max(0, sign * on_line["out_refund"] - again)


def ordered_documents(orders, moves):
    """Where orders count: ``{customer: [(day, amount, is an order)]}``, as the docs say it."""
    documents = defaultdict(list)
    for order in orders:
        if order.state == "sale":
            net = sum((line.ordered for line in order.lines), Fraction())
            net -= sum((credited(line, moves) for line in order.lines if not line.is_down_payment), Fraction())
            documents[order.contact.commercial_partner_id].append((order.day, net / order.rate, net > 0))
    return documents


def invoiced_documents(orders, moves):
    """Where invoices count."""
    order_of = {id(line): order for order in orders for line in order.lines}
    groups = defaultdict(list)
    for move in moves:
        root = move.reverses or move
        sold = [order_of[id(line)].id for line, _amount in root.items if line]
        groups[move.contact.commercial_partner_id, min(sold) if sold else -root.id].append(move)
    documents = defaultdict(list)
    for (customer, _purchase), members in groups.items():
        members.sort(key=lambda move: (move.amount <= 0, move.day, move.id))
        net, gross = sum(move.amount for move in members), sum(max(0, move.amount) for move in members)
        for place, move in enumerate(members):
            share = max(0, move.amount) * net / gross if gross else move.amount
            documents[customer].append((move.day, share, place == 0 and move.amount > 0 and net > 0))
    return documents


@tagged("post_install", "-at_install")
class TestPurchaseOracle(GradingCase):
    """What is a purchase, in naive Python, on random orders, invoices, receipts and credit notes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.company.id
        cls.goods = cls.env["product.product"].create({"name": "Goods"})
        cls.journal = cls.env["account.journal"].create(
            {"name": "Oracle", "type": "general", "code": "ORC", "company_id": company}
        )
        cls.income = cls.env["account.account"].create(
            {"name": "Income", "code": "400123", "account_type": "income", "company_ids": [(6, 0, [company])]}
        )
        cls.dollar = cls.env.ref("base.USD")
        cls.dollar.active = True
        cls.env["res.currency.rate"].create({"currency_id": cls.dollar.id, "rate": 1.5, "company_id": company})

    def insert(self, table, **values):
        names = SQL(", ").join(map(SQL.identifier, values))
        row = SQL(", ").join(
            SQL("%s", float(value) if isinstance(value, Fraction) else value) for value in values.values()
        )
        [[new_id]] = self.env.execute_query(
            SQL("INSERT INTO %s (%s) VALUES (%s) RETURNING id", SQL.identifier(table), names, row)
        )
        return new_id

    def write_order(self, order):
        currency = self.company.currency_id if order.rate == 1 else self.dollar
        partner = order.contact.id
        order.id = self.insert(
            "sale_order", name="Oracle", company_id=self.company.id, partner_id=partner, partner_invoice_id=partner,
            partner_shipping_id=partner, state=order.state, date_order=f"{order.day} 12:00",
            amount_untaxed=sum((line.ordered for line in order.lines), Fraction()), currency_rate=order.rate,
            currency_id=currency.id,
        )  # fmt: skip
        for line in order.lines:
            line.id = self.insert(
                "sale_order_line", name="Line", order_id=order.id, company_id=self.company.id, customer_lead=0,
                product_id=self.goods.id, product_uom_id=self.goods.uom_id.id, price_unit=line.ordered,
                price_subtotal=line.ordered, product_uom_qty=0 if line.is_down_payment else 1,
                is_downpayment=line.is_down_payment, currency_id=currency.id,
            )  # fmt: skip

    def write_move(self, move):
        currency = (self.company.currency_id if move.rate == 1 else self.dollar).id
        common = {"company_id": self.company.id, "currency_id": currency, "date": move.day}
        move.id = self.insert(
            "account_move", **common, journal_id=self.journal.id, partner_id=move.contact.id, auto_post="no",
            commercial_partner_id=move.contact.commercial_partner_id.id, move_type=move.kind, state=move.state,
            invoice_date=move.day, invoice_currency_rate=move.rate, amount_untaxed_signed=move.amount, name="/",
            reversed_entry_id=move.reverses.id if move.reverses else None,
        )  # fmt: skip
        for line, amount in move.items:
            balance = amount / move.rate * (1 if move.kind == "out_refund" else -1)
            item = self.insert(
                "account_move_line", **common, move_id=move.id, journal_id=self.journal.id, display_type="product",
                account_id=self.income.id, price_subtotal=amount, balance=balance, amount_currency=0,
                parent_state=move.state, debit=max(balance, 0), credit=max(-balance, 0),
                company_currency_id=self.company.currency_id.id,
            )  # fmt: skip
            if line:
                self.env.cr.execute(
                    SQL(
                        "INSERT INTO sale_order_line_invoice_rel (invoice_line_id, order_line_id) VALUES (%s, %s)",
                        item,
                        line.id,
                    )  # fmt: skip
                )

    def history(self, rng, contact):
        """An order and what may follow: ``(orders, moves)``, in the order in which they are written."""
        day = AS_OF - timedelta(days=rng.randint(-20, 1200))
        rate = rng.choice((Fraction(1), Fraction(1), Fraction(5, 4)))
        amounts = [Fraction(rng.randint(-300, 1500)) for _line in range(rng.randint(1, 3))]
        order = Order(contact, day, rate, rng.choice(("sale", "sale", "sale", "draft", "cancel")))
        order.lines = [Line(amount) for amount in rng.choice((amounts, amounts, [Fraction()]))]
        moves, invoices = [], []

        def later():
            return day + timedelta(days=rng.randint(0, 200))

        def document(kind, items, reverses=None):
            state = rng.choice(("posted", "posted", "posted", "draft", "cancel"))
            moves.append(Move(contact, kind, later(), rate, state, items, reverses))
            return moves[-1]

        if rng.random() < 0.3:
            paid_down = Line(Fraction(), is_down_payment=True)
            order.lines.append(paid_down)
            invoices.append(document("out_invoice", [(paid_down, Fraction(rng.randint(10, 200)))]))
        for _invoice in range(rng.randint(0, 2)):
            items = [(line, line.ordered * rng.choice((1, 1, Fraction(1, 2)))) for line in order.lines]
            invoices.append(document("out_invoice", items))
        for invoice in invoices:
            if rng.random() < 0.6:
                items = [(line, amount * rng.choice((1, 1, Fraction(1, 4)))) for line, amount in invoice.items]
                document("out_refund", items, rng.choice((invoice, invoice, None)))
        if rng.random() < 0.3:
            free = document(rng.choice(TYPES), [(None, Fraction(rng.randint(1, 900)))])
            if free.kind != "out_refund" and rng.random() < 0.5:
                document("out_refund", [(None, free.items[0][1] * rng.choice((1, Fraction(1, 3))))], free)
        return order, moves

    def world(self, rng):
        """Customers with contacts, and all their documents: ``(customers, orders, moves)``."""
        customers, orders, moves = [], [], []
        for number in range(20):
            customer = self.customer(f"Customer {number}", is_company=True)
            contact = self.customer(f"Contact {number}", parent_id=customer.id)
            customers.append(customer)
            for _order in range(rng.randint(0, 6)):
                order, following = self.history(rng, rng.choice((customer, contact)))
                orders.append(order)
                moves += following
        self.env.flush_all()
        for order in orders:
            self.write_order(order)
        for move in moves:
            self.write_move(move)
        self.env.invalidate_all()
        return customers, orders, moves

    def assert_equal(self, customers, documents):
        for customer in customers:
            expected = measure(documents[customer], self.company.grading_half_life_days)
            profile = self.profile(customer)
            for name in set(MEASURES) - {"faded_order_amount"}:
                got, want = profile[name] if profile else 0, expected[name]
                label = f"{name} of {customer.name}"
                if isinstance(want, (int, date)) or want is None:
                    self.assertEqual(got or None, want or None, label)
                else:  # shares at an odd rate may come to half a cent, which either side may round up
                    self.assertAlmostEqual(float(got), float(want), delta=0.0101, msg=label)

    def test_purchases_equal_the_oracle_where_orders_and_where_invoices_count(self):
        self.scheme(criteria=[self.linear("order_amount")])
        for seed in seeds(6):
            with self.subTest(seed=seed), self.env.cr.savepoint():
                customers, orders, moves = self.world(random.Random(seed))
                known = [move for move in moves if move.state == "posted" and move.day <= AS_OF]
                partners = self.env["res.partner"].union(*customers)
                for source, documents_of in (("order", ordered_documents), ("invoice", invoiced_documents)):
                    self.company.grading_amount_source = source
                    self.rescore(as_of=AS_OF)
                    self.assert_equal(customers, documents_of(orders, known))
                    self.assertEqual(self.rescore(as_of=AS_OF, partners=partners).changed_count, 0)
                partners.active = False
