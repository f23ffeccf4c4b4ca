from odoo.tests import tagged

from .memory_case import MONTH_END, MemoryCase


@tagged("post_install", "-at_install")
class TestSnapshot(MemoryCase):
    """What is remembered of customers and leads when a month ends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rescore(as_of=MONTH_END)

    def test_it_is_how_the_profiles_stood(self):
        self.assertEqual(self.taken(), 3)
        snapshot = self.snapshots(("partner_id", "=", self.ada.id))
        profile = self.profile(self.ada)
        same = ("scheme_id", "grade_id", "lifecycle_id", "score", "value_score", "order_amount_12m", "order_count_12m")
        for name in same:
            self.assertEqual(snapshot[name], profile[name], name)
        self.assertEqual((snapshot.date, snapshot.profile_id, snapshot.backfilled), (MONTH_END, profile, False))
        self.assertEqual(snapshot.grade_id, self.gold)
        self.assertGreater(snapshot.purchase_probability, 0)

    def test_nothing_is_written_twice(self):
        self.assertEqual((self.taken(), self.taken()), (3, 0))
        self.assertEqual(len(self.snapshots()), 3)
