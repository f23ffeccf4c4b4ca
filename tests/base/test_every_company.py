from odoo.tests import tagged

from ..common import LeadCase
from ..test_migration import migration

BY_PATH = "['|', ('company_id', 'in', company_ids), '&', ('lead_id', '!=', False), ('lead_id.company_id', '=', False)]"
BY_LONG_PATH = BY_PATH.replace("('", "('profile_id.")


@tagged("post_install", "-at_install")
class TestInEveryCompany(LeadCase):
    """A lead of no company is seen in each, and so is what is known of it; those of a company are seen there alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.sam = cls.salesman("sam_of_the_other", company_id=cls.other.id, company_ids=[cls.other.id])
        cls.ours = cls.lead("Ours", company_id=cls.company.id)
        cls.shared = cls.lead("Shared", company_id=False, team_id=False, stage_id=False)
        cls.shared.company_id = False
        cls.rows = (cls.ours | cls.shared)._grading_profiles(create=True)
        cls.theirs = cls.rows.with_user(cls.sam).with_context(allowed_company_ids=cls.other.ids)

    def test_rows_of_such_leads_are_told_in_python_and_in_sql(self):
        self.assertEqual(len(self.rows), 2)
        rows = self.rows.sudo()
        self.assertEqual(rows.filtered("is_in_every_company").lead_id, self.shared)
        for value, leads in ((True, self.shared), (False, self.ours)):
            condition = [("is_in_every_company", "=", value), ("id", "in", rows.ids)]
            self.assertEqual(rows.search(condition).lead_id, leads)
            self.assertEqual(rows.filtered_domain(condition).lead_id, leads)

    def test_users_see_those_of_their_company_and_of_none(self):
        self.assertEqual(self.theirs.search([("id", "in", self.rows.ids)]).sudo().lead_id, self.shared)
        self.assertEqual(self.theirs._filtered_access("read").sudo().lead_id, self.shared)

    def test_a_question_about_customers_joins_no_leads(self):
        for model in (self.theirs, self.theirs.env["grading.history"]):
            self.assertNotIn("JOIN", model._search([("partner_id", "!=", False)]).from_clause.code)

    def test_rules_of_former_versions_ask_by_the_field_as_well(self):
        names = ("profile", "secondary", "history")
        rules = [self.env.ref(f"customer_grading.grading_{name}_rule_company") for name in names]
        shipped = ["".join(rule.domain_force.split()) for rule in rules]
        for rule, domain in zip(rules, (BY_PATH, BY_LONG_PATH, "[('company_id', '=', 1)]"), strict=True):
            rule.domain_force = domain
        self.env.flush_all()
        migration("19.0.1.15.0", "rules").migrate(self.env.cr, "19.0.1.14.0")
        self.env.invalidate_all()
        self.assertEqual(["".join(rule.domain_force.split()) for rule in rules[:2]], shipped[:2])
        self.assertEqual(rules[2].domain_force, "[('company_id', '=', 1)]", "written by hand")
