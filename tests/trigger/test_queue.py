from datetime import timedelta
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from ..queue_case import QUEUE_CRON, QueueCase


@tagged("post_install", "-at_install")
class TestOrdersAskForRescoring(QueueCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create({"name": "Advice", "type": "service", "taxes_id": False})

    def draft(self, partner, amount=100):
        line = {"product_id": self.product.id, "product_uom_qty": 1, "price_unit": amount, "tax_ids": False}
        order = self.env["sale.order"].create({"partner_id": partner.id, "order_line": [Command.create(line)]})
        self.env.flush_all()
        return order

    def confirmed(self, partner, amount=100):
        order = self.draft(partner, amount)
        order.action_confirm()
        self.env.flush_all()
        return order

    def test_a_quotation_asks_for_nothing(self):
        with self.assert_queues():
            order = self.draft(self.ada)
            order.order_line.price_unit = 30
            order.note = "By Friday, please"

    def test_confirming(self):
        order = self.draft(self.ada)
        with self.assert_queues(self.ada):
            order.action_confirm()

    def test_an_order_created_as_confirmed(self):
        with self.assert_queues(self.ada):
            self.env["sale.order"].create({"partner_id": self.ada.id, "state": "sale"})

    def test_cancelling(self):
        order = self.confirmed(self.ada)
        with self.assert_queues(self.ada):
            order._action_cancel()

    def test_another_price_of_a_confirmed_order(self):
        order = self.confirmed(self.ada)
        with self.assert_queues(self.ada):
            order.order_line.price_unit = 30

    def test_a_line_more_and_a_line_less_of_a_confirmed_order(self):
        order = self.confirmed(self.ada)
        with self.assert_queues(self.ada):
            order.order_line = [Command.create({"product_id": self.product.id, "price_unit": 5, "tax_ids": False})]
        with self.assert_queues(self.ada):
            order.order_line[-1].product_uom_qty = 0

    def test_another_date(self):
        order = self.confirmed(self.ada)
        with self.assert_queues(self.ada):
            order.date_order -= timedelta(days=400)

    def test_another_customer_concerns_both(self):
        order = self.confirmed(self.ada)
        with self.assert_queues(self.ada, self.bob):
            order.partner_id = self.bob

    def test_what_no_measure_reads_asks_for_nothing(self):
        order = self.confirmed(self.ada)
        with self.assert_queues():
            order.client_order_ref = "4711"
            order.note = "By Friday, please"

    def test_the_score_follows_the_queue(self):
        self.confirmed(self.ada, 450)
        self.assertEqual(self.ada.grading_score, 50)
        self.run_cron()
        self.assertEqual((self.ada.grading_score, self.ada.grading_grade_id), (500, self.gold))


@tagged("post_install", "-at_install")
class TestInvoicesAskForRescoring(QueueCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"].try_loading("generic_coa", company=cls.company, install_demo=False)
        cls.company.grading_amount_source = "invoice"
        cls.rescore()  # what is compared was measured by orders
        cls.env["grading.run"].search([("state", "=", "running")]).unlink()

    def invoice(self, partner, amount=100, move_type="out_invoice"):
        line = {"name": "Advice", "price_unit": amount, "quantity": 1, "tax_ids": False}
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": partner.id,
                "invoice_date": self.today,
                "invoice_line_ids": [Command.create(line)],
            }
        )
        self.env.flush_all()
        return move

    def pay(self, move):
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=move.ids)
        payment = wizard.create({"payment_date": self.today})
        payment.payment_method_line_id.payment_account_id = self.env["account.account"].create(
            {"name": "Outstanding", "code": "101999", "account_type": "asset_current", "reconcile": True}
        )
        payment.action_create_payments()

    def test_posting(self):
        move = self.invoice(self.ada)
        with self.assert_queues(self.ada):
            move.action_post()

    def test_a_draft_asks_for_nothing(self):
        with self.assert_queues():
            move = self.invoice(self.ada)
            move.invoice_date = self.today - timedelta(days=3)
            move.partner_id = self.bob
            move.unlink()

    def test_another_customer_concerns_both(self):
        move = self.invoice(self.ada)
        move.action_post()
        with self.assert_queues(self.ada, self.bob):
            move.with_context(skip_readonly_check=True).partner_id = self.bob

    def test_paying(self):
        move = self.invoice(self.ada)
        move.action_post()
        with self.assert_queues(self.ada):
            self.pay(move)
        self.assertEqual(move.amount_residual, 0)

    def test_taking_a_payment_back(self):
        move = self.invoice(self.ada)
        move.action_post()
        self.pay(move)
        with self.assert_queues(self.ada):
            move.line_ids.remove_move_reconcile()

    def test_resetting(self):
        move = self.invoice(self.ada)
        move.action_post()
        with self.assert_queues(self.ada):
            move.button_draft()

    def test_another_due_date(self):
        move = self.invoice(self.ada)
        move.action_post()
        with self.assert_queues(self.ada):
            move.invoice_date_due = self.today + timedelta(days=60)

    def test_a_supplier_invoice_asks_for_nothing(self):
        with self.assert_queues():
            self.invoice(self.ada, move_type="in_invoice").action_post()

    def test_the_score_follows_the_queue(self):
        self.invoice(self.ada, 400).action_post()
        self.run_cron()
        self.assertEqual((self.ada.grading_score, self.ada.grading_grade_id), (400, self.gold))


