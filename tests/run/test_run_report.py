from odoo.tests import tagged

from ..common import LeadCase


@tagged("post_install", "-at_install")
class TestRunReport(LeadCase):
    """A rescoring says how many scores and grades have changed, and shows whose."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tested = cls.scheme()
        cls.customers = cls.env["res.partner"].concat(*(cls.customer(f"Customer {number}") for number in range(4)))

    def told(self, run):
        return run._notify()["params"]

    def bought(self, *amounts):
        for customer, amount in zip(self.customers, amounts, strict=False):
            self.order(customer, amount, self.today)

    def test_scores_and_grades_are_counted_apart(self):
        self.bought(20, 20, 20, 20)
        first = self.rescore()
        self.assertEqual((first.score_count, first.grade_count), (4, 4))
        self.bought(5, 200)  # Silver still, and Gold
        run = self.rescore()
        self.assertEqual((run.profile_count, run.score_count, run.grade_count), (4, 2, 1))
        params = self.told(run)
        self.assertEqual(params["message"] % "", "4 scored: 2 scores and 1 grade changed. ")
        [link] = params["links"]
        self.assertEqual(link["url"], f"/odoo/{run.id}/grading-changed")
        action = self.env["ir.actions.act_window"].search([("path", "=", "grading-changed")])
        self.assertEqual((action.res_model, action.domain), ("grading.profile", "[('changed_run', '=', active_id)]"))

    def test_a_grade_can_change_and_the_score_not(self):
        self.bought(20, 20, 20, 20)
        self.rescore()
        self.tested.threshold_ids.filtered(lambda threshold: threshold.grade_id == self.gold).min_score = 15
        run = self.rescore()
        self.assertEqual((run.score_count, run.grade_count), (0, 4))

    def test_where_nothing_changed_it_says_so_and_shows_nothing(self):
        self.bought(20)
        self.rescore()
        params = self.told(self.rescore())
        self.assertEqual((params["message"], params["links"]), ("1 scored: no score and no grade changed.", []))
        self.assertEqual(params["type"], "success")

    def test_where_nothing_could_be_scored_it_says_why(self):
        params = self.told(self.rescore())
        self.assertEqual(params["message"], "Nothing to score: no order, lead or willingness yet.")
        self.assertEqual((params["type"], params["links"]), ("warning", []))

    def test_the_run_shows_whom_it_changed(self):
        self.bought(20, 20)
        self.rescore()
        self.order(self.customers[1], 200, self.today)
        run = self.rescore()
        action = run.action_view_changed()
        changed = self.env["grading.profile"].search(action["domain"])
        self.assertEqual(changed.partner_id, self.customers[1])

    def test_salespeople_see_the_changes_of_their_own_customers_alone(self):
        own, other = self.salesman(), self.salesman("grading_salesman_2")
        self.customers[0].user_id, self.customers[1].user_id = own, other
        self.bought(20, 20)
        run = self.rescore()
        found = self.env["grading.profile"].with_user(own).search([("changed_run", "=", run.id)])
        self.assertEqual(found.partner_id, self.customers[0])

    def test_runs_and_what_they_changed_are_for_managers(self):
        run = self.rescore()
        for user in (self.salesman(), self.internal(), self.portal()):
            with self.subTest(user=user.login), self.assert_refused():
                run.with_user(user).action_view_changed()
        elsewhere = self.manager("grading_manager_2", company_ids=self.env.ref("base.main_company").ids,
                                 company_id=self.env.ref("base.main_company").id)  # fmt: skip
        there = run.with_user(elsewhere).with_context(allowed_company_ids=elsewhere.company_ids.ids)
        with self.assert_refused():
            there.action_view_changed()

    def test_the_button_of_a_scheme_tells_it_too(self):
        self.bought(20)
        params = self.tested.with_user(self.manager()).action_rescore()["params"]
        self.assertIn("1 scored: 1 score and 1 grade changed.", params["message"])
