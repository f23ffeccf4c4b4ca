from odoo import fields, models

from ..base.fields import SELLERS


class GradingProfile(models.Model):
    """By which run a profile was changed, and by which run over all: one that was interrupted and goes on counts it
    once."""

    _inherit = "grading.profile"

    # No Many2one: the database would look for a deleted run in all profiles.
    changed_run = fields.Integer(
        string="Changed by Run", readonly=True, groups=SELLERS, help="The ID of the last run that did."
    )
    counted_run = fields.Integer(
        string="Counted by Run", readonly=True, groups=SELLERS, help="The ID of the last run over all that changed it."
    )
