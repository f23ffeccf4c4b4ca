from odoo.exceptions import AccessError
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
