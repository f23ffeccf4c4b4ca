from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.subject import SUBJECTS


class GradingPreviewStart(models.Model):
    """A customer or lead for whom a play would start if a draft were published and plays were let start."""

    _name = "grading.preview.start"
    _inherit = ["grading.lead.access.mixin", "grading.prospect.access.mixin"]
    _description = "Would Start a Play"
    _order = "preview_id, play_id, id"
    _log_access = False

    preview_id = fields.Many2one("grading.preview", required=True, ondelete="cascade", index=True, readonly=True)
    play_id = fields.Many2one("grading.play", required=True, ondelete="cascade", readonly=True)
    profile_id = fields.Many2one("grading.profile", ondelete="set null", index="btree_not_null", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", ondelete="cascade", index="btree_not_null", readonly=True
    )
    lead_id = fields.Many2one("crm.lead", ondelete="cascade", index="btree_not_null", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    grade_id = fields.Many2one("grading.grade", string="Grade by the Draft", ondelete="cascade", readonly=True)

    @api.model
    def _prospects_domain(self):
        """The profile says by which lead; those without one may be prospects."""
        return Domain("profile_id", "=", False)

    @api.depends("partner_id", "lead_id")
    def _compute_display_name(self):
        for start in self:
            start.display_name = start._subject().display_name


class GradingWorktable(models.AbstractModel):
    _inherit = "grading.worktable"

    @api.model
    def _keep_starts(self, preview, play, subject, starting):
        """Keep for whom a play would start.

        :param odoo.tools.query.Query starting: finds them in the profile's columns
        :return: how many they are
        :rtype: int
        """
        key = SUBJECTS[subject].key
        columns = SQL(
            "%s, CASE WHEN grading_profile.pending_since IS NULL THEN grading_profile.grade_id"
            " ELSE grading_profile.pending_grade_id END AS grade_id",
            self._list("grading_profile", ["id", key, "company_id"]),
        )
        self.env.execute_query(
            SQL(
                """
                INSERT INTO grading_preview_start (preview_id, play_id, profile_id, %(key)s, company_id, grade_id)
                SELECT %(preview)s, %(play)s, profile.id, found.%(key)s, found.company_id, found.grade_id
                  FROM (%(starting)s) AS found LEFT JOIN grading_profile AS profile ON profile.id = found.id
              ORDER BY found.id
             RETURNING id
                """,
                key=SQL.identifier(key),
                preview=preview.id,
                play=play.id,
                starting=starting.select(SQL("DISTINCT %s", columns)),
            )
        )
        return self.env.cr.rowcount
