from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.fields import FloatOrUnknown

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
    product_category_count = fields.Integer(
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

    Read from confirmed orders also where the company counts invoices: an invoice has no time of day, and what is on it
    was ordered before. And the customer's ABC class: the best 5 and the best 20 percent of the buyers of a year, ties
    included.
    """

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        pattern = {"source": "purchase_pattern", "unit": "percent"}
        compared = {"compared": "abc_class", "always": True}
        return {
            **super()._measures(),
            "weekend_order_percent": {**pattern, "label": self.env._("Orders at weekends")},
            "evening_order_percent": {**pattern, "label": self.env._("Orders in the evening")},
            "product_category_count": {
                "source": "category",
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
    def _confirmed_orders(self, as_of, contacts, joins=None):
        """``FROM … WHERE …`` of the confirmed orders of the environment's company, up to the end of the day there.

        :param odoo.tools.SQL joins: what else is read of an order
        """
        return SQL(
            """
              FROM sale_order AS sale
              JOIN %(contacts)s AS contact ON contact.id = sale.partner_id
                   %(joins)s
             WHERE sale.company_id = %(company)s AND sale.state = 'sale'
               AND sale.date_order < (DATE %(next_day)s)::timestamp AT TIME ZONE %(tz)s AT TIME ZONE 'UTC'
            """,
            contacts=contacts,
            joins=joins or SQL(),
            company=self.env.company.id,
            next_day=as_of + timedelta(days=1),
            tz=self.env.company._grading_tz(),
        )

    @api.model
    def _pattern_source(self, as_of, contacts):
        """Which part of a customer's orders came at weekends, and which in the evening, in percent of all.

        Orders at exactly midnight were imported by their date: their time of day is unknown.
        OFFSET 0: an order's moment is computed once, not at each of its uses.
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
              FROM (
                SELECT contact.commercial_partner_id AS partner_id,
                       sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s AS moment
                %(orders)s OFFSET 0
              ) AS placed
          GROUP BY placed.partner_id
            """,
            saturday=SATURDAY,
            evening=evening,
            morning=morning,
            tz=self.env.company._grading_tz(),
            orders=self._confirmed_orders(as_of, contacts),
        )

    @api.model
    def _category_source(self, as_of, contacts):
        """How many categories of products a customer has ordered, without what was returned or charged along."""
        lines = SQL(
            """
              JOIN sale_order_line AS line ON line.order_id = sale.id
              JOIN product_product AS product ON product.id = line.product_id
              JOIN product_template AS template ON template.id = product.product_tmpl_id
            """
        )
        return SQL(
            """
            SELECT bought.partner_id, COUNT(*)::int AS product_category_count
              FROM (
                SELECT DISTINCT contact.commercial_partner_id AS partner_id, template.categ_id
                %(orders)s AND line.product_uom_qty > 0 AND template.categ_id IS NOT NULL AND NOT (%(set_aside)s)
              ) AS bought
          GROUP BY bought.partner_id
            """,
            orders=self._confirmed_orders(as_of, contacts, lines),
            set_aside=self._is_set_aside(),
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
        missing = "abc_class" in names and any(Ruler._get_abc_cuts(amount) is None for amount in AMOUNTS.values())
        return missing or super()._is_compared_missing(names)

    @api.model
    def _abc_class_source(self, table):
        """For each year ``CASE WHEN order_amount_12m >= 9000 THEN '5' WHEN order_amount_12m >= 2000 THEN '20' END``."""
        columns = []
        for name, amount in AMOUNTS.items():
            whens = [
                SQL("WHEN %s >= %s::numeric THEN %s", SQL.identifier(amount), cut, str(percent))
                for percent, cut in self.env["grading.ruler"]._get_abc_cuts(amount) or []
            ]
            value = SQL("CASE %s END", SQL(" ").join(whens)) if whens else SQL("NULL")
            columns.append(SQL("%s AS %s", value, SQL.identifier(name)))
        return SQL("SELECT partner_id, %s FROM %s", SQL(", ").join(columns), table)
