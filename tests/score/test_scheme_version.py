from contextlib import contextmanager, suppress

from odoo.fields import Command
from odoo.tests import tagged

from ..common import GradingCase


class UndoneError(Exception):
    """Ends a savepoint that is not to be kept."""


@tagged("post_install", "-at_install")
class TestSchemeVersion(GradingCase):
    """The version of a scheme says whether the rules have changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tested = cls.scheme(
            criteria=[
                cls.band("order_count", [(1, 5), (3, 10)], name="How often"),
                cls.matching([("partner_id.email", "!=", False)], 3, name="Has an address"),
            ]
        )
        cls.often, cls.address = cls.tested.criterion_ids

    def changed(self, change):
        """By how much ``change`` raises the version, when it is all that a transaction does."""
        before = self.tested.version
        self.env["grading.scheme"]._close_versions()
        change()
        return self.tested.version - before

    def test_a_new_scheme_is_the_first_version_whatever_it_is_made_of(self):
        self.assertEqual(self.tested.version, 1)
        self.tested.grace_days = 3
        self.assertEqual(self.tested.version, 2)
        self.assertEqual(self.tested.copy().version, 1)

    def test_what_decides_a_result_raises_it_once(self):
        band, threshold = self.often.band_ids[0], self.tested.threshold_ids[0]
        for name, change in {
            "filter": lambda: self.tested.write({"domain": "[('order_count', '>', 0)]"}),
            "subject": self.force_subject,
            "mode": lambda: self.tested.write({"threshold_mode": "rank", "threshold_ids": self.percents()}),
            "grace": lambda: self.tested.write({"grace_days": 8}),
            "archived": lambda: self.tested.write({"active": False}),
            "order of schemes": lambda: self.tested.write({"sequence": 77}),
            "points": lambda: self.address.write({"points_max": 4}),
            "filter of a criterion": lambda: self.address.write({"domain": "[]"}),
            "measure": lambda: self.often.write({"measure": "order_months"}),
            "kind": lambda: self.address.write({"kind": "linear", "measure": "order_count"}),
            "step": lambda: band.write({"points": 6}),
            "bound of a step": lambda: band.write({"lower_bound": 2}),
            "new step": lambda: self.often.write({"band_ids": [Command.create({"lower_bound": 9, "points": 20})]}),
            "step removed": band.unlink,
            "threshold": lambda: threshold.write({"min_score": 101}),
            "threshold removed": threshold.unlink,
            "criterion removed": self.address.unlink,
            "new criterion": lambda: self.tested.write(
                {"criterion_ids": [Command.create(self.linear("order_months"))]}
            ),
            "order of grades": lambda: (self.bronze + self.silver).write({"sequence": 50}),
        }.items():
            with self.subTest(change=name), self.undone():
                self.assertEqual(self.changed(change), 1)

    @contextmanager
    def undone(self):
        """What is done inside is rolled back."""
        with suppress(UndoneError), self.env.cr.savepoint():
            yield
            raise UndoneError

    def force_subject(self):
        self.tested.write({"active": False, "criterion_ids": [Command.clear()], "subject": "lead"})

    def percents(self):
        return [
            Command.update(threshold.id, {"top_percent": 10 * place})
            for place, threshold in enumerate(self.tested.threshold_ids.sorted("sequence"), 1)
        ]

    def test_what_decides_nothing_leaves_it(self):
        for name, change in {
            "name": lambda: self.tested.write({"name": "Other"}),
            "description": lambda: self.tested.write({"description": "<p>For all</p>"}),
            "name of a criterion": lambda: self.often.write({"name": "Often"}),
            "order of criteria": lambda: self.often.write({"sequence": 99}),
            "the same values": lambda: (self.often.write({"kind": "band"}), self.tested.write({"grace_days": 0})),
            "name of a grade": lambda: self.gold.write({"name": "Platinum", "color": 3}),
            "translation": lambda: self.tested.update_field_translations("name", {"en_US": "Yet another"}),
            "another scheme": self.scheme,
        }.items():
            with self.subTest(change=name):
                self.assertEqual(self.changed(change), 0)

    def test_several_changes_of_a_transaction_are_one_version(self):
        def change():
            self.tested.grace_days = 5
            self.often.band_ids[0].points = 7
            self.address.points_max = 9

        self.assertEqual(self.changed(change), 1)

    def test_a_change_after_a_run_is_another_version(self):
        self.order(self.customer("Buyer"), 40, self.company._grading_today())

        def change():
            self.tested.grace_days = 5
            self.rescore()
            self.tested.grace_days = 6

        self.assertEqual(self.changed(change), 2)

    def test_a_change_that_was_undone_takes_its_version_back(self):
        before = self.tested.version
        self.env["grading.scheme"]._close_versions()
        with self.undone():
            self.tested.grace_days = 5
            self.assertEqual(self.tested.version, before + 1)
        self.assertEqual(self.tested.version, before)
        self.tested.grace_days = 6
        self.assertEqual(self.tested.version, before + 1)
