from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import format_date


class GradingPool(models.Model):
    """One lead or prospect in the public pool of a team: nobody owns it, and any member of the team can claim it.

    Open leads without a salesperson are in the pool of their own team; prospects in the one that they went back to, or,
    if nobody ever had them, in the first one of the company.
    """

    _name = "grading.pool"
    _inherit = ["grading.lead.access.mixin"]
    _description = "Public Pool"
    _auto = False
    _order = "since, id"
    _depends = {
        "crm.lead": ["active", "company_id", "team_id", "user_id", "won_status"],
        "crm.team": ["active", "company_id", "grading_pool", "sequence"],
        "res.partner": ["active", "user_id"],
        "grading.profile": ["best_lead_id", "company_id", "grade_id", "lead_id", "order_count", "partner_id", "score"],
        "grading.ownership": ["date", "lead_id", "old_user_id", "partner_id", "reason", "team_id"],
    }

    partner_id = fields.Many2one("res.partner", string="Prospect", readonly=True)
    lead_id = fields.Many2one("crm.lead", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    grade_id = fields.Many2one("grading.grade", readonly=True)
    grade_color = fields.Integer(related="grade_id.color")
    score = fields.Float(readonly=True, aggregator="avg")
    since = fields.Date(string="In the Pool since", readonly=True, help="Empty: nobody has owned it so far.")
    old_user_id = fields.Many2one("res.users", string="Lost by", readonly=True)

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", self._lead_select(), self._prospect_select())

    @api.model
    def _lead_select(self):
        Ownership = self.env["grading.ownership"]
        return SQL(
            """
            SELECT lead.id::bigint * 2 AS id, NULL::int AS partner_id, lead.id AS lead_id, lead.team_id,
                   COALESCE(lead.company_id, profile.company_id, team.company_id) AS company_id,
                   profile.grade_id, profile.score, lost.date AS since, lost.old_user_id
              FROM crm_lead AS lead
              JOIN crm_team AS team ON team.id = lead.team_id AND team.active AND team.grading_pool
         LEFT JOIN grading_profile AS profile ON profile.lead_id = lead.id
         LEFT JOIN LATERAL (
                   SELECT move.date, move.old_user_id FROM grading_ownership AS move
                    WHERE move.lead_id = lead.id AND move.reason = 'pooled' ORDER BY move.id DESC LIMIT 1
                   ) AS lost ON TRUE
             WHERE lead.user_id IS NULL AND %(is_open)s
            """,
            is_open=Ownership._is_open(),
        )

    @api.model
    def _prospect_select(self):
        Ownership = self.env["grading.ownership"]
        return SQL(
            """
            SELECT profile.id::bigint * 2 + 1, profile.partner_id, NULL, pool.id, profile.company_id,
                   profile.grade_id, profile.score, lost.date, lost.old_user_id
              FROM grading_profile AS profile
              JOIN res_partner AS customer ON customer.id = profile.partner_id
         LEFT JOIN LATERAL (%(lost)s) AS lost ON TRUE
        CROSS JOIN LATERAL (
                   SELECT team.id FROM crm_team AS team
                    WHERE team.active AND team.grading_pool
                      AND COALESCE(team.company_id, profile.company_id) = profile.company_id
                 ORDER BY team.id = lost.team_id DESC NULLS LAST, team.sequence, team.id LIMIT 1
                   ) AS pool
             WHERE customer.active AND customer.user_id IS NULL
               AND NOT (%(has_ordered)s) AND (%(looked_after)s) IS NULL
            """,
            lost=Ownership._to_last_move(SQL.identifier("profile"), "pooled"),
            has_ordered=Ownership._has_ordered(),
            looked_after=Ownership._looked_after(),
        )

    @api.depends("partner_id", "lead_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = (row.lead_id or row.partner_id).display_name

    # ------------------------------------------------------------
    # Claiming
    # ------------------------------------------------------------

    def action_claim(self):
        """Make the user the owner of these leads and prospects.

        :raise AccessError: the pool of a team that the user is no member of
        :raise UserError: somebody was faster, the user has as many as the team allows, or he lost it not long ago
        """
        for row in self:
            row._claim()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_open(self):
        """The lead or prospect."""
        self.ensure_one()
        subject = self.lead_id or self.partner_id
        return {
            "type": "ir.actions.act_window",
            "res_model": subject._name,
            "res_id": subject.id,
            "views": [(False, "form")],
            "name": subject.display_name,
        }

    def _claim(self):
        self.env.flush_all()
        if not self.exists():
            raise UserError(
                self.env._(
                    "What you wanted to claim is no longer in the pool: somebody was faster, or it has an owner again. "
                    "Reload the page and choose another."
                )
            )
        self.check_access("read")
        row = self.sudo()
        subject, team, user = row.lead_id or row.partner_id, row.team_id, self.env.user
        row._wait_for_turn(subject)
        row._check_limit()
        row._check_lock(subject)
        Ownership = self.env["grading.ownership"].with_company(row.company_id)
        Ownership._move(
            "claimed",
            [
                {
                    "partner_id": row.partner_id.id,
                    "lead_id": row.lead_id.id,
                    "team_id": team.id,
                    "old_user_id": row.old_user_id.id,
                    "new_user_id": user.id,
                }
            ],
        )
        self.invalidate_model(flush=False)

    def _wait_for_turn(self, subject):
        """One claim at a time, of a lead and of a member: whoever comes second at the same moment fails to serialize,
        and Odoo tries his request again when the first is through. The membership is written for that, since a lock
        alone would leave the second one with what was so before.

        :raise UserError: the user is no active member of the team
        """
        table = SQL.identifier(subject._table)
        self.env.execute_query(SQL("SELECT id FROM %s WHERE id = %s FOR UPDATE", table, subject.id))
        member = self.env.execute_query(
            SQL(
                "UPDATE crm_team_member SET write_date = NOW() AT TIME ZONE 'UTC'"
                " WHERE crm_team_id = %s AND user_id = %s AND active RETURNING id",
                self.team_id.id,
                self.env.uid,
            )
        )
        if not member:
            raise UserError(
                self.env._(
                    "You can not claim “%(name)s”, since you are no member of the team “%(team)s”: have somebody add "
                    "you to the team, or set the salesperson by hand.",
                    name=self.display_name,
                    team=self.team_id.name,
                )
            )

    def _check_limit(self):
        limit = self.team_id.grading_pool_limit
        held = self._count_held()
        if limit and held >= limit:
            raise UserError(
                self.env._(
                    "You can not claim “%(name)s”: you hold %(held)s from the pool of the team “%(team)s”, which "
                    "allows %(limit)s. Win, close or hand on one of them first.",
                    name=self.display_name,
                    held=held,
                    team=self.team_id.name,
                    limit=limit,
                )
            )

    def _count_held(self):
        """How many the user has claimed from the pool of the team that are open and his to this day."""
        user, Ownership = self.env.user, self.env["grading.ownership"]
        claims = [("reason", "=", "claimed"), ("team_id", "=", self.team_id.id), ("new_user_id", "=", user.id)]
        own_lead = [("lead_id.user_id", "=", user.id), ("lead_id.won_status", "=", "pending")]
        own_partner = [("partner_id.user_id", "=", user.id), ("partner_id.active", "=", True)]
        leads = Ownership.search([*claims, *own_lead, ("lead_id.active", "=", True)]).lead_id
        partners = Ownership.search([*claims, *own_partner]).partner_id
        ordered = [("partner_id", "in", partners.ids), ("order_count", ">", 0)]
        return len(leads) + len(partners - self.env["grading.profile"].search(ordered).partner_id)

    def _check_lock(self, subject):
        days = self.team_id.grading_pool_lock_days
        name = "lead_id" if subject._name == "crm.lead" else "partner_id"
        lost = [(name, "=", subject.id), ("reason", "=", "pooled"), ("old_user_id", "=", self.env.uid)]
        lost_date = self.env["grading.ownership"].search(lost, order="id desc", limit=1).date
        if not days or not lost_date:
            return
        free_date = fields.Date.add(lost_date, days=days)
        if self.company_id._grading_today() < free_date:
            raise UserError(
                self.env._(
                    "You lost “%(name)s” to the pool on %(lost)s, and can not claim it before %(free)s: leave it to a "
                    "colleague, or wait until then.",
                    name=self.display_name,
                    lost=format_date(self.env, lost_date),
                    free=format_date(self.env, free_date),
                )
            )
