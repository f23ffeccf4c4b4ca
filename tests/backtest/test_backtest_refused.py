from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.backtest.grading_backtest import latest_day
from .backtest_case import BacktestCase


@tagged("post_install", "-at_install")
class TestBacktestRefused(BacktestCase):
    """What cannot be answered, and who may not ask."""

    def ask(self, **vals):
        return self.env["grading.backtest"].create(vals)

    def test_the_months_that_follow_must_be_over(self):
        latest = latest_day(self.today, 12)
        with self.assert_refused("12 months", "not over", error=ValidationError):
            self.ask(date=self.today - relativedelta(months=12))
        self.assertEqual(self.ask(date=latest).date, latest)
        self.assertEqual(self.ask().date, latest)

    def test_fewer_months_have_a_later_day_by_default(self):
        self.assertEqual(self.ask(months=3).date, latest_day(self.today, 3))

    def test_a_scheme_is_not_compared_with_itself(self):
        with self.assert_refused("compared with itself", "two schemes", error=ValidationError):
            self.ask(scheme_id=self.rules.id, other_scheme_id=self.rules.id)

    def test_a_scheme_for_leads_grades_no_customers(self):
        leads = self.scheme([self.linear("willingness", dimension="intent")], name="Of leads", subject="lead")
        with self.assert_refused("Of leads", "same kind", error=ValidationError):
            self.ask(scheme_id=self.rules.id, other_scheme_id=leads.id)

    def test_a_scheme_of_another_company_grades_none_of_this_one(self):
        elsewhere = self.new_company("Elsewhere")
        foreign = self.scheme(name="Foreign", company_id=elsewhere.id)
        with self.assert_refused("Foreign", self.company.name, error=ValidationError):
            self.ask(scheme_id=foreign.id)

    def test_what_runs_is_not_run_twice(self):
        test = self.test_of()
        test.run_id.sudo().state = "running"
        with self.assert_refused("running", error=UserError):
            test.action_run()

    def test_a_rule_that_cannot_be_used_says_so_on_the_test(self):
        broken = self.scheme(name="Broken", active=False)
        broken.criterion_ids.unlink()
        test = self.ask(scheme_id=broken.id)
        test.action_run()
        self.assertEqual(test.state, "failed")
        self.assertIn("Broken", test.message)

    # ------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------

    def test_managers_ask_and_read_the_figures(self):
        self.shop(("Ada", 500, [30]))
        manager = self.manager()
        test = self.env["grading.backtest"].with_user(manager).create({})
        test.action_run()
        self.assertEqual(test.state, "done")
        self.assertEqual(test.total_ids.customer_count, 1)
        with self.assertRaises(AccessError):
            test.line_ids[0].revenue = 5

    def test_others_neither_ask_nor_read(self):
        self.shop(("Ada", 500, [30]))
        test = self.test_of()
        for user in (self.salesman(), self.internal(), self.portal(), self.env.ref("base.public_user")):
            with self.subTest(user=user.login):
                for model, record in (("grading.backtest", test), ("grading.backtest.line", test.line_ids[:1])):
                    with self.assertRaises(AccessError):
                        record.with_user(user).read(["company_id"])
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).create({})
                with self.assertRaises(AccessError):
                    test.with_user(user).action_run()

    def test_managers_of_another_company_see_nothing_of_it(self):
        self.shop(("Ada", 500, [30]))
        test = self.test_of()
        elsewhere = self.new_company("Elsewhere")
        stranger = self.manager("grading_stranger", company_id=elsewhere.id, company_ids=[Command.set(elsewhere.ids)])
        as_stranger = self.env(user=stranger, context={"allowed_company_ids": elsewhere.ids})
        self.assertFalse(as_stranger["grading.backtest"].search([("id", "=", test.id)]))
        self.assertFalse(as_stranger["grading.backtest.line"].search([("id", "in", test.line_ids.ids)]))
        with self.assertRaises(AccessError):
            as_stranger["grading.backtest"].create({"company_id": self.company.id})

    def test_a_run_is_not_a_managers_to_name(self):
        """Deleting the back-test would delete the run."""
        run, boss = self.rescore(), self.manager()
        backtests = self.env["grading.backtest"].with_user(boss)
        with self.assert_refused("Run"):
            backtests.create({"run_id": run.id})
        own = backtests.create({})
        for vals in ({"run_id": run.id}, {"line_ids": [(5,)]}):
            with self.subTest(vals=vals), self.assert_refused("leave it out"):
                own.write(vals)
        own.unlink()
        self.assertTrue(run.exists())
