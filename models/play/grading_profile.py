from odoo import api, fields, models

from ..base.fields import SELLERS


class GradingProfile(models.Model):
    """The plays that are running for the customer or lead; of the control group nothing is shown, so that it is left
    alone."""

    _inherit = "grading.profile"

    play_case_ids = fields.One2many(
        "grading.play.case",
        "profile_id",
        string="Running Plays",
        domain=[("state", "=", "running")],
        readonly=True,
        groups=SELLERS,
    )
    passed_events = fields.Json(
        readonly=True,
        copy=False,
        groups=SELLERS,
        help="The events that start no play any more, such as what an import has brought about: [play id:event].",
    )

    @api.model_create_multi
    def create(self, vals_list):
        profiles = super().create(vals_list)
        self.env["grading.play.case"].sudo()._link_to(profiles.ids)
        return profiles

    def unlink(self):
        """Without a profile no play runs."""
        cases = self.env["grading.play.case"].sudo().search([("profile_id", "in", self.ids)])
        cases._stop("ungraded")
        return super().unlink()

    def _merge_into(self, partner):
        result = super()._merge_into(partner)
        self._take_cases_along()
        return result

    def _merge_into_lead(self, lead):
        result = super()._merge_into_lead(lead)
        self._take_cases_along()
        return result

    def _absorb(self, profile, prefer=False):
        cases = self.env["grading.play.case"].sudo().search([("profile_id", "=", profile.id)])
        cases._move_to(self)
        if passed := profile.sudo().passed_events:
            self.sudo().passed_events = [*(self.sudo().passed_events or []), *passed]
        return super()._absorb(profile, prefer=prefer)

    def _take_cases_along(self):
        """The cases of profiles that are another customer's or lead's now."""
        for profile in self.sudo().exists():
            self.env["grading.play.case"].sudo().search([("profile_id", "=", profile.id)])._move_to(profile)


class GradingGradedMixin(models.AbstractModel):
    _inherit = "grading.graded.mixin"

    grading_play_case_ids = fields.One2many(
        related="grading_figures_id.play_case_ids", string="Running Plays", groups=SELLERS
    )

    @api.model
    def _grading_rules(self):
        plays = self.env["grading.play"].sudo().search([("active", "=", True)])
        return (*super()._grading_rules(), plays)
