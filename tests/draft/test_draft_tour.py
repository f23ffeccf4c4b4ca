from odoo.tests import tagged

from .draft_tour_case import DraftTourCase


@tagged("post_install", "-at_install")
class TestDraftTour(DraftTourCase):
    """A manager changes a scheme by its draft: edits, previews, tries and publishes it, in a real browser."""

    def test_from_the_draft_to_the_new_version(self):
        self.start_tour(f"/odoo/grading-schemes/{self.scheme.id}", "grading_draft_tour", login="admin")
        self.assertEqual(self.scheme.criterion_ids.points_per_unit, 0.05)
        self.assertFalse(self.scheme.draft_ids)
        self.assertEqual(self.big.grading_score, 30)
        self.assertEqual(self.big.grading_grade_id.name, "Tour low")
