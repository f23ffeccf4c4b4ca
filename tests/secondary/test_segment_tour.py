from odoo.tests import HttpCase, tagged


class SegmentTourCase(HttpCase):
    """The preset of RFM judges the customers of the demonstration beside their grade."""

    def setUp(self):
        super().setUp()
        self.env.ref("customer_grading.grading_scheme_rfm_segments").action_unarchive()
        self.env["grading.run"].with_company(self.env.ref("base.main_company"))._rescore()


@tagged("post_install", "-at_install")
class TestSegmentTour(SegmentTourCase):
    """A manager sees how many champions there are, and opens one, in a real browser."""

    def test_from_the_segments_to_a_customer(self):
        self.start_tour("/odoo/grading-segments", "grading_segment", login="admin")


@tagged("post_install", "-at_install")
class TestSegmentTourPhone(SegmentTourCase):
    """The same on the width of a phone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_from_the_segments_to_a_customer_on_a_phone(self):
        self.start_tour("/odoo/grading-segments?view_type=list", "grading_segment_phone", login="admin")
