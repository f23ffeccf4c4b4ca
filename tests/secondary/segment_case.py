from datetime import timedelta

from odoo.fields import Command

from ..common import LeadCase


class SegmentMixin:
    """The segments *Big* and *Small*, and schemes that give them."""

    @classmethod
    def make_segments(cls):
        cls.big, cls.small = cls.env["grading.grade"].create(
            [
                {"name": "Big", "title": "much bought", "is_segment": True, "sequence": 210, "color": 3},
                {"name": "Small", "is_segment": True, "sequence": 220},
            ]
        )

    @classmethod
    def beside(cls, mode="filter", **vals):
        """A scheme beside the grade: *Big* from 50 on, *Small* below, none below 10."""
        if mode == "filter":
            starts = {cls.big: "[('order_amount', '>=', 50)]", cls.small: "[('order_amount', '>=', 10)]"}
            key, criteria = "domain", []
        else:
            starts = {cls.big: 50, cls.small: 10} if mode == "score" else {cls.big: 40, cls.small: 100}
            key = "min_score" if mode == "score" else "top_percent"
            criteria = [Command.create(cls.rank("order_amount", 60) if mode == "rank" else cls.linear("order_amount"))]
        return cls.env["grading.scheme"].create(
            {
                "name": "Size",
                "company_id": cls.company.id,
                "is_secondary": True,
                "threshold_mode": mode,
                "criterion_ids": criteria,
                "threshold_ids": [Command.create({"grade_id": g.id, key: start}) for g, start in starts.items()],
                **vals,
            }
        )


class SegmentCase(SegmentMixin, LeadCase):
    """Three customers with what they have ordered, their grades, and the words to judge them beside the grade."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.make_segments()
        cls.rules = cls.scheme()
        cls.ada, cls.bob, cls.cid = (cls.customer(name) for name in ("Ada", "Bob", "Cid"))
        for partner, amount in ((cls.ada, 500), (cls.bob, 50), (cls.cid, 5)):
            cls.order(partner, amount, cls.today - timedelta(days=20))

    def rows(self, partner):
        return self.env["grading.secondary"].search([("profile_id", "=", self.profile(partner).id)])

    def segments(self):
        return [", ".join(self.rows(partner).mapped("display_name")) for partner in (self.ada, self.bob, self.cid)]
