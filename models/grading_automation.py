from odoo import fields, models


class GradingAutomation(models.Model):
    """A customer for whom the automation of his stage still has to be started, since it failed when he entered it.

    Tried again in every full run, as long as he is in that stage.
    """

    _name = "grading.automation"
    _description = "Automation to Start Again"
    _order = "date, id"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, ondelete="cascade", readonly=True)
    lifecycle_id = fields.Many2one(
        "grading.lifecycle", string="Stage", required=True, ondelete="cascade", index=True, readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    run_id = fields.Many2one("grading.run", ondelete="set null", readonly=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now, readonly=True)
    error = fields.Text(readonly=True, help="Empty: it was given up before it came to this customer.")

    _customer_unique = models.UniqueIndex(
        "(partner_id, lifecycle_id, company_id)", "An automation waits once for a customer."
    )
