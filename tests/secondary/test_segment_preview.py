from odoo.fields import Command
from odoo.tests import Form, tagged

from .segment_case import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentPreview(SegmentCase):
    """What a draft of a scheme beside the grade would do, told before it does it. Ada has ordered for 500, Bob for 50,
    Cid for 5."""

    def setUp(self):
        super().setUp()
        self.nothing = self.env["grading.grade"]

    def preview(self, draft):
        preview = self.env["grading.preview"]._begin(draft)
        self.assertEqual((preview.state, preview.message), ("done", False))
        return preview

    def cells(self, preview):
        return {
            (cell.from_grade_id, cell.to_grade_id): (cell.customer_count, cell.order_amount_12m)
            for cell in preview.cell_ids
        }

    def moves(self, preview):
        """Those who move: from where, to where, and why."""
        return {
            line.partner_id: (line.from_grade_id, line.to_grade_id, line.direction, line.change_text)
            for line in preview.line_ids
        }

    def start(self, scheme, grade):
        return scheme.threshold_ids.filtered(lambda threshold: threshold.grade_id == grade)

    def test_a_preview_speaks_of_segments_where_the_draft_gives_them(self):
        self.assertTrue(self.preview(self.beside("score")._draft()).matrix["of_segments"])
        self.assertFalse(self.preview(self.rules._draft()).matrix["of_segments"])

    def test_two_versions_are_compared_by_their_segments(self):
        content = self.beside("score")._content()
        rows = self.env["grading.scheme"]._compare_contents(content, content)
        self.assertIn("Segments", {row["part"] for row in rows})
        self.assertIn("Segments Begin at", {row["name"] for row in rows})
        grades = self.env["grading.scheme"]._compare_contents(self.rules._content(), content)
        self.assertIn("Grades", {row["part"] for row in grades})

    def test_a_scheme_without_segments_is_incomplete_in_these_words(self):
        scheme = self.beside("score", active=False)
        scheme.threshold_ids.unlink()
        self.assertIn("has no segment, so no customer would get one", scheme._incomplete())

    def draft_of(self, mode, **vals):
        """The draft of a scheme by which all have been judged."""
        scheme = self.beside(mode, **vals)
        self.rescore()
        return scheme._draft()

    def test_plays_start_for_grades_alone_so_that_publishing_offers_none_for_segments(self):
        becoming = self.scheme(name="To stand beside")._draft()
        starts = [Command.clear(), Command.create({"grade_id": self.big.id, "min_score": 10})]
        becoming.write({"is_secondary": True, "threshold_ids": starts})
        for draft, is_left_out in ((self.draft_of("score"), True), (self.rules._draft(), False), (becoming, False)):
            dialog = self.env["grading.scheme.publish"].with_context(default_scheme_id=draft.id)
            self.assertEqual(Form(dialog)._get_modifier("starts_plays", "invisible"), is_left_out)

    def test_other_limits_move_segments_and_each_cell_tells_what_they_buy(self):
        draft = self.draft_of("score")
        self.start(draft, self.big).min_score = 100
        self.start(draft, self.small).min_score = 5
        preview = self.preview(draft)
        self.assertEqual(
            self.cells(preview),
            {(self.big, self.big): (1, 500), (self.big, self.small): (1, 50), (self.nothing, self.small): (1, 5)},
        )
        why = "Other limits of the segments"
        self.assertEqual(
            self.moves(preview),
            {self.bob: (self.big, self.small, "down", why), self.cid: (self.nothing, self.small, "new", why)},
        )
        counts = (preview.judged_count, preview.moved_count, preview.score_count, preview.graded_count)
        self.assertEqual(counts, (3, 2, 0, 3))

    def test_criteria_that_move_a_segment_are_named(self):
        draft = self.draft_of("score")
        draft.criterion_ids.write({"points_per_unit": 0.1, "name": "Sales"})
        preview = self.preview(draft)
        self.assertEqual(
            self.moves(preview), {self.bob: (self.big, self.nothing, "gone", "Sales −45")}, "Ada has 50 points left"
        )
        [line] = preview.line_ids
        self.assertEqual((line.score_before, line.score_after), (50, 5))
        self.assertEqual((preview.score_count, preview.moved_count), (3, 1))

    def test_the_best_percent_is_worked_out_by_the_draft(self):
        draft = self.draft_of("rank")
        self.start(draft, self.big).top_percent = 70  # Bob, before half of the customers, was below the best 40 %
        self.assertEqual(
            self.moves(self.preview(draft)), {self.bob: (self.small, self.big, "up", "Other limits of the segments")}
        )

    def test_of_filters_the_one_that_is_met_says_why(self):
        draft = self.draft_of("filter")
        self.start(draft, self.big).domain = "[('order_amount', '>=', 400)]"
        self.start(draft, self.small).domain = "[('order_amount', '<', 10)]"
        preview = self.preview(draft)
        self.assertEqual(
            self.moves(preview),
            {
                self.bob: (self.big, self.nothing, "gone", "Is not covered, or meets no filter of a segment"),
                self.cid: (self.nothing, self.small, "new", "Meets the filter of “Small”"),
            },
        )
        self.assertEqual([line.score_after for line in preview.line_ids], [False, False])

    def test_those_whom_the_draft_does_not_cover_any_more_lose_their_segment(self):
        draft = self.draft_of("score")
        draft.domain = "[('order_amount', '<', 400)]"
        preview = self.preview(draft)
        self.assertEqual(set(self.moves(preview)), {self.ada})
        self.assertEqual(self.cells(preview)[self.big, self.nothing], (1, 500))
        self.assertEqual((preview.judged_count, preview.graded_count), (3, 2))

    def test_a_new_scheme_shows_whom_it_would_place(self):
        self.rescore()
        preview = self.preview(self.beside("score", active=False, is_draft=True))
        self.assertEqual(
            self.cells(preview), {(self.nothing, self.big): (2, 550), (self.nothing, self.nothing): (1, 5)}
        )
        self.assertFalse(preview.covered_text, "no other scheme stands in its way")

    def test_the_screen_speaks_of_segments_and_a_cell_opens_its_customers(self):
        draft = self.draft_of("filter")
        self.start(draft, self.big).domain = "[('order_amount', '>=', 400)]"
        self.start(draft, self.small).unlink()
        preview = self.preview(draft)
        self.assertEqual([grade["name"] for grade in preview.matrix["grades"]], ["Big", "No segment"])
        action = preview.action_open_cell(self.big.id, 0)
        self.assertEqual(action["name"], "Big → No segment")
        self.assertEqual(self.env["grading.preview.line"].search(action["domain"]).partner_id, self.bob)

    def test_what_follows_the_grade_is_left_out(self):
        """Contacts and plays: neither cadences nor plays are moved by the draft."""
        self.env["grading.cadence"].create(
            {
                **{"name": "All", "company_id": self.company.id, "channel": "call"},
                **{"interval_type": "week", "interval_number": 1, "grade_ids": self.gold.ids},
            }
        )
        self.env["grading.play"].create({"name": "Fallen", "trigger": "grade_down", "tells_manager": True})
        preview = self.preview(self.rules._draft())
        self.assertTrue(preview.contacts and preview.plays)
        preview = self.preview(self.draft_of("score"))
        self.assertFalse(preview.contacts or preview.plays)

    def test_contacts_by_cadences_that_ask_for_segments_are_told(self):
        cadence = {"company_id": self.company.id, "channel": "call", "interval_type": "week", "interval_number": 1}
        self.env["grading.cadence"].create(
            [
                {**cadence, "name": "Big", "domain": "[('secondary_ids.grade_id.name', '=', 'Big')]"},
                {**cadence, "name": "Small", "domain": "[('secondary_ids.grade_id', 'in', %s)]" % self.small.ids},
            ]
        )
        draft = self.draft_of("score")
        self.start(draft, self.big).min_score = 100
        self.start(draft, self.small).min_score = 60
        preview = self.preview(draft)
        gold, silver = str(self.gold.id), str(self.silver.id)
        self.assertEqual(preview.contacts, {gold: [1, 1], silver: [1, 0]})
        self.assertEqual(
            [(row["name"], row["before"], row["after"]) for row in preview.matrix["contacts"]],
            [("Gold", "1", "1"), ("Silver", "1", "0")],
        )
        self.start(draft, self.small).min_score = 3
        self.assertEqual(self.preview(draft).contacts, {gold: [1, 1], silver: [1, 1], str(self.bronze.id): [0, 1]})
        self.assertEqual(self.segments(), ["Big", "Big", "No segment"])
        new = self.beside("score", name="Another", active=False)
        self.start(new, self.small).unlink()
        new.threshold_ids.min_score = 1
        new.is_draft = True
        contacts = self.preview(new).contacts
        self.assertEqual(contacts[str(self.bronze.id)], [0, 1])

    def test_leads_move_between_their_segments(self):
        lead = self.lead("Big lead", expected_revenue=900)
        draft = self.draft_of("score", subject="lead", criterion_ids=[Command.create(self.linear("expected_revenue"))])
        self.start(draft, self.big).min_score = 1000
        preview = self.preview(draft)
        [line] = preview.line_ids
        self.assertEqual((line.lead_id, line.from_grade_id, line.to_grade_id), (lead, self.big, self.small))

    def test_a_scheme_that_shall_not_give_the_grade_any_more_shows_the_grades_that_go(self):
        self.rescore()
        draft = self.rules._draft()
        draft.write(
            {
                "is_secondary": True,
                "threshold_ids": [
                    Command.clear(),
                    Command.create({"grade_id": self.big.id, "min_score": 0}),
                ],
            }
        )
        preview = self.preview(draft)
        self.assertEqual(
            {line.partner_id: (line.from_grade_id, line.to_grade_id) for line in preview.line_ids},
            {
                self.ada: (self.gold, self.nothing),
                self.bob: (self.silver, self.nothing),
                self.cid: (self.bronze, self.nothing),
            },
        )
