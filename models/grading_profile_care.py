from collections import defaultdict

from odoo import fields, models

from .grading_worktable_care_change import NEXT_DATES


class GradingProfile(models.Model):
    """When the customer or lead is to be contacted next. A prospect who is looked after through his best lead has the
    dates of that lead."""

    _inherit = "grading.profile"

    next_online_date = fields.Date(string="Next Online Contact", readonly=True)
    next_call_date = fields.Date(string="Next Call", readonly=True)
    next_visit_date = fields.Date(string="Next Visit", readonly=True)
    next_contact_date = fields.Date(string="Next Contact", readonly=True, help="The earliest of all channels.")
    care_ids = fields.One2many("grading.care", "profile_id", string="Next Contacts", readonly=True)

    def unlink(self):
        """Who is judged no longer is looked after no longer."""
        self.env["grading.care"].sudo().search([("profile_id", "in", self.ids)])._close()
        return super().unlink()

    def _merge_into(self, partner):
        """Who takes over is looked after by his own grade, from the next rescoring on."""
        self.sudo().care_ids.unlink()
        return super()._merge_into(partner)

    def _merge_into_lead(self, lead):
        self.sudo().care_ids.unlink()
        return super()._merge_into_lead(lead)

    def _forget_next_dates(self):
        """Rows of care have gone: what is left says when these customers and leads are to be contacted next, and the
        prospects who are looked after through these leads."""
        profiles = self.sudo()
        left = defaultdict(dict)
        groups = [("profile_id", "in", self.ids)], ["profile_id", "channel"], ["next_date:min"]
        for profile, channel, day in profiles.env["grading.care"]._read_group(*groups):
            left[profile][channel] = day
        of_leads = profiles.search([("best_lead_id", "in", profiles.lead_id.ids)])
        prospects = of_leads.filtered(lambda profile: not profile.order_count).grouped("best_lead_id")
        by_dates = defaultdict(profiles.browse)
        for profile in profiles:
            days = left[profile]
            earliest = tuple(
                min((days[channel] for channel in channels if days.get(channel)), default=False)
                for channels in NEXT_DATES.values()
            )
            by_dates[earliest] |= profile | prospects.get(profile.lead_id, profile)
        for dates, same in by_dates.items():
            same.write(dict(zip(NEXT_DATES, dates, strict=True)))
