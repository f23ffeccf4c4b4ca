from unittest.mock import patch

from odoo.modules import Manifest
from odoo.tests import TransactionCase, tagged

from ...hooks import pre_init_hook, uninstall_hook
from ..common import GradingCase

TAGS = [("module", "=", "customer_grading"), ("model", "=", "res.partner.category")]


@tagged("post_install", "-at_install")
class TestReinstallation(GradingCase):
    """The module goes and comes back: what it had left behind is found again, and nothing is there twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shipped = {data.name: data.res_id for data in cls.env["ir.model.data"].search(TAGS)}
        cls.used = cls.env.ref("customer_grading.res_partner_category_key_account")
        cls.customer("Ada").category_id = cls.used

    def found(self):
        return {data.name: data.res_id for data in self.env["ir.model.data"].search(TAGS)}

    def test_tags_in_use_stay_and_are_found_again(self):
        uninstall_hook(self.env)
        self.assertNotIn(self.used.id, self.found().values())
        pre_init_hook(self.env)
        self.assertEqual(self.found(), self.shipped)

    def test_a_tag_is_found_again_by_its_xml_id_whatever_it_is_called_now(self):
        uninstall_hook(self.env)
        self.used.name = "Big Fish"
        pre_init_hook(self.env)
        self.assertEqual(self.found(), self.shipped)

    def test_a_tag_that_was_deleted_meanwhile_is_not_missed(self):
        uninstall_hook(self.env)
        self.used.unlink()
        pre_init_hook(self.env)
        self.assertNotIn("res_partner_category_key_account", self.found())

    def test_tags_that_an_earlier_version_left_without_xml_id_are_found_by_their_names(self):
        uninstall_hook(self.env)
        self.env["ir.model.data"].search([("res_id", "in", list(self.shipped.values())), TAGS[1]]).unlink()
        self.env["res.lang"]._activate_lang("fr_FR")
        self.used.with_context(lang="fr_FR").name = "Grand compte"
        pre_init_hook(self.env(context={"lang": "fr_FR"}))
        self.assertEqual(self.found(), self.shipped)
        self.assertTrue(all(self.env["ir.model.data"].search(TAGS).mapped("noupdate")))


@tagged("post_install", "-at_install")
class TestInstallation(TransactionCase):
    """The tables that users work with are locked no longer than it takes to add columns and keys."""

    def commits(self, state):
        self.env.cr.execute("UPDATE ir_module_module SET state = %s WHERE name = 'customer_grading'", [state])
        self.env.invalidate_all()
        with patch.object(self.env.cr, "commit") as commit:
            self.env["ir.module.module"]._grading_release_tables()
        return commit.call_count

    def test_they_are_released_before_all_data(self):
        self.assertEqual(Manifest.for_addon("customer_grading")["data"][0], "data/install_data.xml")
        self.assertEqual(self.commits("to install"), 1)

    def test_an_update_is_one_transaction(self):
        self.assertEqual(self.commits("to upgrade"), 0)
