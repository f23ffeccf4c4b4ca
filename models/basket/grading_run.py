from odoo import models


class GradingRun(models.Model):
    """Each full run notes which suggestions were ordered, or taken back, since the one before."""

    _inherit = "grading.run"

    def _finish_full(self):
        result = super()._finish_full()
        self.env["grading.basket.suggestion"].sudo()._note_ordered()
        return result
