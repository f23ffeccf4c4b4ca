from odoo import models


class AccountInvoiceReport(models.Model):
    """Invoices are analyzed by the grade and the stage that their company gives to the customer."""

    _name = "account.invoice.report"
    _inherit = ["account.invoice.report", "grading.graded.analysis.mixin"]
