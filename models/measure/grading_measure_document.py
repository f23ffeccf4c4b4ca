from odoo import api, models
from odoo.tools import SQL

# Greater amounts are a slip of the keyboard or of an import: they are left out and named on the run.
SANE_AMOUNT = 10**15
# What was credited where nothing was.
NOTHING_CREDITED = SQL("SELECT NULL::int AS line_id, NULL::int AS order_id, NULL::numeric AS amount WHERE FALSE")
# What names the document that an invoice or credit note belongs to; the second comes with Odoo's debit notes.
ORIGINS = ("reversed_entry_id", "debit_origin_id")
# What is charged to customers, and credited. (In SQL they are written out, as in the indexes that go by them.)
CUSTOMER_MOVES = ("out_invoice", "out_refund", "out_receipt")
# The contacts of a run over all customers.
ALL_CONTACTS = SQL("res_partner")
# Those of a share of very many customers, see grading.worktable: going through all documents is better there, too.
SHARE_OF_CONTACTS = SQL.identifier("pg_temp", "grading_run_share_contacts")
MANY_CONTACTS = (ALL_CONTACTS, SHARE_OF_CONTACTS)
# What is read of an order.
ORDER_COLUMNS = (
    "id", "name", "partner_id", "company_id", "state", "date_order", "currency_id", "currency_rate", "amount_untaxed"
)  # fmt: skip


