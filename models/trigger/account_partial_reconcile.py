from odoo import api, models


class AccountPartialReconcile(models.Model):
    """A payment that is matched with an invoice, or taken off it: how late the customer pays is measured again."""

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
