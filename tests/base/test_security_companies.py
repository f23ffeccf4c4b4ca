from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .security_case import RESULTS, SecurityCase


@tagged("post_install", "-at_install")
class TestCompanies(SecurityCase):
    """Companies are apart."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.new_company("Other Company")
        cls.both = cls.company | cls.other
        cls.order(cls.ada, 500, cls.today, company_id=cls.other.id)
        cls.other_rules = cls.scheme(
            criteria=[cls.band("order_amount", [(0, 0), (400, 100)]), cls.rank("order_count", points_max=0)],
            company_id=cls.other.id,
        )
        cls.rescore(company=cls.other)
        for company in cls.both:
            cls.env["grading.snapshot"].with_company(company)._take(cls.today - timedelta(days=cls.today.day))
        cls.env["grading.queue"]._enqueue([(cls.ada, cls.other)])
        cls.env["grading.queue"]._flush_requests()
        cls.seller = cls.salesman()
        cls.chief = cls.manager()
        cls.traveller = cls.salesman("grading_traveller", company_ids=cls.both.ids)

    def test_no_user_sees_results_of_another_company(self):
        for model in RESULTS:
            with self.subTest(model=model):
                self.assertTrue(self.env[model].search([("company_id", "=", self.other.id)]))
                seen = self.env[model].with_user(self.chief).search([]).sudo()
                if "lead_id" in seen._fields:  # leads of no company are seen in all of them
                    seen = seen.filtered(lambda row: not row.lead_id or row.lead_id.company_id)
                self.assertEqual(seen.company_id, self.company)

    def test_no_user_opens_a_profile_of_another_company(self):
        with self.assertRaises(AccessError):
            self.profile(self.ada, self.other).with_user(self.chief).read(["score"])

    def test_no_user_sees_rules_of_another_company(self):
        shared = self.scheme(company_id=False, name="Everybody's", criteria=[self.band("order_count", [(0, 1)])])
        env = self.env(user=self.chief)
        self.assertEqual(env["grading.scheme"].search([]), self.rules | shared)
        ours = (self.rules | shared).criterion_ids
        active = [("scheme_id.active", "=", True)]
        self.assertEqual(env["grading.criterion"].search(active), ours)
        self.assertEqual(env["grading.threshold"].search(active).scheme_id, self.rules | shared)
        bands = env["grading.criterion.band"].search([("criterion_id.scheme_id.active", "=", True)])
        self.assertEqual(bands, ours.band_ids)
        for records in (self.other_rules, self.other_rules.criterion_ids, self.other_rules.threshold_ids):
            with self.subTest(model=records._name), self.assertRaises(AccessError):
                records.with_user(self.chief).read(["sequence"])

    def test_a_shared_customer_shows_the_grade_of_the_current_company(self):
        ada = self.ada.with_user(self.traveller)
        for company, grade, score in ((self.company, self.silver, 50), (self.other, self.gold, 100)):
            for companies in (company, company | self.both):
                here = ada.with_context(allowed_company_ids=companies.ids)
                with self.subTest(company=company.name, companies=len(companies)):
                    self.assertEqual((here.grading_grade_id, here.grading_score), (grade, score))
                    self.assertEqual(here.with_company(company).grading_grade_id, grade)
                    mine = [("id", "=", ada.id)]
                    self.assertTrue(here.search([*mine, ("grading_grade_id", "=", grade.id)]))
                    self.assertFalse(here.search([*mine, ("grading_grade_id", "!=", grade.id)]))
                    self.assertEqual(
                        here._read_group(mine, ["grading_grade_id"], ["__count", "grading_score:avg"]),
                        [(grade, 1, score)],
                    )
        self.assertEqual(ada.with_company(self.other).grading_grade_id, self.gold)

    def test_the_context_opens_no_other_company(self):
        smuggled = self.ada.with_user(self.seller).with_context(allowed_company_ids=self.other.ids)
        with self.assertRaises(AccessError):
            smuggled.read(["grading_score"])
        with self.assertRaises(AccessError):
            smuggled.search([("grading_score", ">", 0)])
        with self.assertRaises(AccessError):
            smuggled.grading_grade_id = self.bronze

    def test_no_user_overrides_in_another_company(self):
        there = self.profile(self.ada, self.other).with_user(self.seller)
        with self.assert_refused("Switch to", "Other Company", error=AccessError):
            there._override(self.bronze, "He said so")
        with self.assert_refused("Switch to", "Other Company", error=AccessError):
            there._release_override()

    def test_an_override_holds_in_its_own_company_only(self):
        self.ada.with_user(self.traveller).with_company(self.other).grading_grade_id = self.bronze
        self.assertEqual(self.profile(self.ada, self.other).grade_id, self.bronze)
        self.assertEqual(self.profile(self.ada).grade_id, self.silver)

    def test_rescoring_a_company_leaves_the_rows_of_the_other_untouched(self):
        def rows(company):
            self.env.cr.execute("SELECT * FROM grading_profile WHERE company_id = %s ORDER BY id", [company.id])
            profiles = self.env.cr.fetchall()
            self.env.cr.execute("SELECT * FROM grading_history WHERE company_id = %s ORDER BY id", [company.id])
            return profiles, self.env.cr.fetchall()

        self.env.cr.execute("UPDATE sale_order SET amount_untaxed = 5 WHERE partner_id = %s", [self.ada.id])
        before = rows(self.other)
        self.rescore()
        self.assertEqual(self.profile(self.ada).grade_id, self.bronze)
        self.assertEqual(rows(self.other), before)

    def test_a_customer_of_one_company_has_no_profile_in_the_other(self):
        self.order(self.customer("Only there"), 10, self.today, company_id=self.other.id)
        ours = self.customer("Only here", company_id=self.company.id, customer_rank=1)
        self.rescore()
        self.rescore(company=self.other)
        self.assertFalse(self.profile(ours, self.other))
        self.assertTrue(self.profile(ours))
        self.assertFalse(
            self.env["grading.profile"].search([("partner_id.name", "=", "Only there")])
            - (self.env["grading.profile"].search([("company_id", "=", self.other.id)]))
        )
