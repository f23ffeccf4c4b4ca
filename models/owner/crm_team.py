from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class CrmTeam(models.Model):
    """Whether customers and leads without an owner are assigned to the members of a team, and whether those with
    overdue contacts go back to a public pool from which the members claim. Both are off unless a team wants them."""

    _inherit = "crm.team"

    grading_assign_owners = fields.Boolean(
        string="Assign Owners",
        help="Unassigned customers and leads of these grades go to the team member with the fewest, up to the daily "
        "contact limit. A customer belongs to the team of the last order, else to the first team that wants the grade.",
    )
    grading_assign_grade_ids = fields.Many2many(
        "grading.grade", "crm_team_grading_assign_grade_rel", "team_id", "grade_id", string="Grades to Assign"
    )
    grading_pool = fields.Boolean(
        string="Public Pool",
        help="Leads and prospects without any contact for twice their rhythm lose their salesperson; those of an "
        "archived user lose theirs at once. Members of the team can claim those without a salesperson.",
    )
    grading_pool_warning_days = fields.Integer(
        string="Warning (days before)",
        default=3,
        required=True,
        help="An activity warns the salesperson at least so many days before. 0: no warning.",
    )
    grading_pool_limit = fields.Integer(
        string="Most Held from the Pool",
        default=20,
        required=True,
        help="How many claimed leads and prospects a member may hold at once; those that are won, lost, archived or "
        "handed over no longer count. 0: no limit.",
    )
    grading_pool_lock_days = fields.Integer(
        string="Lock (days)",
        default=30,
        required=True,
        help="For so many days, a salesperson who lost a lead or prospect to the pool cannot claim it back. "
        "0: no lock.",
    )

    _grading_pool_positive = models.Constraint(
        "CHECK (grading_pool_warning_days >= 0 AND grading_pool_limit >= 0 AND grading_pool_lock_days >= 0)",
        "The days and the limit of a team's pool cannot be negative: choose 0 or more.",
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

    # ------------------------------------------------------------
    # Which teams have rules
    # ------------------------------------------------------------

    # Kept in Odoo's cache: saving a salesperson and opening a menu cost nothing where no team has rules.

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        if teams._grading_has_rules():
            self.env.registry.clear_cache()
        return teams

    def write(self, vals):
        changed = not {"active", "company_id", "grading_assign_owners", "grading_pool"}.isdisjoint(vals)
        had_rules = changed and self._grading_has_rules()
        res = super().write(vals)
        if changed and (had_rules or self._grading_has_rules()):
            self.env.registry.clear_cache()
        return res

    def unlink(self):
        has_rules = self._grading_has_rules()
        res = super().unlink()
        if has_rules:
            self.env.registry.clear_cache()
        return res

    def _grading_has_rules(self):
        return any(team.grading_assign_owners or team.grading_pool for team in self)

    @api.model
    @tools.ormcache()
    def _grading_owner_rules(self):
        """The active teams that assign owners or have a pool, of all companies.

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
        """The members of each team to whom customers of the current company can be assigned.

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
    # Claims from the pool
    # ------------------------------------------------------------

    def _grading_may_claim(self, user):
        """Whether the user is a member of the team, or a sales manager: these may claim in any team.

        :rtype: bool
        """
        self.ensure_one()
        is_manager = user.has_group("sales_team.group_sale_manager")
        return is_manager or user in self.sudo().crm_team_member_ids.filtered("active").user_id

    def _grading_held(self, user):
        """How many leads and prospects the user claimed from the pool of the team, and still owns, that are open.

        :rtype: int
        """
        self.ensure_one()
        Ownership = self.env["grading.ownership"].sudo()
        claims = [("reason", "=", "claimed"), ("team_id", "=", self.id), ("new_user_id", "=", user.id)]
        own_lead = Domain("lead_id.user_id", "=", user.id) & self.env["crm.lead"]._grading_open_domain("lead_id.")
        own_partner = [("partner_id.user_id", "=", user.id), ("partner_id.active", "=", True)]
        leads = Ownership.search(Domain(claims) & own_lead).lead_id
        partners = Ownership.search([*claims, *own_partner]).partner_id
        ordered = [("partner_id", "in", partners.ids), ("order_count", ">", 0)]
        return len(leads) + len(partners - self.env["grading.profile"].sudo().search(ordered).partner_id)
