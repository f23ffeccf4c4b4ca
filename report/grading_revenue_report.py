from odoo import api, fields, models
from odoo.tools import SQL

from ..models.base.fields import MonetaryOrUnknown
from ..models.base.guarded import LARGEST_KEY, guarded
from ..models.measure.grading_measure_document import ALL_CONTACTS

# What a document calls its salesperson and team; a further kind of document has neither.
SELLERS = {
    "sale.order": ("user_id", "team_id"),
    "account.move": ("invoice_user_id", "team_id"),
    "pos.order": ("user_id", "crm_team_id"),
}


class GradingRevenueReport(models.Model):
    """One document of a purchase, with what it counts for: an order, or an invoice where the company counts invoices,
    or a ticket; also what was returned without belonging to a purchase.

    What is a purchase, and how much of it counts, is what the measures say (``grading.measure._purchases``), so the
    totals are those of the customers' profiles. A user sees the documents that Odoo's own rules on orders and invoices
    leave to a salesperson: their own and those without one, or all.
    """

    _name = "grading.revenue.report"
    _inherit = ["grading.figures.report.mixin"]
    _description = "Revenue"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "name"

    name = fields.Char(string="Document", readonly=True)
    date = fields.Date(readonly=True)
    document_model = fields.Char(string="Kind of Document", readonly=True)
    document_id = fields.Many2oneReference(
        string="Record", model_field="document_model", aggregator=None, readonly=True
    )
    user_id = fields.Many2one(help="The salesperson of the document.")
    team_id = fields.Many2one(help="The sales team of the document.")
    grade_id = fields.Many2one(
        string="Grade Then",
        help="The grade at the end of the month; in the month that is running, the grade of today. Empty for months of "
        "which no snapshot is kept.",
    )
    grade_now_id = fields.Many2one("grading.grade", readonly=True, help="The grade in force now.")
    amount = fields.Monetary(string="Revenue", readonly=True, help="Untaxed, less what was credited or returned.")
    order_count = fields.Integer(
        string="Orders",
        readonly=True,
        help="1 for a purchase. Further invoices of the same order, returns and documents without an amount are none.",
    )
    margin = MonetaryOrUnknown(
        readonly=True,
        help="The margin of the order in the part of its amount that counts here: what was credited has none. Unknown "
        "of documents without an order.",
    )

    @property
    def _table_query(self):
        return self._of_companies()

    @api.model
    def _has_margin(self):
        """Whether orders have a margin: Odoo's ``sale_margin`` is installed."""
        return "margin" in self.env["sale.order"]._fields

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Without Sales margin there is no margin to show, filter by or export."""
        described = super().fields_get(allfields, attributes)
        if not self._has_margin():
            described.pop("margin", None)
        return described

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if not self._has_margin():
            for node in arch.xpath("//field[@name='margin']"):
                node.getparent().remove(node)
        return arch, view

    @api.model
    def _company_select(self, company):
        Measure = self._measure_of(company)
        today, counted = company._grading_today(), company.grading_amount_source
        with Measure._asking_once(ALL_CONTACTS):
            documents = Measure._purchase_documents(today, ALL_CONTACTS, counted)
            sources = Measure._purchase_sources(today, ALL_CONTACTS, counted)
        selects = [self._documents_select(company, select) for select in documents]
        known = [Measure._without_document(select) for select in documents]
        # What another module counts besides names no record.
        unnamed = (
            "SELECT *, NULL::varchar AS document_model, NULL::int AS document_id, NULL::int AS order_id"
            " FROM (%s) AS other (%s)"
        )
        columns = SQL("partner_id, day, moment, amount, is_order, name")
        selects += [
            self._documents_select(company, SQL(unnamed, source, columns)) for source in sources if source not in known
        ]
        return SQL(" UNION ALL ").join(selects)

    @api.model
    def _documents_select(self, company, documents):
        """The rows of one kind of source.

        The key is a hash of the whole row, as in :class:`grading.effort.report`: a ticket that brings back goods of
        several purchases has a row for each of them, maybe of the same amount.

        :param odoo.tools.SQL documents: see ``grading.measure._purchase_documents``
        """
        day = SQL("document.day")
        return SQL(
            """
            SELECT HASHTEXTEXTENDED(document::text, 0) & %(largest)s AS id,
                   document.name::varchar AS name, document.day AS date, document.document_model,
                   document.document_id, document.partner_id, %(company)s AS company_id,
                   %(user)s AS user_id, %(team)s AS team_id, %(grade_then)s AS grade_id,
                   present.grade_id AS grade_now_id,
                   document.amount, document.is_order::int AS order_count, %(margin)s AS margin
              FROM (%(documents)s) AS document
                   %(own)s
                   %(graded)s
         LEFT JOIN sale_order AS sale ON sale.id = document.order_id
             WHERE document.amount IS NOT NULL
            """,
            largest=LARGEST_KEY,
            company=company.id,
            user=self._seller(0),
            team=self._seller(1),
            grade_then=self._grade_then(day, company),
            margin=self._margin_to_sql(company),
            documents=documents,
            own=SQL(" ").join(
                SQL(
                    "LEFT JOIN %(table)s AS %(own)s ON document.document_model = %(model)s"
                    " AND %(own)s.id = document.document_id",
                    table=SQL.identifier(self.env[model]._table),
                    own=SQL.identifier(self._own(model)),
                    model=model,
                )
                for model in self._sold_by()
            ),
            graded=self._graded_joins(SQL("document"), day, company),
        )

    @api.model
    def _sold_by(self):
        """The kinds of documents that are installed.

        :rtype: list[str]
        """
        return [model for model in SELLERS if model in self.env]

    @api.model
    def _own(self, model):
        return f"own_{self.env[model]._table}"

    @api.model
    def _seller(self, place):
        """The salesperson (0) or team (1) of the document."""
        names = {model: SELLERS[model][place] for model in self._sold_by()}
        known = [
            SQL.identifier(self._own(model), name) for model, name in names.items() if name in self.env[model]._fields
        ]
        return SQL("COALESCE(%s)", SQL(", ").join([*known, SQL("NULL::int")]))

    @api.model
    def _margin_to_sql(self, company):
        """The margin of the order ``sale`` in proportion to the amount of the ``document``, or of all the orders that
        an invoice charges for, each by its part; of an order without an amount, such as a sample, the whole."""
        if not self._has_margin():
            return SQL("NULL::numeric")
        share = SQL(
            """
            document.amount * COALESCE((
                SELECT SUM(item.price_subtotal * charged.margin / NULLIF(charged.amount_untaxed, 0))
                       / NULLIF(SUM(item.price_subtotal), 0)
                  FROM account_move_line AS item
                  JOIN sale_order_line_invoice_rel AS link ON link.invoice_line_id = item.id
                  JOIN sale_order_line AS sold ON sold.id = link.order_line_id
                  JOIN sale_order AS charged ON charged.id = sold.order_id
                 WHERE item.move_id = CASE WHEN document.document_model = 'account.move' THEN document.document_id END
            ), sale.margin / NULLIF(sale.amount_untaxed, 0))
            """
        )
        whole = self._measure_of(company)._at_rate(
            SQL("sale.margin"),
            SQL.identifier("sale", "currency_rate"),
            SQL.identifier("sale", "currency_id"),
            SQL("sale.date_order::date"),
        )
        return SQL(
            "CASE WHEN document.document_model = 'sale.order' AND sale.amount_untaxed = 0 THEN %s ELSE %s END",
            whole,
            share,
        )

    @api.readonly
    @guarded(one=True)
    def action_open(self):
        """Open the document, or the customer where no record is behind the row."""
        if self.document_model and self.document_id:
            return self.env[self.document_model].browse(self.document_id).get_formview_action()
        return super().action_open()
