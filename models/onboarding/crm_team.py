from odoo import api, models

# What says who belongs to a team.
PEOPLE = {"crm_team_member_ids", "member_ids", "user_id"}


class CrmTeam(models.Model):
    _inherit = "crm.team"

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        self.env["onboarding.onboarding.step"]._grading_saved("team")
        return teams

    def write(self, vals):
        res = super().write(vals)
        if PEOPLE & vals.keys():
            self.env["onboarding.onboarding.step"]._grading_saved("team")
        return res
