import random

from odoo.fields import Command
from odoo.tests import tagged

from ..common import with_seeds
from ..draft.test_preview_laws import PREVIEW_TABLES
from ..run.test_judge_apart import OWN_TABLES, ApartCase


@tagged("post_install", "-at_install")
class TestSegmentPreviewLaws(ApartCase):
    """Random companies and drafts of schemes beside the grade, of each way in which segments begin: a preview leaves no
    trace, and publishing gives what it showed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.high, cls.middle, cls.low = cls.env["grading.grade"].create(
            [
                {"name": name, "is_segment": True, "sequence": 300 + place}
                for place, name in enumerate(("High", "Middle", "Low"))
            ]
        )
        amount, often = cls.linear("order_amount"), cls.rank("order_count")
        cls.by_score = cls.beside("score", [(cls.high, 200), (cls.middle, 60)], [amount, often])
        cls.by_rank = cls.beside("rank", [(cls.high, 30), (cls.middle, 60), (cls.low, 90)], [often])
        starts = [(cls.high, [("rfm_recency", ">=", 4)]), (cls.low, [("rfm_monetary", "<=", 2)])]
        cls.by_filter = cls.beside("filter", starts, [])
        willing = [cls.linear("willingness", 10), cls.rank("expected_revenue")]
        cls.of_leads = cls.beside("score", [(cls.high, 60), (cls.low, 0)], willing, subject="lead")

    @classmethod
    def beside(cls, mode, starts, criteria, **vals):
        key = {"score": "min_score", "rank": "top_percent", "filter": "domain"}[mode]
        return cls.env["grading.scheme"].create(
            {
                **{"name": mode, "company_id": cls.company.id, "is_secondary": True, "threshold_mode": mode},
                "criterion_ids": [Command.create(criterion) for criterion in criteria],
                "threshold_ids": [Command.create({"grade_id": g.id, key: str(start)}) for g, start in starts],
                **vals,
            }
        )

    def changed_draft(self, rng, scheme):
        """A draft with other limits, other points and another filter."""
        draft = scheme._draft()
        first, last = draft.threshold_ids.sorted("sequence")[0], draft.threshold_ids.sorted("sequence")[-1]
        if scheme.threshold_mode == "filter":
            first.domain = str([("rfm_frequency", ">=", rng.choice((2, 3, 4)))])
            last.domain = str([("order_amount", "<", rng.choice((90, 250, 500)))])
        elif scheme.threshold_mode == "rank":
            first.top_percent, last.top_percent = rng.choice((10, 20, 45)), rng.choice((70, 100))
        else:
            first.min_score += rng.choice((-50, 40))
        for criterion in draft.criterion_ids:
            criterion.points_max += rng.randint(1, 60)
        if scheme.subject == "customer":
            draft.domain = rng.choice(("[]", "[('order_count', '>', 1)]"))
        return draft

    def stand(self, scheme):
        """``{profile: (segment, score)}`` of all in the company; without either of those whom it does not cover."""
        key = "partner_id" if scheme.subject == "customer" else "lead_id"
        rows = self.env["grading.secondary"].search([("scheme_id", "=", scheme.id)]).grouped("profile_id")
        profiles = self.env["grading.profile"].search([("company_id", "=", self.company.id), (key, "!=", False)])
        none = self.env["grading.secondary"]
        return {p: (rows.get(p, none).grade_id, rows.get(p, none).score) for p in profiles}

    @with_seeds(1)
    def test_published_exactly_those_move_whom_the_preview_showed(self, rng):
        with self.undone():
            self.scored_world(rng)
            moves = 0
            for scheme in (self.by_score, self.by_rank, self.by_filter, self.of_leads):
                with self.subTest(scheme=scheme.subject + scheme.name), self.undone():
                    draft, before = self.changed_draft(rng, scheme), self.stand(scheme)
                    preview = self.env["grading.preview"]._begin(draft)
                    self.assertEqual((preview.state, preview.message), ("done", False))
                    shown = {line.profile_id: (line.to_grade_id, line.score_after) for line in preview.line_ids}
                    counts = {(cell.from_grade_id, cell.to_grade_id): cell.customer_count for cell in preview.cell_ids}
                    draft._publish()
                    self.rescore()
                    self.env.invalidate_all()
                    after = self.stand(scheme)
                    moved = {p: now for p, now in after.items() if now[0] != before[p][0]}
                    self.assertEqual(shown, moved)
                    moves += len(moved)
                    for (start, end), count in counts.items():
                        if start != end:
                            came = [p for p in after if (before[p][0], after[p][0]) == (start, end)]
                            self.assertEqual(count, len(came))
        return moves

    def test_nothing_that_people_see_is_written(self):
        customers, _leads = self.world(random.Random(5))
        self.rescore()
        self.env["grading.queue"]._enqueue([(customers[1], self.company)])
        drafts = [
            self.changed_draft(random.Random(5), scheme) for scheme in (self.by_rank, self.by_filter, self.of_leads)
        ]
        self.env.cr.flush()
        before = self.versions()
        for draft in drafts:
            self.assertEqual(self.env["grading.preview"]._begin(draft).state, "done")
        self.env.cr.flush()
        after = self.versions()
        changed = {name for name in before if after[name] != before[name]}
        self.assertEqual(changed - PREVIEW_TABLES - OWN_TABLES, set())
