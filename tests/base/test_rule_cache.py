from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from ..common import GradingCase


@tagged("post_install", "-at_install")
class TestRuleCache(GradingCase):
    """Watched fields are cached for all processes: a rule clears the cache only when the cached answers can change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.scheme(
            criteria=[cls.matching([("partner_id.city", "=", "Ghent")], 5), cls.linear("order_count")]
        )
        cls.filter, cls.count = cls.rule.criterion_ids.sorted("kind")
        cls.stage = cls.env["grading.lifecycle"].create({"name": "Test stage"})

    def clears(self, change):
        """How often ``change`` clears the registry's cache."""
        with patch.object(type(self.registry), "clear_cache", autospec=True) as clear_cache:
            change()
            self.env.flush_all()
        return clear_cache.call_count

    def watched(self):
        return self.env["res.partner"]._grading_watched_fields()

    def test_renaming_and_reordering_clears_nothing(self):
        for label, change in {
            "name": lambda: self.rule.write({"name": "Other name"}),
            "order": lambda: self.rule.write({"sequence": 3}),
            "order of stages": lambda: self.stage.write({"sequence": 3}),
            "points": lambda: self.count.write({"points_per_unit": 3, "name": "Orders"}),
            "child": lambda: self.rule.write({"criterion_ids": [Command.update(self.count.id, {"sequence": 1})]}),
            "threshold": lambda: self.rule.threshold_ids[:1].write({"min_score": 200}),
        }.items():
            with self.subTest(label):
                self.assertEqual(self.clears(change), 0)

    def test_what_the_cache_holds_clears_it(self):
        for label, change in {
            "domain": lambda: self.rule.write({"domain": "[('partner_id.zip', '!=', False)]"}),
            "archiving": lambda: self.stage.write({"active": False}),
            "filter of a child": lambda: self.rule.write(
                {"criterion_ids": [Command.update(self.filter.id, {"domain": "[('partner_id.ref', '!=', False)]"})]}
            ),
            "kind of a criterion": lambda: self.filter.write({"kind": "linear", "measure": "order_count"}),
            "new child": lambda: self.rule.write({"criterion_ids": [Command.create(self.linear("order_amount"))]}),
            "deletion": self.stage.unlink,
        }.items():
            with self.subTest(label):
                self.assertGreater(self.clears(change), 0)

    def test_watched_fields_are_right_at_once(self):
        self.assertIn("city", self.watched())
        self.assertNotIn("zip", self.watched())
        self.rule.domain = "[('partner_id.zip', '!=', False)]"
        self.assertIn("zip", self.watched())
        self.rule.criterion_ids = [Command.update(self.filter.id, {"domain": "[('partner_id.ref', '!=', False)]"})]
        self.assertIn("ref", self.watched())
        self.assertNotIn("city", self.watched())
        self.filter.write({"kind": "linear", "measure": "order_count"})
        self.assertNotIn("ref", self.watched())
        self.rule.active = False
        self.assertNotIn("zip", self.watched())
        self.rule.active = True
        self.assertIn("zip", self.watched())
        self.rule.unlink()
        self.assertNotIn("zip", self.watched())
