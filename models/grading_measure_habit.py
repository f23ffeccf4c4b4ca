from odoo import api, fields, models
from odoo.tools import SQL

from .grading_float_or_unknown import FloatOrUnknown

# The evening begins and ends at these full hours of the day.
EVENING_HOURS = (18, 6)
SATURDAY = 6


class GradingProfile(models.Model):
    """Measured: when the customer buys, and how widely."""

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
        help="Of the customer's confirmed orders, those placed from 6 p.m. to 6 a.m. where the company works.",
    )
    product_category_count = fields.Integer(
        string="Product Categories",
        readonly=True,
        aggregator="avg",
        help="How many categories of products the customer has ordered from.",
    )


class GradingMeasure(models.AbstractModel):
    """How a customer orders: on which days, at what time, and from how many categories.

    Read from confirmed orders also where the company counts invoices: an invoice has no time of day, and what is on it
    was ordered before.
    """

    _inherit = "grading.measure"

    @api.model
    def _measures(self):
        habit = {"source": "habit", "unit": "percent"}
        return {
            **super()._measures(),
            "weekend_order_percent": {**habit, "label": self.env._("Orders at weekends")},
            "evening_order_percent": {**habit, "label": self.env._("Orders in the evening")},
            "product_category_count": {
                "source": "category",
                "label": self.env._("Product categories"),
                "unit": "count",
                "zero": True,
            },
        }

    @api.model
    def _sources(self, as_of, contacts):
        return {
            **super()._sources(as_of, contacts),
            "habit": self._habit_source(as_of, contacts),
            "category": self._category_source(as_of, contacts),
        }

    @api.model
    def _confirmed_orders(self, as_of, contacts):
        """The confirmed orders of the environment's company: ``(id, partner_id, moment)``, the moment by its clocks.

        OFFSET 0: that moment is worked out once for an order, not at each of its uses.
        """
        return SQL(
            """
            SELECT placed.id, placed.partner_id, placed.moment
              FROM (
                SELECT sale.id, contact.commercial_partner_id AS partner_id,
                       sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s AS moment
                  FROM sale_order AS sale
                  JOIN %(contacts)s AS contact ON contact.id = sale.partner_id
                 WHERE sale.company_id = %(company)s AND sale.state = 'sale' OFFSET 0
              ) AS placed
             WHERE placed.moment::date <= %(as_of)s
            """,
            tz=self.env.company._grading_tz(),
            contacts=contacts,
            company=self.env.company.id,
            as_of=as_of,
        )

    @api.model
    def _habit_source(self, as_of, contacts):
        """Which part of a customer's orders came at weekends, and which in the evening, in percent of all."""
        evening, morning = EVENING_HOURS
        return SQL(
            """
            SELECT placed.partner_id,
                   ROUND(100.0 * COUNT(*) FILTER (WHERE EXTRACT(ISODOW FROM placed.moment) >= %(saturday)s)
                         / COUNT(*), 2) AS weekend_order_percent,
                   ROUND(100.0 * COUNT(*) FILTER (
                       WHERE EXTRACT(HOUR FROM placed.moment) >= %(evening)s
                          OR EXTRACT(HOUR FROM placed.moment) < %(morning)s
                   ) / COUNT(*), 2) AS evening_order_percent
              FROM (%(orders)s) AS placed
          GROUP BY placed.partner_id
            """,
            saturday=SATURDAY,
            evening=evening,
            morning=morning,
            orders=self._confirmed_orders(as_of, contacts),
        )

    @api.model
    def _category_source(self, as_of, contacts):
        """How many categories a customer's products are of; what was given back or only charged along is none."""
        return SQL(
            """
            SELECT bought.partner_id, COUNT(*)::int AS product_category_count
              FROM (
                SELECT DISTINCT placed.partner_id, template.categ_id
                  FROM (%(orders)s) AS placed
                  JOIN sale_order_line AS line ON line.order_id = placed.id
                  JOIN product_product AS product ON product.id = line.product_id
                  JOIN product_template AS template ON template.id = product.product_tmpl_id
                 WHERE line.product_uom_qty > 0 AND template.categ_id IS NOT NULL AND NOT (%(aside)s)
              ) AS bought
          GROUP BY bought.partner_id
            """,
            orders=self._confirmed_orders(as_of, contacts),
            aside=self._lines_aside(),
        )

    @api.model
    def _lines_aside(self):
        """Whether a ``line`` is no purchase: a down payment, or where Odoo has these, a delivery charge or a reward."""
        conditions = {
            "is_downpayment": SQL("line.is_downpayment IS TRUE"),
            "is_delivery": SQL("line.is_delivery IS TRUE"),
            "reward_id": SQL("line.reward_id IS NOT NULL"),
        }
        known = self.env["sale.order.line"]._fields
        return SQL(" OR ").join(condition for name, condition in conditions.items() if name in known)
