from odoo import api, models

MEASURED_FIELDS = {"state", "partner_id", "invoice_date", "invoice_date_due", "company_id"}
CUSTOMER_MOVES = ("out_invoice", "out_refund")


class AccountMove(models.Model):
    _inherit = "account.move"

    def write(self, vals):
        res = super().write(vals)
        if MEASURED_FIELDS & vals.keys():
            self._grading_enqueue()
        return res

    def _grading_enqueue(self):
        self.env["grading.queue"]._enqueue(
            (move.partner_id, move.company_id) for move in self if move.move_type in CUSTOMER_MOVES
        )


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._grading_moves()._grading_enqueue()
        return partials

    def unlink(self):
        moves = self._grading_moves()
        res = super().unlink()
        moves.exists()._grading_enqueue()
        return res

    def _grading_moves(self):
        return self.debit_move_id.move_id | self.credit_move_id.move_id
