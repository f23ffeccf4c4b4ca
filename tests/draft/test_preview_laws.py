import random

from odoo.tests import tagged

from ..common import with_seeds
from ..run.test_judge_apart import OWN_TABLES, ApartCase

PREVIEW_TABLES = {"grading_preview", "grading_preview_line", "grading_preview_cell", "grading_preview_start"}


@tagged("post_install", "-at_install")
class TestPreviewLaws(ApartCase):
    """Random companies and drafts: a preview leaves no trace, and publishing gives what it showed."""

    def changed_draft(self, rng):
        base = rng.choice((self.rules, self.lead_rules))
        draft = base._draft()
        for criterion in rng.sample(list(draft.criterion_ids), 3):
            if criterion.kind == "band":
                criterion.band_ids[-1].points += rng.choice((-9, 4, 11))
            else:
                criterion.points_max += rng.randint(1, 30)
        draft.criterion_ids[0].unlink()
        draft.grace_days = rng.choice((0, 0, 20))
        scores = sorted(profile.score for profile in self.profiles_of(base))
        shares = (0.7, 0.3, 0)[-len(draft.threshold_ids) :] if len(draft.threshold_ids) > 2 else (0.5, 0)
        for threshold, share in zip(draft.threshold_ids, shares, strict=True):
            threshold.min_score = scores[int(share * (len(scores) - 1))] if share else -1e6
        return draft

    def profiles_of(self, scheme):
        return self.env["grading.profile"].search([("scheme_id", "=", scheme.id)])

    def stand(self, subject):
        """The grades in force and in the end, and the scores: ``{profile: (grade, grade in the end, score)}``."""
        key = "partner_id" if subject == "customer" else "lead_id"
        profiles = self.env["grading.profile"].search([("company_id", "=", self.company.id), (key, "!=", False)])
        return {
            profile: (
                profile.grade_id,
                profile.pending_grade_id if profile.pending_since else profile.grade_id,
                profile.score,
            )
            for profile in profiles
        }

    @with_seeds(1)
    def test_published_exactly_those_move_whom_the_preview_showed(self, rng):
        with self.undone():
            self.scored_world(rng)
            draft = self.changed_draft(rng)
            subjects = ("customer",) if draft.subject == "customer" else ("lead", "customer")
            before = {subject: self.stand(subject) for subject in subjects}
            preview = self.env["grading.preview"]._begin(draft)
            self.assertEqual((preview.state, preview.message), ("done", False))
            shown = {line.profile_id: (line.to_grade_id, line.score_after) for line in preview.line_ids}
            self.assertFalse(preview.line_ids.filtered(lambda line: not line.profile_id))
            draft._publish()
            self.rescore()
            self.env.invalidate_all()
            moved = {}
            for subject in subjects:
                for profile, (grade, end, score) in self.stand(subject).items():
                    if before[subject][profile][:2] != (grade, end):
                        moved[profile] = (end, score)
            self.assertEqual(shown, moved)
        return len(moved)

    def test_nothing_that_people_see_is_written(self):
        customers, _leads = self.world(random.Random(5))
        self.rescore()
        self.env["grading.queue"]._enqueue([(customers[1], self.company)])
        draft = self.changed_draft(random.Random(5))
        self.env.cr.flush()
        before = self.versions()
        preview = self.env["grading.preview"]._begin(draft)
        self.assertEqual(preview.state, "done")
        self.env["grading.run"]._judge_one(draft, customers[0])
        self.env.cr.flush()
        after = self.versions()
        changed = {name for name in before if after[name] != before[name]}
        self.assertEqual(changed - PREVIEW_TABLES - OWN_TABLES, set())
