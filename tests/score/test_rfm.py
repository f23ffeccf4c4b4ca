import csv
from datetime import date
from pathlib import Path

from odoo.tests import tagged

from ..common import GradingCase

DATA = Path(__file__).parents[1] / "data"
AS_OF = date(2006, 12, 31)
RECENCY = [(0, 5), (115, 4), (181, 3), (297.4, 2), (482, 1)]
FREQUENCY = [(0, 1), (4, 2), (5, 3), (6, 4), (8, 5)]
MONETARY = [(0, 1), (255.8, 2), (382, 3), (506.4, 4), (666, 5)]


def read(name):
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@tagged("post_install", "-at_install")
class TestRfm(GradingCase):
    """4,906 real orders, whose RFM scores a published package has computed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expected = {row["customer"]: row for row in read("rfm_expected.csv")}
        orders = read("rfm_orders.csv")
        partners = cls.env["res.partner"].create([{"name": name} for name in cls.expected])
        cls.partners = dict(zip(cls.expected, partners, strict=True))
        cls.insert_orders(
            [(cls.partners[row["customer"]].id, row["date"], int(row["revenue"]), 1, "sale") for row in orders]
        )
        cls.rfm = cls.scheme(
            criteria=[
                cls.band("last_order_date", RECENCY, name="Recency"),
                cls.band("order_count", FREQUENCY, name="Frequency"),
                cls.band("order_amount", MONETARY, name="Monetary"),
            ],
        )
        cls.rescore(as_of=AS_OF)

    def profiles(self):
        """All profiles, by the name of the customer."""
        profiles = self.env["grading.profile"].search([("company_id", "=", self.company.id)])
        return {profile.partner_id.name: profile for profile in profiles}

    def test_measures_are_those_of_the_package(self):
        profiles = self.profiles()
        for name, row in self.expected.items():
            profile = profiles[name]
            measured = (profile.last_order_date, profile.order_count, profile.order_amount)
            recency = (AS_OF - profile.last_order_date).days
            self.assertEqual(
                (recency, *measured[1:]), (int(row["recency_days"]), int(row["orders"]), float(row["amount"])), name
            )

    def test_band_points_are_the_scores_of_the_package(self):
        recency, frequency, monetary = (str(criterion.id) for criterion in self.rfm.criterion_ids)
        profiles = self.profiles()
        for name, row in self.expected.items():
            detail = profiles[name].points_detail
            self.assertEqual(
                (detail[recency], detail[frequency], detail[monetary]),
                (int(row["r"]), int(row["f"]), int(row["m"])),
                name,
            )

    def test_the_order_of_the_rows_does_not_matter(self):
        before = self._snapshot()
        self.env.cr.execute(
            """
            WITH gone AS (DELETE FROM sale_order WHERE name = 'Inserted' RETURNING *)
            INSERT INTO sale_order (name, company_id, partner_id, partner_invoice_id, partner_shipping_id, state,
                                    date_order, amount_untaxed, currency_rate, currency_id)
            SELECT name, company_id, partner_id, partner_invoice_id, partner_shipping_id, state,
                   date_order, amount_untaxed, currency_rate, currency_id
              FROM gone ORDER BY md5(id::text)
            """
        )
        self.assertEqual(self.rescore(as_of=AS_OF).changed_count, 0)
        self.assertEqual(self._snapshot(), before)

    def _snapshot(self):
        self.env.cr.execute("SELECT * FROM grading_profile WHERE company_id = %s ORDER BY id", [self.company.id])
        return self.env.cr.fetchall()
