from odoo import api, fields, models


class GradingProfileAside(models.Model):
    """Events that start no play any more start none after a slip is undone, either."""

    _inherit = "grading.profile.aside"

    passed_events = fields.Json(readonly=True)

    @api.model
    def _kept_fields(self):
        return (*super()._kept_fields(), "passed_events")

    def _give_to(self, profile):
        """Beside what the profile has passed itself."""
        passed = [*(profile.passed_events or []), *(self.passed_events or [])]
        result = super()._give_to(profile)
        profile.passed_events = passed or False
        return result
