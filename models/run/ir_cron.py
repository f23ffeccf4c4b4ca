from odoo import fields, models


class IrCron(models.Model):
    _inherit = "ir.cron"

    grading_company_id = fields.Many2one(
        "res.company",
        string="Graded Company",
        readonly=True,
        ondelete="cascade",
        help="The company whose customers and leads this action rescores.",
    )

    _grading_company_unique = models.UniqueIndex(
        "(grading_company_id) WHERE grading_company_id IS NOT NULL",
        "A company has one scheduled action that rescores its customers.",
    )
