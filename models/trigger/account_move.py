from odoo import api, models


class AccountMove(models.Model):
    """An invoice that is posted, changes or is taken back: its customer is scored again."""

    _inherit = "account.move"

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
        """The customers for whom these documents are measured: of posted invoices and credit notes.

        :return: pairs of contact and company
        :rtype: set
        """
        return {
            (move.partner_id, move.company_id)
            for move in self
            if move.state == "posted" and move.move_type in ("out_invoice", "out_refund")
        }

    @api.model
    def _grading_measured_fields(self):
        """Names of the stored fields that the measures read.

        :rtype: set[str]
        """
        return {"state", "partner_id", "invoice_date", "invoice_date_due", "company_id"}
