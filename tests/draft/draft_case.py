from datetime import timedelta

from odoo.fields import Command

from ..common import GradingCase


class DraftCase(GradingCase):
    """A scheme in use with criteria of each kind, some customers graded by it, and words to change its draft."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.base = cls.scheme(
            criteria=[
                cls.linear("order_amount", 1, 1000, name="Amount"),
                cls.band("order_count", [(1, 5), (3, 10)], name="How often"),
                cls.matching([("partner_id.email", "!=", False)], 3, name="Has an address"),
                cls.cases(
                    [
                        ("Belgium", [("partner_id.country_id.code", "=", "BE")], 4),
                        ("Neighbours", [("partner_id.country_id.code", "in", ["FR", "NL"])], 2),
                    ],
                    name="Country",
                ),
            ],
            domain="[('order_count', '>', 0)]",
        )
        cls.amount, cls.often, cls.address, cls.country = cls.base.criterion_ids
        cls.small, cls.middle, cls.big = (cls.customer(name) for name in ("Small", "Middle", "Big"))
        for partner, amount in ((cls.small, 2), (cls.middle, 40), (cls.big, 400)):
            cls.order(partner, amount, cls.today - timedelta(days=20))
        cls.rescore()

    def draft(self, **changes):
        """The draft of the scheme, changed."""
        draft = self.base._draft()
        if changes:
            draft.write(changes)
        return draft

    def without_amount(self):
        """A draft by which the amount counts for less: Big falls to Silver, Middle to Bronze."""
        draft = self.draft()
        self.of(draft, "Amount").points_per_unit = 0.1
        return draft

    def of(self, scheme, name):
        return scheme.criterion_ids.filtered(lambda criterion: criterion.name == name)

    def new_criterion(self, **vals):
        return [Command.create(self.matching([], 7, name="For all", **vals))]

    def preview(self, draft):
        preview = self.env["grading.preview"]._begin(draft)
        self.assertEqual((preview.state, preview.message), ("done", False))
        return preview

    def versions(self, scheme=None):
        scheme = scheme or self.base
        scheme._keep_versions()
        return scheme.version_ids.filtered(lambda row: row.kind == "version").sorted("version")
