from random import randint

from odoo import api, fields, models
from odoo.exceptions import UserError


class GradingInterest(models.Model):
    """A topic that a person likes to talk about: golf, wine, new technology."""

    _name = "grading.interest"
    _inherit = ["grading.input.mixin"]
    _description = "Interest"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer(default=lambda self: randint(1, 11), aggregator=None)
    active = fields.Boolean(default=True)

    _name_unique = models.Constraint("UNIQUE (name)", "There is an interest of this name already: choose that one.")


class GradingIncomeBand(models.Model):
    """A band of income; its name says what it means in money."""

    _name = "grading.income.band"
    _inherit = ["grading.input.mixin"]
    _description = "Income Band"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="From the lowest income to the highest.")
    active = fields.Boolean(default=True)

    _name_unique = models.Constraint(
        "UNIQUE (name)", "There is an income band of this name already: choose another name."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        Partner = self.env["res.partner"].sudo().with_context(active_test=False)
        for band in self:
            if count := Partner.search_count([("grading_income_band_id", "=", band.id)]):
                raise UserError(
                    self.env._(
                        "The income band %(band)s is noted on %(count)s contacts. "
                        "Archive it instead of deleting it, or choose another one on these contacts first.",
                        band=band.name,
                        count=count,
                    )
                )