@tagged("post_install", "-at_install")
class TestContactsAskForRescoring(QueueCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.belgium = cls.env.ref("base.be")
        cls.scheme(
            sequence=1,
            domain="[('partner_id.ref', '!=', False)]",
            criteria=[
                cls.matching([("partner_id.country_id.code", "=", "BE")], 100),
                cls.matching([("partner_id.industry_id", "any", [("name", "ilike", "food")])], 100),
            ],
        )
        cls.firm = cls.customer("Firm", is_company=True)
        cls.env["grading.queue"]._waiting([]).unlink()

    def test_a_field_that_a_rule_reads(self):
        for values in (
            {"country_id": self.belgium.id},
            {"ref": "B/1"},
            {"industry_id": self.env["res.partner.industry"].create({"name": "Food"}).id},
            {"annual_budget": 1000},
            {"brand_contribution": "national"},
            {"active": False},
        ):
            with self.subTest(values=values), self.assert_queues(self.ada):
                self.ada.write(values)

    def test_a_field_that_no_rule_reads(self):
        with self.assert_queues():
            self.ada.write({"name": "Ada Lovelace", "phone": "1815", "comment": "Mathematician", "city": "London"})

    def test_a_rule_that_is_switched_off_or_changed_asks_for_nothing_any_more(self):
        scheme = self.profile(self.ada).scheme_id.search([("sequence", "=", 1), ("company_id", "=", self.company.id)])
        scheme.domain = "[('partner_id.city', '=', 'London')]"
        with self.assert_queues():
            self.ada.ref = "B/1"
        with self.assert_queues(self.ada):
            self.ada.city = "London"
        scheme.active = False
        with self.assert_queues():
            self.ada.country_id = self.belgium

    def test_a_contact_who_is_no_customer_asks_for_nothing(self):
        with self.assert_queues():
            self.firm.country_id = self.belgium

    def test_a_contact_that_becomes_a_customer(self):
        with self.capture_triggers(QUEUE_CRON) as triggers:
            cleo = self.env["res.partner"].create({"name": "Cleo", "customer_rank": 1})
            self.env.cr.flush()
        self.assertEqual(self.queued(), {(cleo, self.company)})
        self.assertTrue(triggers.records)

    def test_another_module_adds_what_makes_a_customer(self):
        Partner = self.env.registry["res.partner"]
        names = self.env["res.partner"]._grading_customer_fields() | {"annual_budget"}
        with patch.object(Partner, "_grading_customer_fields", lambda self: names):
            cleo = self.env["res.partner"].create({"name": "Cleo", "annual_budget": 500})
            dora = self.env["res.partner"].create({"name": "Dora"})
            self.assertEqual(self.queued(), {(cleo, self.company)})
            dora.annual_budget = 500
            self.assertEqual(self.queued(), {(cleo, self.company), (dora, self.company)})

    def test_the_grade_follows_the_queue(self):
        self.ada.ref = "B/1"
        self.ada.country_id = self.belgium
        self.run_cron()
        self.assertEqual((self.ada.grading_score, self.ada.grading_grade_id), (100, self.gold))
