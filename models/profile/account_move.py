from odoo import models


class AccountMove(models.Model):
    """An invoice shows the grade and score that its company gives to the customer."""

    _name = "account.move"
    _inherit = ["account.move", "grading.graded.document.mixin"]
