from odoo import api, fields, models
from odoo.tools import SQL

from ..models.base.guarded import guarded
from ..models.measure.grading_measure_document import ALL_CONTACTS


class GradingPaymentReport(models.Model):
    """One due date of a customer's invoice that was paid, or is overdue, and how many days late that is.

    The measure *Average days late* of a customer is the mean of these (``grading.measure._due_items``).
    """

    _name = "grading.payment.report"
    _inherit = ["grading.figures.report.mixin"]
    _description = "Days Late"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "move_id"

    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    date = fields.Date(string="Due Date", readonly=True)
    paid_date = fields.Date(string="Paid on", readonly=True)
    state = fields.Selection([("paid", "Paid"), ("overdue", "Overdue")], string="Status", readonly=True)
    user_id = fields.Many2one(help="The salesperson of the invoice.")
    team_id = fields.Many2one(help="The sales team of the invoice.")
    grade_id = fields.Many2one(
        string="Grade Then",
        help="The grade at the end of the month of the due date; in the month that is running, the grade of today.",
    )
    amount = fields.Monetary(
        string="Amount Due",
        readonly=True,
        help="With taxes, in the company's currency: what is open of an overdue invoice, all of a paid one.",
    )
    days_late = fields.Float(
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="From the due date to the payment: early payments are negative, overdue amounts as late as today.",
    )

    @property
    def _table_query(self):
        return self._of_companies()

    @api.model
    def _company_select(self, company):
        today, day = company._grading_today(), SQL("due.date_maturity")
        return SQL(
            """
            SELECT due.id, due.move_id, due.date_maturity AS date, due.partner_id, %(company)s AS company_id,
                   CASE WHEN due.is_open THEN 'overdue' ELSE 'paid' END AS state,
                   CASE WHEN NOT due.is_open THEN due.paid_on END AS paid_date,
                   own.invoice_user_id AS user_id, own.team_id, %(grade_then)s AS grade_id,
                   CASE WHEN due.is_open THEN item.amount_residual + COALESCE(later.amount, 0) ELSE item.balance
                    END * %(correction)s AS amount,
                   (CASE WHEN due.is_open THEN DATE %(today)s ELSE due.paid_on END - due.date_maturity)::float8
                       AS days_late
              FROM (%(due)s) AS due
         LEFT JOIN account_move AS own ON own.id = due.move_id
         LEFT JOIN account_move_line AS item ON item.id = due.id
         LEFT JOIN %(settled_later)s AS later ON later.line_id = due.id
                   %(graded)s
            """,
            company=company.id,
            today=today,
            grade_then=self._grade_then(day, company),
            correction=self._measure_of(company)._correction_of_invoice("own"),
            due=self._measure_of(company)._due_items(today, ALL_CONTACTS),
            settled_later=self._measure_of(company)._settled_later(today, ALL_CONTACTS),
            graded=self._graded_joins(SQL("due"), day, company),
        )

    @api.readonly
    @guarded(one=True)
    def action_open(self):
        """Open the invoice."""
        return self.move_id.get_formview_action()
