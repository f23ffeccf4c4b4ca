import math
from collections import Counter

from odoo import api, models
from odoo.tools import SQL

# Customers and leads that get another owner between two commits.
MOVE_BATCH = 200


class GradingOwnership(models.Model):
    """Customers and leads without an owner, of the grades that a team wants, are assigned to its members."""

    _inherit = "grading.ownership"

    @api.model
    def _assign(self, limit=MOVE_BATCH):
        """Assign customers and leads of the current company that have no owner to the members of the teams.

        Each goes to the member with the fewest; among members with the same number, to the one with the lowest id.
        Members get at most the daily limit of contacts: the best grades first, the rest follows on the next days.

        :return: how many have an owner now
        """
        self.env.flush_all()
        teams = self.env["crm.team"].sudo()._grading_of_company([("grading_assign_owners", "=", True)])
        members = teams._grading_members()
        rooms = self._rooms({user_id for user_ids in members.values() for user_id in user_ids})
        free_ids = [team_id for team_id, user_ids in members.items() if any(rooms[user_id] for user_id in user_ids)]
        rows = self.env.execute_query(self._to_ownerless_select(list(members), free_ids, limit)) if free_ids else []
        if not rows:
            return 0
        loads = self._loads(rooms)
        moves = []
        for partner_id, lead_id, team_id, old_user_id in rows:
            free = [user_id for user_id in members[team_id] if rooms[user_id]]
            if free:
                user_id = min(free, key=lambda user_id: (loads[user_id], user_id))
                loads[user_id] += 1
                rooms[user_id] -= 1
                move = {"partner_id": partner_id, "lead_id": lead_id, "team_id": team_id}
                moves.append({**move, "old_user_id": old_user_id, "new_user_id": user_id})
        self._move("assigned", moves)._notify_new_owners()
        self.env.flush_all()
        return len(moves)

    @api.model
    def _rooms(self, user_ids):
        """How many more can be assigned to each user today in the current company.

        :rtype: dict[int, float]
        """
        cap = self.env.company.grading_contacts_per_day or math.inf
        given = dict(self.env.execute_query(self._to_moves_of_today("assigned", "new_user_id")))
        return {user_id: max(0, cap - given.get(user_id, 0)) for user_id in user_ids}

    @api.model
    def _loads(self, user_ids):
        """How many graded customers and open leads of the current company each user has.

        :rtype: collections.Counter[int]
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(lead.user_id, customer.user_id), COUNT(*)
                  FROM grading_profile AS profile
             LEFT JOIN crm_lead AS lead ON lead.id = profile.lead_id
             LEFT JOIN res_partner AS customer ON customer.id = profile.partner_id
                 WHERE profile.company_id = %(company)s AND profile.grade_id IS NOT NULL
                   AND COALESCE(lead.user_id, customer.user_id) = ANY(%(users)s)
                   AND (customer.active OR %(is_open)s)
              GROUP BY 1
                """,
                company=self.env.company.id,
                users=list(user_ids),
                is_open=self.env["crm.lead"]._grading_is_open_to_sql("lead"),
            )
        )
        return Counter(dict(rows))

    @api.model
    def _is_gone(self):
        """Whether ``owner`` can own nothing any more: an archived user, or no internal one."""
        return SQL("(NOT owner.active OR owner.share)")

    @api.model
    def _covering_lead(self):
        """``SELECT id`` of the open lead through which the prospect of ``profile`` is covered."""
        return self.env["grading.worktable"]._covering_lead_select("profile")

    @api.model
    def _to_ownerless_select(self, team_ids, free_team_ids, limit):
        """``SELECT partner_id, lead_id, team_id, user_id`` of the customers and leads to assign: to which team, and the
        former owner.

        What went back to a pool stays there until it is claimed, and a prospect that is covered through a lead has the
        owner of the lead. Teams that have no room today, unlike ``free_team_ids``, leave what is theirs to no other
        team. The rows are locked; those that another worker has locked are skipped.
        """
        return SQL(
            """
            SELECT profile.partner_id, profile.lead_id, chosen.id, owner.id
              FROM grading_profile AS profile
         LEFT JOIN crm_lead AS lead ON lead.id = profile.lead_id
         LEFT JOIN res_partner AS customer ON customer.id = profile.partner_id
         LEFT JOIN res_users AS owner ON owner.id = COALESCE(lead.user_id, customer.user_id)
         LEFT JOIN grading_grade AS grade ON grade.id = profile.grade_id
        CROSS JOIN LATERAL (%(team)s) AS chosen
         LEFT JOIN LATERAL (%(last_move)s) AS last_move ON TRUE
             WHERE profile.company_id = %(company)s AND chosen.id = ANY(%(free)s)
               AND (owner.id IS NULL OR %(is_gone)s)
               AND (customer.active AND (%(covering_lead)s) IS NULL OR %(is_open)s)
               AND last_move.reason IS DISTINCT FROM 'pooled'
          ORDER BY grade.sequence, profile.id
             LIMIT %(limit)s
               FOR UPDATE OF profile SKIP LOCKED
            """,
            team=self._to_team_of_ownerless(team_ids),
            free=free_team_ids,
            last_move=self._to_last_move("profile", "assigned", "pooled", "claimed", "hand"),
            company=self.env.company.id,
            is_gone=self._is_gone(),
            covering_lead=self._covering_lead(),
            is_open=self.env["crm.lead"]._grading_is_open_to_sql("lead"),
            limit=limit,
        )

    @api.model
    def _to_team_of_ownerless(self, team_ids):
        """The team that assigns ``profile``: the lead's own and no other, or the one of the customer's last order, else
        the first that wants the grade."""
        return SQL(
            """
            SELECT team.id
              FROM crm_team AS team
              JOIN crm_team_grading_assign_grade_rel AS wanted
                ON wanted.team_id = team.id AND wanted.grade_id = profile.grade_id
         LEFT JOIN LATERAL (
                   SELECT sale.team_id
                     FROM sale_order AS sale
                     JOIN res_partner AS buyer ON buyer.id = sale.partner_id
                    WHERE buyer.commercial_partner_id = profile.partner_id
                      AND sale.company_id = profile.company_id AND sale.state = 'sale'
                 ORDER BY sale.date_order DESC, sale.id DESC LIMIT 1
                   ) AS last_sale ON TRUE
             WHERE team.id = ANY(%(teams)s) AND (profile.lead_id IS NULL OR team.id = lead.team_id)
          ORDER BY team.id = last_sale.team_id DESC NULLS LAST, team.sequence, team.id LIMIT 1
            """,
            teams=team_ids,
        )

    # ------------------------------------------------------------
    # Scheduled action
    # ------------------------------------------------------------

    @api.model
    def _cron_owners(self):
        """Assign owners, warn them and take back what stays overdue, in every company; a company that fails is logged
        and keeps no other one waiting."""
        companies = self.env["res.company"].search([("active", "=", True)])
        self._repeat([step for company in companies for step in self.with_company(company)._steps()])

    @api.model
    def _steps(self):
        """What is done for the current company, in this order: see :meth:`~.GradingJobMixin._repeat`.

        :rtype: list
        """
        return [(f"Assigning owners in {self.env.company.name}", self._assign)]
