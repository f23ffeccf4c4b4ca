from odoo import fields, models

from ..base.fields import MANAGERS


class GradingScheme(models.Model):
    """A draft that was opened from a suggestion says so on its form: its name and texts are those of its scheme."""

    _inherit = "grading.scheme"

    suggestion_ids = fields.One2many("grading.suggestion", "draft_id", readonly=True, groups=MANAGERS)
