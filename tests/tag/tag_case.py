from odoo.tools import SQL

from ...models.base.subject import SUBJECTS
from ...models.run.grading_run_pipeline import Rules
from ...models.run.grading_staging import POPULATION
from ..common import LeadCase


class TagCase(LeadCase):
    """Customers and leads with a profile of the test's making, tags, and rules that ask for a number of orders.

    Rules that others made are archived; the tags are given by step 6 alone, so that a test says what is measured.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["grading.tag.rule"].search([]).active = False
        cls.vip, cls.new_tag, cls.static = cls.env["res.partner.category"].create(
            [{"name": "VIP"}, {"name": "Newcomer"}, {"name": "Static"}]
        )
        cls.hot = cls.env["crm.tag"].create({"name": "Hot"})
        cls.anna = cls.measured("Anna", order_count=5)
        cls.bert = cls.measured("Bert", order_count=0)
        cls.rule = cls.tag_rule(cls.vip)

    @classmethod
    def measured(cls, name, company=None, **measures):
        """A customer with a profile of these measures."""
        partner = cls.customer(name)
        cls.measure(partner, company, **measures)
        return partner

    @classmethod
    def measure(cls, subject, company=None, **measures):
        """Measure a customer or lead anew, in the test's company unless said otherwise."""
        company = company or cls.company
        is_lead = subject._name == "crm.lead"
        profile = cls.lead_profile(subject) if is_lead else cls.profile(subject, company)
        if profile:
            profile.write(measures)
        else:
            key = "lead_id" if is_lead else "partner_id"
            profile.create({key: subject.id, "company_id": company.id, **measures})

    @classmethod
    def tag_rule(cls, tag, domain="[('order_count', '>', 3)]", **vals):
        name = "lead_tag_id" if tag._name == "crm.tag" else "category_id"
        return cls.env["grading.tag.rule"].create({"name": f"Rule {tag.name}", name: tag.id, "domain": domain, **vals})

    @classmethod
    def apply(cls, company=None, as_of=None):
        """Apply the rules of a company to all with a profile there; how many tags were given and taken back."""
        company = company or cls.company
        Work = cls.env["grading.worktable"].with_company(company)
        cls.env.flush_all()
        given, taken = 0, 0
        for subject, (key, *_rest) in SUBJECTS.items():
            tag_rules = cls.env["grading.tag.rule"].with_company(company)._in_force(subject)
            select = "SELECT %(key)s FROM grading_profile WHERE company_id = %(company)s AND %(key)s IS NOT NULL"
            Work._create(POPULATION, SQL(select, key=SQL.identifier(key), company=company.id))
            rules = Rules(subject=subject, as_of=as_of or company._grading_today(), tag_rules=tag_rules)
            more, less = Work._write_tag_changes(subject, 1, Work._create_tag_changes(rules))
            given, taken = given + more, taken + less
        return given, taken

    def reasons(self, subject, tag):
        """Why the customer or lead has the tag, or never gets it: the kinds of its lines, sorted."""
        field = "lead_tag_id" if tag._name == "crm.tag" else "category_id"
        return sorted(subject.grading_tag_origin_ids.filtered(lambda origin: origin[field] == tag).mapped("kind"))

    def assert_tags(self, subject, tags):
        """The customer or lead has these tags and no others; Odoo's cache knows it as well."""
        name = "tag_ids" if subject._name == "crm.lead" else "category_id"
        self.assertEqual(subject[name], tags)
        self.assertEqual(
            subject.search([("id", "=", subject.id), (name, "in", tags.ids)]), subject if tags else subject[:0]
        )
