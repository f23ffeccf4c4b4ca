from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged

from ..common import LeadCase
from ..measure.purchase_case import PurchaseCase
from .figures_case import FiguresCase, month_end

AMOUNTS = {
    "grading.revenue.report": ["amount"],
    "grading.cohort.report": ["amount"],
    "grading.pareto.report": ["amount"],
    "grading.payment.report": ["amount"],
    "grading.lead.report": ["expected_revenue", "won_revenue"],
    "grading.referral.report": ["amount"],
    "grading.retention.report": ["amount"],
    "grading.forecast.report": ["expected_amount", "amount", "difference"],
}
# All their rows are of the company that has asked.
OF_ONE_COMPANY = {"grading.backtest.line", "grading.preview.cell", "grading.preview.line"}


@tagged("post_install", "-at_install")
class TestReportCurrencies(FiguresCase, PurchaseCase, LeadCase):
    """A company in euros and one in dollars, of which one euro buys 1.25: what a report sums up over both is in the
    currency of the company at hand, as on the overview."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls.new_company("Dollars", currency_id=cls.dollar.id)
        cls.env["account.chart.template"].try_loading("generic_coa", company=cls.foreign, install_demo=False)
        cls.foreign.currency_id = cls.dollar
        cls.rate(cls.dollar, 1.25)
        cls.both = cls.company + cls.foreign
        ben = cls.customer("Ben")
        cls.ada = cls.customer("Ada", referred_by_id=ben.id)
        cls.scheme()
        for company, amount in ((cls.company, 100), (cls.foreign, 1000)):
            own = {"company_id": company.id, "user_id": False, "team_id": False}
            for days in (20, 150, 220):
                cls.order(cls.ada, amount, cls.today - timedelta(days=days), **own)
            cls.win(cls.lead(expected_revenue=amount, **own), cls.today)
            cls.invoice_of(company, amount)
            cls.rescore(partners=cls.ada | ben, company=company)
            cls.env["grading.snapshot"].create(
                {
                    "partner_id": cls.ada.id,
                    "company_id": company.id,
                    "date": month_end(cls.today - relativedelta(months=7)),
                    "grade_id": cls.gold.id,
                    "order_count_12m": 1,
                    "order_amount_12m": amount,
                    "expected_amount": 3 * amount,
                    "expected_days": 90,
                }
            )

    @classmethod
    def invoice_of(cls, company, amount):
        """An invoice that is overdue."""
        context = {"allowed_company_ids": company.ids}
        Move = cls.env["account.move"].with_context(**context).with_company(company)
        line = {"product_id": cls.goods.id, "price_unit": amount, "tax_ids": False}
        move = Move.create({"move_type": "out_invoice", "partner_id": cls.ada.id, "invoice_line_ids": [(0, 0, line)]})
        day = cls.today - timedelta(days=40)
        move.write({"invoice_date": day, "invoice_date_due": day, "date": day})
        move.action_post()

    def test_sums_over_companies_are_in_the_currency_of_the_one_at_hand(self):
        self.env.invalidate_all()
        env = self.env(context={**self.env.context, "allowed_company_ids": self.both.ids})
        for model, names in AMOUNTS.items():
            domain = [("company_id", "in", self.both.ids)]
            rows = env[model].search(domain)
            self.assertEqual(rows.company_id, self.both, model)
            aggregates = [f"{name}:{function}" for name in names for function in ("sum", "sum_currency")]
            [sums] = env[model]._read_group(domain, [], aggregates)
            by_company = dict(env[model]._read_group(domain, ["company_id"], [f"{names[0]}:sum"]))
            for place, name in enumerate(names):
                here, there = (sum(rows.filtered(lambda row, c=c: row.company_id == c).mapped(name)) for c in self.both)
                self.assertTrue(there, f"{model} has no dollars in {name}")
                for total in sums[2 * place : 2 * place + 2]:
                    with self.subTest(model=model, amount=name):
                        self.assertAlmostEqual(total, here + 0.8 * there, 2)
                if not place:
                    self.assertAlmostEqual(by_company[self.foreign], 0.8 * there, 2)

    def test_every_model_with_amounts_to_sum_up_does_so(self):
        rule = self.env.registry["grading.amount.sum.mixin"]
        missing = {
            name
            for name, model in self.env.items()
            if name.startswith("grading.") and not model._abstract and not model._transient
            if "company_id" in model._fields and not isinstance(model, rule)
            if any(self.is_summed_up(field) for field in model._fields.values())
        }
        self.assertLessEqual(missing, OF_ONE_COMPANY)

    def is_summed_up(self, field):
        return field.type == "monetary" and field.aggregator in ("sum", "sum_currency")
