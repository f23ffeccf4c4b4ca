from odoo import api, models
from odoo.tools import SQL

# Tickets are told from invoices among the keys of purchases by numbers that no invoice reaches.
TICKETS = 10**12


def _joined(name):
    """A column of the line that is joined as ``returned``."""
    return SQL.identifier("returned", name)


class GradingMeasure(models.AbstractModel):
    """What named customers buy at the point of sale, where that app is installed; nothing here depends on it.

    A ticket that settles a sales order, and one that was invoiced, is counted once: where orders count, the order and
    the ticket; where invoices count, the ticket and the invoice. What is brought back, at the counter or by a credit
    note for the ticket's invoice, is taken off the purchase, whichever document tells of that.
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
    def _documents_to_net(self, as_of, contacts, counted):
        parts = super()._documents_to_net(as_of, contacts, counted)
        if not self._has_tickets():
            return parts
        parts = [*parts, self._ticket_purchases(as_of, contacts, counted)]
        return parts if counted == "invoice" else [*parts, self._ticket_credits(as_of, contacts)]

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
        """Paid tickets, as :meth:`_net_documents` takes them; what was brought back belongs to the ticket on which it
        was sold, and what settles an order to the order."""
        purchase = SQL("COALESCE(%s, %s)", self._settled_order(), self._key_of_ticket())
        return SQL(
            """
            SELECT sold.partner_id, 'pos.order'::varchar AS document_model, sold.id, sold.name,
                   sold.moment::date AS day, sold.moment, sold.amount, sold.own_amount, sold.currency_id, sold.purchase
              FROM (
                SELECT contact.commercial_partner_id AS partner_id, ticket.id, ticket.name,
                       ticket.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s AS moment,
                       %(amount)s AS amount, SUM(line.price_subtotal) AS own_amount,
                       COALESCE(journal.currency_id, %(currency)s) AS currency_id, %(purchase)s AS purchase
                %(tickets)s
              GROUP BY contact.commercial_partner_id, ticket.id, journal.currency_id, %(purchase)s
                OFFSET 0
              ) AS sold
            """,
            tz=self.env.company._grading_tz(),
            currency=self.env.company.currency_id.id,
            amount=self._at_rate(
                SQL("SUM(line.price_subtotal)"),
                SQL.identifier("ticket", "currency_rate"),
                SQL.identifier("journal", "currency_id"),
                SQL("ticket.date_order::date"),
            ),
            purchase=purchase,
            tickets=self._paid_tickets(as_of, contacts, counted),
        )

    @api.model
    def _settled_order(self, returned=None):
        """The sales order that a ``line`` settles, or that the line did which is ``returned``; NULL if none.

        :param returned: a function of a column's name, see :meth:`_look_up_returned`; a join by that name without one
        """
        if not self._settles_orders():
            return SQL("NULL::int")
        origin = (returned or _joined)("sale_order_origin_id")
        return SQL("COALESCE(%s, line.sale_order_origin_id)", origin)

    @api.model
    def _key_of_ticket(self, returned=None):
        """The key of the ticket on which the goods of a ``line`` were sold, among those of :meth:`_net_documents`."""
        return SQL("-(%s + COALESCE(%s, line.order_id))", TICKETS, (returned or _joined)("order_id"))

    @api.model
    def _look_up_returned(self, name):
        """A column of the line of which a ``line`` brings goods back, looked up: what is carried out for each row must
        join nothing, since a run over all takes no nested loops."""
        return SQL(
            "(SELECT returned.%s FROM pos_order_line AS returned WHERE returned.id = line.refunded_orderline_id)",
            SQL.identifier(name),
        )

    @api.model
    def _purchase_of_invoice(self):
        joins, purchase = super()._purchase_of_invoice()
        if not self._has_tickets():
            return joins, purchase
        counter = SQL(
            """
         LEFT JOIN LATERAL (
            SELECT MIN(%(order)s) AS order_id, MAX(%(ticket)s) AS ticket
              FROM pos_order_line AS line
             WHERE line.order_id = ANY(ARRAY(
                   SELECT ticket.id FROM pos_order AS ticket WHERE ticket.account_move = %(origin_id)s))
         ) AS counter ON TRUE
            """,
            order=self._settled_order(self._look_up_returned),
            ticket=self._key_of_ticket(self._look_up_returned),
            origin_id=self._origin_of_invoice()[1],
        )
        keys = SQL("COALESCE(MIN(sold.order_id), MIN(counter.order_id), MAX(counter.ticket), %s)", purchase)
        return SQL("%s %s", joins, counter), keys

    @api.model
    def _counter_credits(self, as_of, contacts):
        """``FROM … WHERE …`` of what credits invoices of tickets, or charges them again, and of which no ticket tells:
        each ``move`` with a ``ticket`` of the invoice, the order that this one ``settled``, if any, and which share of
        it was no down payment."""
        order, share = SQL("NULL::int"), SQL("1")
        origin, origin_id = self._origin_of_invoice()
        if self._settles_orders():
            order = SQL(
                "MIN((SELECT sale.id FROM sale_order AS sale"
                " WHERE sale.id = line.sale_order_origin_id AND sale.state = 'sale'))"
            )
            share = SQL(
                "COALESCE(SUM(line.price_subtotal) FILTER (WHERE line.product_id IS DISTINCT FROM ("
                "SELECT config.down_payment_product_id FROM pos_config AS config"
                " WHERE config.id = (SELECT own.config_id FROM pos_order AS own WHERE own.id = line.order_id))), 0)"
                " / NULLIF(SUM(line.price_subtotal), 0)"
            )
        # For each of them, so looked up and not joined, see _look_up_returned.
        return SQL(
            """
              FROM account_move AS move
              JOIN %(contacts)s AS contact ON contact.id = move.commercial_partner_id
                   %(origin)s
              JOIN LATERAL (
                SELECT line.order_id AS id, %(order)s AS order_id, %(share)s AS share
                  FROM pos_order_line AS line
                 WHERE line.order_id = (SELECT MIN(invoiced.id) FROM pos_order AS invoiced
                                         WHERE invoiced.account_move = %(origin_id)s
                                           AND invoiced.state IN ('paid', 'done'))
              GROUP BY line.order_id
              ) AS ticket ON TRUE
         LEFT JOIN LATERAL (
                SELECT sale.* FROM sale_order AS sale WHERE sale.id = ticket.order_id LIMIT 1
              ) AS settled ON TRUE
             WHERE move.company_id = %(company)s AND move.state = 'posted' AND move.invoice_date <= %(as_of)s
               AND move.move_type IN ('out_refund', 'out_invoice') AND origin.id IS NOT NULL
               AND NOT EXISTS (SELECT FROM pos_order AS own WHERE own.account_move = move.id)
            """,
            contacts=contacts,
            order=order,
            share=share,
            origin=origin,
            origin_id=origin_id,
            company=self.env.company.id,
            as_of=as_of,
        )

    @api.model
    def _ticket_credits(self, as_of, contacts):
        """What was credited of the invoices of tickets, where the tickets count, as :meth:`_net_documents` takes it."""
        return SQL(
            """
            SELECT contact.commercial_partner_id AS partner_id, 'account.move'::varchar AS document_model, move.id,
                   move.name, move.invoice_date AS day, NULL::timestamp AS moment, %s AS amount,
                   move.amount_untaxed_in_currency_signed AS own_amount, move.currency_id,
                   -(%s + ticket.id) AS purchase
                   %s AND settled.id IS NULL
            """,
            self._invoiced_amount(SQL.identifier("move", "currency_id"), SQL.identifier("move", "invoice_date")),
            TICKETS,
            self._counter_credits(as_of, contacts),
        )

    @api.model
    def _credited_lines(self, as_of, contacts):
        """What was brought back at the counter of orders that were settled there takes as much off, and what was
        credited of the invoice made there: of the latter it is not known of which line."""
        lines = super()._credited_lines(as_of, contacts)
        if not self._settles_orders():
            return lines
        # Of a customer whom several have referred, each of them asks: what was credited is one amount all the same.
        contacts = SQL("(SELECT DISTINCT given.id FROM %s AS given)", contacts)
        return SQL(
            """
            SELECT credited.line_id, credited.order_id, SUM(credited.amount) AS amount
              FROM (
                SELECT noted.line_id, noted.order_id, noted.amount FROM (%(lines)s) AS noted
             UNION ALL
                SELECT returned.sale_order_line_id, settled.id,
                       -line.price_subtotal * CASE WHEN COALESCE(journal.currency_id, %(currency)s)
                                                      = settled.currency_id THEN 1
                                                   ELSE settled.currency_rate / NULLIF(ticket.currency_rate, 0) END
                  FROM sale_order AS settled
                  JOIN %(contacts)s AS contact ON contact.id = settled.partner_id
                  JOIN pos_order_line AS returned ON returned.sale_order_origin_id = settled.id
                  JOIN pos_order_line AS line ON line.refunded_orderline_id = returned.id
                  JOIN pos_order AS ticket ON ticket.id = line.order_id
                  JOIN pos_config AS config ON config.id = ticket.config_id
             LEFT JOIN account_journal AS journal ON journal.id = ticket.sale_journal
                 WHERE settled.state = 'sale' AND ticket.company_id = %(company)s
                   AND ticket.state IN ('paid', 'done') AND ticket.date_order < %(end)s
                   AND returned.product_id IS DISTINCT FROM config.down_payment_product_id
             UNION ALL
                SELECT NULL, settled.id,
                       -move.amount_untaxed_in_currency_signed * ticket.share * CASE
                           WHEN move.currency_id = settled.currency_id THEN 1
                           ELSE settled.currency_rate / NULLIF(move.invoice_currency_rate, 0) END
                %(credits)s AND settled.id IS NOT NULL
              ) AS credited
          GROUP BY credited.line_id, credited.order_id
            """,
            lines=lines,
            contacts=contacts,
            currency=self.env.company.currency_id.id,
            company=self.env.company.id,
            end=self._end_of_day(as_of),
            credits=self._counter_credits(as_of, contacts),
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
        or paid back; what is brought back of it is deducted there.
        """
        if counted == "invoice":
            joins = SQL("LEFT JOIN account_move AS move ON move.id = ticket.account_move")
            return joins, SQL("(move.state = 'posted' AND move.invoice_date <= %s) IS NOT TRUE", as_of)
        if not self._settles_orders():
            return SQL(), SQL("TRUE")
        joins = SQL("LEFT JOIN sale_order AS settled ON settled.id = %s", self._settled_order())
        return joins, SQL("(settled.state = 'sale') IS NOT TRUE")
