from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .basket_case import BasketCase

RUN = "odoo.addons.customer_grading.models.basket.grading_basket_run"


@tagged("post_install", "-at_install")
class TestBasketRule(BasketCase):
    """What a run writes, and what managers do with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bread, cls.milk, cls.tea = cls.goods = cls.products("Bread", "Milk", "Tea")
        for products in ((0, 1), (0, 1), (0, 1, 2), (0,), (2,)):
            cls.basket(cls.goods.browse(cls.goods[place].id for place in products))
        cls.limit()

    def rule(self, antecedent, consequent):
        rules = self.env["grading.basket.rule"].search([("company_id", "=", self.company.id)])
        return rules.filtered(lambda rule: rule.antecedent_ids == antecedent and rule.consequent_ids == consequent)

    def test_the_figures_of_a_rule(self):
        run = self.mine()
        self.assertEqual((run.basket_count, run.line_count, run.item_count), (5, 9, 3))
        rule = self.rule(self.bread, self.milk)
        counts = (rule.basket_count, rule.antecedent_basket_count, rule.consequent_basket_count)
        self.assertEqual(counts, (3, 4, 3))
        self.assertAlmostEqual(rule.support, 0.6)
        self.assertAlmostEqual(rule.confidence, 0.75)
        self.assertAlmostEqual(rule.lift, 1.25)
        self.assertAlmostEqual(rule.conviction, 1.6)
        self.assertFalse(rule.never_without)
        self.assertEqual(rule.sentence, "75 % of the orders with Bread also have Milk")
        self.assertEqual(rule.display_name, "Bread → Milk")
        self.assertEqual(rule.product_id, self.milk)

    def test_an_infinite_conviction_is_said_in_words(self):
        self.mine()
        rule = self.rule(self.milk, self.bread)
        self.assertEqual((rule.confidence, rule.conviction, rule.never_without), (1, False, True))

    def test_two_products_of_a_side(self):
        self.mine()
        rule = self.rule(self.bread | self.tea, self.milk)
        self.assertEqual((rule.antecedent_size, rule.consequent_size, rule.product_id), (2, 1, self.milk))
        self.assertEqual(rule.antecedent_text, "Bread and Tea")
        self.assertFalse(self.rule(self.bread, self.milk | self.tea).product_id, "it suggests neither alone")

    def test_a_further_run_puts_its_rules_in_the_place_of_the_former(self):
        first = self.mine()
        self.limit(confidence=0.99)
        second = self.mine()
        self.assertTrue(second.rule_ids)
        self.assertTrue(all(rule.confidence == 1 for rule in second.rule_ids))
        self.assertFalse(first.rule_ids)
        self.assertTrue(first.exists().rule_count)

    def test_a_rule_holds_in_a_least_number_of_orders(self):
        self.limit(count=3)
        self.assertEqual(set(self.mine().rule_ids.mapped("basket_count")), {3})

    def test_only_the_most_frequent_products_are_compared(self):
        self.limit(items=2)
        self.assertEqual(self.mine().rule_ids.antecedent_ids, self.bread | self.milk)

    def test_without_orders_there_is_no_rule(self):
        other = self.new_company("Empty")
        run = self.env["grading.basket.run"].with_company(other)._mine()
        self.assertEqual((run.state, run.basket_count, run.rule_count), ("done", 0, 0))

    def test_too_many_rules_leave_the_former_ones(self):
        first = self.mine()
        with patch(f"{RUN}.MOST_RULES", 3):
            second = self.env["grading.basket.run"]._mine()
        self.assertEqual(second.state, "failed")
        self.assertIn("Raise the least support", second.message)
        self.assertTrue(first.rule_ids)

    def test_categories_suggest_their_most_ordered_product(self):
        food, drinks = self.env["product.category"].create([{"name": "Food"}, {"name": "Drinks"}])
        self.bread.categ_id = food
        (self.milk | self.tea).categ_id = drinks
        self.limit(level="category")
        rules = self.mine().rule_ids
        self.assertEqual({rule.display_name for rule in rules}, {"Food → Drinks", "Drinks → Food"})
        by_category = {rule.consequent_category_ids: rule.product_id for rule in rules}
        self.assertEqual(by_category, {drinks: self.milk, food: self.bread})

    def test_a_product_that_is_deleted_takes_its_rules_along(self):
        run = self.mine()
        self.env["sale.order.line"].search([("product_id", "=", self.tea.id)]).order_id.state = "draft"
        self.env["sale.order.line"].search([("product_id", "=", self.tea.id)]).unlink()
        self.tea.unlink()
        self.assertTrue(run.rule_ids)
        self.assertEqual(set(run.rule_ids.mapped("antecedent_text")), {"Bread", "Milk"})

    def test_a_category_that_is_deleted_takes_its_rules_along(self):
        food, drinks = self.env["product.category"].create([{"name": "Food"}, {"name": "Drinks"}])
        self.goods.categ_id = food
        self.tea.categ_id = drinks
        self.limit(level="category")
        run = self.mine()
        self.assertTrue(run.rule_ids)
        self.tea.categ_id = food
        drinks.unlink()
        self.assertFalse(run.rule_ids.exists())

    def test_products_are_found_opened_and_exported(self):
        self.mine()
        chief = self.manager()
        Rule = self.env["grading.basket.rule"].with_user(chief)
        found = Rule.search([("consequent_ids", "ilike", "Milk"), ("antecedent_size", "=", 1)])
        self.assertIn(self.rule(self.bread, self.milk), found)
        action = self.rule(self.bread, self.milk).with_user(chief).action_open_products()
        opened = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(opened, (self.bread | self.milk).product_tmpl_id)
        exported = found[:1].sudo().export_data(["antecedent_text", "antecedent_ids/name", "lift"])["datas"]
        self.assertTrue(exported[0][0])
        groups = dict(Rule._read_group([("company_id", "=", self.company.id)], ["consequent_ids"], ["__count"]))
        self.assertGreater(groups[self.milk], 1)

    def test_the_limits_are_checked(self):
        for name, value in (("support", 0), ("confidence", 1.1), ("count", 0), ("months", 0), ("items", 1)):
            with self.subTest(limit=name), self.assert_refused(self.company.name, error=ValidationError):
                self.limit(**{name: value})

    def test_the_job_looks_at_each_company(self):
        other = self.new_company("Another")
        with self.enter_registry_test_mode():
            self.env.ref("customer_grading.ir_cron_basket").method_direct_trigger()
        runs = self.env["grading.basket.run"].sudo().search([("company_id", "in", (self.company | other).ids)])
        self.assertEqual({run.company_id: bool(run.rule_count) for run in runs}, {self.company: True, other: False})

    def test_managers_find_rules_at_once_or_in_the_background(self):
        Rule = self.env["grading.basket.rule"].with_user(self.manager())
        message = Rule.action_compute()["params"]["message"]
        self.assertIn("5 orders", message)
        self.assertTrue(self.rule(self.bread, self.milk))
        before = self.env["grading.basket.run"].search_count([])
        cron = self.env.ref("customer_grading.ir_cron_basket")
        triggers = [("cron_id", "=", cron.id)]
        waiting = self.env["ir.cron.trigger"].search_count(triggers)
        with patch(f"{RUN}.LINES_AT_ONCE", 3):
            self.assertIn("background", Rule.action_compute()["params"]["message"])
        self.assertEqual(self.env["grading.basket.run"].search_count([]), before)
        self.assertEqual(self.env["ir.cron.trigger"].search_count(triggers), waiting + 1)
        with patch(f"{RUN}.MOST_RULES", 3), self.assertRaises(UserError):
            Rule.action_compute()

    def test_salespeople_neither_read_nor_find_rules(self):
        self.mine()
        for user in (self.salesman(), self.internal(), self.portal()):
            Rule = self.env["grading.basket.rule"].with_user(user)
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    Rule.action_compute()
                with self.assertRaises(AccessError):
                    Rule.search([])

    def test_a_manager_reads_the_rules_of_their_companies(self):
        self.mine()
        other = self.new_company("Others")
        stranger = self.manager("stranger", company_id=other.id, company_ids=other.ids)
        chief = self.manager()
        for model in ("grading.basket.rule", "grading.basket.run"):
            records = self.env[model].with_context(allowed_company_ids=other.ids).with_user(stranger)
            self.assertFalse(records.search([]))
            self.assertTrue(self.env[model].with_user(chief).search([]))
