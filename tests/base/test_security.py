from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .security_case import RESULTS, RULES, SecurityCase


@tagged("post_install", "-at_install")
class TestOutsiders(SecurityCase):
    """Customers must not learn how they are graded."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer_user = cls.portal()
        cls.me = cls.customer_user.partner_id
        cls.my_order = cls.order(cls.me, 500, cls.today)
        cls.rescore()
        cls.public_user = cls.env.ref("base.public_user")

    def test_the_portal_user_is_graded_and_sees_their_own_contact(self):
        """Otherwise the tests below would prove nothing."""
        self.assertEqual(self.me.grading_grade_id, self.gold)
        self.assertEqual(self.me.with_user(self.customer_user).read(["name"])[0]["name"], self.me.name)
        self.assertTrue(self.my_order.with_user(self.customer_user).has_access("read"))

    def test_the_portal_user_reads_no_grading_field_of_their_own_contact(self):
        me = self.me.with_user(self.customer_user)
        for name in self.fields_of_grading("res.partner"):
            with self.subTest(field=name):
                with self.assertRaises(AccessError):
                    me.read([name])
                with self.assertRaises(AccessError):
                    me.web_read({name: {}})
                with self.assertRaises(AccessError):
                    me.mapped(name)

    def test_the_portal_user_sees_no_grading_field_among_the_fields(self):
        for model in ("res.partner", "sale.order"):
            described = self.env[model].with_user(self.customer_user).fields_get()
            self.assertFalse(set(self.fields_of_grading(model)) & described.keys())

    def test_the_portal_user_finds_no_contact_by_grade(self):
        partners = self.env["res.partner"].with_user(self.customer_user)
        domains = [
            [("grading_score", ">", 0)],
            [("grading_grade_id", "=", self.gold.id)],
            [("grading_grade_id.name", "=", "Gold")],
            [("grading_profile_id.score", ">", 0)],
            [("grading_profile_id", "!=", False)],
            [("parent_id.grading_score", ">", 0)],
            [("annual_budget", ">", 0)],
            [("brand_contribution", "=", "national")],
            [("willingness", "=", "5")],
            [("grading_best_lead_id", "!=", False)],
        ]
        for domain in domains:
            with self.subTest(domain=domain), self.assertRaises(AccessError):
                partners.search(domain)

    def test_the_portal_user_neither_sorts_nor_groups_by_grading(self):
        partners = self.env["res.partner"].with_user(self.customer_user)
        mine = [("id", "=", self.me.id)]
        for name in ("grading_score", "grading_grade_id", "grading_order_amount_12m"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                partners.search(mine, order=name)
        for groupby, aggregates in (
            (["grading_grade_id"], ["__count"]),
            (["grading_profile_id.grade_id"], ["__count"]),
            ([], ["grading_score:avg"]),
            ([], ["grading_order_amount_12m:sum"]),
        ):
            with self.subTest(groupby=groupby, aggregates=aggregates), self.assertRaises(AccessError):
                partners.formatted_read_group(mine, groupby, aggregates)

    def test_the_portal_user_exports_no_grade(self):
        me = self.me.with_user(self.customer_user)
        for path in ("grading_score", "grading_grade_id/name", "grading_profile_id/score"):
            with self.subTest(path=path), self.assertRaises(UserError):
                me.export_data([path])

    def test_the_portal_user_reads_no_grade_on_their_own_order(self):
        order = self.my_order.with_user(self.customer_user)
        for name in self.fields_of_grading("sale.order"):
            with self.subTest(field=name):
                with self.assertRaises(AccessError):
                    order.read([name])
                with self.assertRaises(AccessError):
                    order.search([(name, "!=", False)])
        with self.assertRaises(AccessError):
            order.search([("partner_id.grading_score", ">", 0)])

    def test_the_public_user_reads_no_grade(self):
        for name in self.fields_of_grading("res.partner"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.me.with_user(self.public_user).read([name])

    def test_the_portal_user_changes_no_grade(self):
        me = self.me.with_user(self.customer_user)
        with self.assertRaises(AccessError):
            me.grading_grade_id = self.gold
        for action in ("action_grading_give_back", "action_grading_rescore"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(me, action)()
        self.assertFalse(self.profile(self.me).manual_grade_id)


@tagged("post_install", "-at_install")
class TestRoles(SecurityCase):
    """Salespeople see grades and change them with a reason, managers decide by which rules, others see none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = cls.internal()
        cls.seller = cls.salesman()
        cls.chief = cls.manager()

    def override_as(self, user, partner, grade):
        wizard = self.env["grading.override"].with_user(user)
        values = {"partner_ids": partner.ids, "grade_id": grade.id, "reason": "He said so"}
        wizard.create(values).action_confirm()

    def test_sales_roles_bring_the_roles_of_grading(self):
        role = "customer_grading.customer_grading_group_%s"
        self.assertTrue(self.seller.has_group(role % "user"))
        self.assertFalse(self.seller.has_group(role % "manager"))
        self.assertTrue(self.chief.has_group(role % "user"))
        self.assertTrue(self.chief.has_group(role % "manager"))
        self.assertFalse(self.employee.has_group(role % "user"))

    def test_everyone_who_sells_sees_the_grades(self):
        for user in (self.seller, self.chief):
            ada = self.ada.with_user(user)
            self.assertEqual((ada.grading_grade_id.name, ada.grading_score), ("Silver", 50))
            self.assertTrue(ada.grading_history_ids)
            self.assertIn("Silver", ada.grading_explanation)
            self.assertTrue(ada.search([("id", "=", ada.id), ("grading_grade_id", "=", self.silver.id)]))
            allowed = ada.fields_get()
            ada.read([name for name in self.fields_of_grading("res.partner") if name in allowed])

    def test_an_employee_sees_a_grade_once_an_administrator_grants_it(self):
        ada = self.ada.with_user(self.employee)
        with self.assertRaises(AccessError):
            ada.read(["grading_grade_id"])
        self.employee.group_ids += self.env.ref("customer_grading.customer_grading_group_user")
        self.assertEqual(ada.grading_grade_id, self.silver)

    def test_an_employee_without_the_role_overrides_nothing(self):
        self.employee.group_ids += self.env.ref("base.group_partner_manager")
        ada = self.ada.with_user(self.employee)
        ada.comment = "He may write the contact"
        with self.assert_refused("Customer Grading", error=AccessError):
            ada.grading_grade_id = self.gold
        with self.assertRaises(AccessError):
            ada.action_grading_give_back()
        with self.assertRaises(AccessError):
            self.override_as(self.employee, self.ada, self.gold)
        self.assertFalse(self.profile(self.ada).manual_grade_id)

    def test_a_salesperson_overrides_a_customer_with_write_access(self):
        self.override_as(self.seller, self.ada, self.gold)
        self.assertEqual((self.ada.grading_grade_id, self.profile(self.ada).manual_user_id), (self.gold, self.seller))
        self.ada.with_user(self.seller).action_grading_give_back()
        self.assertEqual(self.ada.grading_grade_id, self.silver)
        self.ada.with_user(self.seller).grading_grade_id = self.bronze
        self.assertEqual(self.profile(self.ada).manual_user_id, self.seller)

    def test_a_salesperson_overrides_no_customer_hidden_by_a_record_rule(self):
        self.ada.grading_grade_id = self.bronze
        self.env["ir.rule"].create(
            {
                "name": "Ada is read only",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.ada.id})]",
                "perm_read": False,
            }
        )
        ada = self.ada.with_user(self.seller)
        with self.assertRaises(AccessError):
            ada.grading_grade_id = self.gold
        with self.assertRaises(AccessError):
            self.override_as(self.seller, self.ada, self.gold)
        for action in ("action_grading_give_back", "action_grading_rescore"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(ada, action)()
        self.assertEqual(self.profile(self.ada).manual_grade_id, self.bronze)

    def test_a_salesperson_overrides_no_customer_of_another_company(self):
        foreign = self.customer("Foreign", company_id=self.new_company("Other Company").id)
        with self.assertRaises(AccessError):
            foreign.with_user(self.seller).grading_grade_id = self.gold
        with self.assertRaises(AccessError):
            self.override_as(self.seller, foreign, self.gold)
        self.assertFalse(self.profile(foreign))

    def test_a_salesperson_rescores_their_own_customer(self):
        self.force(self.ada_order, amount_untaxed=500)
        self.ada.with_user(self.seller).action_grading_rescore()
        self.assertEqual(self.ada.grading_grade_id, self.gold)

    def test_salespeople_and_employees_change_neither_rules_nor_results(self):
        for user in (self.employee, self.seller):
            for model in (*RULES, *RESULTS):
                for operation in ("write", "create", "unlink"):
                    with self.subTest(user=user.login, model=model, operation=operation):
                        self.assertFalse(self.env[model].with_user(user).has_access(operation))

    def test_salespeople_read_the_rules(self):
        self.scheme(criteria=[self.cases([("Large", "[('order_count', '>', 9)]", 5)])])
        for model in RULES:
            with self.subTest(model=model):
                records = self.env[model].with_user(self.seller).search([])
                self.assertTrue(records)
                records.read()

    def test_only_managers_rescore_all_customers(self):
        for user in (self.employee, self.seller):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.rules.with_user(user).action_rescore()
        self.rules.with_user(self.chief).action_rescore()
        self.assertEqual(self.env["grading.run"]._last_full(self.company).create_uid, self.chief)

    def test_a_manager_configures(self):
        env = self.env(user=self.chief)
        grade = env["grading.grade"].create({"name": "Platinum", "sequence": 0})
        scheme = env["grading.scheme"].create(
            {
                "name": "The chief's",
                "company_id": self.company.id,
                "criterion_ids": [Command.create(self.band("order_count", [(0, 1), (5, 3)]))],
                "threshold_ids": [Command.create({"grade_id": grade.id, "min_score": 0})],
            }
        )
        scheme.criterion_ids.band_ids[0].points = 2
        stage = env["grading.lifecycle"].create({"name": "Loyal", "domain": "[('order_count', '>', 5)]"})
        self.assertEqual((stage.name, scheme.criterion_ids.points_max), ("Loyal", 3))
        scheme.unlink()
        (grade | grade).unlink()
        stage.unlink()

    def test_no_user_edits_profiles_or_history(self):
        admin = self.env.ref("base.user_admin")
        line = self.env["grading.history"].search([("partner_id", "=", self.ada.id)], limit=1)
        with self.assertRaises(AccessError):
            line.with_user(self.chief).note = "It was otherwise"
        with self.assertRaises(AccessError):
            self.profile(self.ada).with_user(self.chief).score = 1000
        for user in (self.chief, admin):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.profile(self.ada).with_user(user).unlink()

    def test_a_manager_cannot_reopen_a_run(self):
        run = self.env["grading.run"]._last_full(self.company)
        with self.assertRaises(AccessError):
            run.with_user(self.chief).state = "running"

    def test_kanban_columns_open_for_all_who_sell(self):
        for user in (self.chief, self.seller):
            for name, empty in (("grading_grade_id", self.bronze), ("grading_grade_id", self.gold)):
                with self.subTest(user=user.login):
                    partners = self.env["res.partner"].with_user(user).with_context(read_group_expand=True)
                    groups = partners.web_read_group([("id", "=", self.ada.id)], [name], ["__count"])["groups"]
                    counts = {group[name][0]: group["__count"] for group in groups if group[name]}
                    self.assertEqual(counts, {self.silver.id: 1, empty.id: 0, **counts})
                    self.assertEqual(counts.keys(), {self.gold.id, self.silver.id, self.bronze.id})
                    groups = partners.web_read_group([("id", "=", self.ada.id)], ["grading_lifecycle_id"], ["__count"])
                    self.assertEqual(groups["groups"][0]["__count"], 1)