class GradingMeasure(models.AbstractModel):
    """What a purchase is, and which documents tell of it.

    A purchase is a commercial transaction with a positive net amount; it counts once, whatever documents it leaves.
    Returns and credit notes are taken off the purchase that they belong to, else they are deducted on their own day;
    either way they are no purchase. Everything that counts or sums up purchases reads :meth:`_purchases`; what else
    tells of purchases extends :meth:`_purchase_sources`.

    Nothing is read of a document that is later than the day that is judged: a credit note changes no earlier day.
    """

    _inherit = "grading.measure"

    @api.model
    def _purchases(self, as_of, contacts, counted=None):
        """What the customers have bought, untaxed and in the company's currency: ``SELECT partner_id, day, moment,
        amount, is_order, name``.

        A purchase has one row with ``is_order``; further rows of its amount, or what was returned, have none. A
        ``moment`` is known where the document has a time of day. What has no usable amount or currency rate has no
        ``amount``: it is left out, and named on the run.

        :param datetime.date as_of: nothing later than the end of this day is counted
        :param odoo.tools.SQL contacts: see :meth:`_sources`
        :param str counted: ``order`` or ``invoice``; what the company counts unless given
        :rtype: odoo.tools.SQL
        """
        counted = counted or self.env.company.grading_amount_source
        return SQL(" UNION ALL ").join(self._purchase_sources(as_of, contacts, counted))

    @api.model
    def _purchase_sources(self, as_of, contacts, counted):
        """The parts of :meth:`_purchases`, one ``SELECT`` for each kind of document; none counts what another does.

        :rtype: list[odoo.tools.SQL]
        """
        return [self._without_document(select) for select in self._purchase_documents(as_of, contacts, counted)]

    @api.model
    def _purchase_documents(self, as_of, contacts, counted):
        """The parts of :meth:`_purchase_sources` of which the record is known: further columns say which one it is,
        ``document_model`` and ``document_id``, and the order that it belongs to, ``order_id``, if any. A part with
        several rows of one document may have further ones that tell them apart.

        :rtype: list[odoo.tools.SQL]
        """
        netted = []
        if parts := self._documents_to_net(as_of, contacts, counted):
            netted = [self._net_documents(SQL(" UNION ALL ").join(parts))]
        return netted if counted == "invoice" else [self._order_purchases(as_of, contacts), *netted]

    @api.model
    def _documents_to_net(self, as_of, contacts, counted):
        """Documents of which several may belong to one purchase, as :meth:`_net_documents` takes them.

        :rtype: list[odoo.tools.SQL]
        """
        return [self._posted_invoices(as_of, contacts)] if counted == "invoice" else []

    @api.model
    def _without_document(self, select):
        """The columns of :meth:`_purchases` alone, out of one of the :meth:`_purchase_documents`."""
        return SQL("SELECT partner_id, day, moment, amount, is_order, name FROM (%s) AS document", select)

    @api.model
    def _unusable_documents(self, as_of, contacts):
        """``SELECT name`` of the documents that are left out: their amount or currency rate is no usable number."""
        return SQL(
            "SELECT purchase.name FROM (%s) AS purchase WHERE purchase.amount IS NULL",
            self._purchases(as_of, contacts),
        )

    # ------------------------------------------------------------
    # Confirmed orders
    # ------------------------------------------------------------

    @api.model
    def _order_purchases(self, as_of, contacts):
        """Confirmed orders, each less what was credited on its lines, on its own day and at its own rate.

        An order goes along with its contact to another company. OFFSET 0: moment and amount are computed once.
        """
        joins = SQL("LEFT JOIN (%s) AS credited ON credited.order_id = sale.id", self._credited_orders(as_of, contacts))
        net = SQL(
            "CASE WHEN credited.order_id IS NULL THEN sale.amount_untaxed"
            # All lines were credited: what their rounded amounts differ by from the order's is no purchase.
            " WHEN credited.amount >= credited.ordered THEN credited.ordered - credited.amount"
            " ELSE sale.amount_untaxed - credited.amount END"
        )
        return SQL(
            """
            SELECT placed.partner_id, placed.moment::date AS day, placed.moment,
                   CASE WHEN ABS(placed.amount) <= %(sane)s THEN placed.amount END AS amount,
                   (placed.amount > 0 AND placed.amount <= %(sane)s) IS TRUE AS is_order, placed.name,
                   'sale.order'::varchar AS document_model, placed.id AS document_id, placed.id AS order_id
              FROM (
                SELECT contact.commercial_partner_id AS partner_id, sale.id,
                       sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s AS moment,
                       %(amount)s AS amount, sale.name
                %(orders)s OFFSET 0
              ) AS placed
            """,
            sane=SANE_AMOUNT,
            tz=self.env.company._grading_tz(),
            amount=self._at_rate(
                net,
                SQL.identifier("sale", "currency_rate"),
                SQL.identifier("sale", "currency_id"),
                SQL("sale.date_order::date"),
            ),
            orders=self._confirmed_orders(as_of, contacts, joins),
        )

    @api.model
    def _confirmed_orders(self, as_of, contacts, joins=None):
        """``FROM … WHERE …`` of the confirmed orders of the environment's company, up to the end of the day there.

        :param odoo.tools.SQL joins: what else is read of ``sale``, an order, of which the ORDER_COLUMNS are known
        """
        return SQL(
            """
              FROM %(orders)s AS sale
              JOIN %(contacts)s AS contact ON contact.id = sale.partner_id
                   %(joins)s
             WHERE sale.company_id = %(company)s AND sale.state = 'sale'
               AND sale.date_order < %(end)s
            """,
            orders=self._orders_of(contacts),
            contacts=contacts,
            joins=joins or SQL(),
            company=self.env.company.id,
            end=self._end_of_day(as_of),
        )

    @api.model
    def _orders_of(self, contacts):
        """Where orders are read from, with the ORDER_COLUMNS: all of them, those of the ``contacts`` among them."""
        return SQL("(SELECT %s FROM sale_order)", SQL(", ").join(map(SQL.identifier, ORDER_COLUMNS)))

    @api.model
    def _credited_orders(self, as_of, contacts):
        """The confirmed orders with credited lines: ``SELECT order_id, amount, ordered``, what was credited for good
        and what all lines come to, in the order's currency."""
        return SQL(
            """
            SELECT line.order_id, SUM(line.amount) AS amount,
                   (SELECT SUM(price_subtotal) FROM sale_order_line WHERE order_id = line.order_id) AS ordered
              FROM (%s) AS line
          GROUP BY line.order_id
            """,
            self._credited_lines(as_of, contacts),
        )

    @api.model
    def _credited_lines(self, as_of, contacts):
        """What was credited on lines of orders and not invoiced anew: ``SELECT line_id, order_id, amount``, in the
        order's currency; a down payment that is credited takes nothing off.

        Of a line, that is max(0, credited - max(0, invoiced - ordered)); of one with a negative amount (a discount),
        the same with the other sign. Each step looks up what the one before has found, so that no table is scanned for
        the few lines that are on a credit note, whatever a run allows the planner. Where no line is, which is quickly
        found out, there is nothing to plan.
        """
        lines = self._lines_with_credit_notes(as_of, contacts)
        if not self._is_any(lines, contacts):
            return NOTHING_CREDITED
        return SQL(
            """
            WITH touched AS MATERIALIZED (%(touched)s),
            sold AS MATERIALIZED (
                SELECT id, order_id, COALESCE(price_subtotal, 0) AS ordered, CASE WHEN price_subtotal < 0 THEN -1 ELSE 1
                       END AS sign
                  FROM sale_order_line WHERE id = ANY(ARRAY(SELECT line_id FROM touched)) AND is_downpayment IS NOT TRUE
            ), sale AS MATERIALIZED (
                SELECT id, currency_id, currency_rate FROM sale_order WHERE id = ANY(ARRAY(SELECT order_id FROM sold))
            ), link AS MATERIALIZED (
                SELECT order_line_id, invoice_line_id FROM sale_order_line_invoice_rel
                 WHERE order_line_id = ANY(ARRAY(SELECT id FROM sold))
            ), item AS MATERIALIZED (
                SELECT id, move_id, currency_id, price_subtotal, balance FROM account_move_line
                 WHERE id = ANY(ARRAY(SELECT invoice_line_id FROM link))
            ), move AS MATERIALIZED (
                SELECT id, move_type FROM account_move
                 WHERE id = ANY(ARRAY(SELECT move_id FROM item)) AND state = 'posted'
                   AND move_type IN ('out_invoice', 'out_refund') AND invoice_date <= %(as_of)s
            )
            SELECT line.line_id, line.order_id,
                   line.sign * GREATEST(0, line.sign * line.credited - GREATEST(
                       0, line.sign * (COALESCE(line.invoiced, 0) - line.ordered)
                   )) AS amount
              FROM (
                SELECT sold.id AS line_id, sold.order_id, sold.ordered, sold.sign,
                       SUM(%(amount)s) FILTER (WHERE move.move_type = 'out_refund') AS credited,
                       SUM(%(amount)s) FILTER (WHERE move.move_type = 'out_invoice') AS invoiced
                  FROM sold
                  JOIN sale ON sale.id = sold.order_id
                  JOIN link ON link.order_line_id = sold.id
                  JOIN item ON item.id = link.invoice_line_id
                  JOIN move ON move.id = item.move_id
              GROUP BY sold.id, sold.order_id, sold.ordered, sold.sign
              ) AS line
             WHERE ABS(line.credited) <= %(sane)s AND (ABS(line.invoiced) <= %(sane)s) IS NOT FALSE
            """,
            # The same currency as the order's, if possible: then what is credited in full comes to nothing.
            amount=SQL(
                "CASE WHEN item.currency_id = sale.currency_id THEN item.price_subtotal"
                " ELSE CASE move.move_type WHEN 'out_refund' THEN item.balance ELSE -item.balance END"
                " * sale.currency_rate END"
            ),
            touched=lines,
            as_of=as_of,
            sane=SANE_AMOUNT,
        )

    @api.model
    def _lines_with_credit_notes(self, as_of, contacts):
        """``SELECT line_id`` of the orders' lines that appear on a posted credit note: of very many customers those of
        all, by way of the credit notes, of some theirs, by way of their orders."""
        note = SQL(
            "note.company_id = %s AND note.state = 'posted' AND note.move_type = 'out_refund'"
            " AND note.invoice_date <= %s",
            self.env.company.id,
            as_of,
        )
        if contacts in MANY_CONTACTS:
            return SQL(
                """
                SELECT DISTINCT link.order_line_id AS line_id FROM sale_order_line_invoice_rel AS link
                 WHERE link.invoice_line_id = ANY(ARRAY(
                    SELECT item.id FROM account_move_line AS item
                     WHERE item.move_id = ANY(ARRAY(SELECT note.id FROM account_move AS note WHERE %s))
                 ))
                """,
                note,
            )
        # Their orders are found first: else the planner may go through all orders, in the hope of an early find.
        return SQL(
            """
            SELECT DISTINCT sold.id AS line_id
              FROM sale_order_line AS sold
              JOIN sale_order_line_invoice_rel AS link ON link.order_line_id = sold.id
              JOIN account_move_line AS item ON item.id = link.invoice_line_id
              JOIN account_move AS note ON note.id = item.move_id
             WHERE sold.order_id = ANY(ARRAY(SELECT sale.id %s)) AND %s
            """,
            self._confirmed_orders(as_of, contacts),
            note,
        )

    # ------------------------------------------------------------
    # Posted invoices
    # ------------------------------------------------------------

    @api.model
    def _posted_invoices(self, as_of, contacts):
        """Posted invoices, receipts and credit notes, as :meth:`_net_documents` takes them.

        They belong to the company that they were posted for, also after the contact has moved to another one.
        """
        currency, day = SQL.identifier("move", "currency_id"), SQL.identifier("move", "invoice_date")
        joins, purchase = self._purchase_of_invoice()
        origin, origin_id = self._origin_of_invoice()
        return SQL(
            """
            SELECT contact.commercial_partner_id AS partner_id, 'account.move'::varchar AS document_model, move.id,
                   move.name, move.invoice_date AS day, NULL::timestamp AS moment, %(amount)s AS amount,
                   move.amount_untaxed_in_currency_signed AS own_amount, move.currency_id, %(purchase)s AS purchase
              FROM account_move AS move
              JOIN %(contacts)s AS contact ON contact.id = move.commercial_partner_id
                   %(origin)s
         LEFT JOIN account_move_line AS item ON item.move_id = %(origin_id)s AND item.display_type = 'product'
         LEFT JOIN sale_order_line_invoice_rel AS link ON link.invoice_line_id = item.id
         LEFT JOIN sale_order_line AS sold ON sold.id = link.order_line_id
                   %(joins)s
             WHERE move.company_id = %(company)s AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt') AND move.invoice_date <= %(as_of)s
          GROUP BY contact.commercial_partner_id, move.id, %(origin_id)s
            """,
            amount=self._invoiced_amount(currency, day),
            purchase=purchase,
            contacts=contacts,
            origin=origin,
            origin_id=origin_id,
            joins=joins,
            company=self.env.company.id,
            as_of=as_of,
        )

    @api.model
    def _invoiced_amount(self, currency, day):
        """What the posted ``move`` charges, less than nothing where it credits, in the company's currency."""
        return SQL(
            "CASE WHEN %(unrated)s THEN move.amount_untaxed_in_currency_signed / (%(entered)s)"
            " ELSE move.amount_untaxed_signed END",
            unrated=self._is_unrated(SQL.identifier("move", "invoice_currency_rate"), currency, day),
            entered=self._entered_rate(currency, day),
        )

    @api.model
    def _purchase_of_invoice(self):
        """To which purchase a ``move`` belongs: the order that it comes from, of several the first; without an order
        the invoice itself, with what reverses it.

        :return: what is joined, and the key: that of an order is positive
        :rtype: tuple[odoo.tools.SQL, odoo.tools.SQL]
        """
        return SQL(), SQL("COALESCE(MIN(sold.order_id), -%s)", self._origin_of_invoice()[1])

    @api.model
    def _origin_of_invoice(self):
        """The invoice that a ``move`` reverses, or of which it reverses a credit note, else the move itself; a debit
        note, where that app is installed, charges for the same purchase as well.

        :return: what is joined, and the id
        :rtype: tuple[odoo.tools.SQL, odoo.tools.SQL]
        """
        names = [name for name in ORIGINS if name in self.env["account.move"]._fields]
        move, origin = (SQL(", ").join(SQL.identifier(alias, name) for name in names) for alias in ("move", "origin"))
        return (
            SQL("LEFT JOIN account_move AS origin ON origin.id = COALESCE(%s)", move),
            SQL("COALESCE(%s, origin.id, move.id)", origin),
        )

    @api.model
    def _net_documents(self, documents):
        """Purchases of several documents as :meth:`_purchase_documents` gives them.

        The purchase counts on the day of its first document, its amount on the days of those that charge for it: what
        was credited is taken off each of them alike; credit notes of no document are deducted on their own days. What
        was credited in full in one foreign currency is no purchase; the part of the rates stays in the amount.

        :param odoo.tools.SQL documents: ``SELECT partner_id, document_model, id, name, day, moment, amount, own_amount,
            currency_id, purchase``: the amounts in the company's currency and in that of the document; the last is the
            order where it is positive
        """
        return SQL(
            """
            SELECT netted.partner_id, netted.day, netted.moment,
                   CASE WHEN netted.gross > 0 AND netted.amount IS NOT NULL
                        THEN GREATEST(netted.amount, 0) * netted.net / netted.gross ELSE netted.amount END AS amount,
                   (netted.place = 1 AND netted.amount > 0 AND netted.net > 0 AND netted.is_left) IS TRUE AS is_order,
                   netted.name, netted.document_model, netted.id AS document_id,
                   CASE WHEN netted.purchase > 0 THEN netted.purchase END AS order_id, netted.purchase
              FROM (
                SELECT document.*, SUM(document.amount) OVER whole AS net,
                       SUM(GREATEST(document.amount, 0)) OVER whole AS gross, %(is_left)s AS is_left,
                       ROW_NUMBER() OVER (
                           whole ORDER BY document.amount > 0 DESC NULLS LAST,
                                          document.day, document.moment, document.id
                       ) AS place
                  FROM (
                    SELECT partner_id, document_model, id, name, day, moment, purchase,
                           CASE WHEN ABS(amount) <= %(sane)s THEN amount END AS amount,
                           CASE WHEN ABS(amount) <= %(sane)s THEN own_amount END AS own_amount, currency_id
                      FROM (%(documents)s OFFSET 0) AS raw
                  ) AS document
                WINDOW whole AS (PARTITION BY document.partner_id, document.purchase)
              ) AS netted
            """,
            is_left=self._is_left_in_one_currency(),
            sane=SANE_AMOUNT,
            documents=documents,
        )
