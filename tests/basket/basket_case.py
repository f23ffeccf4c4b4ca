from datetime import datetime, time

from mlxtend.frequent_patterns import apriori, association_rules
from mlxtend.preprocessing import TransactionEncoder
from pandas import DataFrame

from odoo.fields import Command
from odoo.tools import SQL

from ..common import GradingCase

# The figures that the module and mlxtend both have: name here, name there.
FIGURES = {
    "support": "support",
    "antecedent_support": "antecedent support",
    "consequent_support": "consequent support",
    "confidence": "confidence",
    "lift": "lift",
    "conviction": "conviction",
}
LIMITS = ("support", "confidence", "lift", "count", "months", "items", "level")


class BasketCase(GradingCase):
    """Products of a company, and orders with lines of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._grading_today()
        cls.ada = cls.customer("Ada")

    @classmethod
    def products(cls, *names, **vals):
        """A product for each name, sold for 10 without taxes."""
        values = {"type": "service", "invoice_policy": "order", "taxes_id": False, "list_price": 10}
        return cls.env["product.product"].create([{"name": name, **values, **vals} for name in names])

    @classmethod
    def limit(cls, **limits):
        """Set the company's limits; by default a rule of one order is enough.

        :param limits: some of :data:`LIMITS`
        """
        easy = {"support": 0.00001, "confidence": 0, "lift": 0, "count": 1}
        cls.company.write({f"grading_basket_{name}": value for name, value in {**easy, **limits}.items()})

    @classmethod
    def basket(cls, products, partner=None, day=None, state="sale", company=None, **vals):
        """An order with a line for each product, confirmed at noon UTC of ``day`` unless said otherwise."""
        company = company or cls.company
        lines = [Command.create({"product_id": product.id, "price_unit": 10, "tax_ids": False}) for product in products]
        order = (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": (partner or cls.ada).id,
                    "company_id": company.id,
                    "order_line": lines,
                    "date_order": datetime.combine(day or cls.today, time(0)),
                    **vals,
                }
            )
        )
        if state != "draft":
            order.state = state
        return order

    @classmethod
    def insert_baskets(cls, baskets):
        """Orders with lines behind the back of the ORM, for many.

        :param list baskets: a collection of ids of products for each
        """
        cls.env.flush_all()
        number, item = [], []
        for place, basket in enumerate(baskets):
            number += [place] * len(basket)
            item += list(basket)
        cls.env.cr.execute(
            SQL(
                """
                WITH placed AS (
                    INSERT INTO sale_order (name, company_id, partner_id, partner_invoice_id, partner_shipping_id,
                                            state, date_order, amount_untaxed, currency_rate, currency_id)
                    SELECT 'Basket ' || n, %(company)s, %(partner)s, %(partner)s, %(partner)s, 'sale', %(moment)s,
                           10, 1, %(currency)s
                      FROM GENERATE_SERIES(0, %(most)s) AS n
                 RETURNING id, name
                )
                INSERT INTO sale_order_line (order_id, company_id, currency_id, order_partner_id, sequence, state,
                                             name, product_id, product_uom_id, product_uom_qty, customer_lead,
                                             price_unit, price_subtotal)
                SELECT placed.id, %(company)s, %(currency)s, %(partner)s, 10, 'sale', 'Line', line.product_id, %(unit)s,
                       1, 0, 10, 10
                  FROM UNNEST(%(numbers)s::int[], %(products)s::int[]) AS line (number, product_id)
                  JOIN placed ON placed.name = 'Basket ' || line.number
                """,
                company=cls.company.id,
                currency=cls.company.currency_id.id,
                partner=cls.ada.id,
                moment=datetime.combine(cls.today, time(0)),
                most=len(baskets) - 1,
                unit=cls.env.ref("uom.product_uom_unit").id,
                numbers=number,
                products=item,
            )
        )
        cls.env.invalidate_all()

    @classmethod
    def mine(cls, lines=None):
        """Find the rules, which must succeed.

        :rtype: grading.basket.run
        """
        run = cls.env["grading.basket.run"]._mine(lines)
        assert run.state == "done", run.message
        return run

    @classmethod
    def found(cls, run):
        """``{(antecedent, consequent): figures}`` of a run, sides as sets of ids."""
        products = run.level == "product"
        return {
            (
                frozenset((rule.antecedent_ids if products else rule.antecedent_category_ids).ids),
                frozenset((rule.consequent_ids if products else rule.consequent_category_ids).ids),
            ): {name: float("inf") if rule.never_without and name == "conviction" else rule[name] for name in FIGURES}
            for rule in run.rule_ids
        }

    @staticmethod
    def expected(baskets, support, confidence, lift=0):
        """The same by mlxtend.

        :param list baskets: a set of ids for each
        """
        encoder = TransactionEncoder()
        matrix = DataFrame(encoder.fit(baskets).transform(baskets), columns=encoder.columns_)
        frequent = apriori(matrix, min_support=support, use_colnames=True, max_len=3)
        if frequent.empty:
            return {}
        rules = association_rules(frequent, metric="confidence", min_threshold=confidence)
        rules = rules[rules["lift"] >= lift]
        return {
            (row["antecedents"], row["consequents"]): {name: row[theirs] for name, theirs in FIGURES.items()}
            for _place, row in rules.iterrows()
        }

    def assert_same_rules(self, found, expected):
        """The same rules, and figures to 1e-9."""
        self.assertEqual(found.keys(), expected.keys())
        for sides, figures in expected.items():
            for name, figure in figures.items():
                self.assertAlmostEqual(found[sides][name], figure, delta=1e-9, msg=f"{name} of {sides}")
