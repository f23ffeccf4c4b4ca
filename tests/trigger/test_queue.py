from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ...models.run import grading_run_pipeline
from ..common import GradingCase

QUEUE_CRON = "customer_grading.ir_cron_rescore_queue"
NIGHTLY_CRON = "customer_grading.ir_cron_rescore"


class QueueCase(GradingCase, CronMixinCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.ada, cls.bob = cls.customer("Ada"), cls.customer("Bob")
        cls.ada_order = cls.order(cls.ada, 50, cls.today - timedelta(days=20))
        cls.bob_order = cls.order(cls.bob, 50, cls.today - timedelta(days=20))
        cls.rules = cls.scheme()
        cls.rescore()
        cls.env["grading.queue"]._waiting([]).unlink()
        cls.env["grading.run"].search([("state", "=", "running")]).unlink()

    def queued(self):
        lines = self.env["grading.queue"]._waiting([])
        return {(line.partner_id.commercial_partner_id, line.company_id) for line in lines}

    @contextmanager
    def assert_queues(self, *partners):
        """What is done inside asks for a rescoring of ``partners`` in the company, and rescores none by itself."""
        self.env.flush_all()
        self.env["grading.queue"]._waiting([]).unlink()
        runs = self.env["grading.run"].search_count([])
        with self.capture_triggers(QUEUE_CRON) as triggers:
            yield
            self.env.cr.flush()  # as at the end of a transaction
        self.assertEqual(self.queued(), {(partner, self.company) for partner in partners})
        self.assertEqual(bool(triggers.records), bool(partners))
        self.assertEqual(self.env["grading.run"].search_count([]), runs, "a save must not rescore")

    def run_cron(self, xmlid=QUEUE_CRON):
        self.run_scheduled(xmlid)

    @contextmanager
    def second_batch(self, error):
        """In batches of two, the second of which ends in ``error``."""
        worktable = self.env.registry["grading.worktable"]
        write_batch = worktable._write_profile_batch
        calls = []

        def breaking(table, *args):
            calls.append(args)
            if len(calls) == 2:
                raise error
            return write_batch(table, *args)

        with (
            patch.object(grading_run_pipeline, "BATCH_SIZE", 2),
            patch.object(worktable, "_write_profile_batch", breaking),
        ):
            yield

    def new_runs(self, since):
        return self.env["grading.run"].search([("id", ">", since.id)], order="id")

    @property
    def last_run(self):
        return self.env["grading.run"].search([], order="id desc", limit=1)


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


@tagged("post_install", "-at_install")
class TestQueueRun(QueueCase):
    def enqueue(self, *pairs):
        self.env["grading.queue"]._enqueue(pairs)

    def test_the_cron_rescores_the_customers_in_the_queue_and_no_other(self):
        self.force(self.ada_order | self.bob_order, amount_untaxed=500)
        self.enqueue((self.ada, self.company))
        before = self.last_run
        self.run_cron()
        self.assertEqual((self.ada.grading_score, self.bob.grading_score), (500, 50))
        self.assertFalse(self.env["grading.queue"]._waiting([]))
        self.assertRecordValues(
            self.new_runs(before),
            [
                {
                    "company_id": self.company.id,
                    "scope": "incremental",
                    "state": "done",
                    "profile_count": 1,
                    "changed_count": 1,
                }
            ],
        )

    def test_an_empty_queue_runs_nothing(self):
        before = self.last_run
        self.run_cron()
        self.assertFalse(self.new_runs(before))

    def test_a_customer_queued_many_times_is_rescored_once(self):
        self.enqueue((self.ada, self.company))
        self.enqueue((self.ada, self.company))
        before = self.last_run
        self.run_cron()
        self.assertEqual(self.new_runs(before).mapped("profile_count"), [1])

    def test_a_contact_in_the_queue_stands_for_the_customer(self):
        firm = self.customer("Firm", is_company=True)
        contact = self.customer("Contact", parent_id=firm.id)
        self.order(contact, 200, self.today)
        self.enqueue((contact, self.company))
        self.run_cron()
        self.assertEqual(self.profile(firm).score, 200)
        self.assertFalse(self.env["grading.profile"].search([("partner_id", "=", contact.id)]))

    def test_each_company_is_rescored_for_its_own_lines(self):
        other = self.new_company("Other Company")
        self.scheme(company_id=other.id)
        self.rescore(company=other)  # a first run over a few would become one over all
        self.order(self.ada, 200, self.today, company_id=other.id)
        self.order(self.bob, 300, self.today, company_id=other.id)
        self.force(self.ada_order | self.bob_order, amount_untaxed=500)
        self.enqueue((self.ada, self.company), (self.bob, other))
        before = self.last_run
        self.run_cron()
        self.assertEqual((self.profile(self.ada).score, self.profile(self.bob).score), (500, 50))
        self.assertEqual(self.profile(self.bob, other).score, 300)
        self.assertFalse(self.profile(self.ada, other))
        self.assertEqual(self.new_runs(before).company_id, self.company | other)
        self.assertFalse(self.env["grading.queue"]._waiting([]))

    def test_more_customers_than_a_batch_are_all_rescored(self):
        partners = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(7)])
        for partner in partners:
            self.order(partner, 200, self.today)
        self.enqueue(*((partner, self.company) for partner in partners))
        with patch("odoo.addons.customer_grading.models.run.grading_run.QUEUE_BATCH", 3):
            self.run_cron()
        self.assertEqual(partners.mapped("grading_score"), [200] * 7)
        self.assertFalse(self.env["grading.queue"]._waiting([]))

    def test_a_deleted_customer_leaves_the_queue(self):
        gone = self.customer("Gone")
        self.enqueue((gone, self.company), (self.ada, self.company))
        self.force(self.ada_order, amount_untaxed=500)
        gone.unlink()
        self.run_cron()
        self.assertEqual(self.ada.grading_score, 500)
        self.assertFalse(self.env["grading.queue"]._waiting([]))

    def test_a_profile_goes_with_its_customer(self):
        gone = self.customer("Gone", customer_rank=1)
        self.rescore()
        profile = self.profile(gone)
        lines = profile.history_ids
        self.assertTrue(lines)
        gone.unlink()
        self.assertFalse(profile.exists() or lines.exists())
        self.rescore()

    def test_a_failing_run_does_not_block_the_queue(self):
        self.scheme(name="Gone bad", sequence=1)
        self.force(self.env["grading.scheme"].search([("name", "=", "Gone bad")]), domain="[('x_gone', '=', 1)]")
        self.enqueue((self.ada, self.company))
        with mute_logger("odoo.addons.customer_grading.models.run.grading_run"):
            self.run_cron()
        self.assertEqual(self.last_run.state, "failed")
        self.assertFalse(self.env["grading.queue"]._waiting([]))


