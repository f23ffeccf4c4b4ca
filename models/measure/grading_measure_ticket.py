from odoo import api, models
from odoo.tools import SQL


class GradingMeasure(models.AbstractModel):
    """What named customers buy at the point of sale, where that app is installed; nothing here depends on it.

    A ticket that settles a sales order, and one that was invoiced, is counted once: where orders count, the order and
    the ticket; where invoices count, the ticket and the invoice.
    """

    _inherit = "grading.measure"

    @api.model
    def _has_tickets(self):
        return "pos.order" in self.env

    @api.model
    def _has_tickets_to_sql(self, company):
        """Whether ``contact`` has a ticket in any state.

        :param odoo.tools.SQL company: what follows ``company_id``
        """
        if not self._has_tickets():
            return SQL("FALSE")
        return SQL("EXISTS (SELECT FROM pos_order WHERE partner_id = contact.id AND company_id %s)", company)

    @api.model
    def _first_ticket_to_sql(self):
        """The moment of the first ticket of the environment's company, in UTC; NULL before there is one."""
        if not self._has_tickets():
            return SQL("NULL::timestamp")
        return SQL("(SELECT MIN(date_order) FROM pos_order WHERE company_id = %s)", self.env.company.id)

    @api.model
    def _settles_orders(self):
        """Whether tickets can settle sales orders: Odoo's ``pos_sale`` is installed."""
        return self._has_tickets() and "sale_order_origin_id" in self.env["pos.order.line"]._fields

    @api.model
    def _purchase_documents(self, as_of, contacts, counted):
        documents = super()._purchase_documents(as_of, contacts, counted)
        if not self._has_tickets():
            return documents
        return {**documents, "pos.order": self._ticket_purchases(as_of, contacts, counted)}

    @api.model
    def _bought_products(self, as_of, contacts):
        selects = super()._bought_products(as_of, contacts)
        if not self._has_tickets():
            return selects
        tickets = self._paid_tickets(as_of, contacts, "order")
        bought = SQL("SELECT contact.commercial_partner_id AS partner_id, line.product_id %s AND line.qty > 0", tickets)
        return [*selects, bought]

    @api.model
    def _bought_amounts(self, as_of, contacts):
        selects = super()._bought_amounts(as_of, contacts)
        if not self._has_tickets():
            return selects
        amount = self._at_rate(
            SQL("line.price_subtotal"),
            SQL.identifier("ticket", "currency_rate"),
            SQL.identifier("journal", "currency_id"),
            SQL("ticket.date_order::date"),
        )
        tickets = self._paid_tickets(as_of, contacts, "order")
        return [
            *selects,
            SQL("SELECT line.product_id, ticket.date_order AS moment, %s AS amount %s", amount, tickets),
        ]

    @api.model
    def _ticket_purchases(self, as_of, contacts, counted):
        """Paid tickets; what was brought back is taken off the ticket on which it was sold."""
        purchase = SQL("COALESCE(returned.order_id, ticket.id)")
        if self._settles_orders():
            purchase = SQL("COALESCE(-returned.sale_order_origin_id, -line.sale_order_origin_id, %s)", purchase)
        return self._net_documents(
            SQL(
                """
                SELECT sold.partner_id, sold.id, sold.name, sold.moment::date AS day, sold.moment, sold.amount,
                       sold.purchase
                  FROM (
                    SELECT contact.commercial_partner_id AS partner_id, ticket.id, ticket.name,
                           ticket.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s AS moment,
                           %(amount)s AS amount, %(purchase)s AS purchase
                    %(tickets)s
                  GROUP BY contact.commercial_partner_id, ticket.id, journal.currency_id, %(purchase)s
                    OFFSET 0
                  ) AS sold
                """,
                tz=self.env.company._grading_tz(),
                amount=self._at_rate(
                    SQL("SUM(line.price_subtotal)"),
                    SQL.identifier("ticket", "currency_rate"),
                    SQL.identifier("journal", "currency_id"),
                    SQL("ticket.date_order::date"),
                ),
                purchase=purchase,
                tickets=self._paid_tickets(as_of, contacts, counted),
            ),
            order=SQL("CASE WHEN netted.purchase < 0 THEN -netted.purchase END"),
        )

    @api.model
    def _paid_tickets(self, as_of, contacts, counted):
        """``FROM … WHERE …`` of the lines of paid tickets of the environment's company, up to the end of the day there,
        without those that an order or invoice counts."""
        joins, condition = self._ticket_is_counted(as_of, counted)
        return SQL(
            """
              FROM pos_order AS ticket
              JOIN %(contacts)s AS contact ON contact.id = ticket.partner_id
              JOIN pos_order_line AS line ON line.order_id = ticket.id
         LEFT JOIN pos_order_line AS returned ON returned.id = line.refunded_orderline_id
         LEFT JOIN account_journal AS journal ON journal.id = ticket.sale_journal
                   %(joins)s
             WHERE ticket.company_id = %(company)s AND ticket.state IN ('paid', 'done')
               AND ticket.date_order < %(end)s AND %(condition)s
            """,
            contacts=contacts,
            joins=joins,
            company=self.env.company.id,
            end=self._end_of_day(as_of),
            condition=condition,
        )

    @api.model
    def _ticket_is_counted(self, as_of, counted):
        """What is joined to a ``line`` of a ticket, and the condition on which no order or invoice counts it.

        Where orders count, a line that settles a confirmed order is counted there, and its down payment as well, paid
        or paid back. What is brought back of it is deducted.
        """
        if counted == "invoice":
            joins = SQL("LEFT JOIN account_move AS move ON move.id = ticket.account_move")
            return joins, SQL("(move.state = 'posted' AND move.invoice_date <= %s) IS NOT TRUE", as_of)
        if not self._settles_orders():
            return SQL(), SQL("TRUE")
        joins = SQL(
            """
         LEFT JOIN sale_order AS settled
                ON settled.id = COALESCE(line.sale_order_origin_id, returned.sale_order_origin_id)
         LEFT JOIN pos_config AS config ON config.id = ticket.config_id
            """
        )
        return joins, SQL(
            "(settled.state = 'sale' AND"
            " (line.refunded_orderline_id IS NULL OR line.product_id = config.down_payment_product_id)) IS NOT TRUE"
        )
