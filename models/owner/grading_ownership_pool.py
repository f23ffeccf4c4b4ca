from odoo import api, models
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..base.subject import reached_joins
from .grading_ownership_assign import MOVE_BATCH

# Moves after which the new owner has the whole time again, as after a contact.
HANDED_OVER = ("assigned", "claimed", "hand")


class GradingOwnership(models.Model):
    """Leads and prospects with an overdue contact go back to the pool of the team, after a warning to their owners.

    Overdue is defined in :class:`grading.care` (``_overdue_select``), for the attention list and the pool alike. On the
    first day on which a contact is overdue, and never sooner than the warning said, the owner loses the record.
    """

    _inherit = "grading.ownership"

    @api.model
    def _to_overdue_select(self, team_ids, limit):
        """``SELECT partner_id, lead_id, team_id, user_id, pool_date, is_lost`` of the records to warn about, and of
        those that are lost because the warning has run out.

        An owner is warned about no more on a day than the daily limit of contacts: the best grades first, the rest
        follows on the next days. The rows are locked; those that another worker has locked are skipped.
        """
        return SQL(
            """
            SELECT profile.partner_id, profile.lead_id, late.team_id, late.user_id, late.pool_date, late.is_lost
              FROM grading_profile AS profile
              JOIN (
                   SELECT due.*, ROW_NUMBER() OVER (
                              PARTITION BY due.user_id, due.is_lost
                              ORDER BY grade.sequence, due.pool_date, due.profile_id
                          ) AS place
                     FROM (%(due)s) AS due
                     JOIN grading_profile AS graded ON graded.id = due.profile_id
                LEFT JOIN grading_grade AS grade ON grade.id = graded.grade_id
                   ) AS late ON late.profile_id = profile.id
         LEFT JOIN (%(warned)s) AS warned ON warned.user_id = late.user_id
             WHERE late.is_lost OR %(cap)s = 0 OR late.place + COALESCE(warned.count, 0) <= %(cap)s
          ORDER BY profile.id
             LIMIT %(limit)s
               FOR UPDATE OF profile SKIP LOCKED
            """,
            due=self._to_due_select(team_ids),
            warned=self._to_moves_of_today("warned", "old_user_id"),
            cap=self.env.company.grading_contacts_per_day,
            limit=limit,
        )

    @api.model
    def _to_due_select(self, team_ids):
        """``SELECT profile_id, team_id, user_id, pool_date, is_lost`` of all that are overdue, or will be in the days
        of the warning."""
        return SQL(
            """
            SELECT watched.profile_id, watched.team_id, watched.user_id,
                   GREATEST(watched.pool_date, COALESCE(warned.date, %(today)s) + watched.warning_days) AS pool_date,
                   watched.is_gone OR watched.warning_days = 0 OR warned.date IS NOT NULL AS is_lost
              FROM (%(watched)s) AS watched
         LEFT JOIN (%(warnings)s) AS warned ON warned.profile_id = watched.profile_id
             WHERE watched.is_gone
                OR %(today)s > watched.since
               AND %(today)s >= CASE WHEN warned.date IS NULL THEN watched.pool_date - watched.warning_days
                                     ELSE GREATEST(watched.pool_date, warned.date + watched.warning_days) END
            """,
            today=self.env.company._grading_today(),
            watched=self._to_watched_select(team_ids),
            warnings=self._to_warnings_select(),
        )

    @api.model
    def _to_idle_warnings_select(self, team_ids):
        """``SELECT id`` of the open warnings without object: a contact was made, the owner has changed, or the record
        cannot be lost any more."""
        return SQL(
            """
            SELECT warned.id
              FROM (%(warnings)s) AS warned
         LEFT JOIN (%(watched)s) AS watched ON watched.profile_id = warned.profile_id
             WHERE watched.user_id IS DISTINCT FROM warned.user_id OR watched.since >= warned.date
            """,
            warnings=self._to_warnings_select(),
            watched=self._to_watched_select(team_ids),
        )

    @api.model
    def _to_warnings_select(self):
        """``SELECT id, profile_id, user_id, date`` of the open warnings of the current company."""
        return SQL(
            """
            SELECT move.id, about.id AS profile_id, move.old_user_id AS user_id, move.date
              FROM grading_ownership AS move
         LEFT JOIN grading_profile AS about
                ON about.company_id = move.company_id
               AND (about.lead_id = move.lead_id OR about.partner_id = move.partner_id)
             WHERE move.is_open AND move.company_id = %s
            """,
            self.env.company.id,
        )

    @api.model
    def _to_watched_select(self, team_ids):
        """``SELECT profile_id, partner_id, lead_id, team_id, warning_days, user_id, is_gone, since, pool_date`` of all
        that can be lost to the pool of a team: since when there was no contact, and from when on that is overdue.

        Prospects have ordered in no company. A planned meeting keeps a contact from being overdue. Users who are gone
        lose all that they own, without a warning.
        """
        return SQL(
            """
            SELECT profile.id AS profile_id, profile.partner_id, profile.lead_id, team.id AS team_id,
                   team.warning_days, owner.id AS user_id, %(is_gone)s AS is_gone, care.since,
                   care.overdue_date AS pool_date
              FROM grading_profile AS profile
             %(reached)s
              JOIN res_users AS owner
                ON owner.id = CASE WHEN profile.lead_id IS NULL THEN person.user_id ELSE lead.user_id END
        CROSS JOIN LATERAL (%(team)s) AS team
         LEFT JOIN LATERAL (%(care)s) AS care ON TRUE
             WHERE profile.company_id = %(company)s
               AND (%(is_open)s OR profile.lead_id IS NULL AND person.active
                    AND (%(covering_lead)s) IS NULL AND NOT (%(has_ordered)s))
               AND (%(is_gone)s OR care.overdue_date IS NOT NULL AND %(allowed)s
                    AND (profile.lead_id IN (SELECT planned.lead_id FROM (%(meetings)s) AS planned)) IS NOT TRUE
                    AND (profile.partner_id IN (SELECT planned.partner_id FROM (%(meetings)s) AS planned)) IS NOT TRUE)
            """,
            reached=reached_joins("profile"),
            team=self._to_team_of_owner(team_ids),
            care=self._to_overdue_care(),
            company=self.env.company.id,
            is_gone=self._is_gone(),
            is_open=self.env["crm.lead"]._grading_is_open_to_sql("lead"),
            covering_lead=self._covering_lead(),
            has_ordered=self._has_ordered(),
            allowed=self.env["grading.care"]._may_be_contacted(),
            meetings=self.env["grading.contact.source"]._meetings_ahead(),
        )

    @api.model
    def _to_team_of_owner(self, team_ids):
        """The team of the lead, or the first one of which the owner of the prospect is a member; for an owner who is
        gone, the team of the former membership, else any."""
        return SQL(
            """
            SELECT team.id, team.grading_pool_warning_days AS warning_days
              FROM crm_team AS team
        CROSS JOIN LATERAL (
                   SELECT BOOL_OR(member.active) AS active FROM crm_team_member AS member
                    WHERE member.crm_team_id = team.id AND member.user_id = owner.id
                   ) AS membership
             WHERE team.id = ANY(%(teams)s)
               AND (team.id = lead.team_id OR profile.lead_id IS NULL AND (membership.active OR %(is_gone)s))
          ORDER BY membership.active IS NOT NULL DESC, team.sequence, team.id LIMIT 1
            """,
            teams=team_ids,
            is_gone=self._is_gone(),
        )

    @api.model
    def _to_overdue_care(self):
        """The next contact that decides whether the owner of ``profile`` loses it: of the cadences that the salesperson
        has to keep, counted at the earliest from the day on which the cadence began to cover ``profile`` and from the
        last hand-over."""
        return self.env["grading.care"]._overdue_select(
            since=SQL(
                "GREATEST(own.start_date, (SELECT move.date FROM (%s) AS move))",
                self._to_last_move("profile", *HANDED_OVER),
            ),
            condition=SQL("cadence.responsible_type = 'salesperson'"),
        )

    @api.model
    def _has_ordered(self):
        """Whether the customer of ``profile`` has bought anything, in whatever company: owners are common to all."""
        return SQL(
            "EXISTS (SELECT FROM grading_profile AS buyer"
            " WHERE buyer.partner_id = profile.partner_id AND buyer.order_count > 0)"
        )

    # ------------------------------------------------------------
    # Back to the pool
    # ------------------------------------------------------------

    @api.model
    def _steps(self):
        name = f"Warning owners and taking back what is overdue in {self.env.company.name}"
        return [*super()._steps(), (name, self._warn_and_revoke)]

    @api.model
    def _warn_and_revoke(self, limit=MOVE_BATCH):
        """Warn the owners of the current company about overdue contacts, and return to the pool what stays overdue.

        :return: how many records the owners were warned about or have lost
        """
        self.env.flush_all()
        teams = self.env["crm.team"].sudo()._grading_of_company([("grading_pool", "=", True)])
        self._withdraw_idle_warnings(teams)
        rows = self.env.execute_query(self._to_overdue_select(teams.ids, limit)) if teams else []
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
        """Withdraw the warnings without object, see :meth:`_to_idle_warnings_select`."""
        rows = self.env.execute_query(self._to_idle_warnings_select(teams.ids))
        self.sudo().browse(warning_id for [warning_id] in rows)._withdraw()
        self.env.flush_all()

    def _warn(self):
        """Create an activity for each owner that says by when a contact is needed."""
        self._notify(
            {move: move.old_user_id for move in self},
            lambda move: (
                move.env._("Contact %s or it returns to the pool", move._subject().display_name),
                move.env._(
                    "There has been no contact for too long. Without one, it goes back to the public pool of the team "
                    "“%(team)s” on %(day)s.",
                    team=move.team_id.name,
                    day=format_date(move.env, move.pool_date),
                ),
            ),
        )
