from odoo.tests import tagged
from odoo.tools import SQL

from ... import hooks
from .tag_case import TagCase


@tagged("post_install", "-at_install")
class TestTagRule(TagCase):
    """What rules do in groups and in a run, and what becomes of their tags when they go or change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.none = cls.env["res.partner.category"]

    # ------------------------------------------------------------
    # Groups
    # ------------------------------------------------------------

    def test_of_a_group_the_first_rule_that_matches_gives_its_tag(self):
        group = self.env["grading.tag.group"].create({"name": "Size"})
        big, small = self.env["res.partner.category"].create([{"name": "Big"}, {"name": "Small"}])
        # Made in the wrong order: it is the sequence that counts.
        self.tag_rule(small, "[('order_count', '>=', 0)]", group_id=group.id, sequence=2)
        self.rule.write({"group_id": group.id, "sequence": 3})
        self.tag_rule(big, "[('order_count', '>', 4)]", group_id=group.id, sequence=1)
        self.apply()
        self.assert_tags(self.anna, big)
        self.assert_tags(self.bert, small)
        self.measure(self.anna, order_count=1)
        self.assertEqual(self.apply(), (1, 1))
        self.assert_tags(self.anna, small)

    def test_golden_sql_of_a_group_and_of_a_rule_alone(self):
        group = self.env["grading.tag.group"].create({"name": "Size"})
        self.rule.group_id = group
        other = self.tag_rule(self.static, "[('order_count', '=', 0)]", group_id=group.id)
        alone = self.tag_rule(self.new_tag, "[('order_count', '<', 3)]")
        query = self.env["grading.worktable"]._query(SQL.identifier("grading_profile"))
        both, single = (self.rule + other + alone)._to_sql(query, self.today)
        self.assertEqual(
            both.code,
            'CASE WHEN "grading_profile"."order_count" > %s THEN %s'
            ' WHEN ("grading_profile"."order_count" IN %s OR "grading_profile"."order_count" IS NULL) THEN %s'
            " ELSE NULL::int END",
        )
        self.assertEqual(single.params[-1], alone.id)

    # ------------------------------------------------------------
    # What becomes of the tags
    # ------------------------------------------------------------

    def given(self):
        """Anna has the tag from the rule, Bert by hand."""
        self.bert.category_id = self.vip
        self.apply()

    def test_an_archived_rule_takes_its_tags_back(self):
        self.given()
        self.rule.action_archive()
        self.assert_tags(self.anna, self.none)
        self.assert_tags(self.bert, self.vip)
        self.assertFalse(self.rule.origin_ids)

    def test_a_deleted_rule_takes_its_tags_back(self):
        self.given()
        self.rule.unlink()
        self.assert_tags(self.anna, self.none)
        self.assert_tags(self.bert, self.vip)

    def test_a_deleted_rule_takes_back_what_it_kept(self):
        self.rule.keep = True
        self.given()
        self.rule.unlink()
        self.assert_tags(self.anna, self.none)

    def test_what_another_rule_gives_too_stays(self):
        other = self.tag_rule(self.vip, "[('order_count', '>', 1)]")
        self.given()
        self.rule.unlink()
        self.assert_tags(self.anna, self.vip)
        self.assertEqual(self.anna.grading_tag_origin_ids.rule_id, other)

    def test_a_rule_that_goes_can_leave_its_tags(self):
        other = self.tag_rule(self.vip, "[('order_count', '>', 1)]")
        self.given()
        self.rule._leave_tags()
        self.rule.unlink()
        self.assertEqual(self.reasons(self.anna, self.vip), ["hand", "rule"])
        other.active = False
        self.assert_tags(self.anna, self.vip)
        self.assertEqual(self.reasons(self.anna, self.vip), ["hand"])

    def test_never_goes_with_the_last_rule_that_gives_the_tag(self):
        other = self.tag_rule(self.vip, "[('order_count', '>', 1)]", active=False)
        self.given()
        self.anna.category_id = False
        self.rule.unlink()
        self.assertEqual(self.reasons(self.anna, self.vip), ["never"])
        other.unlink()
        self.assertEqual(self.reasons(self.anna, self.vip), [])

    def test_never_outlives_an_archived_rule(self):
        self.given()
        self.anna.category_id = False
        self.rule.action_archive()
        self.assertEqual(self.reasons(self.anna, self.vip), ["never"])

    def test_a_rule_with_another_tag_takes_the_former_one_back(self):
        self.given()
        self.rule.category_id = self.new_tag
        self.assert_tags(self.anna, self.none)
        self.apply()
        self.assert_tags(self.anna, self.new_tag)

    def test_a_rule_that_no_longer_holds_in_a_company_takes_back_what_it_gave_there(self):
        company = self.new_company("Second Company")
        carl = self.measured("Carl", company, order_count=9)
        self.apply()
        self.apply(company)
        self.rule.company_id = self.company
        self.assert_tags(self.anna, self.vip)
        self.assert_tags(carl, self.none)
        self.assertEqual(self.apply(company), (0, 0))

    def test_saving_other_things_leaves_the_tags(self):
        self.given()
        self.rule.write({"name": "Renamed", "active": True, "category_id": self.vip.id, "company_id": False})
        self.assert_tags(self.anna, self.vip)

    # ------------------------------------------------------------
    # The dialogs
    # ------------------------------------------------------------

    def removal(self, **vals):
        return self.env["grading.tag.rule.removal"].create({"rule_ids": self.rule.ids, **vals})

    def test_our_screens_ask_before_they_archive_a_rule_with_tags(self):
        ours = self.rule.with_context(grading_ask_removal=True)
        self.given()
        action = ours.action_archive()
        self.assertTrue(self.rule.active)
        self.assertEqual(action["res_model"], "grading.tag.rule.removal")
        wizard = self.env[action["res_model"]].with_context(**action["context"]).create({})
        self.assertEqual((wizard.rule_ids, wizard.operation, wizard.tags), (self.rule, "archive", "take"))
        self.assertEqual((wizard.customer_count, wizard.lead_count), (1, 0))
        wizard.with_context(grading_ask_removal=True).action_confirm()
        self.assertFalse(self.rule.active)
        self.assert_tags(self.anna, self.none)

    def test_our_screens_ask_also_for_what_a_shared_rule_gave_elsewhere(self):
        company = self.new_company("Second Company")
        self.measured("Carl", company, order_count=9)
        self.apply(company)
        boss = self.manager()
        ours = self.rule.with_user(boss).with_context(grading_ask_removal=True, allowed_company_ids=self.company.ids)
        self.assertFalse(ours.tagged_count)
        action = ours.action_archive()
        self.assertTrue(self.rule.active)
        wizard = self.env[action["res_model"]].with_user(boss).with_context(**action["context"]).create({})
        self.assertEqual((wizard.customer_count, wizard.lead_count), (1, 0))

    def test_a_rule_without_tags_is_archived_unasked(self):
        self.rule.with_context(grading_ask_removal=True).action_archive()
        self.assertFalse(self.rule.active)

    def test_the_dialog_deletes_and_leaves_the_tags(self):
        self.given()
        self.removal(tags="leave").action_confirm()
        self.assertFalse(self.rule.exists())
        self.assert_tags(self.anna, self.vip)
        self.assertEqual(self.reasons(self.anna, self.vip), ["hand"])

    def test_the_count_opens_the_customers_with_the_tag_from_the_rule(self):
        self.given()
        self.assertEqual(self.rule.tagged_count, 1)
        action = self.rule.action_view_tagged()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), self.anna)

    # ------------------------------------------------------------
    # Uninstallation
    # ------------------------------------------------------------

    def uninstall(self, **vals):
        module = self.env["ir.module.module"].search([("name", "=", "customer_grading")])
        wizard = self.env["base.module.uninstall"].create({"module_ids": module.ids, **vals})
        self.patch(type(module), "button_immediate_uninstall", lambda modules: True)
        wizard.action_uninstall()

    def test_uninstalling_leaves_the_tags_unless_asked_otherwise(self):
        self.given()
        self.uninstall()
        self.assert_tags(self.anna, self.vip)
        self.uninstall(grading_take_back_tags=True)
        self.assert_tags(self.anna, self.none)
        self.assert_tags(self.bert, self.vip)

    def test_only_for_this_module_it_is_asked(self):
        base = self.env["ir.module.module"].search([("name", "=", "web")])
        other = self.env["base.module.uninstall"].new({"module_ids": base.browse()})
        self.assertFalse(other.grading_is_uninstalled)

    def test_shipped_tags_in_use_outlive_the_module(self):
        tags = self.vip | self.new_tag
        self.env["ir.model.data"].create(
            [
                {"module": "customer_grading", "name": f"tag_{tag.id}", "model": tag._name, "res_id": tag.id}
                for tag in tags
            ]
        )
        self.given()
        hooks._leave_tags(self.env)
        ours = [("module", "=", "customer_grading"), ("model", "=", tags._name), ("res_id", "in", tags.ids)]
        self.assertEqual(self.env["ir.model.data"].search(ours).mapped("res_id"), self.new_tag.ids)

    # ------------------------------------------------------------
    # The run
    # ------------------------------------------------------------

    def test_a_run_applies_the_rules(self):
        self.scheme()
        self.rule.domain = "[('order_count', '>', 1)]"
        self.env["grading.profile"].search([("company_id", "=", self.company.id)]).unlink()
        for _order in range(2):
            self.order(self.anna, 10, self.today)
        self.order(self.bert, 10, self.today)
        run = self.rescore()
        self.assertEqual(run.tag_count, 1)
        self.assert_tags(self.anna, self.vip)
        self.assert_tags(self.bert, self.none)
        self.assertEqual(self.rescore().tag_count, 0)
        self.order(self.bert, 10, self.today)
        self.assertEqual(self.rescore(partners=self.bert).tag_count, 1)
        self.assert_tags(self.bert, self.vip)
