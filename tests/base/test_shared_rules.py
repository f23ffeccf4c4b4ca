from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .rule_case import RuleCase


@tagged("post_install", "-at_install")
class TestSharedRules(RuleCase):
    """Two companies grade customers: a manager of one does not decide for the other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.new_company("Elsewhere")
        today = cls.company._grading_today()
        cls.shared = cls.scheme(name="Shared scheme", company_id=False)
        for name, company in (("Here", cls.company), ("There", cls.other)):
            cls.order(cls.customer(name), 50, today, company_id=company.id)
            cls.rescore(company=company)
        graded = cls.env["grading.profile"].search([]).company_id
        cls.here = cls.manager("here", company_ids=cls.company.ids)
        cls.there = cls.manager("there", company_id=cls.other.id, company_ids=cls.other.ids)
        cls.both = cls.manager("both", company_ids=(graded | cls.company | cls.other).ids)

    def test_a_shared_rule_is_not_changed_by_a_manager_of_one_company(self):
        stage = self.env["grading.lifecycle"].create({"name": "Stage"})
        for rule, change in (*self.rules(self.shared), (stage, {"domain": "[('order_count', '>', 8)]"})):
            for user in (self.here, self.there):
                with self.subTest(rule=rule._name, user=user.login):
                    theirs = rule.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
                    with self.assert_refused("companies that you have no access to", error=AccessError):
                        theirs.write(change)
                    with self.assert_refused("companies that you have no access to", error=AccessError):
                        theirs.unlink()
            with self.subTest(rule=rule._name, user="both"):
                rule.with_user(self.both).write(change)

    def test_the_message_names_the_rule_and_the_remedy(self):
        shared = self.shared.with_user(self.here)
        with self.assert_refused("Shared scheme", "Copy for My Company", error=AccessError):
            shared.criterion_ids[0].points_per_unit = 2
        stage = self.env["grading.lifecycle"].create({"name": "Stage"})
        with self.assert_refused("Stage", "ask a user of all companies", error=AccessError):
            stage.with_user(self.here).name = "Mine"

    def test_a_rule_of_ones_own_company_is_changed_freely(self):
        for rule, change in self.rules(self.scheme(name="Own scheme")):
            with self.subTest(rule=rule._name):
                rule.with_user(self.here).write(change)
                self.assertEqual(rule.filtered_domain([(name, "=", value) for name, value in change.items()]), rule)

    def test_no_shared_rule_is_made_or_given_away_by_a_manager_of_one(self):
        schemes = self.env["grading.scheme"].with_user(self.here)
        with self.assert_refused("Test scheme", error=AccessError):
            schemes.create(self.scheme_values(company_id=False))
        own = schemes.create(self.scheme_values())
        with self.assert_refused("Test scheme", error=AccessError):
            own.company_id = False
        with self.assert_refused("Shared scheme", error=AccessError):
            own.criterion_ids.scheme_id = self.shared
        with self.assertRaises(AccessError):
            self.env["grading.lifecycle"].with_user(self.here).create({"name": "Mine"})

    def test_ways_round_are_closed(self):
        tag = self.env["res.partner.category"].create({"name": "Way round"})
        rule = self.env["grading.tag.rule"].create({"name": "Shared rule", "category_id": tag.id})
        removal = self.env["grading.tag.rule.removal"].with_user(self.here)
        for operation in ("archive", "delete"):
            with self.assertRaises(AccessError):
                removal.create({"rule_ids": rule.ids, "operation": operation, "tags": "leave"}).action_confirm()
        with self.assertRaises(AccessError):
            rule.with_user(self.here).action_archive()
        with self.assertRaises(AccessError):
            self.env["grading.lifecycle"].search([], limit=1).with_user(self.here).create({"name": "x"})
        with self.assertRaises(AccessError):
            self.shared.with_user(self.here).update_field_translations("name", {"en_US": "Mine"})

    def test_a_grade_belongs_to_those_whose_schemes_give_it(self):
        self.gold.with_user(self.both).color = 3
        with self.assert_refused("Shared scheme", error=AccessError):
            self.gold.with_user(self.here).sequence = 9
        tin = self.env["grading.grade"].with_user(self.here).create({"name": "Tin", "sequence": 99})
        tin.strategy = "<p>Wait</p>"
        self.scheme(thresholds=[(tin, 0)])
        tin.color = 4

    def test_a_company_without_graded_customers_is_not_asked(self):
        self.new_company("Empty")
        self.env["grading.profile"].search([("company_id", "not in", self.company.ids)]).unlink()
        self.shared.with_user(self.here).grace_days = 6
        self.assertEqual(self.shared.grace_days, 6)

    def test_a_copy_for_ones_own_company_comes_first_and_can_be_changed(self):
        action = self.shared.with_user(self.here).action_copy_for_company()
        copy = self.env["grading.scheme"].with_user(self.here).browse(action["res_id"])
        self.assertEqual((copy.company_id, copy.active), (self.company, False))
        self.assertIn("Shared scheme", copy.name)
        copy.criterion_ids[0].points_per_unit = 0.1
        copy.active = True
        self.rescore()
        self.rescore(company=self.other)
        profiles = self.env["grading.profile"].search([("partner_id.name", "in", ("Here", "There"))])
        self.assertEqual({p.company_id: (p.scheme_id, p.score) for p in profiles if p.scheme_id}, {
            self.company: (copy.sudo(False).with_env(self.env), 5),
            self.other: (self.shared, 50),
        })  # fmt: skip

    def test_each_kind_that_has_a_company_can_be_copied(self):
        for rule, _change in self.rules(self.shared):
            copied = rule.with_user(self.here)
            with self.subTest(rule=rule._name):
                if "company_id" not in rule._fields:
                    with self.assertRaises(UserError):
                        copied.action_copy_for_company()
                    continue
                copy = self.env[rule._name].browse(copied.action_copy_for_company()["res_id"])
                self.assertEqual((copy.company_id, copy.active), (self.company, False))
