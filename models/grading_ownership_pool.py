from odoo import api, models
from odoo.tools import SQL
from odoo.tools.misc import format_date

from .grading_care_neglect import NEGLECTED_RHYTHMS
from .grading_ownership_assign import MOVE_BATCH

# What begins the time of an owner anew, as a contact does.
HANDED_OVER = ("assigned", "claimed", "hand")


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
        rows = self.env.execute_query(self._to_neglected_select(teams.ids, limit)) if teams else []
        warned, pooled = [], []
        for partner_id, lead_id, team_id, user_id, pool_date, is_lost in rows:
            move = {"partner_id": partner_id, "lead_id": lead_id, "team_id": team_id, "old_user_id": user_id}
            if is_lost:
                pooled.append(move)
            else:
                warned.append({**move, "new_user_id": user_id, "pool_date": pool_date})
        self._move("pooled", pooled)
        self._move("warned", warned)._warn()
        self.env.flush_all()
        return len(rows)

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

    # ------------------------------------------------------------
    # To SQL
    # ------------------------------------------------------------

    @api.model
    def _to_neglected_select(self, team_ids, limit):
        """``SELECT partner_id, lead_id, team_id, user_id, pool_date, is_lost`` of who is to be warned about, and of who
        is lost because the warning has run out.

        Prospects have ordered in no company. The rows are locked; what another worker has locked is left to him.
        """
        profile = SQL.identifier("profile")
        return SQL(
            """
            SELECT profile.partner_id, profile.lead_id, team.id, owner.id,
                   GREATEST(care.pool_date, COALESCE(warned.date, %(today)s) + team.warning_days),
                   team.warning_days = 0 OR warned.date IS NOT NULL
              FROM grading_profile AS profile
         LEFT JOIN crm_lead AS lead ON lead.id = profile.lead_id
         LEFT JOIN res_partner AS person ON person.id = COALESCE(profile.partner_id, lead.partner_id)
         LEFT JOIN res_partner AS customer ON customer.id = person.commercial_partner_id
              JOIN res_users AS owner
                ON owner.id = CASE WHEN profile.lead_id IS NULL THEN person.user_id ELSE lead.user_id END
        CROSS JOIN LATERAL (%(team)s) AS team
        CROSS JOIN LATERAL (%(care)s) AS care
         LEFT JOIN LATERAL (
                   SELECT move.date FROM (%(warning)s) AS move
                    WHERE move.old_user_id = owner.id AND move.date > care.since
                   ) AS warned ON TRUE
             WHERE profile.company_id = %(company)s
               AND (%(is_open)s OR profile.lead_id IS NULL AND (%(looked_after)s) IS NULL AND NOT (%(has_ordered)s))
               AND %(allowed)s
               AND %(today)s > care.since
               AND %(today)s >= CASE WHEN warned.date IS NULL THEN care.pool_date - team.warning_days
                                     ELSE GREATEST(care.pool_date, warned.date + team.warning_days) END
          ORDER BY profile.id
             LIMIT %(limit)s
               FOR UPDATE OF profile SKIP LOCKED
            """,
            today=self.env.company._grading_today(),
            team=self._to_team_of_owner(team_ids),
            care=self._to_neglected_care(),
            warning=self._to_last_move(profile, "warned"),
            company=self.env.company.id,
            is_open=self._is_open(),
            looked_after=self._looked_after(),
            has_ordered=self._has_ordered(),
            allowed=self.env["grading.care"]._may_be_contacted(),
            limit=limit,
        )

    @api.model
    def _to_team_of_owner(self, team_ids):
        """The team of the lead, or the first one of which the owner of the prospect is a member."""
        return SQL(
            """
            SELECT team.id, team.grading_pool_warning_days AS warning_days
              FROM crm_team AS team
             WHERE team.id = ANY(%(teams)s)
               AND (team.id = lead.team_id OR profile.lead_id IS NULL AND EXISTS (
                       SELECT FROM crm_team_member AS member
                        WHERE member.crm_team_id = team.id AND member.user_id = owner.id AND member.active
                   ))
          ORDER BY team.sequence, team.id LIMIT 1
            """,
            teams=team_ids,
        )

    @api.model
    def _to_neglected_care(self):
        """The shortest rhythm of ``profile``: its channel, since when nobody was in touch, and the day after twice the
        rhythm has passed. A contact that was just done counts before the next run has measured it."""
        return SQL(
            """
            SELECT own.channel, touched.since, (touched.since + %(rhythms)s * %(interval)s)::date + 1 AS pool_date
              FROM grading_care AS own
              JOIN grading_cadence AS cadence ON cadence.id = own.cadence_id
        CROSS JOIN LATERAL (
                   SELECT GREATEST(
                       own.start_date, profile.last_online_date, profile.last_call_date, profile.last_visit_date,
                       (SELECT MAX(GREATEST(made.last_date, made.done_date)) FROM grading_care AS made
                         WHERE made.profile_id = profile.id),
                       (SELECT move.date FROM (%(handed_over)s) AS move)
                   ) AS since
                   ) AS touched
             WHERE own.profile_id = profile.id AND cadence.active
               AND cadence.anchor = 'contact' AND cadence.responsible_type = 'salesperson'
          ORDER BY %(interval)s, own.id LIMIT 1
            """,
            rhythms=NEGLECTED_RHYTHMS,
            interval=self.env["grading.cadence"]._interval_to_sql(),
            handed_over=self._to_last_move(SQL.identifier("profile"), *HANDED_OVER),
        )

    @api.model
    def _has_ordered(self):
        """Whether the customer of ``profile`` has bought anything, in whatever company: owners are common to all."""
        return SQL(
            "EXISTS (SELECT FROM grading_profile AS buyer"
            " WHERE buyer.partner_id = profile.partner_id AND buyer.order_count > 0)"
        )
