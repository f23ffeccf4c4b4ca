from odoo import models
from odoo.tools import SQL


class GradingProfile(models.Model):
    """A customer who is judged no longer meets no filter any more."""

    _inherit = "grading.profile"

    def unlink(self):
        """What rules gave goes with the profile, but for what is kept for good; of who is merged it has moved on."""
        which = SQL(
            """
            (origin.company_id, COALESCE(origin.partner_id, -origin.lead_id)) IN (
                SELECT company_id, COALESCE(partner_id, -lead_id) FROM grading_profile WHERE id = ANY(%s)
            ) AND origin.rule_id IN (SELECT id FROM grading_tag_rule WHERE keep IS NOT TRUE)
            """,
            self.ids,
        )
        self.env["grading.tag.origin"].sudo()._take_back_everywhere(which)
        return super().unlink()
