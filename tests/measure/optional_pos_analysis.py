"""With Odoo's point of sale installed: its analysis of tickets."""

from odoo.tests import tagged

from .optional_pos import TicketCase

AGGREGATES = ("price_subtotal_excl:sum", "grading_expected_amount:sum")


@tagged("post_install", "-at_install")
class TestTicketAnalysis(TicketCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bob = cls.customer("Bob")
        cls.ticket(cls.ada, 300, 200)
        cls.ticket(cls.bob, 50)
        cls.rescore()
        for partner, amount in ((cls.ada, 1000), (cls.bob, 200)):
            cls.force(cls.profile(partner), expected_amount=amount)
        cls.env.flush_all()
        cls.clerk = cls.user("clerk", "point_of_sale.group_pos_manager")
        cls.boss = cls.user("boss", "point_of_sale.group_pos_manager,sales_team.group_sale_manager")

    def analysis(self, user):
        mine = [("partner_id", "in", (self.ada | self.bob).ids)]
        return self.env["report.pos.order"].with_user(user), mine

    def test_tickets_are_grouped_and_filtered_by_the_grade_of_the_customer(self):
        tickets, mine = self.analysis(self.boss)
        groups = tickets._read_group(mine, ["grading_grade_id"], AGGREGATES)
        self.assertEqual(groups, [(self.gold, 500, 1000), (self.silver, 50, 200)])
        found = tickets.search([*mine, ("grading_grade_id", "=", self.silver.id)])
        self.assertEqual(found.partner_id, self.bob)
        self.assertEqual(found.grading_expected_amount, 200)
        for group in tickets.formatted_read_group(mine, ["grading_grade_id"], ["__count"]):
            self.assertEqual(len(tickets.search(mine + group["__extra_domain"])), group["__count"])

    def test_the_search_offers_them_to_salespeople_alone(self):
        for user, is_offered in ((self.clerk, False), (self.boss, True), (self.clerk, False)):
            tickets, _mine = self.analysis(user)
            arch = tickets.get_view(view_type="search")["arch"]
            self.assertEqual("'group_by': 'grading_grade_id'" in arch, is_offered, user.name)
            self.assertEqual("grading_lifecycle_id" in tickets.fields_get(), is_offered, user.name)

    def test_labels_are_those_of_the_sales_analysis(self):
        field = self.env["ir.model.fields"]._get("sale.report", "grading_grade_id")
        field.field_description = "Grade of Them"
        tickets, _mine = self.analysis(self.boss)
        self.assertEqual(tickets.fields_get(["grading_grade_id"])["grading_grade_id"]["string"], "Grade of Them")
        self.assertIn("Grade of Them", tickets.get_view(view_type="search")["arch"])
