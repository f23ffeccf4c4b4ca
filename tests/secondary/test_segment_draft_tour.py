from odoo.fields import Command
from odoo.tests import tagged

from ..draft.draft_tour_case import DraftTourCase


@tagged("post_install", "-at_install")
class TestSegmentDraftTour(DraftTourCase):
    """A manager raises a limit of a scheme beside the grade: on the histogram, with a preview, in a real browser."""

    def test_from_the_histogram_to_other_segments(self):
        high, low = self.env["grading.grade"].create(
            [
                {"name": f"Tour {name}", "is_segment": True, "sequence": 300 + n}
                for n, name in enumerate(("much", "few"))
            ]
        )
        starts = [Command.create({"grade_id": grade.id, "min_score": start}) for grade, start in ((high, 50), (low, 0))]
        beside = self.scheme.copy({"name": "Tour beside", "is_secondary": True, "threshold_ids": starts})
        self.env["grading.run"]._rescore()
        row = self.env["grading.secondary"].search([("scheme_id", "=", beside.id), ("partner_id", "=", self.big.id)])
        self.assertEqual((row.score, row.grade_id), (60, high))
        self.start_tour(f"/odoo/grading-schemes/{beside.id}", "grading_segment_draft", login="admin")
        self.assertEqual(row.grade_id, low)
        self.assertEqual(self.big.grading_grade_id.name, "Tour high", "the grade is as it was")
