from odoo.tests import tagged

from .effort_case import EffortCase

MODELS = ("grading.effort.report", "grading.effort.share", "grading.effort.plan")


@tagged("post_install", "-at_install")
class TestEffortSecurity(EffortCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rita = cls.manager("rita")
        cls.other = cls.new_company("Other Company")
        cls.foreigner = cls.manager("foreigner", company_id=cls.other.id, company_ids=cls.other.ids)

    def test_a_salesperson_sees_their_own_and_the_manager_all(self):
        self.wrote(self.cleo)
        self.wrote(self.dan, author=self.rita.partner_id)
        self.assertEqual(self.report(self.seller).user_id, self.seller)
        self.assertEqual(self.report(self.rita).user_id, self.seller + self.rita)
        self.assertEqual({user for user, _grade in self.shares(self.seller)}, {self.seller})
        self.assertEqual({user for user, _grade in self.shares(self.rita)}, {self.seller, self.rita})
        Plan = self.env["grading.effort.plan"]
        self.assertEqual(Plan.with_user(self.seller).search(self.here()).user_id, self.seller)
        self.assertEqual(Plan.with_user(self.rita).search(self.here()).user_id, self.seller + self.rita)

    def test_another_company_sees_nothing(self):
        self.wrote(self.cleo)
        self.assertTrue(self.report())
        theirs = {"allowed_company_ids": self.other.ids}
        for model in MODELS:
            with self.subTest(model=model):
                rows = self.env[model].with_user(self.foreigner).with_context(**theirs)
                self.assertEqual(rows.search_count([]), 0)

    def test_what_is_about_a_lead_that_one_may_no_longer_see_is_hidden(self):
        self.said(self.hers, "email_outgoing", self.yesterday)
        self.assertTrue(self.report(self.seller))
        self.hers.user_id = self.rita
        self.assertFalse(self.report(self.seller))
        self.assertTrue(self.report(self.rita))
