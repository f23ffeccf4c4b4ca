from odoo import api, models
from odoo.tools.misc import format_date

from .grading_ownership_assign import MOVE_BATCH


class GradingOwnership(models.Model):
    """Leads and prospects that their owners neglect go back to the pool of the team, after a warning.

    Neglected is who had no contact of any kind for twice the shortest rhythm in which the salesperson is to be in
    touch, as in the attention list. The day after that, and never sooner than the warning said, the owner loses him.
    """

    _inherit = "grading.ownership"

    @api.model
    def _steps(self):
        return [*super()._steps(), self._warn_and_take_back]

    @api.model
    def _warn_and_take_back(self, limit=MOVE_BATCH):
        """Warn the owners of the current company who neglect somebody, and take back what stayed neglected.

        :return: how many were warned about or taken back
        """
        self.env.flush_all()
        teams = self.env["crm.team"].sudo()._grading_of_company([("grading_pool", "=", True)])
        self._withdraw_idle_warnings(teams)
        rows = self.env.execute_query(self._to_neglected_select(teams.ids, limit)) if teams else []
        warned, pooled = [], []
        for partner_id, lead_id, team_id, user_id, pool_date, is_lost in rows:
            move = {"partner_id": partner_id, "lead_id": lead_id, "team_id": team_id, "old_user_id": user_id}
            if is_lost:
                pooled.append(move)
            else:
                warned.append({**move, "pool_date": pool_date})
        self._move("pooled", pooled)
        self._move("warned", warned)._warn()
        self.env.flush_all()
        return len(rows)

    @api.model
    def _withdraw_idle_warnings(self, teams):
        """Whoever has been in touch is no longer told that he is about to lose it, nor who can not lose it any more."""
        rows = self.env.execute_query(self._to_idle_warnings_select(teams.ids))
        self.sudo().browse(warning_id for [warning_id] in rows)._withdraw()
        self.env.flush_all()

    def _warn(self):
        """An activity for each owner, which tells until when he has to be in touch."""
        self._tell(
            lambda move: (
                move.old_user_id,
                move.env._("Be in touch with %s, or lose it", move._subject().display_name),
                move.env._(
                    "Nobody has been in touch for too long: without a contact, it goes back to the public pool of the "
                    "team “%(team)s” on %(day)s.",
                    team=move.team_id.name,
                    day=format_date(move.env, move.pool_date),
                ),
            )
        )
