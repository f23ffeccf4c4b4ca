from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL


class GradingBasketLine(models.AbstractModel):
    """What lies in a basket: the products that a customer chose on one document.

    A basket is a confirmed order, or a paid ticket where the point of sale is installed. In it lies what was ordered
    with a positive quantity, however often: not what the company adds by itself (delivery, rewards, discounts, down
    payments, expenses, the parts of a combo). What was credited later was nevertheless wanted together.
    """

    _name = "grading.basket.line"
    _description = "Product in a Basket"

    @api.model
    def _in_period(self, contacts=None, readable=False):
        """The lines of the environment's company, of the months that its settings say up to the end of today.

        :param list contacts: ids of ``res.partner``: the baskets of these alone
        :param bool readable: only documents that the user may read
        :return: ``SELECT basket_id, product_id``
        :rtype: odoo.tools.SQL
        """
        company = self.env.company
        today = company._grading_today()
        first = today - relativedelta(months=company.grading_basket_months)
        end_of_day = self.env["grading.measure"]._end_of_day
        period = SQL(">= %s", end_of_day(first - timedelta(days=1))), SQL("< %s", end_of_day(today))
        return SQL(" UNION ALL ").join(self._selects(period, contacts, readable))

    @api.model
    def _selects(self, period, contacts, readable):
        """The parts of :meth:`_in_period`, one ``SELECT`` for each kind of document.

        :param tuple period: two conditions on the document's moment, ``>= …`` and ``< …``
        :rtype: list[odoo.tools.SQL]
        """
        since, until = period
        conditions = [
            SQL("sale.company_id = %s AND sale.state = 'sale'", self.env.company.id),
            SQL("sale.date_order %s AND sale.date_order %s", since, until),
            self._is_chosen(),
            *self._of("sale", "sale.order", contacts, readable),
        ]
        return [
            SQL(
                """
                SELECT sale.id AS basket_id, line.product_id
                  FROM sale_order AS sale JOIN sale_order_line AS line ON line.order_id = sale.id
                 WHERE %s
                """,
                SQL(" AND ").join(conditions),
            )
        ]

    @api.model
    def _is_chosen(self):
        """Whether the customer has chosen what stands on a ``line`` of an order."""
        return SQL(
            "line.product_id IS NOT NULL AND line.product_uom_qty > 0 AND (line.price_subtotal < 0) IS NOT TRUE"
            " AND line.is_expense IS NOT TRUE AND line.combo_item_id IS NULL"
            " AND line.product_id IS DISTINCT FROM %s AND NOT (%s)",
            self.env.company.sudo().sale_discount_product_id.id or None,
            self.env["grading.measure"]._is_set_aside(),
        )

    @api.model
    def _of(self, alias, model, contacts, readable):
        """The conditions on a document that the arguments of :meth:`_in_period` ask for.

        :rtype: list[odoo.tools.SQL]
        """
        conditions = []
        if contacts is not None:
            conditions.append(SQL("%s = ANY(%s)", SQL.identifier(alias, "partner_id"), contacts))
        if readable:
            Document = self.env[model]
            mine = Document._search([("partner_id", "in", contacts or [])]) if Document.has_access("read") else None
            conditions.append(SQL("%s IN %s", SQL.identifier(alias, "id"), mine.subselect()) if mine else SQL("FALSE"))
        return conditions
