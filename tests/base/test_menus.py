from lxml import etree

from odoo.tests import TransactionCase, tagged

MODULE = "customer_grading."
# A menu of more entries is read from the top each time.
MOST_ENTRIES = 7


@tagged("post_install", "-at_install")
class TestMenus(TransactionCase):
    """Reporting and Configuration are grouped, and every screen is found."""

    def menu(self, name):
        return self.env.ref(f"{MODULE}customer_grading_menu_{name}")

    def test_every_group_is_short_and_leads_to_screens(self):
        for root in (self.menu("report"), self.menu("config")):
            for group in root.child_id:
                with self.subTest(menu=group.complete_name):
                    self.assertLessEqual(len(group.child_id), MOST_ENTRIES)
                    self.assertTrue(group.action if not group.child_id else all(group.child_id.mapped("action")))
            self.assertLessEqual(len(root.child_id), MOST_ENTRIES)

    def test_no_screen_stands_twice_in_the_menu(self):
        menus = self.env["ir.ui.menu"].search([("id", "child_of", self.menu("root").id), ("action", "!=", False)])
        actions = [menu.action for menu in menus]
        self.assertEqual(len(set(actions)), len(actions))
        self.assertGreater(len(actions), 35)

    def test_entries_of_a_group_have_an_order_of_their_own(self):
        for menu in self.env["ir.ui.menu"].search([("id", "child_of", self.menu("root").id)]):
            with self.subTest(menu=menu.complete_name):
                sequences = menu.child_id.mapped("sequence")
                self.assertEqual(len(set(sequences)), len(sequences))

    def test_snapshots_are_found_as_grades_by_month_and_their_link_stays(self):
        snapshots = self.menu("snapshots")
        self.assertFalse(snapshots.active)
        self.assertEqual(snapshots.action.path, "grading-snapshots")
        self.assertIn("list", self.menu("grades_by_month").action.view_mode)


@tagged("post_install", "-at_install")
class TestSettings(TransactionCase):
    """The settings of Customer Grading have a block of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        view = cls.env["res.config.settings"].get_view(cls.env.ref("base.res_config_settings_view_form").id, "form")
        cls.arch = etree.fromstring(view["arch"])
        [cls.app] = cls.arch.xpath("//app[@name='customer_grading']")

    def test_the_menu_opens_the_block_at_once(self):
        action = self.env.ref("customer_grading.customer_grading_menu_settings").action
        self.assertIn("'module': 'customer_grading'", action.context)
        self.assertNotEqual(self.app.get("notApp"), "1")

    def test_all_settings_stand_in_a_section_with_words_to_search_for(self):
        inside = set(self.app.xpath(".//field/@name"))
        named = {name for name in self.env["res.config.settings"]._fields if name.startswith("grading_")}
        self.assertEqual(inside, named)
        self.assertEqual(set(self.arch.xpath("//app[not(@name='customer_grading')]//field/@name")) & named, set())
        for block in self.app.iter("block"):
            with self.subTest(block=block.get("name")):
                self.assertTrue(block.get("title") and block.get("help"))
                self.assertLessEqual(len(block.findall("setting")), MOST_ENTRIES)
        for setting in self.app.iter("setting"):
            with self.subTest(setting=setting.get("id")):
                self.assertTrue(setting.get("string") and setting.get("help"))

    def test_the_app_has_an_icon(self):
        self.assertTrue(self.env.ref("customer_grading.customer_grading_menu_root").web_icon_data)
