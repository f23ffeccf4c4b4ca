from odoo import api, models
from odoo.tools import SQL

from .grading_snapshot import month_end

# Rows deleted by one statement.
DELETED_AT_ONCE = 10000


class GradingSnapshot(models.Model):
    """What becomes of snapshots: merged with their customers and leads, linked again, and deleted when they are old."""

    _inherit = "grading.snapshot"

    @api.model
    def _merge(self, key, sources, target):
        """Hand the snapshots of those who go to the one who stays, as far as that one has none of the same month; of
        several the first one's. What the two would have been as one is not known.

        :param str key: ``partner_id`` or ``lead_id``
        :param list sources: ids of those who go
        :param int target: the id of the one who stays, whose profiles are there
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                WITH moved AS (
                    UPDATE grading_snapshot AS going
                       SET %(key)s = %(target)s,
                           profile_id = (SELECT profile.id FROM grading_profile AS profile
                                          WHERE profile.%(key)s = %(target)s AND profile.company_id = going.company_id)
                     WHERE going.%(key)s = ANY(%(sources)s) AND NOT EXISTS (
                               SELECT FROM grading_snapshot AS kept
                                WHERE kept.date = going.date AND kept.company_id = going.company_id
                                  AND (kept.%(key)s = %(target)s
                                       OR kept.%(key)s = ANY(%(sources)s) AND kept.id < going.id)
                           )
                 RETURNING going.id
                )
                DELETE FROM grading_snapshot AS gone
                 WHERE gone.%(key)s = ANY(%(sources)s) AND gone.id NOT IN (SELECT id FROM moved)
             RETURNING gone.id
                """,
                key=SQL.identifier(key),
                sources=list(sources),
                target=target,
            )
        )
        self.invalidate_model()

    @api.model
    def _link(self, profiles):
        """Link what is remembered of customers to the profiles that they have again."""
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE grading_snapshot AS snapshot SET profile_id = profile.id
                  FROM grading_profile AS profile
                 WHERE profile.id = ANY(%s) AND snapshot.partner_id = profile.partner_id
                   AND snapshot.company_id = profile.company_id AND snapshot.profile_id IS NULL
             RETURNING snapshot.id
                """,
                profiles.ids,
            )
        )
        self.invalidate_model(["profile_id"])

    @api.autovacuum
    def _gc_old(self):
        """Delete what is older than each company keeps it, a part at a time.

        :return: how many were deleted, and whether there may be more
        """
        deleted, more = 0, False
        for company in self.env["res.company"].sudo().search([("active", "in", (True, False))]):
            oldest = month_end(company._grading_today(), -company.grading_snapshot_months)
            rows = self.env.execute_query(
                SQL(
                    """
                    DELETE FROM grading_snapshot
                     WHERE id IN (
                               SELECT id FROM grading_snapshot WHERE company_id = %s AND date < %s LIMIT %s
                           )
                 RETURNING id
                    """,
                    company.id,
                    oldest,
                    DELETED_AT_ONCE,
                )
            )
            deleted += len(rows)
            more = more or len(rows) == DELETED_AT_ONCE
        return deleted, int(more)


class GradingProfileAside(models.Model):
    """A customer who is one of their own again finds their snapshots again, as they do their history."""

    _inherit = "grading.profile.aside"

    def _take_back(self):
        profiles = super()._take_back()
        if profiles:
            self.env["grading.snapshot"].sudo()._link(profiles)
        return profiles


class GradingPopulation(models.AbstractModel):
    """A lead takes its snapshots along into another company."""

    _inherit = "grading.population"

    @api.model
    def _kept_of_leads(self):
        return [*super()._kept_of_leads(), "grading_snapshot"]
