from datetime import date, timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from .purchase_case import PurchaseCase


@tagged("post_install", "-at_install")
class TestCalendar(PurchaseCase):
    """The same history comes to the same in any month of any year."""

    NAMES = (
        "order_months", "order_count_12m", "order_amount_12m", "order_amount_prev_12m", "order_day_count",
        "average_order_interval", "complaint_count_12m", "score",
    )  # fmt: skip

    def test_a_history_that_is_moved_gets_the_same_score(self):
        self.scheme(
            [
                self.linear("order_months", 5),
                self.linear("first_order_date", 1, date_unit="months"),
                self.band("last_order_date", [(0, 20), (1, 10), (3, 5), (12, -5)], date_unit="months"),
                self.linear("order_amount_12m", 0.01),
                self.linear("order_amount_prev_12m", 0.001),
                self.linear("complaint_count_12m", -1),
            ]
        )
        ages = {"Young": (0, 3, 31), "Old": (30, 365, 366, 729, 730, 731), "Regular": tuple(range(5, 700, 30))}
        found = set()
        for as_of in (date(2023, 3, 1), date(2024, 2, 29), date(2024, 3, 31), date(2025, 1, 31), date(2025, 12, 1)):
            customers = [self.customer(name) for name in ages]
            rows = [
                (customer.id, as_of - timedelta(days=age), 10 + age, 1, "sale")
                for customer, days in zip(customers, ages.values(), strict=True)
                for age in days
            ]
            self.insert_orders(rows)
            complaint = {"company_id": self.company.id, "name": "Late"}
            self.env["grading.complaint"].create(
                [
                    {**complaint, "partner_id": customer.id, "date_open": as_of - timedelta(days=age)}
                    for customer in customers
                    for age in (364, 365, 366)
                ]
            )
            self.rescore(as_of=as_of)
            found.add(tuple(self.profile(customer)[name] for customer in customers for name in self.NAMES))
            self.env["sale.order"].search([("partner_id", "in", [c.id for c in customers])]).state = "cancel"
        self.assertEqual(len(found), 1, found)

    def test_months_are_counted_from_the_first_order(self):
        ada = self.customer("Ada")
        self.scheme()
        first = date(2024, 1, 31)
        for days, months in ((0, 1), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (400, 4)):
            self.order(ada, 10, first + timedelta(days=days))
            self.assertEqual(self.judged(ada, "order_months"), (months,), days)

    def test_a_year_is_twelve_months_and_no_month_is_two(self):
        Measure = self.env["grading.measure"]
        for days, months in ((0, 0), (30, 0), (31, 1), (59, 1), (364, 11), (365, 12), (730, 24), (-31, -1), (-30, 0)):
            [[got]] = self.env.execute_query(SQL("SELECT %s", Measure._months_to_sql(SQL("%s", days))))
            self.assertEqual(got, months, days)
