from odoo import models
from odoo.tools import SQL

from .grading_worktable import KEYS


class GradingProfile(models.Model):
    """Who is judged no longer meets no filter any more: what rules gave to him goes with his profile."""

    _inherit = "grading.profile"

    def unlink(self):
        self._take_back_tags()
        return super().unlink()

    def _merge_into(self, partner):
        """A customer who has become a contact of another one is judged no longer.

        Of contacts that are merged there is nothing left to take back: their tags have moved on before.
        """
        self._take_back_tags()
        return super()._merge_into(partner)

    def _take_back_tags(self):
        """Take back what rules gave to these customers and leads, but for what is kept for good."""
        for subject, key in KEYS.items():
            profiles = self.sudo().filtered(key)
            if not profiles:
                continue
            which = SQL(
                """
                origin.%(key)s = ANY(%(subjects)s)
                AND origin.rule_id IN (SELECT id FROM grading_tag_rule WHERE keep IS NOT TRUE)
                AND EXISTS (
                        SELECT FROM grading_profile AS profile
                         WHERE profile.id = ANY(%(profiles)s) AND profile.%(key)s = origin.%(key)s
                           AND profile.company_id = origin.company_id
                    )
                """,
                key=SQL.identifier(key),
                subjects=profiles[key].ids,
                profiles=profiles.ids,
            )
            self.env["grading.tag.origin"]._take_back(subject, which)
