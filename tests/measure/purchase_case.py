from datetime import date, datetime, time

from odoo.fields import Command

from ..common import GradingCase

AS_OF = date(2025, 3, 31)


class PurchaseCase(GradingCase):
    """A company with accounts, and the documents of its sales as Odoo's own screens make them.

    Everything is untaxed, in euros, and happens in January 2025 unless said otherwise.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"].try_loading("generic_coa", company=cls.company, install_demo=False)
        cls.company.currency_id = cls.env.ref("base.EUR")  # the accounts came with another one
        cls.goods = cls.product("Goods")
        cls.dollar = cls.env.ref("base.USD")
        cls.dollar.active = True
        cls.env["res.currency.rate"].search([]).unlink()

    @classmethod
    def product(cls, name, **vals):
        values = {"name": name, "type": "service", "invoice_policy": "order", "taxes_id": False}
        return cls.env["product.product"].create({**values, **vals})

    @classmethod
    def rate(cls, currency, rate, day=date(2020, 1, 1), company=None):
        """How much of the currency one euro is."""
        company = company or cls.company
        return cls.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": day, "rate": rate, "company_id": company.id}
        )

    @classmethod
    def sell(cls, partner, *amounts, day=date(2025, 1, 10), currency=None, **vals):
        """A confirmed order with a line for each amount; a negative one is a return of goods or a discount."""
        env = cls.env
        if currency:
            vals["pricelist_id"] = (
                env["product.pricelist"].create({"name": currency.name, "currency_id": currency.id}).id
            )
        lines = [
            Command.create({"product_id": cls.goods.id, "price_unit": amount, "tax_ids": False}) for amount in amounts
        ]
        moment = datetime.combine(day, time(12))
        order = env["sale.order"].create(
            {"partner_id": partner.id, "company_id": cls.company.id, "date_order": moment, "order_line": lines, **vals}
        )
        order.action_confirm()
        order.date_order = moment
        return order

    @classmethod
    def post(cls, moves, day):
        moves.write({"invoice_date": day, "invoice_date_due": day, "date": day})
        moves.action_post()
        return moves

    @classmethod
    def bill(cls, orders, day=date(2025, 1, 15)):
        return cls.post(orders._create_invoices(final=True), day)

    @classmethod
    def pay_down(cls, order, amount, day=date(2025, 1, 12)):
        wizard = (
            cls.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create({"advance_payment_method": "fixed", "fixed_amount": amount})
        )
        before = order.invoice_ids
        wizard.create_invoices()
        return cls.post(order.invoice_ids - before, day)

    @classmethod
    def credit(cls, move, *amounts, day=date(2025, 1, 20), again=False):
        """A credit note over the invoice, in full or of these amounts by line; with a new invoice if ``again``."""
        wizard = (
            cls.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, "date": day, "reason": "Credited"})
        )
        wizard.reverse_moves(is_modify=again)
        note = move.reversal_move_ids.sorted("id")[-1]
        if again:
            cls.post(wizard.new_move_ids - note, day)
        elif amounts:
            products = note.invoice_line_ids.filtered(lambda line: line.display_type == "product")
            for line, amount in zip(products, amounts, strict=True):
                line.price_unit = amount
        if note.state == "draft":
            cls.post(note, day)
        return note

    @classmethod
    def invoice(cls, partner, amount, move_type="out_invoice", day=date(2025, 1, 15), **vals):
        """A document that comes from no order."""
        line = {"product_id": cls.goods.id, "price_unit": amount, "tax_ids": False}
        values = {"move_type": move_type, "partner_id": partner.id, "invoice_line_ids": [Command.create(line)]}
        move = cls.env["account.move"].create({"company_id": cls.company.id, **values, **vals})
        return cls.post(move, day)

    def judged(self, partner, *names, **kwargs):
        """These measures of the customer, after a run over all."""
        self.env.flush_all()
        self.rescore(**{"as_of": AS_OF, **kwargs})
        profile = self.profile(partner).with_context(grading_as_of=kwargs.get("as_of", AS_OF))
        return tuple(profile[name] for name in names)


class PaymentCase(PurchaseCase):
    """Invoices that customers pay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
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
