from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError


class CrmTeam(models.Model):
    """Whether customers without an owner are given to the members of a team, and whether what is neglected goes back
    to a pool from which the members help themselves. Neither happens unless the team wants it."""

    _inherit = "crm.team"

    grading_assign_owners = fields.Boolean(
        string="Assign Owners",
        help="Customers and leads of the chosen grades that have no salesperson are given to the members of the team, "
        "one after the other, to whoever has the fewest, and nobody gets more a day than the settings say that he can "
        "contact. A customer belongs to the team of the last order, else to the first team that wants the grade.",
    )
    grading_assign_grade_ids = fields.Many2many(
        "grading.grade", "crm_team_grading_assign_grade_rel", "team_id", "grade_id", string="Grades to Assign"
    )
    grading_pool = fields.Boolean(
        string="Public Pool",
        help="Leads and prospects without any contact for twice their rhythm lose their salesperson, and those of "
        "somebody who has left lose him at once. Whatever has none can be claimed by any member of the team.",
    )
    grading_pool_warning_days = fields.Integer(
        string="Warning (days before)",
        default=3,
        required=True,
        help="So many days before, at least, the salesperson is warned by an activity; 0: there is no warning.",
    )
    grading_pool_limit = fields.Integer(
        string="Most Held from the Pool",
        default=20,
        required=True,
        help="How many claimed leads and prospects a member may hold at once: what is won, lost, archived or handed on "
        "no longer counts. 0: there is no limit.",
    )
    grading_pool_lock_days = fields.Integer(
        string="Lock (days)",
        default=30,
        required=True,
        help="For so many days, whoever lost a lead or prospect to the pool can not claim it back; 0: he can at once.",
    )

    _grading_pool_positive = models.Constraint(
        "CHECK (grading_pool_warning_days >= 0 AND grading_pool_limit >= 0 AND grading_pool_lock_days >= 0)",
        "The days and the limit of a team's pool can not be negative: choose 0 or more.",
    )

    @api.constrains("grading_assign_owners", "grading_assign_grade_ids")
    def _check_grading_assign_grades(self):
        for team in self:
            if team.grading_assign_owners and not team.grading_assign_grade_ids:
                raise ValidationError(
                    self.env._(
                        "The team “%(team)s” assigns owners, but to no grade: choose at least one grade, or switch the "
                        "assignment off.",
                        team=team.name,
                    )
                )

    # What a change of salesperson means depends on the teams, and so does the menu: it is kept in Odoo's cache, so that
    # it costs nothing where no team has rules.

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        teams._grading_forget_rules()
        return teams

    def write(self, vals):
        changed = not {"active", "company_id", "grading_assign_owners", "grading_pool"}.isdisjoint(vals)
        if changed:
            self._grading_forget_rules()
        res = super().write(vals)
        if changed:
            self._grading_forget_rules()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_rules(self):
        self._grading_forget_rules()

    def _grading_forget_rules(self):
        if any(team.grading_assign_owners or team.grading_pool for team in self):
            self.env.registry.clear_cache()

    @api.model
    @tools.ormcache()
    def _grading_owner_rules(self):
        """The active teams that assign owners or have a pool, whoever asks.

        :return: for each team, by its id, the id of its company, if it has one, and whether it has a pool
        :rtype: dict[int, tuple[int, bool]]
        """
        teams = self.sudo().search(
            [("active", "=", True), "|", ("grading_assign_owners", "=", True), ("grading_pool", "=", True)]
        )
        return {team.id: (team.company_id.id, team.grading_pool) for team in teams}

    @api.model
    def _grading_any_pool(self):
        return any(has_pool for _company_id, has_pool in self._grading_owner_rules().values())

    @api.model
    def _grading_of_company(self, domain):
        """The teams that meet ``domain`` and work for the current company, those of no company included."""
        return self.search([("active", "=", True), ("company_id", "in", (False, self.env.company.id)), *domain])

    def _grading_members(self):
        """The members of each team who can be given customers of the current company.

        :rtype: dict[int, list[int]]
        """
        members = self.env["crm.team.member"].search(
            [
                ("crm_team_id", "in", self.ids),
                ("active", "=", True),
                ("assignment_optout", "=", False),
                ("user_id.active", "=", True),
                ("user_id.share", "=", False),
                ("user_id.company_ids", "in", self.env.company.ids),
            ]
        )
        return {team.id: lines.user_id.ids for team, lines in members.grouped("crm_team_id").items()}

    # ------------------------------------------------------------
    # Pool
    # ------------------------------------------------------------

    # Who may claim from the pool of a team, and how many he has claimed.

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
