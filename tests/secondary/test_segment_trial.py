import re
from datetime import timedelta

from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools.misc import format_date

from ..common import LeadCase
from .segment_case import SegmentCase, SegmentMixin


class TrialMixin:
    """Tries a scheme on one customer or lead."""

    def trial(self, scheme, record):
        form = Form(self.env["grading.scheme.trial"].with_context(default_scheme_id=scheme.id))
        form[self.subject_field] = record
        return form

    def ask(self, draft, domain, segment=None):
        """Have the draft ask ``domain`` for a segment, the better one unless said otherwise."""
        draft.threshold_ids.filtered(lambda row: row.grade_id == (segment or self.big)).domain = domain

    def previewed(self, draft):
        """``{customer: (segment, score)}`` of those whom a preview of the draft would move."""
        preview = self.env["grading.preview"]._begin(draft)
        self.assertEqual(preview.message, False)
        return {line.partner_id: (line.to_grade_id.id or None, line.score_after) for line in preview.line_ids}


@tagged("post_install", "-at_install")
class TestSegmentTrial(TrialMixin, SegmentCase):
    """A scheme beside the grade, or a draft of it, is tried on one customer: in which segment it puts them, and why."""

    subject_field = "partner_id"

    def test_a_segment_by_points_is_explained_beside_the_one_in_force(self):
        draft = self.beside("score")._draft()
        self.rescore()
        draft.threshold_ids.filtered(lambda row: row.grade_id == self.big).min_score = 100
        trial = self.trial(draft, self.bob)
        self.assertFalse(trial.problem)
        self.assertIn("Segment Big: 50 of 1,000 points (scheme “Size”).", trial.present)
        self.assertIn("Segment Small: 50 of 1,000 points (scheme “Size”).", trial.tried)
        name = draft.criterion_ids.name
        self.assertIn(f"Missing for Big: 50 points; biggest potential: {name}.", trial.tried)
        self.assertNotIn("Grade", trial.tried)

    def test_the_criteria_stand_in_a_table_with_their_points(self):
        draft = self.beside("score")._draft()
        tried = self.trial(draft, self.ada).tried
        for text in (draft.criterion_ids.name, "500", "1,000", "How to gain points"):
            self.assertIn(text, tried)

    def test_one_below_the_lowest_limit_is_in_no_segment(self):
        tried = self.trial(self.beside("score")._draft(), self.cid).tried
        self.assertIn("No segment: 5 of 1,000 points are below", tried)

    def test_a_segment_by_filters_says_which_conditions_are_missing(self):
        domain = (
            "[('order_amount', '>=', 60), ('order_count', '>', 0), ('partner_id.country_id.code', 'in', ['BE', 'FR'])]"
        )
        draft = self.beside()._draft()
        self.ask(draft, domain)
        self.bob.country_id = self.env.ref("base.be")
        trial = self.trial(draft, self.bob)
        self.assertIn("Segment Small: its filter is met (scheme “Size”).", trial.tried)
        self.assertRegex(trial.tried, r"Missing for Big: [^;<]+ ≥ [^;<]*60[^;<]*\.<")
        self.assertIn("Country › Country Code is one of BE, FR", trial.tried)
        self.assertRegex(trial.tried, r"(?s)is one of BE, FR</td>\s*<td[^>]*>BE</td>\s*<td>\s*yes")

    def test_one_who_meets_no_filter_is_in_no_segment(self):
        tried = self.trial(self.beside()._draft(), self.cid).tried
        self.assertIn("No segment: no filter is met (scheme “Size”).", tried)
        self.assertIn("Missing for Small:", tried)

    def test_the_best_segment_misses_nothing(self):
        tried = self.trial(self.beside()._draft(), self.ada).tried
        self.assertIn("Segment Big: its filter is met", tried)
        self.assertNotIn("Missing", tried)

    def test_one_whom_the_scheme_does_not_cover_is_told_why(self):
        draft = self.beside(domain="[('order_amount', '>', 100), ('order_count', '=', 1)]")._draft()
        tried = self.trial(draft, self.bob).tried
        self.assertIn("“Size” does not cover this customer. Missing:", tried)
        self.assertNotIn("= 1", tried)

    def test_since_when_a_segment_is_had_is_told(self):
        scheme = self.beside("score")
        self.rescore(as_of=self.today - timedelta(days=10))
        scheme.threshold_ids.filtered(lambda row: row.grade_id == self.big).min_score = 400
        self.rescore()
        since = f"In this segment since {format_date(self.env, self.today)}."
        self.assertIn(since, self.trial(scheme._draft(), self.bob).present)

    def test_a_scheme_in_use_is_tried_as_of_today(self):
        scheme = self.beside("score")
        self.rescore()
        self.order(self.bob, 500, self.today)
        trial = self.trial(scheme, self.bob)
        self.assertIn("50 of 1,000 points", trial.present)
        self.assertIn("550 of 1,000 points", trial.tried)
        self.assertFalse(trial.is_draft)

    def test_trying_agrees_with_the_preview_and_writes_nothing(self):
        for mode in ("score", "rank", "filter"):
            with self.subTest(mode=mode), self.env.cr.savepoint() as savepoint:
                draft = self.beside(mode)._draft()
                draft.draft_of_id.active = False
                moved = self.previewed(draft)
                self.assertTrue(moved)
                before = self.env["grading.secondary"].search_count([])
                for partner, told in moved.items():
                    segment = self.env["grading.run"]._judge_one(draft, partner).segment
                    self.assertEqual((segment["grade_id"], segment["score"] or False), (told[0], told[1] or False))
                self.assertEqual(self.env["grading.secondary"].search_count([]), before)
                savepoint.rollback()

    def test_the_best_percents_need_a_preview_and_say_what_is_missing_after_it(self):
        draft = self.beside("rank")._draft()
        self.assertIn("preview the draft first", self.trial(draft, self.bob).problem)
        self.previewed(draft)
        trial = self.trial(draft, self.bob)
        self.assertFalse(trial.problem)
        self.assertIn("Segment Small", trial.tried)
        self.assertIn("Missing for Big:", trial.tried)

    def test_classes_that_no_rule_has_asked_for_need_a_preview(self):
        draft = self.beside()._draft()
        self.ask(draft, "[('rfm_monetary', '>=', 4)]")
        self.assertIn("preview the draft first", self.trial(draft, self.ada).problem)
        self.previewed(draft)
        trial = self.trial(draft, self.ada)
        self.assertFalse(trial.problem)
        self.assertIn("Segment Big", trial.tried)
        self.assertEqual(self.env["grading.run"]._judge_one(draft, self.ada).segment["rfm_monetary"], 5)

    def test_a_draft_that_gives_segments_in_the_place_of_grades_tells_of_both(self):
        draft = self.rules._draft()
        draft.threshold_ids.unlink()
        limits = [Command.create({"grade_id": self.big.id, "min_score": 1})]
        draft.write({"is_secondary": True, "threshold_ids": limits})
        self.rescore()
        trial = self.trial(draft, self.ada)
        self.assertIn("Grade Gold", trial.present)
        self.assertIn("no active scheme covers this customer", trial.tried)
        self.assertIn("Segment Big", trial.tried)

    def test_a_filter_is_told_in_words(self):
        draft = self.beside()._draft()
        day = self.today - timedelta(days=30)
        for domain, words in (
            ("[('last_order_date', '>=', 'today -30d')]", format_date(self.env, day)),
            ("[('partner_id.email', '=', False)]", "is not set"),
            ("[('partner_id.email', 'ilike', 'x')]", "contains “x”"),
            ("['|', ('order_count', '=', 3), ('order_count', '=', 7)]", "one of: "),
            ("['!', ('partner_id.name', 'ilike', 'q')]", "“q”"),
            ("[('partner_id.is_company', '=', True)]", "= yes"),
            ("[('last_order_date.month_number', '=', 11)]", "= 11"),
            ("[('partner_id.child_ids', 'any', [('name', '=', 'Zed')])]", "any with Name = Zed"),
        ):
            with self.subTest(domain=domain):
                self.ask(draft, domain)
                trial = self.trial(draft, self.cid)
                self.assertFalse(trial.problem)
                self.assertIn(words, trial.tried)

    def test_a_contact_person_is_told_of_as_the_customer(self):
        draft = self.beside()._draft()
        self.ask(draft, "[('partner_id.country_id.code', '=', 'FR')]")
        self.ada.country_id = self.env.ref("base.be")
        person = self.env["res.partner"].create({"name": "Ann", "parent_id": self.ada.id, "type": "other"})
        self.assertRegex(self.trial(draft, person).tried, r"(?s)= FR</td>\s*<td[^>]*>BE</td>")

    def test_what_is_worked_out_is_told_like_what_is_stored(self):
        draft = self.beside()._draft()
        self.ask(draft, "[('average_days_late', '>', 1), ('average_order_amount', '<', -1)]")
        rows = re.findall(r"(?s)</td>\s*<td[^>]*>([^<]*)</td>\s*<td>\s*no", self.trial(draft, self.ada).tried)
        self.assertEqual(rows[0].strip(), "no data")
        self.assertIn("500", rows[1])
        self.ask(draft, "[('history_ids', '=', False)]")
        self.assertNotIn("no data", self.trial(draft, self.ada).tried, "what has no value of its own is not told")

    def test_an_archived_scheme_is_to_be_previewed_as_a_draft(self):
        scheme = self.beside("rank")
        scheme.active = False
        self.assertIn("preview the draft first", self.trial(scheme, self.bob).problem)

    def test_what_the_reader_may_not_see_of_the_customer_is_not_told(self):
        draft = self.beside()._draft()
        self.ask(draft, "[('partner_id.country_id.code', '=', 'FR')]")
        self.ada.country_id = self.env.ref("base.be")
        told = self.trial(draft, self.ada).tried
        self.assertRegex(told, r"(?s)= FR</td>\s*<td[^>]*>BE</td>")
        self.env["ir.rule"].create(
            {
                "name": "Not Belgium",
                "model_id": self.env["ir.model"]._get("res.country").id,
                "domain_force": "[('code', '!=', 'BE')]",
                "groups": [Command.link(self.env.ref("base.group_user").id)],
            }
        )
        trials = self.env["grading.scheme.trial"].with_user(self.manager()).with_company(self.company)
        trial = trials.create({"scheme_id": draft.id, "partner_id": self.ada.id})
        self.assertFalse(trial.problem)
        self.assertRegex(trial.tried, r"(?s)= FR</td>\s*<td[^>]*>not visible to you</td>")


@tagged("post_install", "-at_install")
class TestLeadSegmentTrial(TrialMixin, SegmentMixin, LeadCase):
    """The same for leads."""

    subject_field = "lead_id"

    def test_a_lead_is_told_in_which_segment_it_is(self):
        self.make_segments()
        self.lead_scheme()
        lead = self.lead(willingness="4")
        scheme = self.beside("score", subject="lead", criterion_ids=[Command.create(self.linear("willingness", 10))])
        self.rescore()
        draft = scheme._draft()
        draft.criterion_ids.points_per_unit = 20
        trial = self.trial(draft, lead)
        self.assertFalse(trial.problem)
        self.assertIn("Segment Small: 40 of", trial.present)
        self.assertIn("Segment Big: 80 of", trial.tried)

    def test_a_lead_whom_the_scheme_does_not_cover_is_told_why(self):
        self.make_segments()
        self.lead_scheme()
        lead = self.lead(willingness="4")
        draft = self.beside(subject="lead", domain="[('lead_id.name', '=', 'Another')]")._draft()
        draft.threshold_ids.domain = "[]"
        self.assertIn("does not cover this lead. Missing: ", self.trial(draft, lead).tried)