@tagged("post_install", "-at_install")
class TestFamilies(QueueCase):
    """Orders belong to the commercial entity of the day; what people said stays with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.firm = cls.customer("Firm", is_company=True)
        cls.order(cls.firm, 200, cls.today)
        cls.rescore()
        cls.env["grading.queue"]._waiting([]).unlink()

    def test_a_customer_who_becomes_a_contact_takes_the_orders_along_and_no_word(self):
        self.ada.with_context(grading_reason="She decides").grading_grade_id = self.bronze
        lines = self.profile(self.ada).history_ids
        before = self.profile(self.firm).history_ids
        with self.assert_queues(self.firm):
            self.ada.parent_id = self.firm
        self.run_cron()
        profile = self.profile(self.firm)
        self.assertEqual((profile.order_amount, profile.grade_id), (250, self.gold))
        self.assertFalse(profile.manual_grade_id)
        self.assertEqual(profile.history_ids.filtered(lambda line: line.reason != "score"), before)
        self.assertEqual(lines.exists().partner_id, self.ada)
        self.assertFalse(self.env["grading.profile"].search([("partner_id", "=", self.ada.id)]))
        self.assertEqual(self.ada.grading_grade_id, self.gold, "as the firm")

    def test_an_override_of_the_firm_stays_beside_that_of_the_contact(self):
        self.ada.grading_grade_id = self.bronze
        self.firm.with_context(grading_reason="Of the firm").grading_grade_id = self.silver
        self.ada.parent_id = self.firm
        self.run_cron()
        profile = self.profile(self.firm)
        self.assertEqual((profile.grade_id, profile.manual_reason), (self.silver, "Of the firm"))

    def test_a_customer_joins_a_firm_that_was_none_yet(self):
        newcomer = self.customer("Newcomer", is_company=True)
        self.ada.grading_grade_id = self.gold
        lines = self.profile(self.ada).history_ids
        self.ada.parent_id = newcomer
        self.run_cron()
        profile = self.profile(newcomer)
        self.assertEqual((profile.order_amount, profile.grade_id, profile.score), (50, self.silver, 50))
        self.assertEqual(lines.exists().partner_id, self.ada)
        self.assertFalse(profile.history_ids & lines)

    def test_a_contact_who_leaves_takes_the_orders_along(self):
        contact = self.customer("Contact", parent_id=self.firm.id)
        self.order(contact, 30, self.today)
        self.rescore()
        self.assertEqual(self.profile(self.firm).order_amount, 230)
        with self.assert_queues(self.firm, contact):
            contact.parent_id = False
        self.run_cron()
        self.assertEqual((self.profile(self.firm).order_amount, self.profile(contact).order_amount), (200, 30))

    def test_a_contact_who_becomes_a_company_takes_the_orders_along(self):
        contact = self.customer("Contact", parent_id=self.firm.id)
        self.order(contact, 30, self.today)
        self.rescore()
        with self.assert_queues(self.firm, contact):
            contact.is_company = True
        self.run_cron()
        self.assertEqual((self.profile(self.firm).order_amount, self.profile(contact).order_amount), (200, 30))

    def test_a_contact_who_changes_the_company_takes_the_orders_along(self):
        rival = self.customer("Rival", is_company=True)
        contact = self.customer("Contact", parent_id=self.firm.id)
        grandchild = self.customer("Grandchild", parent_id=contact.id)
        self.order(grandchild, 30, self.today)
        self.rescore()
        with self.assert_queues(self.firm, rival):
            contact.parent_id = rival
        self.run_cron()
        self.assertEqual((self.profile(self.firm).order_amount, self.profile(rival).order_amount), (200, 30))


@tagged("post_install", "-at_install")
class TestMerge(QueueCase):
    """Merging contacts by Odoo's wizard loses neither the history nor a person's word."""

    def merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({"partner_ids": (source | target).ids})
        wizard._merge((source | target).ids, target)
        self.env.invalidate_all()
        self.assertFalse(source.exists())

    def test_the_target_takes_over_orders_history_and_override(self):
        self.ada.with_context(grading_reason="She decides").grading_grade_id = self.gold
        lines = self.profile(self.ada).history_ids
        target = self.profile(self.bob)
        own_lines = target.history_ids
        with self.assert_queues(self.bob):
            self.merge(self.ada, self.bob)
        self.assertEqual(self.profile(self.bob), target)
        self.assertEqual((target.grade_id, target.manual_user_id), (self.gold, self.env.user))
        self.assertIn("She decides", target.manual_reason)
        self.assertEqual((lines | own_lines).exists().profile_id, target)
        self.assertEqual((lines | own_lines).partner_id, self.bob)
        self.run_cron()
        self.assertEqual((target.order_amount, target.score, target.grade_id), (100, 100, self.gold))
        self.assertIn("merge", target.history_ids.mapped("reason"))

    def test_an_end_of_the_override_is_taken_over(self):
        self.profile(self.ada)._override(self.gold, "She decides", self.today)
        self.merge(self.ada, self.bob)
        self.run_cron()
        self.assertEqual(self.profile(self.bob).manual_until, self.today)
        self.rescore(as_of=self.today + timedelta(days=1))
        self.assertFalse(self.profile(self.bob).manual_grade_id)

    def test_the_override_of_the_target_stays(self):
        self.ada.grading_grade_id = self.gold
        self.bob.with_context(grading_reason="His own").grading_grade_id = self.bronze
        self.merge(self.ada, self.bob)
        self.run_cron()
        profile = self.profile(self.bob)
        self.assertEqual((profile.grade_id, profile.manual_reason, profile.score), (self.bronze, "His own", 100))

    def test_a_target_without_a_profile_gets_the_one_of_the_source(self):
        stranger = self.customer("Stranger")
        self.ada.grading_grade_id = self.gold
        profile = self.profile(self.ada)
        lines = profile.history_ids
        self.merge(self.ada, stranger)
        self.assertEqual(self.profile(stranger), profile)
        self.assertEqual(lines.exists().partner_id, stranger)
        self.run_cron()
        self.assertEqual((stranger.grading_grade_id, stranger.grading_score), (self.gold, 50))

    def test_each_company_is_merged_for_itself(self):
        other = self.new_company("Other Company")
        self.scheme(company_id=other.id)
        self.order(self.ada, 300, self.today, company_id=other.id)
        self.rescore(company=other)
        self.ada.with_company(other).with_context(grading_reason="There").grading_grade_id = self.silver
        self.env["grading.queue"]._waiting([]).unlink()
        self.merge(self.ada, self.bob)
        self.assertEqual(self.queued(), {(self.bob, self.company), (self.bob, other)})
        self.run_cron()
        here, there = self.profile(self.bob), self.profile(self.bob, other)
        self.assertEqual((here.score, here.manual_grade_id), (100, self.env["grading.grade"]))
        self.assertEqual((there.score, there.manual_reason), (300, "There"))
        self.assertEqual(there.manual_grade_id, self.silver)

    def test_a_salesperson_may_merge(self):
        seller = self.salesman()
        seller.group_ids += self.env.ref("base.group_partner_manager")
        self.ada.grading_grade_id = self.gold
        self.force(self.ada, email="one@example.com")
        self.force(self.bob, email="one@example.com")
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(seller)
        wizard.create({})._merge((self.ada | self.bob).ids, self.bob.with_user(seller))
        self.env.invalidate_all()
        self.assertEqual(self.profile(self.bob).manual_grade_id, self.gold)


class Killed(BaseException):
    """What a kill looks like from inside: no handler catches it and nothing is written any more."""


@tagged("post_install", "-at_install")
class TestNightlyRun(QueueCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.others = cls.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(3)])
        for partner in cls.others:
            cls.order(partner, 50, cls.today)
        cls.customers = cls.ada | cls.bob | cls.others
        cls.rescore()
        cls.env["grading.queue"]._waiting([]).unlink()
        cls.force(cls.env["sale.order"].search([("company_id", "=", cls.company.id)]), amount_untaxed=500)

    def run_killed(self):
        """The nightly job, which is killed. (``assertRaises`` would roll back what it had committed.)"""
        try:
            self.run_cron(NIGHTLY_CRON)
        except Killed:
            return
        self.fail("the job was not killed")

    def scores(self):
        """The score of each customer, after checking that it is whole: as before or as after."""
        found = []
        for partner in self.customers:
            profile = self.profile(partner)
            whole = (profile.order_amount, profile.score, sum(profile.points_detail.values()), profile.grade_id)
            lines = profile.history_ids.mapped("new_grade_id")
            self.assertIn(whole, [(50, 50, 50, self.silver), (500, 500, 500, self.gold)])
            self.assertEqual(lines, self.silver if profile.score == 50 else self.gold | self.silver)
            found.append(profile.score)
        return found

    def test_the_nightly_cron_makes_one_run_for_each_company(self):
        other = self.new_company("Other Company")
        self.scheme(company_id=other.id)
        self.order(self.ada, 200, self.today, company_id=other.id)
        before = self.last_run
        self.run_cron(NIGHTLY_CRON)
        runs = self.new_runs(before).filtered(lambda run: run.scope != "snapshot")  # months that are filled in
        self.assertEqual(runs.company_id, self.env["res.company"].search([]))
        self.assertEqual(len(runs), len(runs.company_id))
        self.assertEqual(set(runs.mapped("scope")), {"full"})
        self.assertEqual(set(runs.mapped("state")), {"done"})
        self.assertEqual(self.scores(), [500] * 5)
        self.assertEqual(self.profile(self.ada, other).score, 200)

    def test_the_nightly_cron_works_in_batches(self):
        with patch.object(grading_run_pipeline, "BATCH_SIZE", 2):
            self.run_cron(NIGHTLY_CRON)
        self.assertEqual(self.scores(), [500] * 5)
        run = self.env["grading.run"]._last_full(self.company)
        self.assertEqual((run.profile_count, run.changed_count), (5, 5))

    def test_a_run_left_open_is_carried_on_and_the_other_companies_have_their_turn(self):
        other = self.new_company("Other Night")
        run = self.env["grading.run"]._start(self.company)
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual((run.state, run.changed_count), ("done", 5))
        new = self.new_runs(run)
        self.assertNotIn(self.company, new.company_id)
        self.assertEqual(new.filtered(lambda r: r.company_id == other).state, "done")
        self.assertEqual(self.scores(), [500] * 5)

    def test_a_run_left_open_yesterday_scores_by_today(self):
        run = self.env["grading.run"]._start(self.company)
        run.as_of -= timedelta(days=1)
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual((run.state, run.as_of), ("done", self.today))

    def test_a_worker_killed_in_the_middle_leaves_every_customer_whole(self):
        run = self.env["grading.run"]._start(self.company)
        killed = None
        with self.second_batch(Killed()):
            try:
                self.run_cron(NIGHTLY_CRON)
            except Killed as error:
                killed = error
        self.assertTrue(killed)
        self.assertEqual(sorted(self.scores()), [50, 50, 50, 500, 500])
        self.assertEqual(run.state, "running")
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual(self.scores(), [500] * 5)
        self.assertEqual((run.state, run.changed_count), ("done", 5))

    def test_a_run_of_the_queue_that_breaks_off_leaves_its_customers_there(self):
        Queue = self.env["grading.queue"]
        Queue._waiting([]).unlink()
        customer = self.env["grading.profile"].search([("company_id", "=", self.company.id)], limit=1).partner_id
        Queue._enqueue([(customer, self.company)])
        before, worktable = self.last_run, self.env.registry["grading.worktable"]
        with (
            patch.object(worktable, "_create_scored", side_effect=ZeroDivisionError("The disk is full")),
            mute_logger("odoo.addons.customer_grading.models.run.grading_run"),
        ):
            self.run_cron(QUEUE_CRON)
        self.assertEqual(self.last_run.state, "failed")
        self.assertEqual(Queue._waiting([]).partner_id, customer)
        self.assertEqual(
            self.new_runs(before), self.last_run, "it is tried once, and again when the job is called next"
        )
        self.run_cron(QUEUE_CRON)
        self.assertFalse(Queue._waiting([]))

    def test_a_run_that_fails_in_the_middle_leaves_every_customer_whole(self):
        run = self.env["grading.run"]._start(self.company)
        with (
            self.second_batch(ZeroDivisionError("The disk is full")),
            mute_logger("odoo.addons.customer_grading.models.run.grading_run"),
        ):
            self.run_cron(NIGHTLY_CRON)
        self.assertEqual(sorted(self.scores()), [50, 50, 50, 500, 500])
        self.assertEqual(run.state, "failed")
        self.assertIn("The disk is full", run.message)
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual(self.scores(), [500] * 5)
        self.assertEqual(self.env["grading.run"]._last_full(self.company).state, "done")

    def test_a_run_that_fails_in_the_middle_says_how_many_it_changed_and_what_is_left(self):
        run = self.env["grading.run"]._start(self.company)
        with (
            self.second_batch(ZeroDivisionError("The disk is full")),
            mute_logger("odoo.addons.customer_grading.models.run.grading_run"),
        ):
            self.run_cron(NIGHTLY_CRON)
        self.assertEqual((run.profile_count, run.changed_count, run.left_count), (5, 2, 3))
        self.assertIn("2 customers and leads were changed before that. 3 are left", run.message)

    def test_a_run_that_fails_says_in_which_step_what_is_left(self):
        run = self.env["grading.run"]._start(self.company)
        run.write({"changed_count": 2, "left_count": 3})
        self.assertIn("2 leads were changed before that. 3 leads and the customers are left", run._left_sentence())
        run.are_customers_scored = True
        self.assertIn("3 are left for the next run", run._left_sentence())
        run.left_count = 0
        self.assertIn("tags and next contacts, is left for the next run", run._left_sentence())

    def test_a_run_that_fails_before_it_writes_changes_no_customer(self):
        run = self.env["grading.run"]._start(self.company)
        worktable = self.env.registry["grading.worktable"]
        with (
            patch.object(worktable, "_create_scored", side_effect=ZeroDivisionError("The disk is full")),
            mute_logger("odoo.addons.customer_grading.models.run.grading_run"),
        ):
            self.run_cron(NIGHTLY_CRON)
        self.assertEqual((run.state, run.message), ("failed", "The disk is full"))
        self.assertEqual((run.profile_count, run.changed_count, run.left_count), (0, 0, 0))

    def test_a_run_that_goes_on_counts_no_customer_twice(self):
        """Not even those who have bought again between the kill and the next job."""
        run = self.env["grading.run"]._start(self.company)
        with self.second_batch(Killed()):
            self.run_killed()
        self.assertEqual((run.state, run.changed_count, run.left_count), ("running", 2, 3))
        self.force(self.env["sale.order"].search([("company_id", "=", self.company.id)]), amount_untaxed=600)
        self.run_cron(NIGHTLY_CRON)
        self.assertEqual((run.state, run.profile_count, run.changed_count, run.left_count), ("done", 5, 5, 0))
        profiles = self.env["grading.profile"].search([("company_id", "=", self.company.id)])
        self.assertEqual(set(profiles.mapped("score")), {600})

    def test_a_run_that_goes_on_and_is_killed_again_keeps_its_cut_points(self):
        run = self.env["grading.run"]._start(self.company)
        with self.second_batch(Killed()):
            self.run_killed()
        worktable = self.env.registry["grading.worktable"]
        with patch.object(worktable, "_create_measured", side_effect=Killed):
            self.run_killed()
        fixed = []
        create_measured = worktable._create_measured

        def watched(table, rules, *args):
            fixed.append(rules.fix)
            return create_measured(table, rules, *args)

        with patch.object(worktable, "_create_measured", watched):
            self.run_cron(NIGHTLY_CRON)
        self.assertEqual((run.state, fixed[:2]), ("done", [False, False]))

    def test_measuring_reports_progress_so_that_odoo_does_not_postpone_a_killed_job(self):
        """Odoo postpones a job for a day that was killed three times in a row and each time had done nothing."""
        worktable, progress = self.env.registry["grading.worktable"], []

        def killed(table, *args):
            job = table.env["ir.cron.progress"].browse(table.env.context["ir_cron_progress_id"])
            progress.append((job.done, job.remaining))
            raise Killed

        for step in ("_create_measured", "_create_scored"):
            progress.clear()

            with patch.object(worktable, step, killed):
                self.run_killed()
            [(done, remaining)] = progress
            self.assertGreater(done, 0, step)
            self.assertGreater(remaining, 0, step)

    def test_a_run_that_is_stopped_again_and_again_while_it_measures_gives_up(self):
        """It would be killed for ever: Odoo sees the progress of its first steps."""
        run = self.env["grading.run"]._start(self.company)
        worktable = self.env.registry["grading.worktable"]
        with patch.object(worktable, "_create_scored", side_effect=Killed):
            for _night in range(10):
                self.run_killed()
        self.assertEqual((run.state, run.start_count), ("running", 10))
        with mute_logger("odoo.addons.customer_grading.models.run.grading_run"):
            self.run_cron(NIGHTLY_CRON)
        self.assertEqual(run.state, "failed")
        self.assertIn("limit_time_real_cron", run.message)

    def test_what_is_put_back_into_the_queue_waits_for_the_next_call(self):
        """A user may have it in hand for long: the job does not turn round and round meanwhile."""
        Queue = self.env["grading.queue"]
        Queue._enqueue([(self.ada, self.company)])
        worktable = self.env.registry["grading.worktable"]
        write_batch, calls = worktable._write_profile_batch, []

        def put_back(table, rules, first, last):
            calls.append(first)
            Queue.with_env(table.env)._postpone(self.profile(self.ada).with_env(table.env))
            return write_batch(table, rules, first, last)

        with patch.object(worktable, "_write_profile_batch", put_back):
            self.run_cron()
        self.assertEqual(len(calls), 1)
        self.assertEqual(self.queued(), {(self.ada, self.company)})

    def test_the_queue_keeps_what_a_run_had_no_time_for(self):
        Queue = self.env["grading.queue"]
        Queue._enqueue((partner, self.company) for partner in self.customers)
        with (
            patch.object(grading_run_pipeline, "BATCH_SIZE", 2),
            patch.object(self.env.registry["grading.run"], "_commit_batch", lambda *args: False),
        ):
            self.run_cron()
        self.assertEqual(self.queued(), {(partner, self.company) for partner in self.customers})
        self.run_cron()
        self.assertEqual(self.scores(), [500] * 5)
        self.assertFalse(self.queued())

    def test_outside_a_scheduled_action_a_failing_run_changes_no_customer(self):
        with (
            self.second_batch(ZeroDivisionError("The disk is full")),
            mute_logger("odoo.addons.customer_grading.models.run.grading_run"),
        ):
            run = self.env["grading.run"]._rescore()
        self.assertEqual(self.scores(), [50] * 5)
        self.assertEqual((run.state, run.message), ("failed", "The disk is full"))

    def test_a_failing_company_does_not_keep_the_others_from_their_run(self):
        other = self.new_company("Other Company")
        bad = self.scheme(company_id=other.id)
        self.order(self.ada, 200, self.today, company_id=other.id)
        self.force(bad, domain="[('x_gone', '=', 1)]")
        with mute_logger("odoo.addons.customer_grading.models.run.grading_run"):
            self.run_cron(NIGHTLY_CRON)
        run = self.env["grading.run"].search([("company_id", "=", other.id)])
        self.assertEqual(run.state, "failed")
        self.assertEqual(self.scores(), [500] * 5)

    def test_the_queue_goes_on_after_a_kill(self):
        self.env["grading.queue"]._enqueue((partner, self.company) for partner in self.customers)
        killed = None
        with self.second_batch(Killed()):
            try:
                self.run_cron()
            except Killed as error:
                killed = error
        self.assertTrue(killed)
        self.assertEqual(sorted(self.scores()), [50, 50, 50, 500, 500])
        self.assertTrue(self.env["grading.queue"]._waiting([]))
        self.run_cron()
        self.assertEqual(self.scores(), [500] * 5)
        self.assertFalse(self.env["grading.queue"]._waiting([]))

    def test_an_override_made_during_a_run_survives_it(self):
        worktable = self.env.registry["grading.worktable"]
        write_batch = worktable._write_profile_batch

        def overridden_first(table, *args):
            profile = self.profile(self.ada).with_env(table.env)
            if table.env.company == self.company and not profile.manual_grade_id:
                # Another transaction has the clock of another moment.
                profile.write({"manual_grade_id": self.bronze.id, "manual_reason": "Now", "grade_id": self.bronze.id})
                table.env.flush_all()
                table.env.cr.execute(
                    "UPDATE grading_profile SET write_date = write_date + INTERVAL '1 second' WHERE id = %s",
                    [profile.id],
                )
            return write_batch(table, *args)

        with patch.object(worktable, "_write_profile_batch", overridden_first):
            self.run_cron(NIGHTLY_CRON)
        profile = self.profile(self.ada)
        self.assertEqual((profile.grade_id, profile.manual_reason), (self.bronze, "Now"))
        self.assertEqual(profile.score, 50, "left to the next rescoring")
        self.assertEqual(self.queued(), {(self.ada, self.company)})
        self.run_cron()
        self.assertEqual((profile.grade_id, profile.score), (self.bronze, 500))
