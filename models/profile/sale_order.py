from odoo import models


class SaleOrder(models.Model):
    """An order shows the grade and score that its company gives to the customer."""

    _name = "sale.order"
    _inherit = ["sale.order", "grading.graded.document.mixin"]
