from datetime import date, datetime, time, timedelta

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..world import RULES


class GlanceTourCase(HttpCase):
    """A customer with two orders of 200, graded Silver with 50 points, and a lead."""

    def setUp(self):
        super().setUp()
        for model in RULES:
            self.env[model].search([]).active = False
        Grade = self.env["grading.grade"]
        gold, silver, hot = Grade.create(
            [{"name": f"Tour {name}", "sequence": 1} for name in ("Gold", "Silver", "Hot")]
        )
        gold.sequence, silver.sequence = 1, 2
        silver.write({"title": "the good", "strategy": "<p>Visit them.</p>"})
        self.env["grading.scheme"].create(
            [
                self.scheme(
                    "customer",
                    [("Orders by tour", "order_count", 5), ("Money", "order_amount", 0.1)],
                    {gold: 100, silver: 0},
                ),
                self.scheme("lead", [("Willing by tour", "willingness", 10)], {hot: 0}),
            ]
        )
        self.customer = self.env["res.partner"].create({"name": "Tour Glance", "is_company": True})
        product = self.env["product.product"].create({"name": "Tour", "type": "service", "taxes_id": [Command.clear()]})
        self.orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "state": "sale",
                    "date_order": datetime.combine(date.today() - timedelta(days=days), time(12)),
                    "order_line": [Command.create({"product_id": product.id, "price_unit": 200, "tax_ids": False})],
                }
                for days in (90, 30)
            ]
        )
        self.lead = self.env["crm.lead"].create(
            {"name": "Deal of the tour", "partner_id": self.customer.id, "willingness": "3", "type": "opportunity"}
        )
        self.env["grading.run"]._rescore()
        self.assertEqual((self.customer.grading_grade_id, self.customer.grading_score), (silver, 50))

    def scheme(self, subject, criteria, starts):
        return {
            "name": f"Tour {subject}",
            "subject": subject,
            "domain": f"[('{'lead_id.partner_id' if subject == 'lead' else 'partner_id'}.name', '=', 'Tour Glance')]",
            "criterion_ids": [
                Command.create(
                    {"name": name, "kind": "linear", "measure": measure, "points_per_unit": points, "points_max": 500}
                )
                for name, measure, points in criteria
            ],
            "threshold_ids": [
                Command.create({"grade_id": grade.id, "min_score": start}) for grade, start in starts.items()
            ],
        }


@tagged("post_install", "-at_install")
class TestGlanceTour(GlanceTourCase):
    """A salesperson opens the grade of a customer and reads why, in a real browser."""

    def test_the_head_of_a_customer_opens_the_page(self):
        self.start_tour(f"/odoo/contacts/{self.customer.id}", "grading_glance_desktop", login="admin")

    def test_the_head_of_a_lead_opens_the_page(self):
        self.start_tour(f"/odoo/crm.lead/{self.lead.id}", "grading_glance_lead", login="admin")

    def test_orders_and_invoices_show_the_grade_beside_the_customer(self):
        self.start_tour(f"/odoo/sales/{self.orders[0].id}", "grading_glance_document", login="admin")
        invoice = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.customer.id, "company_id": self.orders.company_id.id}
        )
        self.start_tour(f"/odoo/customer-invoices/{invoice.id}", "grading_glance_document", login="admin")


@tagged("post_install", "-at_install")
class TestGlanceTourPhone(GlanceTourCase):
    """The same on the width of a phone, without a tab to be looked for."""

    browser_size = "390x844"
    touch_enabled = True

    def test_the_head_of_a_customer_opens_the_page_on_a_phone(self):
        self.start_tour(f"/odoo/contacts/{self.customer.id}", "grading_glance_phone", login="admin")

    def test_a_quotation_shows_the_grade_on_a_phone(self):
        quotation = self.env["sale.order"].create({"partner_id": self.customer.id})
        self.start_tour(f"/odoo/sales/{quotation.id}", "grading_glance_document", login="admin")


@tagged("post_install", "-at_install")
class TestCustomersTour(GlanceTourCase):
    """A salesperson opens the kanban of customers."""

    def test_the_head_of_a_column_counts_its_customers(self):
        self.start_tour("/odoo/grading", "grading_customers_desktop", login="admin")


@tagged("post_install", "-at_install")
class TestCustomersTourPhone(GlanceTourCase):
    """The same on the width of a phone, which shows one column at a time."""

    browser_size = "390x844"
    touch_enabled = True

    def test_the_first_customers_are_shown_and_can_be_searched(self):
        self.start_tour("/odoo/grading", "grading_customers_phone", login="admin")
