from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...models.draft import grading_preview
from ..common import LeadCase
from .draft_case import DraftCase


@tagged("post_install", "-at_install")
class TestPreview(DraftCase):
    """What a draft would do, told before it does it."""

    def lines(self, preview):
        return {line.partner_id: line for line in preview.line_ids}

    def test_it_lists_those_who_would_move_and_why(self):
        preview = self.preview(self.without_amount())
        lines = self.lines(preview)
        self.assertEqual(lines.keys(), {self.middle, self.big})
        line = lines[self.big]
        self.assertEqual((line.from_grade_id, line.to_grade_id, line.direction), (self.gold, self.silver, "down"))
        self.assertEqual((line.score_before, line.score_after), (405, 45))
        self.assertEqual(line.change_text, "Amount −360")
        self.assertEqual(line.order_amount_12m, 400)
        self.assertEqual((preview.moved_count, preview.down_count, preview.up_count), (2, 2, 0))
        self.assertEqual(preview.judged_count, 3)

    def test_the_matrix_counts_all_with_what_they_buy(self):
        preview = self.preview(self.without_amount())
        cells = {(cell.from_grade_id, cell.to_grade_id): cell for cell in preview.cell_ids}
        self.assertEqual(
            {pair: (cell.customer_count, cell.order_amount_12m) for pair, cell in cells.items()},
            {
                (self.gold, self.silver): (1, 400),
                (self.silver, self.bronze): (1, 40),
                (self.bronze, self.bronze): (1, 2),
            },
        )
        matrix = preview.matrix
        self.assertEqual([grade["name"] for grade in matrix["grades"]], ["Gold", "Silver", "Bronze"])
        self.assertEqual([[cell["count"] for cell in row["cells"]] for row in matrix["rows"]],
                         [[0, 1, 0], [0, 0, 1], [0, 0, 1]])  # fmt: skip

    def test_a_click_on_a_cell_filters_the_list(self):
        preview = self.preview(self.without_amount())
        action = preview.action_open_cell(self.gold.id, self.silver.id)
        self.assertEqual(self.env["grading.preview.line"].search(action["domain"]).partner_id, self.big)
        for odd in (None, "x", [], True, 10**30):
            with self.subTest(odd=odd):
                self.assertFalse(self.env["grading.preview.line"].search(preview.action_open_cell(odd, odd)["domain"]))

    def test_a_new_criterion_and_one_that_is_gone_are_named(self):
        draft = self.draft(criterion_ids=self.new_criterion(), name="Draft")
        self.of(draft, "Amount").unlink()
        line = self.lines(self.preview(draft))[self.big]
        self.assertEqual(line.change_text, "Amount −400, For all +7")

    def test_scores_that_change_are_those_of_its_own_customers(self):
        self.scheme(name="Others", domain="[('partner_id.email', '=', 'x@example.com')]", sequence=1)
        other = self.customer("Other", email="x@example.com")
        self.order(other, 70, self.today - timedelta(days=20))
        self.rescore()
        self.order(other, 70, self.today)  # the next run will change this score, whatever the draft is
        draft = self.without_amount()
        self.assertEqual((self.preview(draft).score_count, self.preview(draft).graded_count), (3, 3))

    def test_a_new_scheme_behind_the_present_one_says_why_it_would_grade_none(self):
        new = self.scheme(active=False, is_draft=True, name="Suggested", domain=self.base.domain, sequence=20)
        preview = self.preview(new)
        self.assertEqual((preview.graded_count, preview.score_count), (0, 0))
        self.assertIn("cover all who meet its filter: “Test scheme”.", preview.covered_text)
        new.sequence = self.base.sequence - 1
        preview = self.preview(new)
        self.assertEqual((preview.graded_count, preview.covered_text), (3, False))
        self.assertFalse(self.preview(self.without_amount()).covered_text)
        new.domain = "[('order_count', '>', 1000)]"
        preview = self.preview(new)
        self.assertEqual((preview.graded_count, preview.covered_text), (0, False), "none stands before it")

    def test_other_limits_alone_are_named(self):
        draft = self.draft()
        draft.threshold_ids.filtered(lambda row: row.grade_id == self.gold).min_score = 1000
        self.assertEqual(self.lines(self.preview(draft))[self.big].change_text, "Other limits of the grades")

    def test_whom_the_days_of_grace_hold_back_is_marked(self):
        draft = self.without_amount()
        draft.grace_days = 10
        preview = self.preview(draft)
        line = self.lines(preview)[self.big]
        self.assertTrue(line.is_waiting)
        self.assertEqual(line.to_grade_id, self.silver)
        self.assertEqual(preview.waiting_count, 2)

    def test_whom_the_days_of_grace_hold_back_already_moves_by_no_draft(self):
        self.base.grace_days = 10
        self.of(self.base, "Amount").points_per_unit = 0.1
        self.rescore()
        self.assertEqual(self.profile(self.big).pending_grade_id, self.silver)
        preview = self.preview(self.draft())
        self.assertEqual((preview.moved_count, preview.judged_count), (0, 3))
        for cell in preview.cell_ids:
            self.assertEqual(cell.from_grade_id, cell.to_grade_id)

    def test_the_cells_count_those_whom_they_open(self):
        self.base.grace_days = 10
        self.of(self.base, "Amount").points_per_unit = 0.1
        self.rescore()
        draft = self.draft()
        draft.threshold_ids.filtered(lambda row: row.grade_id == self.bronze).unlink()
        preview = self.preview(draft)
        self.assertTrue(preview.moved_count)
        for cell in preview.cell_ids:
            if cell.from_grade_id != cell.to_grade_id:
                action = preview.action_open_cell(cell.from_grade_id.id, cell.to_grade_id.id)
                self.assertEqual(self.env["grading.preview.line"].search_count(action["domain"]), cell.customer_count)

    def test_a_draft_is_judged_in_its_own_company(self):
        other = self.new_company("Elsewhere")
        draft = self.draft()
        both = draft.with_context(allowed_company_ids=[other.id, self.company.id])
        self.assertEqual(both.env.company, other)
        action = both.action_preview()
        preview = self.env["grading.preview"].browse(action["res_id"])
        self.assertEqual((preview.company_id, preview.judged_count), (self.company, 3))
        self.assertEqual(both._preview(), preview)

    def test_an_override_holds(self):
        self.profile(self.big)._override(self.gold, "Ours")
        self.assertEqual(self.lines(self.preview(self.without_amount())).keys(), {self.middle})

    def test_it_tells_what_cadences_would_ask_for(self):
        cadence = {"company_id": self.company.id, "channel": "call", "interval_type": "week"}
        self.env["grading.cadence"].create(
            [
                {**cadence, "name": "Gold", "grade_ids": self.gold.ids, "interval_number": 1},
                {**cadence, "name": "Silver", "grade_ids": self.silver.ids, "interval_number": 2},
                {**cadence, "name": "Many", "domain": "[('score', '>', 100)]", "interval_number": 4},
            ]
        )
        preview = self.preview(self.without_amount())
        self.assertEqual(preview.contacts, {str(self.gold.id): [1.25, 0], str(self.silver.id): [0.5, 0.5]})
        self.assertEqual(
            [(row["name"], row["before"], row["after"]) for row in preview.matrix["contacts"]],
            [("Gold", "1.3", "0"), ("Silver", "0.5", "0.5")],
        )

    def test_it_tells_which_plays_would_start(self):
        plays = self.env["grading.play"].create(
            [
                {"name": "Fallen", "trigger": "grade_down", "tells_manager": True},
                {"name": "Silver", "trigger": "grade_down", "grade_id": self.silver.id, "tells_manager": True},
                {"name": "Risen", "trigger": "grade_up", "tells_manager": True},
            ]
        )
        preview = self.preview(self.without_amount())
        counts = dict(preview.plays)
        self.assertEqual([counts[play.id] for play in plays], [2, 1, 0])
        self.assertFalse(plays.case_ids)
        started = [self.opened(preview.action_open_play(play.id)) for play in plays]
        self.assertEqual(
            [starts.partner_id for starts in started], [self.middle + self.big, self.big, self.env["res.partner"]]
        )
        self.assertEqual(started[1].grade_id, self.silver)
        self.assertEqual(started[1].profile_id, self.profile(self.big))
        plays[1].active = False
        self.assertEqual(self.opened(preview.action_open_play(plays[1].id)).partner_id, self.big)
        for odd in ("x", None, True, 0, 10**9):
            self.assertFalse(self.opened(preview.action_open_play(odd)))

    def opened(self, action):
        """What an action shows."""
        return self.env[action["res_model"]].search(action["domain"])

    def test_it_tells_which_plays_would_start_as_grades_begin_to_fall(self):
        falling, gold = self.env["grading.play"].create(
            [
                {"name": "Falling", "trigger": "grade_falling", "tells_manager": True},
                {"name": "Gold", "trigger": "grade_falling", "grade_id": self.gold.id, "tells_manager": True},
            ]
        )
        draft = self.without_amount()
        self.assertEqual(dict(self.preview(draft).plays), {falling.id: 0, gold.id: 0}, "without days of grace")
        draft.grace_days = 10
        preview = self.preview(draft)
        self.assertEqual(dict(preview.plays), {falling.id: 2, gold.id: 1})
        grades = preview.start_ids.filtered(lambda start: start.play_id == gold).grade_id
        self.assertEqual(grades, self.silver, "the grade to which they fall")
        self.base.grace_days = 10
        self.of(self.base, "Amount").points_per_unit = 0.1
        self.rescore()
        self.assertEqual(dict(self.preview(draft).plays), {falling.id: 0, gold.id: 0}, "they are falling already")

    def test_a_play_that_pauses_would_not_start(self):
        play = self.env["grading.play"].create(
            {"name": "Fallen", "trigger": "grade_down", "tells_manager": True, "cooldown_days": 90}
        )
        start = {"play_id": play.id, "profile_id": self.profile(self.big).id, "partner_id": self.big.id}
        case = self.env["grading.play.case"].create(
            {
                **start,
                "company_id": self.company.id,
                "event": "manual:1",
                "state": "stopped",
                "date_start": fields.Datetime.now(),
                "date_deadline": self.today,
            }
        )
        self.assertEqual(dict(self.preview(self.without_amount()).plays), {play.id: 1})
        self.force(case, date_start=fields.Datetime.now() - timedelta(days=91))
        self.assertEqual(dict(self.preview(self.base.draft_ids).plays), {play.id: 2})

    def test_a_new_preview_takes_the_place_of_the_former(self):
        draft = self.without_amount()
        first = self.preview(draft)
        self.assertFalse(first.is_outdated)
        draft.grace_days = 3
        self.assertTrue(first.is_outdated)
        second = self.preview(draft)
        self.assertFalse(first.exists())
        self.assertEqual(draft.preview_ids, second)
        self.assertEqual(draft.preview_moved_count, 2)

    def test_many_customers_are_previewed_in_the_background(self):
        self.patch_limit(1)
        draft = self.without_amount()
        preview = self.env["grading.preview"]._begin(draft)
        self.assertEqual((preview.state, preview.moved_count), ("running", 0))
        with self.enter_registry_test_mode():
            self.env.ref("customer_grading.ir_cron_judge_apart").method_direct_trigger()
        self.assertEqual((preview.state, preview.moved_count, preview.progress), ("done", 2, 100))

    def patch_limit(self, limit):
        self.startPatcher(patch.object(grading_preview, "RESCORE_AT_ONCE", limit))

    def test_a_broken_rule_is_named(self):
        draft = self.without_amount()
        self.scheme(name="Broken")
        self.force(self.env["grading.scheme"].search([("name", "=", "Broken")]), domain="[('gone', '=', 1)]")
        preview = self.env["grading.preview"]._begin(draft)
        self.assertEqual(preview.state, "failed")
        self.assertIn("Broken", preview.message)

    def test_old_ones_are_deleted_and_those_of_a_draft_that_is_gone(self):
        old = self.preview(self.without_amount())
        self.force(old, date=fields.Datetime.now() - timedelta(days=31))
        run = old.run_id
        self.env["grading.preview"]._gc_previews()
        self.assertFalse(old.exists() or run.exists())
        preview = self.preview(self.base.draft_ids)
        self.base.draft_ids.action_discard()
        self.assertFalse(preview.exists())

    def test_it_is_for_managers_of_the_company(self):
        self.env["grading.play"].create({"name": "Fallen", "trigger": "grade_down", "tells_manager": True})
        preview = self.preview(self.without_amount())
        other = self.new_company("Elsewhere")
        stranger = self.user(
            "preview_stranger",
            "customer_grading.customer_grading_group_manager",
            company_id=other.id,
            company_ids=other.ids,
        )
        others, boss = (self.portal(), self.internal(), self.salesman(), stranger), self.manager()
        for records in (preview, preview.line_ids, preview.cell_ids, preview.start_ids):
            for user in others:
                with self.subTest(model=records._name, user=user.login), self.assertRaises(AccessError):
                    records.with_user(user).with_context(allowed_company_ids=user.company_ids.ids).read(["id"])
            self.assertTrue(records.with_user(boss).read(["id"]))


@tagged("post_install", "-at_install")
class TestLeadPreview(LeadCase):
    """A draft for leads moves leads, and the prospects whom they grade."""

    def test_leads_and_their_prospects_are_told(self):
        base = self.lead_scheme()
        ada = self.customer("Ada")
        lead = self.lead("Ada's", partner_id=ada.id, willingness="4")
        self.rescore()
        self.assertEqual(self.profile(ada).grade_id, self.gold)
        draft = base._draft()
        draft.criterion_ids.points_per_unit = 5
        preview = self.env["grading.preview"]._begin(draft)
        self.assertEqual(preview.line_ids.lead_id, lead)
        self.assertEqual(preview.line_ids.partner_id, ada)
        self.assertEqual(set(preview.line_ids.mapped("direction")), {"down"})
        self.assertEqual(preview.cell_ids.customer_count, 2)
        draft._publish()
        self.rescore()
        self.assertEqual((self.profile(ada) + self.lead_profile(lead)).grade_id, self.silver)
