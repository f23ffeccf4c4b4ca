from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..common import GradingCase


@tagged("post_install", "-at_install")
class TestSuggestRefused(GradingCase):
    """What cannot be learned, and who may not ask."""

    def ask(self, **vals):
        suggestion = self.env["grading.suggestion"].create(vals)
        suggestion.action_learn()
        return suggestion

    def test_too_few_leads_are_refused_with_how_many_there_are(self):
        suggestion = self.ask(target="won")
        self.assertEqual(suggestion.state, "failed")
        self.assertIn("0 leads that were won and 0 that were lost", suggestion.message)
        self.assertIn("at least 100 of each", suggestion.message)
        with self.assert_refused("no points yet"):
            suggestion.action_open_draft()

    def test_too_few_customers_are_refused(self):
        self.scheme()
        self.assertIn("at least 100 of each", self.ask(target="again").message)
        self.assertIn("too few to be grouped", self.ask(kind="groups").message)
        message = self.ask(kind="separate", grade_id=self.gold.id, other_grade_id=self.silver.id).message
        self.assertIn("at least 10 of each grade", message)

    def test_a_grade_is_not_separated_from_itself(self):
        message = self.ask(kind="separate", grade_id=self.gold.id, other_grade_id=self.gold.id).message
        self.assertIn("two different grades", message)

    def test_a_scheme_for_others_is_refused(self):
        scheme = self.scheme(name="Of customers")
        with self.assert_refused("Of customers", error=UserError):
            self.env["grading.suggestion"].create({"target": "won", "scheme_id": scheme.id})

    def test_a_scheme_beside_the_grade_is_no_present_scheme(self):
        segment = self.env["grading.grade"].create({"name": "Big", "is_segment": True})
        beside = self.scheme(name="Size", thresholds=[(segment, 0)], is_secondary=True, sequence=-5)
        with self.assert_refused("Size", error=UserError):
            self.env["grading.suggestion"].create({"target": "worth", "scheme_id": beside.id})
        suggestion = self.env["grading.suggestion"].create({"target": "worth"})
        self.assertNotEqual(suggestion._present_scheme(), beside)
        self.assertNotIn(segment, suggestion._grades())

    def test_results_are_not_a_users_to_write(self):
        run, boss = self.rescore(), self.manager()
        suggestion = self.env["grading.suggestion"].with_user(boss).create({"target": "won"})
        for vals in ({"run_id": run.id}, {"state": "done"}, {"result": {"limits": [1]}}, {"draft_id": 1}):
            with self.subTest(vals=vals), self.assert_refused("leave it out"):
                suggestion.write(vals)
        suggestion.action_learn()
        self.assertTrue(run.exists())

    def test_only_managers_ask_and_read(self):
        suggestion = self.env["grading.suggestion"].with_user(self.manager()).create({"target": "won"})
        suggestion.action_learn()
        self.assertEqual(suggestion.state, "failed")
        for user in (self.salesman(), self.internal(), self.portal(), self.env.ref("base.public_user")):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    suggestion.with_user(user).read(["report"])
                with self.assertRaises(AccessError):
                    suggestion.with_user(user).action_learn()
                with self.assertRaises(AccessError):
                    self.env["grading.suggestion"].with_user(user).create({})
                with self.assertRaises(AccessError):
                    self.env["grading.suggestion.line"].with_user(user).search([])

    def test_managers_of_another_company_see_nothing_of_it(self):
        suggestion = self.ask(target="won")
        elsewhere = self.new_company("Elsewhere")
        stranger = self.manager("grading_stranger", company_id=elsewhere.id, company_ids=[Command.set(elsewhere.ids)])
        as_stranger = self.env(user=stranger, context={"allowed_company_ids": elsewhere.ids})
        self.assertFalse(as_stranger["grading.suggestion"].search([("id", "=", suggestion.id)]))
        with self.assertRaises(AccessError):
            as_stranger["grading.suggestion"].create({"company_id": self.company.id})
