from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import format_date


class GradingPool(models.Model):
    """Claiming: with one click, or by setting the salesperson of what is in a pool; the same holds for both."""

    _inherit = "grading.pool"

    can_claim = fields.Boolean(compute="_compute_claim", compute_sudo=True)
    claim_hint = fields.Char(string="Why Not", compute="_compute_claim", compute_sudo=True)

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

    def action_claim(self):
        """Make the user the owner of these leads and prospects.

        :raise AccessError: the pool of a team that the user is no member of
        :raise UserError: somebody was faster, the user has as many as the team allows, or he lost it not long ago
        """
        for row in self:
            row._claim()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

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
        row, user = self.sudo(), self.env.user
        row._check_member(user)
        row._check_taken_by(user)
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
                    "You can not claim “%(name)s”, since you are no member of the team “%(team)s”: have a sales "
                    "manager add you to the team, or leave it to its members.",
                    name=self.display_name,
                    team=self.team_id.name,
                )
            )

    def _check_taken_by(self, user):
        """Whether ``user`` may have these leads and prospects.

        :raise UserError: he lost one of them not long ago, or would have more than the team allows
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
        """One claim at a time, of a lead and for a member: whoever comes second at the same moment fails to serialize,
        and Odoo tries his request again when the first is through. The membership is written for that, since a lock
        alone would leave the second one with what was so before."""
        for subjects in (self.lead_id, self.partner_id):
            table = SQL.identifier(subjects._table)
            self.env.execute_query(
                SQL("SELECT id FROM %s WHERE id = ANY(%s) ORDER BY id FOR UPDATE", table, subjects.ids)
            )
        self.env.execute_query(
            SQL(
                "UPDATE crm_team_member SET write_date = NOW() AT TIME ZONE 'UTC'"
                " WHERE crm_team_id = ANY(%s) AND user_id = %s AND active RETURNING id",
                self.team_id.ids,
                user.id,
            )
        )

    def _free_dates(self, user):
        """Until when what ``user`` lost is locked for him; whatever he may have is left out.

        :rtype: dict
        """
        lost = [("reason", "=", "pooled"), ("old_user_id", "=", user.id)]
        about = ["|", ("lead_id", "in", self.lead_id.ids), ("partner_id", "in", self.partner_id.ids)]
        moves = self.env["grading.ownership"].sudo().search([*lost, *about], order="id")
        lost_dates = {move._subject(): move.date for move in moves}
        dates = {}
        for row in self:
            lost_date = lost_dates.get(row.lead_id or row.partner_id)
            free_date = lost_date and fields.Date.add(lost_date, days=row.team_id.grading_pool_lock_days)
            if free_date and (row.company_id or self.env.company)._grading_today() < free_date:
                dates[row] = free_date
        return dates

    def _limit_message(self, user, held):
        words = {"name": self.display_name, "held": held, "team": self.team_id.name, "user": user.name}
        words["limit"] = self.team_id.grading_pool_limit
        if user == self.env.user:
            return self.env._(
                "You can not claim “%(name)s”: you hold %(held)s from the pool of the team “%(team)s”, which allows "
                "%(limit)s. Win, close or hand on one of them first.",
                **words,
            )
        return self.env._(
            "“%(name)s” can not be given to %(user)s, who holds %(held)s from the pool of the team “%(team)s”, which "
            "allows %(limit)s: choose somebody else, or have a sales manager do it.",
            **words,
        )

    def _lock_message(self, user, free_date):
        words = {"name": self.display_name, "free": format_date(self.env, free_date), "user": user.name}
        if user == self.env.user:
            return self.env._(
                "You lost “%(name)s” to the pool, and can not have it back before %(free)s: leave it to a colleague, "
                "or wait until then.",
                **words,
            )
        return self.env._(
            "%(user)s lost “%(name)s” to the pool, and can not have it back before %(free)s: choose somebody else, or "
            "have a sales manager do it.",
            **words,
        )
