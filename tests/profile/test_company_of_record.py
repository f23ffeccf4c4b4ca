from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import LeadCase


@tagged("post_install", "-at_install")
class TestCompanyOfRecord(LeadCase):
    """Ada is Silver here and Gold in the other company: each document shows what its own company says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.new_company("Other Company")
        cls.scheme()
        cls.scheme(company_id=cls.other.id)
        cls.ada = cls.customer("Ada", is_company=True)
        cls.person = cls.customer("Person", parent_id=cls.ada.id)
        cls.bob = cls.customer("Bob")
        today = cls.company._grading_today()
        cls.here = cls.order(cls.ada, 50, today)
        cls.there = cls.order(cls.person, 500, today, company_id=cls.other.id)
        cls.elsewhere = cls.order(cls.bob, 5, today, company_id=cls.other.id)
        cls.lead_here, cls.lead_there, cls.shared = (
            cls.lead("Lead", partner_id=cls.ada.id, company_id=company_id, team_id=False)
            for company_id in (cls.company.id, cls.other.id, False)
        )
        cls.rescore()
        cls.rescore(company=cls.other)
        cls.sam = cls.user(
            "grading_sam", "sales_team.group_sale_salesman_all_leads", company_ids=(cls.company | cls.other).ids
        )
        cls.orders = cls.here | cls.there | cls.elsewhere
        cls.leads = cls.lead_here | cls.lead_there

    def views(self, records):
        """The records as a user of both companies sees them, whichever company comes first."""
        for companies in (self.company | self.other, self.other | self.company):
            self.env.invalidate_all()
            yield records.with_user(self.sam).with_context(allowed_company_ids=companies.ids)

    def test_an_order_shows_the_grade_of_its_company(self):
        for orders in self.views(self.orders):
            with self.subTest(first=orders.env.company.name):
                self.assertEqual([order.grading_grade_id for order in orders], [self.silver, self.gold, self.bronze])
                self.assertEqual(orders.mapped("grading_score"), [50, 500, 5])

    def test_an_order_is_filtered_grouped_and_sorted_by_the_grade_of_its_company(self):
        ours = [("id", "in", self.orders.ids)]
        for orders in self.views(self.orders):
            with self.subTest(first=orders.env.company.name):
                self.assertEqual(orders.search([*ours, ("grading_grade_id", "=", self.gold.id)]), self.there)
                self.assertEqual(orders.search([*ours, ("grading_score", ">", 40)]), self.here | self.there)
                self.assertFalse(orders.search([*ours, ("grading_grade_id", "=", False)]))
                groups = orders._read_group(ours, ["grading_grade_id"], ["grading_score:avg"])
                self.assertEqual(groups, [(self.gold, 500), (self.silver, 50), (self.bronze, 5)])
                ranked = orders.search(ours, order="grading_score desc")
                self.assertEqual(ranked.ids, [self.there.id, self.here.id, self.elsewhere.id])

    def test_a_document_without_a_graded_customer_shows_none(self):
        stranger = self.env["sale.order"].create({"partner_id": self.customer("Stranger").id})
        for order in self.views(stranger):
            self.assertFalse(order.grading_grade_id)
            self.assertEqual(order.search([("id", "=", order.id), ("grading_grade_id", "=", False)]), order)
            self.assertFalse(order.search([("id", "=", order.id), ("grading_grade_id", "!=", False)]))

    def test_a_lead_shows_the_grade_that_its_company_gives_to_the_customer(self):
        ours = [("id", "in", self.leads.ids)]
        for leads in self.views(self.leads):
            with self.subTest(first=leads.env.company.name):
                self.assertEqual([lead.grading_partner_grade_id for lead in leads], [self.silver, self.gold])
                self.assertEqual(leads.mapped("grading_partner_score"), [50, 500])
                found = leads.search([*ours, ("grading_partner_grade_id", "=", self.gold.id)])
                self.assertEqual(found, self.lead_there)
                groups = leads._read_group(ours, ["grading_partner_grade_id"], ["__count"])
                self.assertEqual(groups, [(self.gold, 1), (self.silver, 1)])
                self.assertEqual(leads.search(ours, order="grading_partner_score")[0], self.lead_here)

    def test_a_lead_without_a_company_shows_the_grade_of_the_current_one(self):
        for lead, grade in zip(self.views(self.shared), (self.silver, self.gold), strict=True):
            self.assertEqual(lead.grading_partner_grade_id, grade)
            found = lead.search([("id", "=", lead.id), ("grading_partner_grade_id", "=", grade.id)])
            self.assertEqual(found, lead)

    def test_a_contact_shows_the_grade_of_the_company_that_is_asked_first(self):
        """So the badge asks on forms of other apps."""
        found = [ada.search_read([("id", "=", ada.id)], ["grading_grade_id"]) for ada in self.views(self.ada)]
        self.assertEqual([ada["grading_grade_id"][0] for [ada] in found], [self.silver.id, self.gold.id])

    def test_a_contact_that_a_rule_hides_is_not_found(self):
        """The badge searches: reading would be refused."""
        self.ada.company_id = self.other
        sam = self.ada.with_user(self.sam).with_context(allowed_company_ids=self.company.ids)
        self.assertEqual(sam.search_read([("id", "=", self.ada.id)], ["grading_grade_id"]), [])
        with self.assertRaises(AccessError):
            sam.read(["grading_grade_id"])

    def test_it_takes_one_join_of_the_profile(self):
        for model in ("sale.order", "crm.lead"):
            name = "grading_grade_id" if model == "sale.order" else "grading_partner_grade_id"
            query = self.env[model]._search([(name, "=", self.gold.id)], order=f"{name}, id")
            self.assertEqual(self.text_of(query.select()).count('LEFT JOIN "grading_profile"'), 1)

    def test_a_new_customer_of_a_draft_shows_at_once(self):
        order = self.elsewhere.with_user(self.sam).with_context(allowed_company_ids=(self.company | self.other).ids)
        draft = order.new({"partner_id": self.person.id}, origin=order)
        self.assertEqual(draft.grading_grade_id, self.gold)
        draft.partner_id = self.bob
        self.assertEqual(draft.grading_grade_id, self.bronze)
