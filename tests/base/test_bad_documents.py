from datetime import date

from odoo.tests import tagged
from odoo.tools import mute_logger

from .bad_input_case import RUN_LOGGER, BadInputCase


@tagged("post_install", "-at_install")
class TestDocuments(BadInputCase):
    """A document that makes no sense is left out and named; it spoils nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme()

    def assert_left_out(self, order):
        run = self.rescore()
        self.assertIn(order.name, run.message)
        self.assertIn("correct", run.message)
        self.assertNotIn(self.ada_order.name, run.message)
        profile = self.profile(self.ada)
        self.assertEqual((profile.order_amount, profile.order_count, profile.grade_id), (50, 1, self.silver))

    def test_rates_that_make_no_sense_leave_the_order_out(self):
        order = self.order(self.ada, 100, self.today)
        for rate in (0, None, -1, "NaN", "1e-300"):
            with self.subTest(rate=rate):
                self.force(order, currency_rate=rate)
                self.assert_left_out(order)

    def test_amounts_beyond_any_sense_leave_the_order_out(self):
        order = self.order(self.ada, 100, self.today)
        for amount in (1e20, -1e20, "NaN", "Infinity", "-Infinity", None):
            with self.subTest(amount=amount):
                self.force(order, amount_untaxed=amount)
                self.assert_left_out(order)

    def test_a_customer_without_orders_is_unknown_rather_than_boundless(self):
        stranger = self.customer("Stranger", customer_rank=1)
        for measure in ("faded_order_amount", "average_order_amount", "share_of_budget", "average_days_late"):
            with self.subTest(measure=measure):
                scheme = self.scheme(sequence=1, criteria=[self.linear(measure, points_if_none=7)])
                self.rescore()
                scheme.active = False
                self.assertEqual(stranger.grading_score, 7)

    def test_a_correct_run_has_nothing_to_say(self):
        self.assertFalse(self.rescore().message)

    def test_many_bad_documents_are_counted_and_some_of_them_named(self):
        for _number in range(8):
            self.order(self.ada, 100, self.today, currency_rate=0)
        message = self.rescore().message
        self.assertIn("8 documents", message)
        self.assertIn("…", message)

    def test_large_amounts_that_make_sense_are_counted(self):
        self.order(self.ada, 1e15, self.today)
        self.rescore()
        self.assertEqual(self.profile(self.ada).order_amount, 1e15 + 50)

    def test_orders_of_other_centuries_do_not_stop_the_run(self):
        self.order(self.ada, 7, date(1753, 1, 1))
        self.order(self.ada, 9, date(9998, 1, 1))
        self.scheme(sequence=1, criteria=[self.linear("faded_order_amount"), self.rank("first_order_date")])
        self.rescore()
        profile = self.profile(self.ada)
        self.assertEqual((profile.first_order_date, profile.order_amount), (date(1753, 1, 1), 57))

    def test_budgets_beyond_any_sense_do_not_stop_the_run(self):
        self.scheme(sequence=1, criteria=[self.linear("share_of_budget"), self.linear("order_amount")])
        self.order(self.ada, 1e15, self.today)
        other = self.customer("Other")
        self.order(other, 60, self.today)
        for budget in (1e300, 1e-300, -1e300, -1):
            with self.subTest(budget=budget):
                self.ada.annual_budget = budget
                self.rescore()
                self.assertEqual(self.profile(other).order_amount, 60)

    def test_without_a_rate_a_foreign_order_is_left_out_until_one_is_entered(self):
        currency = self.env["res.currency"].create({"name": "XTS", "symbol": "¤"})
        company = self.new_company("Rateless", currency_id=currency.id)
        self.assertFalse(currency.rate_ids)
        self.scheme(company_id=company.id)
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": self.company.currency_id.id, "company_id": company.id}
        )
        self.order(self.ada, 20, self.today, company_id=company.id)
        foreign = self.order(self.ada, 20, self.today, company_id=company.id, pricelist_id=pricelist.id)
        self.assertEqual(foreign.currency_rate, 1, "what Odoo stores")
        self.assertIn(foreign.name, self.rescore(company=company).message)
        profile = self.profile(self.ada, company)
        self.assertEqual((profile.order_amount, profile.grade_id), (20, self.silver))
        self.env["grading.queue"]._waiting([]).unlink()
        rates = self.env["res.currency.rate"].with_company(company)
        rate = rates.create({"currency_id": pricelist.currency_id.id, "rate": 0.25, "company_id": company.id})
        self.assertEqual(self.env["grading.queue"]._waiting([]).partner_id, self.ada)
        self.assertFalse(self.rescore(company=company).message)
        self.assertEqual(profile.order_amount, 100)
        rate.rate = 1
        self.assertFalse(self.rescore(company=company).message, "a rate that is 1 is a rate")
        self.assertEqual(profile.order_amount, 40)

    def test_invoices_that_make_no_sense_are_left_out(self):
        self.company.grading_amount_source = "invoice"
        moves = self.env["account.move"]
        for name, amount in (("GOOD/1", 70), ("BAD/1", "NaN"), ("BAD/2", 1e20)):
            move = moves.create(
                {
                    "partner_id": self.ada.id,
                    "move_type": "entry",
                    "journal_id": self.env["account.journal"]
                    .create({"name": name, "code": name[-3:] + name[:1], "type": "general"})
                    .id,
                }
            )
            self.force(
                move,
                name=name,
                move_type="out_invoice",
                state="posted",
                amount_untaxed_signed=amount,
                invoice_date=self.today,
                partner_id=self.ada.id,
            )
        message = self.rescore().message
        self.assertIn("BAD/1, BAD/2", message)
        self.assertNotIn("GOOD", message)
        self.assertEqual(self.profile(self.ada).order_amount, 70)

    def test_an_archived_customer_keeps_the_former_grade(self):
        self.rescore()
        self.ada.active = False
        self.force(self.ada_order, amount_untaxed=500)
        self.rescore()
        profile = self.profile(self.ada)
        self.assertEqual((profile.grade_id, profile.score), (self.silver, 50))
        self.ada.active = True
        self.rescore()
        self.assertEqual(profile.grade_id, self.gold)

    def test_orders_of_an_archived_contact_still_count_for_the_company_it_belongs_to(self):
        firm = self.customer("Firm", is_company=True)
        contact = self.customer("Contact", parent_id=firm.id)
        self.order(contact, 200, self.today)
        contact.active = False
        self.rescore()
        self.assertEqual(firm.grading_grade_id, self.gold)


@tagged("post_install", "-at_install")
class TestGradeInUse(BadInputCase):
    def assert_kept(self, *words):
        with self.assert_refused("Silver", "Archive it", *words):
            self.silver.unlink()
        self.assertTrue(self.silver.exists())

    def test_a_grade_of_a_scheme_is_not_deleted(self):
        self.scheme(name="The only one")
        self.assert_kept("The only one")

    def test_a_grade_of_an_archived_scheme_is_not_deleted(self):
        self.scheme(name="The only one", active=False)
        self.assert_kept("The only one")

    def test_a_grade_of_a_customer_is_not_deleted(self):
        self.scheme(thresholds=[(self.gold, 1000)])
        self.ada.grading_grade_id = self.silver
        self.assert_kept("1 customers")

    def test_a_grade_of_the_past_is_not_deleted(self):
        scheme = self.scheme()
        self.rescore()
        scheme.threshold_ids.filtered(lambda threshold: threshold.grade_id == self.silver).unlink()
        self.rescore()
        self.assertEqual(self.ada.grading_grade_id, self.bronze)
        self.assert_kept("0 customers", "2 lines")

    def test_an_unused_grade_is_deleted(self):
        self.silver.unlink()
        self.assertFalse(self.silver.exists())

    def test_an_archived_grade_goes_on_in_the_schemes_that_have_it(self):
        self.scheme()
        self.silver.active = False
        self.rescore()
        self.assertEqual(self.ada.grading_grade_id, self.silver)


@tagged("post_install", "-at_install")
class TestRulesGoneBad(BadInputCase):
    """A field or a module may go after a rule was saved: the rule is named, its customers keep their grades."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bob = cls.customer("Bob", ref="bob")
        cls.bob_order = cls.order(cls.bob, 50, cls.today)
        cls.good = cls.scheme(name="Good", sequence=1, domain="[('partner_id.ref', '=', 'bob')]")
        cls.bad = cls.scheme(name="Gone bad", sequence=2, criteria=[cls.linear("order_amount", name="Gone criterion")])
        cls.stage = cls.env["grading.lifecycle"].create({"name": "Stage", "domain": "[('order_count', '>', 0)]"})
        cls.rescore()
        cls.force(cls.ada_order | cls.bob_order, amount_untaxed=500)

    def assert_only_the_others_are_graded(self, *words):
        before = self._row(self.ada)
        run = self.rescore_failing()
        for word in words:
            self.assertIn(word, run.message)
        self.assertNotIn("Good", run.message)
        self.assertEqual(self._row(self.ada), before)
        self.assertEqual(self.ada.grading_grade_id, self.silver)
        self.assertEqual((self.bob.grading_grade_id, self.bob.grading_score), (self.gold, 500))

    def _row(self, partner):
        self.env.cr.execute("SELECT * FROM grading_profile WHERE id = %s", [self.profile(partner).id])
        return self.env.cr.fetchall()

    def test_a_filter_on_a_field_that_is_gone(self):
        self.force(self.bad, domain="[('x_gone', '=', 1)]")
        self.assert_only_the_others_are_graded("Gone bad", "x_gone", "Use only searchable")

    def test_a_filter_that_is_no_domain_any_more(self):
        self.force(self.bad, domain="[('order_count', ")
        self.assert_only_the_others_are_graded("Gone bad", "Use only searchable")

    def test_a_filter_of_a_criterion_on_a_field_that_is_gone(self):
        self.force(self.bad.criterion_ids, kind="domain", domain="[('partner_id.x_gone', '=', 1)]")
        self.assert_only_the_others_are_graded("Gone criterion", "x_gone")

    def test_a_measure_that_is_gone(self):
        self.force(self.bad.criterion_ids, measure="measure_of_a_module_that_is_gone")
        self.assert_only_the_others_are_graded("Gone bad", "Gone criterion", "measure_of_a_module_that_is_gone")

    def test_an_incremental_run_leaves_them_alone_too(self):
        self.force(self.bad, domain="[('x_gone', '=', 1)]")
        with mute_logger(RUN_LOGGER):
            run = self.env["grading.run"]._rescore(partners=self.ada | self.bob)
        self.assertEqual(run.state, "failed")
        self.assertEqual((self.ada.grading_score, self.bob.grading_score), (50, 500))

    def test_a_stage_gone_bad_leaves_the_stages_alone_and_all_customers_are_graded(self):
        self.force(self.stage, domain="[('x_gone', '=', 1)]")
        message = self.rescore_failing().message
        self.assertIn("Stage", message)
        self.assertEqual((self.ada.grading_grade_id, self.bob.grading_grade_id), (self.gold, self.gold))
        self.assertEqual((self.ada | self.bob).mapped("grading_lifecycle_id"), self.stage)

    def test_several_bad_rules_are_all_named(self):
        self.force(self.bad, domain="[('x_gone', '=', 1)]")
        self.force(self.stage, domain="[('y_gone', '=', 1)]")
        message = self.rescore_failing().message
        self.assertIn("x_gone", message)
        self.assertIn("y_gone", message)

    def test_another_company_is_not_concerned(self):
        other = self.new_company("Other Company")
        self.scheme(company_id=other.id)
        self.order(self.ada, 500, self.today, company_id=other.id)
        self.force(self.bad, domain="[('x_gone', '=', 1)]")
        self.assertFalse(self.rescore(company=other).message)
        self.assertEqual(self.profile(self.ada, other).grade_id, self.gold)

    def test_saving_a_contact_works_all_the_same(self):
        for domain in ("[('x_gone', '=', 1)]", "[('order_count', ", "42"):
            self.force(self.bad, domain=domain)
            self.force(self.stage, domain=domain)
            self.env.registry.clear_cache()
            with self.subTest(domain=domain):
                self.ada.write({"name": f"Ada with {domain}", "parent_id": False})
                self.assertEqual(self.ada.name, f"Ada with {domain}")

    def test_screens_open_all_the_same(self):
        self.force(self.bad.criterion_ids, measure="measure_of_a_module_that_is_gone")
        self.assertIn("Silver", str(self.profile(self.ada).explanation))
        self.bad.web_read(
            {"name": {}, "needs_rescore": {}, "points_max": {}, "criterion_ids": {"fields": {"name": {}}}}
        )

    def test_the_next_run_after_the_repair_grades_them(self):
        self.force(self.bad, domain="[('x_gone', '=', 1)]")
        self.rescore_failing()
        self.bad.domain = "[]"
        self.rescore()
        self.assertEqual(self.ada.grading_grade_id, self.gold)
