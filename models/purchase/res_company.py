from odoo import api, fields, models


class ResCompany(models.Model):
    """From when on a customer of the company declines and is lost."""

    _inherit = "res.company"

    grading_limit_method = fields.Selection(
        selection=[("learned", "Learned from the company's own past"), ("fixed", "Fixed percentages")],
        string="Declining and Lost Customers",
        default="learned",
        required=True,
    )

    @api.model
    def _grading_rescore_fields(self):
        """Other limits move the dates of all customers."""
        return super()._grading_rescore_fields() | {"grading_limit_method"}

    def _grading_learned_limits(self):
        """What the purchase model in force has learned about declining and lost customers, as a sentence."""
        self.ensure_one()
        model = self.env["grading.purchase.model"].with_company(self)._current()
        if not model.lost_share:
            return self.env._("The order history is too short so far: the percentages below apply.")
        return self.env._(
            "Declining below %(decline)s %% and lost below %(lost)s %% of the peak. Looking back, %(right)s %% of the "
            "customers called lost did not order again; the others brought %(written_off)s %% of the revenue.",
            decline=round(100 * model.decline_share),
            lost=round(100 * model.lost_share),
            right=round(100 * model.lost_right),
            written_off=round(100 * model.lost_written_off),
        )
