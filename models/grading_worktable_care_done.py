from odoo import api, models
from odoo.tools import SQL

from .grading_worktable import KEYS

LAST_DATES = {"online": "last_online_date", "call": "last_call_date", "visit": "last_visit_date"}


class GradingWorktable(models.AbstractModel):
    """What a contact that somebody has just made changes, before the next run."""

    _inherit = "grading.worktable"

    @api.model
    def _restart_care(self, cares, channel, day):
        """The contacts ``cares`` were made on ``day``: count anew for their leads and customers, by the cadences that
        they have. A contact about a lead is one with its customer, too.

        :param grading.care cares: rows of the current company
        :param str channel: what was done counts as
        """
        self.env.execute_query(
            SQL(
                "UPDATE grading_care SET done_date = %s, put_off_date = NULL WHERE id = ANY(%s) RETURNING id",
                day,
                cares.ids,
            )
        )
        ids = self._contacted_profiles(cares)
        if channel in LAST_DATES:
            self.env.execute_query(
                SQL(
                    # A run that measured before must not write over it: it looks at when the profile was written.
                    "UPDATE grading_profile SET %(name)s = GREATEST(%(name)s, %(day)s),"
                    " write_date = NOW() AT TIME ZONE 'UTC' WHERE id = ANY(%(ids)s) RETURNING id",
                    name=SQL.identifier(LAST_DATES[channel]),
                    day=day,
                    ids=ids,
                )
            )
        matches = SQL("SELECT profile_id, cadence_id FROM grading_care WHERE profile_id = ANY(%s)", ids)
        for subject in ("lead", "customer"):  # a prospect has the dates of his best lead
            population = SQL(
                "(SELECT %(key)s FROM grading_profile AS one WHERE id = ANY(%(ids)s) AND %(key)s IS NOT NULL)",
                key=SQL.identifier(KEYS[subject]),
                ids=ids,
            )
            mine = SQL(
                "SELECT own.* FROM (%s) AS own JOIN grading_profile AS profile ON profile.id = own.profile_id"
                " WHERE %s IS NOT NULL",
                matches,
                SQL.identifier("profile", KEYS[subject]),
            )
            self._write_care_batch(1, self._create_care_changes(subject, mine, day, population), day)

    @api.model
    def _contacted_profiles(self, cares):
        """Ids of the profiles of those who were contacted: the customers and leads, and the leads' customers."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT profile.id FROM grading_profile AS profile
                 WHERE profile.id = ANY(%(profiles)s) OR profile.company_id = %(company)s AND profile.partner_id IN (
                           SELECT person.commercial_partner_id
                             FROM crm_lead AS lead JOIN res_partner AS person ON person.id = lead.partner_id
                            WHERE lead.id = ANY(%(leads)s)
                       )
                """,
                profiles=cares.profile_id.ids,
                company=self.env.company.id,
                leads=cares.lead_id.ids,
            )
        )
        return [profile_id for [profile_id] in rows]
