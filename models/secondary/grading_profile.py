from odoo import fields, models

from ..base.fields import SELLERS


class GradingProfile(models.Model):
    _inherit = "grading.profile"

    secondary_ids = fields.One2many(
        "grading.secondary",
        "profile_id",
        string="Segments",
        readonly=True,
        groups=SELLERS,
        help="What the schemes beside the grade say.",
    )

    def _glance(self):
        """Segments stand below what the grade means, each with the name of its scheme."""
        sections = super()._glance()
        if "why" not in sections:  # a user who may not see figures
            return sections
        rows = self.sudo().secondary_ids.filtered("grade_id").sorted(lambda row: (row.scheme_id.sequence, row.id))
        return {**sections, "segments": [row._glance() for row in rows]}
