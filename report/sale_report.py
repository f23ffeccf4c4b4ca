from odoo import models


class SaleReport(models.Model):
    """Sales are analyzed by the grade and the stage that the order's company gives to the customer."""

    _name = "sale.report"
    _inherit = ["sale.report", "grading.graded.analysis.mixin"]
