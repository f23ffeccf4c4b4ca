from odoo import api, fields, models
from odoo.tools import SQL

from ..base.fields import FloatOrUnknown, IntegerOrEmpty

# When the evening begins and ends, where the company works.
EVENING = ("18:00", "06:00")
SATURDAY = 6
CLASSES = [("5", "Top 5 %"), ("20", "Top 20 %")]
# The amount that decides on each class.
AMOUNTS = {"top_12m": "order_amount_12m", "top_prev_12m": "order_amount_prev_12m"}


class GradingProfile(models.Model):
    """Measured: when the customer buys, how widely, and the ABC class by amount."""

    _inherit = "grading.profile"

    weekend_order_percent = FloatOrUnknown(
        string="Orders at Weekends (%)",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="Of the customer's confirmed orders, those placed on a Saturday or Sunday where the company works.",
    )
    evening_order_percent = FloatOrUnknown(
        string="Orders in the Evening (%)",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="Of the customer's confirmed orders with a time of day, those placed from 6 p.m. to 6 a.m. where the "
        "company works. Exactly midnight is no time: orders that were imported with their date only have it.",
    )
    product_category_count = IntegerOrEmpty(
        string="Product Categories",
        readonly=True,
        aggregator="avg",
        help="How many categories of products the customer has ordered from.",
    )
    top_12m = fields.Selection(
        CLASSES, string="Among the Best", readonly=True, help="Of all who bought in the last 12 months, by amount."
    )
    top_prev_12m = fields.Selection(
        CLASSES,
        string="Among the Best before",
        readonly=True,
        help="Of all who bought in the 12 months before the last 12, by amount.",
    )


