from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ..common import LeadCase

DAY = date(2025, 3, 3)
EXPECTED = "grading_expected_amount"


class AnalysisCase(LeadCase):
    """Ada buys for 500 here, on two orders of one and two lines, and is Gold; Bob for 50, and is Silver; Cleo buys for
    5 in the other company, which works in dollars, and is Bronze there.

    Expected of them are 1000, 200 and 30, each in the currency of the company.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.new_company("Other Company", currency_id=cls.env.ref("base.USD").id)
        cls.env["res.currency.rate"].search([]).unlink()
        cls.env["res.currency.rate"].create(
            {"name": "2020-01-01", "currency_id": cls.env.ref("base.USD").id, "company_id": cls.company.id, "rate": 2}
        )
        for company in (cls.company, cls.other):
            cls.scheme(company_id=company.id)
        cls.regular = cls.env["grading.lifecycle"].create({"name": "Regular", "domain": "[('order_count', '>', 1)]"})
        cls.goods, cls.services = cls.env["product.product"].create(
            [{"name": name, "type": "service", "taxes_id": False} for name in ("Goods", "Services")]
        )
        cls.ada, cls.bob, cls.cleo = (cls.customer(name, is_company=True) for name in ("Ada", "Bob", "Cleo"))
        cls.ann = cls.customer("Ann", parent_id=cls.ada.id)
        cls.sell(cls.ada, {cls.goods: 300})
        cls.sell(cls.ann, {cls.goods: 150, cls.services: 50})
        cls.sell(cls.bob, {cls.services: 50})
        cls.sell(cls.cleo, {cls.goods: 5}, company_id=cls.other.id)
        for company in (cls.company, cls.other):
            cls.rescore(company=company)
        cls.expect()
        cls.sam = cls.user(
            "grading_sam", "sales_team.group_sale_salesman_all_leads", company_ids=(cls.company | cls.other).ids
        )
        cls.tom = cls.salesman("grading_tom")

    @classmethod
    def expect(cls):
        profiles = [cls.profile(cls.ada), cls.profile(cls.bob), cls.profile(cls.cleo, cls.other)]
        for profile, amount in zip(profiles, (1000, 200, 30), strict=True):
            cls.force(profile, expected_amount=amount)

    @classmethod
    def sell(cls, partner, amounts, **vals):
        lines = [
            Command.create({"product_id": product.id, "price_unit": amount, "tax_ids": False})
            for product, amount in amounts.items()
        ]
        return cls.order(partner, sum(amounts.values()), DAY, order_line=lines, user_id=False, **vals)

    @classmethod
    def analysis(cls, model="sale.report", user=None, companies=None):
        cls.env.flush_all()
        companies = companies or cls.company
        return cls.env[model].with_user(user or cls.sam).with_context(allowed_company_ids=companies.ids)

    def assert_groups_open_what_they_count(self, analysis, domain, *groupby):
        """Each group, as one clicks on it, finds as many rows as it counts; by each of the fields."""
        for name in groupby:
            groups = analysis.formatted_read_group(domain, [name], ["__count"])
            self.assertGreater(len(groups), 1, name)
            for group in groups:
                rows = analysis.search(domain + group["__extra_domain"])
                with self.subTest(model=analysis._name, groupby=name, group=group[name]):
                    self.assertEqual(len(rows), group["__count"])


@tagged("post_install", "-at_install")
class TestSalesAnalysis(AnalysisCase):
    def groups(self, groupby, user=None, companies=None, domain=(), aggregates=("price_subtotal:sum",)):
        return self.analysis(user=user, companies=companies)._read_group(list(domain), groupby, aggregates)

    def test_sales_are_grouped_by_the_grade_and_the_stage_of_the_customer(self):
        self.assertEqual(self.groups(["grading_grade_id"]), [(self.gold, 500), (self.silver, 50)])
        stages = self.groups(["grading_lifecycle_id"], aggregates=["price_subtotal:sum", "nbr:sum"])
        self.assertEqual(stages, [(self.regular, 500, 3), (self.regular.browse(), 50, 1)])

    def test_each_row_shows_and_finds_what_its_own_company_says(self):
        both = self.company | self.other
        rows = self.analysis(companies=both).search([("partner_id", "in", (self.ada | self.cleo).ids)])
        found = {(row.partner_id, row.grading_grade_id, row.grading_expected_amount) for row in rows}
        self.assertEqual(found, {(self.ada, self.gold, 1000), (self.cleo, self.bronze, 15)})
        bronze = self.analysis(companies=both).search([("grading_grade_id", "=", self.bronze.id)])
        self.assertEqual(bronze.partner_id, self.cleo)
        self.assertFalse(self.analysis().search([("grading_grade_id", "=", self.bronze.id)]))

    def test_a_group_opens_the_rows_that_it_counts(self):
        analysis = self.analysis()
        for group in analysis.formatted_read_group([], ["grading_grade_id"], ["__count", "price_subtotal:sum"]):
            rows = analysis.search(group["__extra_domain"])
            self.assertEqual(len(rows), group["__count"])
            self.assertEqual(sum(rows.mapped("price_subtotal")), group["price_subtotal:sum"])

    def test_each_customer_counts_once_in_a_group_and_once_in_the_total(self):
        [[total]] = self.groups([], aggregates=[f"{EXPECTED}:sum"])
        self.assertEqual(total, 1200)
        by_product = dict(self.groups(["product_id"], aggregates=[f"{EXPECTED}:sum"]))
        self.assertEqual(by_product, {self.goods: 1000, self.services: 1200})
        pivot = self.analysis().formatted_read_grouping_sets([], [["product_id"], []], [f"{EXPECTED}:sum"])
        self.assertEqual([[group[f"{EXPECTED}:sum"] for group in groups] for groups in pivot], [[1000, 1200], [1200]])

    def test_companies_of_two_currencies_are_added_up_in_that_of_the_current_one(self):
        for companies, expected in ((self.company | self.other, 1215), (self.other | self.company, 2430)):
            with self.subTest(current=companies[0].name):
                self.env["res.currency.rate"].create(
                    {
                        "name": "2020-01-01",
                        "currency_id": self.env.ref("base.EUR").id,
                        "company_id": self.other.id,
                        "rate": 0.5,
                    }
                ) if companies[0] == self.other else None
                [[total]] = self.groups([], companies=companies, aggregates=[f"{EXPECTED}:sum"])
                self.assertEqual(total, expected)

    def test_what_is_expected_is_a_filter(self):
        rows = self.analysis().search([(EXPECTED, ">", 500)])
        self.assertEqual(rows.partner_id, self.ada | self.ann)
        self.assertEqual(self.analysis().search([("grading_partner_figures_id", "=", False)]).partner_id.ids, [])

    def test_figures_of_other_salespeople_are_hidden_and_grades_are_not(self):
        self.ada.user_id = self.sam
        self.assertEqual(self.groups(["grading_grade_id"], self.tom), [(self.gold, 500), (self.silver, 50)])
        [[total]] = self.groups([], self.tom, aggregates=[f"{EXPECTED}:sum"])
        self.assertEqual(total, 200)
        rows = self.analysis(user=self.tom).search([("partner_id", "child_of", self.ada.id)])
        self.assertEqual(set(rows.mapped(EXPECTED)), {0})
        self.assertFalse(self.analysis(user=self.tom).search([(EXPECTED, ">", 500)]))

    def test_users_without_sales_rights_neither_read_nor_group(self):
        clerk = self.user("clerk", "account.group_account_invoice")
        invoices = self.analysis("account.invoice.report", clerk)
        invoices._read_group([], ["partner_id"])
        names = set(invoices.fields_get())
        for name in ("grading_grade_id", "grading_lifecycle_id", EXPECTED):
            self.assertNotIn(name, names)
            with self.subTest(name=name), self.assertRaises(AccessError):
                invoices._read_group([], [], [f"{name}:count"])
        view = invoices.get_view(view_type="search")["arch"]
        self.assertNotIn("grading_", view)

    def test_without_our_fields_the_query_is_as_it_was(self):
        analysis = self.analysis()
        query = analysis._search([("partner_id", "=", self.ada.id)])
        analysis._read_group_select("price_subtotal:sum", query)
        self.assertNotIn("grading", self.text_of(query.select()).replace("customer_grading", ""))


@tagged("post_install", "-at_install")
class TestOtherAnalyses(AnalysisCase):
    def test_invoices(self):
        self.env["account.chart.template"].try_loading("generic_coa", company=self.company, install_demo=False)
        self.company.currency_id = self.env.ref("base.EUR")  # the accounts came with another one
        invoices = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": DAY,
                    "invoice_line_ids": [
                        Command.create({"product_id": self.goods.id, "price_unit": amount, "tax_ids": False})
                        for amount in amounts
                    ],
                }
                for partner, amounts in ((self.ann, (60, 40)), (self.bob, (10,)))
            ]
        )
        mine = [("move_id", "in", invoices.ids)]
        clerk = self.user("clerk", "sales_team.group_sale_manager,account.group_account_invoice")
        analysis = self.analysis("account.invoice.report", clerk)
        aggregates = ["price_subtotal:sum", f"{EXPECTED}:sum"]
        groups = analysis._read_group(mine, ["grading_grade_id"], aggregates)
        self.assertEqual(groups, [(self.gold, 100, 1000), (self.silver, 10, 200)])
        groups = analysis._read_group(mine, ["grading_lifecycle_id"], aggregates)
        self.assertEqual(groups, [(self.regular, 100, 1000), (self.regular.browse(), 10, 200)])
        self.assertEqual(analysis.search([*mine, ("grading_grade_id", "=", self.silver.id)]).partner_id, self.bob)
        self.assertEqual(analysis.search([*mine, (EXPECTED, ">", 500)]).partner_id.commercial_partner_id, self.ada)
        self.assert_groups_open_what_they_count(analysis, mine, "grading_grade_id", "grading_lifecycle_id")

    def test_the_pipeline_and_its_activities(self):
        self.lead_scheme()
        hot, cold, other = (
            self.lead(name, partner_id=partner.id, willingness=willingness, expected_revenue=7)
            for name, partner, willingness in (
                ("Hot", self.ann, "4"),
                ("Cold", self.ada, "1"),
                ("Other", self.bob, "1"),
            )
        )
        leads = hot | cold | other
        self.rescore(leads=leads)
        self.expect()
        done = self.env.ref("mail.mail_activity_data_call")
        for lead in leads:
            self.message(lead, DAY, mail_activity_type_id=done.id)
        pipeline = self.analysis("crm.lead")
        mine = [("id", "in", leads.ids)]
        aggregates = ["expected_revenue:sum", f"{EXPECTED}:sum"]
        groups = pipeline._read_group(mine, ["grading_lifecycle_id"], aggregates)
        self.assertEqual(groups, [(self.regular, 14, 1000), (self.regular.browse(), 7, 200)])
        self.assertEqual(pipeline.search([*mine, ("grading_lifecycle_id", "=", self.regular.id)]), hot | cold)
        self.assertEqual(pipeline.search([*mine, (EXPECTED, ">", 500)]), hot | cold)
        by_grade = pipeline._read_group(mine, ["grading_grade_id"], ["__count"])
        self.assertEqual(dict(by_grade), {hot.grading_grade_id: 1, cold.grading_grade_id: 2})
        self.assert_groups_open_what_they_count(pipeline, mine, "grading_grade_id", "grading_lifecycle_id")
        activities = self.analysis("crm.activity.report")
        mine = [("lead_id", "in", leads.ids)]
        groups = dict(activities._read_group(mine, ["grading_grade_id"], ["__count"]))
        self.assertEqual(groups, {hot.grading_grade_id: 1, cold.grading_grade_id: 2})
        groups = activities._read_group(mine, ["grading_partner_grade_id"], ["__count", f"{EXPECTED}:sum"])
        self.assertEqual(groups, [(self.gold, 2, 1000), (self.silver, 1, 200)])
        found = activities.search([*mine, ("grading_grade_id", "=", hot.grading_grade_id.id)])
        self.assertEqual(found.lead_id, hot)
        self.assertEqual(found.grading_lifecycle_id, self.regular)
        stages = activities._read_group(mine, ["grading_lifecycle_id"], ["__count"])
        self.assertEqual(stages, [(self.regular, 2), (self.regular.browse(), 1)])
        self.assertEqual(activities.search([*mine, (EXPECTED, ">", 500)]).lead_id, hot | cold)
        fields = ("grading_grade_id", "grading_partner_grade_id", "grading_lifecycle_id")
        self.assert_groups_open_what_they_count(activities, mine, *fields)

    def test_the_searches_offer_them(self):
        self.boss = self.user("boss", "sales_team.group_sale_manager,account.group_account_invoice")
        for model in ("sale.report", "account.invoice.report", "crm.activity.report", "crm.lead"):
            arch = self.analysis(model, self.boss).get_view(view_type="search")["arch"]
            with self.subTest(model=model):
                self.assertIn("'group_by': 'grading_grade_id'", arch)
                self.assertIn("'group_by': 'grading_lifecycle_id'", arch)
