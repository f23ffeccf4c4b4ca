from odoo import models


class CrmTeam(models.Model):
    """Who may claim from the pool of a team, and how many he has claimed."""

    _inherit = "crm.team"

    def _grading_may_claim(self, user):
        """Members may, and sales managers, who may in any team.

        :rtype: bool
        """
        self.ensure_one()
        is_manager = user.has_group("sales_team.group_sale_manager")
        return is_manager or user in self.sudo().crm_team_member_ids.filtered("active").user_id

    def _grading_held(self, user):
        """How many the user has from the pool of the team that are open and his to this day.

        :rtype: int
        """
        self.ensure_one()
        Ownership = self.env["grading.ownership"].sudo()
        claims = [("reason", "=", "claimed"), ("team_id", "=", self.id), ("new_user_id", "=", user.id)]
        own_lead = [("lead_id.user_id", "=", user.id), ("lead_id.won_status", "=", "pending")]
        own_partner = [("partner_id.user_id", "=", user.id), ("partner_id.active", "=", True)]
        leads = Ownership.search([*claims, *own_lead, ("lead_id.active", "=", True)]).lead_id
        partners = Ownership.search([*claims, *own_partner]).partner_id
        ordered = [("partner_id", "in", partners.ids), ("order_count", ">", 0)]
        return len(leads) + len(partners - self.env["grading.profile"].sudo().search(ordered).partner_id)