class GradingMeasure(models.AbstractModel):
    """How a customer orders: on which days, at what time, and from how many categories.

    Read from confirmed orders and tickets also where the company counts invoices: an invoice has no time of day, and
    what is on it was ordered before. And the customer's ABC class: the best 5 and the best 20 percent of the buyers of
    a year, by
    their rank (see :class:`grading.ruler`).
    """

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        group = self.env._("Purchases")
        pattern = {"source": "purchase_pattern", "unit": "percent", "group": group}
        compared = {"compared": "abc_class", "always": True, "group": group}
        return {
            **super()._measures(),
            "weekend_order_percent": {**pattern, "label": self.env._("Orders at weekends")},
            "evening_order_percent": {**pattern, "label": self.env._("Orders in the evening")},
            "product_category_count": {
                "source": "category",
                "group": group,
                "label": self.env._("Product categories"),
                "unit": "count",
                "zero": True,
            },
            "top_12m": {
                "label": self.env._("Among the best, 12 months"),
                "unit": "choice",
                "reads": ["order_amount_12m"],
                **compared,
            },
            "top_prev_12m": {
                "label": self.env._("Among the best, 12 months before"),
                "unit": "choice",
                "reads": ["order_amount_prev_12m"],
                **compared,
            },
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {
            **super()._sources(as_of, contacts),
            "purchase_pattern": self._pattern_source(as_of, contacts),
            "category": self._category_source(as_of, contacts),
        }

    @api.model
    def _pattern_source(self, as_of, contacts):
        """Which part of a customer's orders came at weekends, and which in the evening, in percent of all.

        Orders at exactly midnight were imported by their date: their time of day is unknown.
        """
        evening, morning = EVENING
        return SQL(
            """
            SELECT placed.partner_id,
                   ROUND(100.0 * COUNT(*) FILTER (WHERE DATE_PART('isodow', placed.moment) >= %(saturday)s)
                         / COUNT(*), 2) AS weekend_order_percent,
                   ROUND(100.0 * COUNT(*) FILTER (
                       WHERE placed.moment::time <> TIME '00:00'
                         AND (placed.moment::time >= TIME %(evening)s OR placed.moment::time < TIME %(morning)s)
                   ) / NULLIF(COUNT(*) FILTER (WHERE placed.moment::time <> TIME '00:00'), 0), 2)
                       AS evening_order_percent
              FROM (%(purchases)s) AS placed
             WHERE placed.is_order
          GROUP BY placed.partner_id
            """,
            saturday=SATURDAY,
            evening=evening,
            morning=morning,
            purchases=self._purchases(as_of, contacts, counted="order"),
        )

    @api.model
    def _category_source(self, as_of, contacts):
        """How many categories of products a customer has bought from."""
        return SQL(
            """
            SELECT bought.partner_id, COUNT(*)::int AS product_category_count
              FROM (
                SELECT DISTINCT sold.partner_id, template.categ_id
                  FROM (%s) AS sold
                  JOIN product_product AS product ON product.id = sold.product_id
                  JOIN product_template AS template ON template.id = product.product_tmpl_id
                 WHERE template.categ_id IS NOT NULL
              ) AS bought
          GROUP BY bought.partner_id
            """,
            SQL(" UNION ALL ").join(self._bought_products(as_of, contacts)),
        )

    @api.model
    def _bought_products(self, as_of, contacts):
        """What was bought, one ``SELECT partner_id, product_id`` for each kind of document: without what was given away
        in an order of 0, returned, credited in full or charged along.

        :rtype: list[odoo.tools.SQL]
        """
        return [
            SQL(
                "SELECT contact.commercial_partner_id AS partner_id, line.product_id %s"
                " AND (credited.amount < line.price_subtotal) IS NOT FALSE",
                self._bought_lines(as_of, contacts),
            )
        ]

    @api.model
    def _bought_amounts(self, as_of, contacts):
        """What was paid for each product, untaxed and in the company's currency, less what was credited: one ``SELECT
        product_id, moment, amount`` for each kind of document; ``moment`` is in UTC.

        :rtype: list[odoo.tools.SQL]
        """
        amount = self._at_rate(
            SQL("(line.price_subtotal - COALESCE(credited.amount, 0))"),
            SQL.identifier("sale", "currency_rate"),
            SQL.identifier("sale", "currency_id"),
            SQL("sale.date_order::date"),
        )
        return [
            SQL(
                "SELECT line.product_id, sale.date_order AS moment, %s AS amount %s",
                amount,
                self._bought_lines(as_of, contacts),
            )
        ]

    @api.model
    def _bought_lines(self, as_of, contacts):
        """``FROM … WHERE …`` of the lines of orders on which something was bought, with what was ``credited``."""
        joins = SQL(
            """
              JOIN sale_order_line AS line ON line.order_id = sale.id
         LEFT JOIN (%s) AS credited ON credited.line_id = line.id
            """,
            self._credited_lines(as_of, contacts),
        )
        return SQL(
            "%s AND sale.amount_untaxed > 0 AND line.product_uom_qty > 0 AND NOT (%s)",
            self._confirmed_orders(as_of, contacts, joins),
            self._is_set_aside(),
        )

    @api.model
    def _is_set_aside(self):
        """Whether a ``line`` is no purchase: a down payment or, where those apps are installed, a delivery charge or a
        reward."""
        conditions = {
            "is_downpayment": SQL("line.is_downpayment IS TRUE"),
            "is_delivery": SQL("line.is_delivery IS TRUE"),
            "reward_id": SQL("line.reward_id IS NOT NULL"),
        }
        known = self.env["sale.order.line"]._fields
        return SQL(" OR ").join(condition for name, condition in conditions.items() if name in known)

    # ------------------------------------------------------------
    # ABC class
    # ------------------------------------------------------------

    @api.model
    def _compared_sources(self, as_of, table):
        return {**super()._compared_sources(as_of, table), "abc_class": self._abc_class_source(table)}

    @api.model
    def _fix_compared(self, names, table, as_of):
        result = super()._fix_compared(names, table, as_of)
        if "abc_class" in names:
            for amount in AMOUNTS.values():
                self.env["grading.ruler"]._fix_abc_cuts(amount, [int(percent) for percent, _label in CLASSES], table)
        return result

    @api.model
    def _is_compared_missing(self, names):
        Ruler = self.env["grading.ruler"]
        missing = "abc_class" in names and any(Ruler._of_measure(amount) is None for amount in AMOUNTS.values())
        return missing or super()._is_compared_missing(names)

    @api.model
    def _abc_class_source(self, table):
        """For each year ``CASE WHEN order_amount_12m >= 9000 THEN '5' WHEN order_amount_12m >= 2000 THEN '20' END``."""
        columns = []
        for name, amount in AMOUNTS.items():
            whens = [
                SQL("WHEN %s >= %s::numeric THEN %s", SQL.identifier(amount), cut, str(percent))
                for percent, cut in self.env["grading.ruler"]._of_measure(amount) or []
            ]
            value = SQL("CASE %s END", SQL(" ").join(whens)) if whens else SQL("NULL")
            columns.append(SQL("%s AS %s", value, SQL.identifier(name)))
        return SQL("SELECT partner_id, %s FROM %s", SQL(", ").join(columns), table)
