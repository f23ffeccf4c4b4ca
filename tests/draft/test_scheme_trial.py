from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ..common import LeadCase
from .draft_case import DraftCase


@tagged("post_install", "-at_install")
class TestSchemeTrial(DraftCase):
    """A draft is tried on one customer, beside what is in force."""

    def trial(self, draft, partner):
        form = Form(self.env["grading.scheme.trial"].with_context(default_scheme_id=draft.id))
        form.partner_id = partner
        return form

    def test_both_are_explained(self):
        trial = self.trial(self.without_amount(), self.big)
        self.assertIn("Grade Gold: 405 of", trial.present)
        self.assertIn("Grade Silver: 45 of", trial.tried)
        self.assertIn("Amount", trial.tried)
        self.assertFalse(trial.problem)
        self.assertEqual(self.profile(self.big).score, 405)

    def test_it_agrees_with_the_preview(self):
        draft = self.without_amount()
        preview = self.preview(draft)
        for line in preview.line_ids:
            row = self.env["grading.run"]._judge_one(draft, line.partner_id)
            self.assertEqual((row["grade_id"], row["score"]), (line.to_grade_id.id, line.score_after))

    def test_what_is_measured_for_the_first_time_is_known(self):
        draft = self.draft(criterion_ids=[(0, 0, self.linear("order_months", 2, 50, name="Months"))])
        self.assertIn("Months", self.trial(draft, self.big).tried)
        self.assertNotIn("no data", self.trial(draft, self.big).tried)

    def test_a_new_rank_needs_a_preview(self):
        draft = self.draft(criterion_ids=[(0, 0, self.rank("order_amount", 50, name="Place"))])
        self.assertIn("preview the draft first", self.trial(draft, self.big).problem)
        self.preview(draft)
        trial = self.trial(draft, self.big)
        self.assertFalse(trial.problem)
        self.assertIn("Place", trial.tried)

    def test_a_rank_of_something_else_needs_a_new_preview(self):
        draft = self.draft(criterion_ids=[(0, 0, self.rank("order_amount", 50, name="Place"))])
        self.preview(draft)
        self.of(draft, "Place").measure = "order_count"
        self.assertIn("preview the draft first", self.trial(draft, self.big).problem)

    def test_a_contact_that_is_no_customer_is_named(self):
        self.assertIn("Nobody", self.trial(self.draft(), self.customer("Nobody")).problem)

    def test_it_is_for_managers(self):
        draft = self.draft()
        with self.assertRaises(AccessError):
            self.env["grading.scheme.trial"].with_user(self.salesman()).create(
                {"scheme_id": draft.id, "partner_id": self.big.id}
            )


@tagged("post_install", "-at_install")
class TestLeadTrial(LeadCase):
    """A draft for leads is tried on a lead."""

    def test_a_lead_is_explained_by_both(self):
        base = self.lead_scheme()
        lead = self.lead(willingness="4")
        self.rescore()
        draft = base._draft()
        draft.criterion_ids.points_per_unit = 5
        form = Form(self.env["grading.scheme.trial"].with_context(default_scheme_id=draft.id))
        form.lead_id = lead
        self.assertIn("Grade Gold: 40 of", form.present)
        self.assertIn("Grade Silver: 20 of", form.tried)
        row = self.env["grading.run"]._judge_one(draft, lead)
        self.assertEqual((row["lead_id"], row["grade_id"], row["score"]), (lead.id, self.silver.id, 20))
