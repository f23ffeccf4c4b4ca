from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..base.context import opened_in
from ..base.fields import FloatOrUnknown, MonetaryOrUnknown
from ..base.guarded import guarded


class GradingPool(models.Model):
    """One lead or prospect in the public pool of a team: it has no owner, and any member of the team can claim it.

    Open leads without a salesperson are in the pool of their own team; prospects in the one that they went back to, or
    without a former owner in the first one of the company.
    """

    _name = "grading.pool"
    _inherit = ["grading.lead.access.mixin", "grading.amount.sum.mixin"]
    _description = "Public Pool"
    _auto = False
    _order = "since, id"
    _depends = {
        "crm.lead": [
            "active",
            "city",
            "company_id",
            "country_id",
            "expected_revenue",
            "team_id",
            "type",
            "user_id",
            "won_status",
        ],
        "crm.team": ["active", "company_id", "grading_pool", "sequence"],
        "res.partner": ["active", "city", "country_id", "user_id"],
        "grading.profile": ["best_lead_id", "company_id", "grade_id", "lead_id", "order_count", "partner_id", "score"],
        "grading.ownership": ["date", "lead_id", "old_user_id", "partner_id", "reason", "team_id"],
    }

    partner_id = fields.Many2one("res.partner", string="Prospect", readonly=True)
    lead_id = fields.Many2one("crm.lead", readonly=True)
    kind = fields.Selection([("lead", "Lead"), ("opportunity", "Opportunity"), ("prospect", "Prospect")], readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    grade_id = fields.Many2one("grading.grade", readonly=True)
    grade_color = fields.Integer(related="grade_id.color")
    score = FloatOrUnknown(readonly=True, aggregator="avg")
    city = fields.Char(readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    contact_name = fields.Char(string="Contact Person", compute="_compute_contact_name")
    expected_revenue = MonetaryOrUnknown(readonly=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    since = fields.Date(string="In the Pool since", readonly=True, help="Empty: it has had no owner so far.")
    old_user_id = fields.Many2one("res.users", string="Lost by", readonly=True)

    can_claim = fields.Boolean(compute="_compute_claim", compute_sudo=True)
    claim_hint = fields.Char(string="Why Not", compute="_compute_claim", compute_sudo=True)

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", self._lead_select(), self._prospect_select())

    @api.model
    def _lead_select(self):
        return SQL(
            """
            SELECT lead.id::bigint * 2 AS id, NULL::int AS partner_id, lead.id AS lead_id, lead.team_id,
                   COALESCE(lead.company_id, profile.company_id, team.company_id) AS company_id,
                   profile.grade_id, profile.score, lost.date AS since, lost.old_user_id, lead.type AS kind,
                   lead.city, lead.country_id, NULLIF(lead.expected_revenue, 0) AS expected_revenue
              FROM crm_lead AS lead
              JOIN crm_team AS team ON team.id = lead.team_id AND team.active AND team.grading_pool
         LEFT JOIN grading_profile AS profile ON profile.lead_id = lead.id
         LEFT JOIN LATERAL (
                   SELECT move.date, move.old_user_id FROM grading_ownership AS move
                    WHERE move.lead_id = lead.id AND move.reason = 'pooled' ORDER BY move.id DESC LIMIT 1
                   ) AS lost ON TRUE
             WHERE lead.user_id IS NULL AND %(is_open)s
            """,
            is_open=self.env["crm.lead"]._grading_is_open_to_sql("lead"),
        )

    @api.model
    def _prospect_select(self):
        Ownership = self.env["grading.ownership"]
        return SQL(
            """
            SELECT profile.id::bigint * 2 + 1, profile.partner_id, NULL, pool.id, profile.company_id,
                   profile.grade_id, profile.score, lost.date, lost.old_user_id, 'prospect',
                   customer.city, customer.country_id, NULL
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
               AND NOT (%(has_ordered)s) AND (%(covering_lead)s) IS NULL
            """,
            lost=Ownership._to_last_move("profile", "pooled"),
            has_ordered=Ownership._has_ordered(),
            covering_lead=Ownership._covering_lead(),
        )

    @api.depends("partner_id", "lead_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row._subject().display_name

    @api.depends("lead_id.contact_name", "partner_id.child_ids")
    def _compute_contact_name(self):
        """The contact person of the lead, or the first one of the prospect that the user may see."""
        for row in self:
            persons = row.partner_id.child_ids.filtered(lambda person: person.type == "contact")
            row.contact_name = row.lead_id.contact_name or persons._filtered_access("read")[:1].name

    @api.depends("company_id")
    def _compute_currency_id(self):
        for row in self:
            row.currency_id = (row.company_id or self.env.company).currency_id

    # ------------------------------------------------------------
    # Claiming
    # ------------------------------------------------------------

    # By the button, or by setting the salesperson of what is in a pool: the same rules hold for both.

    @api.depends("lead_id", "partner_id", "team_id")
    @api.depends_context("uid")
    def _compute_claim(self):
        user = self.env.user
        free_dates = self._free_dates(user)
        for team, same in self.grouped("team_id").items():
            may_claim, held, limit = team._grading_may_claim(user), team._grading_held(user), team.grading_pool_limit
            for row in same:
                hint = False
                if not may_claim:
                    hint = self.env._("Only for members of the team")
                elif row in free_dates:
                    hint = self.env._("You lost it: locked until %s", format_date(self.env, free_dates[row]))
                elif limit and held >= limit:
                    hint = self.env._("You hold %(held)s, the team allows %(limit)s", held=held, limit=limit)
                row.can_claim, row.claim_hint = not hint, hint

    @guarded(gone=True)
    def action_claim(self):
        """Make the user the owner of these leads and prospects; one alone is opened, with what is to do next.

        :raise UserError: it is no longer in the pool; or the user is no member of the team, has as many as the team
            allows, or lost it not long ago
        """
        rows = [(row._subject().sudo(False), row.company_id.sudo(False)) for row in self.exists().sudo()]
        for row in self:
            row._claim()
        if len(rows) != 1:
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        [(subject, company)] = rows
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self._claimed_message(subject),
                "next": opened_in(subject._grading_open_page(), company),
            },
        }

    @api.model
    def _claimed_message(self, subject):
        """What the new owner of the ``subject`` is to do next."""
        today = self.env.user._grading_today(self.env.company)
        cares = self.env["grading.care"].search(
            [
                (subject._grading_owned_key(), "=", subject.id),
                ("user_id", "=", self.env.user.id),
                ("next_date", "!=", False),
            ]
        )
        if not cares:
            return self.env._("%s is yours now. No contact is planned yet: make the first one.", subject.display_name)
        if cares[0].next_date <= today:
            return self.env._(
                "%(name)s is yours now. Next: %(contact)s, due today.",
                name=subject.display_name,
                contact=cares[0].cadence_id.name,
            )
        return self.env._(
            "%(name)s is yours now. Next: %(contact)s, due on %(day)s.",
            name=subject.display_name,
            contact=cares[0].cadence_id.name,
            day=format_date(self.env, cares[0].next_date),
        )

    def _claim(self):
        if not self.exists():
            raise UserError(
                self.env._(
                    "What you wanted to claim is no longer in the pool: it has an owner again. Reload the page and "
                    "choose another."
                )
            )
        self.check_access("read")
        row, user = self.sudo(), self.env.user
        row._check_member(user)
        row._check_claim(user)
        Ownership = self.env["grading.ownership"].with_company(row.company_id)
        Ownership._move(
            "claimed",
            [
                {
                    "partner_id": row.partner_id.id,
                    "lead_id": row.lead_id.id,
                    "team_id": row.team_id.id,
                    "old_user_id": row.old_user_id.id,
                    "new_user_id": user.id,
                }
            ],
        )
        self.invalidate_model(flush=False)

    def _check_member(self, user):
        if not self.team_id._grading_may_claim(user):
            raise UserError(
                self.env._(
                    "You cannot claim “%(name)s”: you are no member of the team “%(team)s”. Ask a sales manager to add "
                    "you to the team, or leave it to its members.",
                    name=self.display_name,
                    team=self.team_id.name,
                )
            )

    def _check_claim(self, user):
        """Refuse what ``user`` may not claim of these leads and prospects.

        :raise UserError: the user lost one of them not long ago, or would have more than the team allows
        """
        self._wait_for_turn(user)
        free_dates = self._free_dates(user)
        for team, rows in self.grouped("team_id").items():
            held = team._grading_held(user)
            for number, row in enumerate(rows):
                if team.grading_pool_limit and held + number >= team.grading_pool_limit:
                    raise UserError(row._limit_message(user, held + number))
                if row in free_dates:
                    raise UserError(row._lock_message(user, free_dates[row]))

    def _wait_for_turn(self, user):
        """One claim at a time, of a record and for a user: the second at the same moment fails to serialize, and Odoo
        tries its request again once the first is through.

        A lock alone, on a row or an advisory one, would not do: Odoo's transactions read what was committed when they
        began, so that the second one would wait and then count without the claim that it has waited for. A row that
        both write makes it fail: the membership, or for a sales manager without one the user.
        """
        for subjects in (self.lead_id, self.partner_id):
            table = SQL.identifier(subjects._table)
            self.env.execute_query(
                SQL("SELECT id FROM %s WHERE id = ANY(%s) ORDER BY id FOR UPDATE", table, subjects.ids)
            )
        memberships = self.env.execute_query(
            SQL(
                "UPDATE crm_team_member SET write_date = NOW() AT TIME ZONE 'UTC'"
                " WHERE crm_team_id = ANY(%s) AND user_id = %s AND active RETURNING crm_team_id",
                self.team_id.ids,
                user.id,
            )
        )
        if len(memberships) < len(self.team_id):
            self.env.execute_query(
                SQL(
                    "UPDATE res_users SET write_date = NOW() AT TIME ZONE 'UTC' WHERE id = %s RETURNING id",
                    user.id,
                )
            )

    def _free_dates(self, user):
        """The day from which on ``user`` may claim again what the user lost; records without a lock are left out.

        :rtype: dict
        """
        lost = [("reason", "=", "pooled"), ("old_user_id", "=", user.id)]
        about = ["|", ("lead_id", "in", self.lead_id.ids), ("partner_id", "in", self.partner_id.ids)]
        moves = self.env["grading.ownership"].sudo().search([*lost, *about], order="id")
        lost_dates = {move._subject(): move.date for move in moves}
        dates = {}
        for row in self:
            lost_date = lost_dates.get(row._subject())
            free_date = lost_date and fields.Date.add(lost_date, days=row.team_id.grading_pool_lock_days)
            if free_date and (row.company_id or self.env.company)._grading_today() < free_date:
                dates[row] = free_date
        return dates

    def _limit_message(self, user, held):
        values = {"name": self.display_name, "held": held, "team": self.team_id.name, "user": user.name}
        values["limit"] = self.team_id.grading_pool_limit
        if user == self.env.user:
            return self.env._(
                "You cannot claim “%(name)s”: you hold %(held)s from the pool of the team “%(team)s”, which allows "
                "%(limit)s. Win, close or hand over one of them first.",
                **values,
            )
        return self.env._(
            "“%(name)s” cannot be assigned to %(user)s: this user holds %(held)s from the pool of the team “%(team)s”, "
            "which allows %(limit)s. Choose another user, or ask a sales manager to assign it.",
            **values,
        )

    def _lock_message(self, user, free_date):
        values = {"name": self.display_name, "free": format_date(self.env, free_date), "user": user.name}
        if user == self.env.user:
            return self.env._(
                "You lost “%(name)s” to the pool and cannot claim it before %(free)s. Wait until then, or leave it to "
                "a colleague.",
                **values,
            )
        return self.env._(
            "%(user)s lost “%(name)s” to the pool and cannot have it back before %(free)s. Choose another user, or ask "
            "a sales manager to assign it.",
            **values,
        )
