from odoo import api, models
from odoo.tools import SQL

# Where those apps are installed: what the shop adds to a ticket by itself, on its line and among its products.
ADDED_LINES = {
    "combo_parent_id": SQL("line.combo_parent_id IS NOT NULL"),
    "is_reward_line": SQL("line.is_reward_line IS TRUE"),
    # The order is a basket of its own.
    "sale_order_origin_id": SQL("line.sale_order_origin_id IS NOT NULL"),
}
ADDED_PRODUCTS = ("tip_product_id", "down_payment_product_id", "discount_product_id")


class GradingBasketLine(models.AbstractModel):
    """What lies in the baskets of the point of sale, named customers or not; nothing here depends on that app."""

    _inherit = "grading.basket.line"

    @api.model
    def _selects(self, period, contacts, readable):
        selects = super()._selects(period, contacts, readable)
        if not self.env["grading.measure"]._has_tickets():
            return selects
        since, until = period
        conditions = [
            SQL("ticket.company_id = %s AND ticket.state IN ('paid', 'done')", self.env.company.id),
            SQL("ticket.date_order %s AND ticket.date_order %s", since, until),
            SQL("line.qty > 0 AND (line.price_subtotal < 0) IS NOT TRUE"),
            *(SQL("NOT (%s)", added) for added in self._added_to_ticket()),
            *self._of("ticket", "pos.order", contacts, readable),
        ]
        return [
            *selects,
            SQL(
                # Below 0: an order may have the same number.
                """
                SELECT -ticket.id AS basket_id, line.product_id
                  FROM pos_order AS ticket
                  JOIN pos_order_line AS line ON line.order_id = ticket.id
             LEFT JOIN pos_session AS session ON session.id = ticket.session_id
             LEFT JOIN pos_config AS config ON config.id = session.config_id
                 WHERE %s
                """,
                SQL(" AND ").join(conditions),
            ),
        ]

    @api.model
    def _added_to_ticket(self):
        """The conditions on which the shop has added a ``line``, not the customer.

        :rtype: list[odoo.tools.SQL]
        """
        line, config = (self.env[model]._fields for model in ("pos.order.line", "pos.config"))
        return [
            *(condition for name, condition in ADDED_LINES.items() if name in line),
            *(
                SQL("(line.product_id = %s) IS TRUE", SQL.identifier("config", name))
                for name in ADDED_PRODUCTS
                if name in config
            ),
        ]
