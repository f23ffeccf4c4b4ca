from odoo import api, models

from ..measure.grading_measure_document import CUSTOMER_MOVES


class AccountMove(models.Model):
    """An invoice that is posted, changes or is taken back: its customer is scored again, and so are those of the orders
    on it, whose amount a credit note changes."""

    _inherit = "account.move"

    _grading_customer_index = models.Index(
        "(commercial_partner_id) WHERE move_type IN ('out_invoice', 'out_refund', 'out_receipt')"
    )

    def write(self, vals):
        if not self._grading_measured_fields() & vals.keys():
            return super().write(vals)
        former = self._grading_customers()
        res = super().write(vals)
        self.env["grading.queue"]._enqueue(former | self._grading_customers())
        return res

    def _grading_enqueue(self):
        self.env["grading.queue"]._enqueue(self._grading_customers())

    def _grading_customers(self):
        """The customers for whom these documents are measured: of posted invoices, receipts and credit notes.

        :return: pairs of contact and company
        :rtype: set
        """
        posted = self.sudo().filtered(lambda move: move.state == "posted" and move.move_type in CUSTOMER_MOVES)
        customers = {(move.commercial_partner_id, move.company_id) for move in posted}
        orders = posted.line_ids.sale_line_ids.order_id
        return customers | {(order.partner_id, order.company_id) for order in orders if order.state == "sale"}

    @api.model
    def _grading_measured_fields(self):
        """Names of the stored fields that the measures read.

        :rtype: set[str]
        """
        return {"state", "partner_id", "invoice_date", "invoice_date_due", "company_id", "reversed_entry_id"}
