from copy import deepcopy

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .draft_case import DraftCase


@tagged("post_install", "-at_install")
class TestSchemeVersions(DraftCase):
    """Who changed a scheme when, what was changed, and the way back."""

    def changed(self, change):
        self.env["grading.scheme"]._close_versions()
        change()
        return self.versions()

    def test_each_change_of_what_decides_is_kept_once(self):
        first = self.versions()
        self.assertEqual(first.mapped("version"), [1])
        self.assertEqual(first.content, self.base._content())

        def change():
            self.base.grace_days = 5
            self.often.band_ids[0].points = 7
            self.address.points_max = 9

        versions = self.changed(change)
        self.assertEqual(versions.mapped("version"), [1, 2])
        self.assertEqual(versions[1].content, self.base._content())
        self.assertEqual(self.changed(lambda: self.base.write({"description": "<p>For all</p>"})), versions)

    def test_a_version_says_what_was_changed_and_by_which_user(self):
        boss = self.manager(company_ids=self.env["res.company"].search([]).ids)
        self.versions()

        def change():
            self.address.with_user(boss).points_max = 9

        version = self.changed(change)[-1]
        self.assertEqual(version.user_id, boss)
        self.assertIn("Has an address", version.change_text)
        self.assertIn("9 points", version.change_text)
        self.assertNotIn("How often", version.change_text)
        self.assertTrue(version.is_present)

    def test_a_draft_has_no_versions_until_it_is_published(self):
        draft = self.without_amount()
        self.assertFalse(self.versions(draft))
        draft._publish("Amount counts for less")
        version = self.versions()[-1]
        self.assertEqual((version.note, version.version), ("Amount counts for less", self.base.version))

    def test_put_back_makes_the_former_content_the_present_one(self):
        former = self.base._content()
        self.versions()

        def change():
            self.base.write({"criterion_ids": self.new_criterion(), "grace_days": 30})
            self.often.unlink()
            self.address.name = "An address"
            self.base.threshold_ids[0].unlink()

        self.changed(change)
        versions = self.versions()
        self.assertNotEqual(self.base._content(), former)
        versions[0].action_put_back()
        self.assertEqual(self.base._content(), former)
        self.assertIn(self.amount, self.base.criterion_ids)
        self.assertEqual([row.version for row in self.versions()], [1, 2, 3])
        with self.assert_refused("in force already"):
            self.versions()[-1].action_put_back()
        self.rescore()

    def test_versions_stand_side_by_side(self):
        self.versions()
        self.changed(lambda: self.address.write({"points_max": 9}))
        wizard = self.env["grading.scheme.compare"].create(
            {"scheme_id": self.base.id, "left_id": self.versions()[0].id}
        )
        self.assertIn("Has an address", wizard.comparison)
        self.assertNotIn("How often", wizard.comparison)
        wizard.only_differences = False
        self.assertIn("How often", wizard.comparison)
        wizard.write({"only_differences": True, "right_id": wizard.left_id.id})
        self.assertIn("no difference", wizard.comparison)

    # ------------------------------------------------------------
    # In words
    # ------------------------------------------------------------

    def another(self, model, name, value):
        """Another value of a field, as a content has it."""
        field = self.env[model]._fields[name]
        if name == "kind":
            return "rank" if value == "linear" else "linear"
        if field.type == "selection":
            return next(key for key in field.get_values(self.env) if key != value)
        if field.type in ("float", "integer"):
            return (value or 0) + 1
        if field.type == "boolean":
            return not value
        return self.bronze.name if name == "grade" else "[('order_count', '>', 77)]"

    def shows(self, content, rows, model, name):
        """Whether another value of a field of one of the ``rows`` of a content shows in a comparison."""
        former = deepcopy(content)
        for row in rows:
            value = row.get(name)
            row[name] = self.another(model, name, value)
            differs = [told["differs"] for told in self.base._compare_contents(former, content)]
            row[name] = value
            if any(differs):
                return True
        return False

    def test_each_field_that_decides_shows_in_a_comparison(self):
        self.base.write(
            {
                "criterion_ids": [
                    Command.create(self.linear("last_order_date", 1, name="Since")),
                    Command.create(self.rank("order_amount", name="Rank")),
                ]
            }
        )
        content = self.base._content()
        criteria = content["criteria"]
        parts = {
            "grading.scheme": [content],
            "grading.criterion": criteria,
            "grading.criterion.band": [step for values in criteria for step in values["steps"]],
            "grading.criterion.case": [case for values in criteria for case in values.get("cases", ())],
            "grading.threshold": content["thresholds"],
        }
        place = {"active", "company_id", "criterion_id", "grade_id", "scheme_id", "sequence"}
        for model, rows in parts.items():
            for name in {*self.env[model]._version_fields()} - place:
                with self.subTest(model=model, field=name):
                    shown = []
                    for mode in ("score", "rank", "filter"):
                        content["threshold_mode"] = mode
                        shown.append(self.shows(content, rows, model, name))
                    self.assertTrue(any(shown))

    def test_a_small_change_of_points_for_each_unit_shows(self):
        former = self.base._content()
        self.amount.points_per_unit = 0.001
        between = self.base._content()
        self.amount.points_per_unit = 0.002
        for left, right in ((former, between), (between, self.base._content())):
            self.assertTrue(any(row["differs"] for row in self.base._compare_contents(left, right)))

    def test_hostile_names_stay_text(self):
        self.versions()
        self.changed(lambda: self.base.write({"name": "<script>x</script>", "grace_days": 3}))
        wizard = self.env["grading.scheme.compare"].create(
            {"scheme_id": self.base.id, "left_id": self.versions()[0].id}
        )
        self.assertIn("&lt;script&gt;", wizard.comparison)

    def test_history_and_snapshots_name_the_version(self):
        self.rescore()
        line = self.profile(self.big).history_ids[0]
        self.assertEqual(line.scheme_version, self.base.version)
        self.assertEqual(line.scheme_id, self.base)

    def test_versions_are_for_managers_of_the_company(self):
        version = self.versions()
        other = self.new_company("Elsewhere")
        stranger = self.user(
            "version_stranger",
            "customer_grading.customer_grading_group_manager",
            company_id=other.id,
            company_ids=other.ids,
        )
        for user in (self.portal(), self.internal(), self.salesman(), stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                version.with_user(user).with_context(allowed_company_ids=user.company_ids.ids).read(["content"])
        self.assertTrue(version.with_user(self.manager()).read(["content"]))
