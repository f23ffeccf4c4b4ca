from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.fields import FloatOrUnknown, MonetaryOrUnknown


class GradingSecondarySnapshot(models.Model):
    """Which segment a customer or open lead had when a month ended, by each scheme beside the grade.

    It belongs to the snapshot of that month: it is seen, merged, kept and deleted with it. Months that were judged
    afterwards have none.
    """

    _name = "grading.secondary.snapshot"
    _inherit = ["grading.lead.access.mixin", "grading.figures.access.mixin", "grading.amount.sum.mixin"]
    _description = "Segment at the End of a Month"
    _order = "snapshot_id desc, scheme_id, id"
    _log_access = False
    _rec_name = "grade_id"

    snapshot_id = fields.Many2one("grading.snapshot", required=True, ondelete="cascade", readonly=True)
    date = fields.Date(related="snapshot_id.date", string="Month")
    partner_id = fields.Many2one(related="snapshot_id.partner_id", string="Customer")
    lead_id = fields.Many2one(related="snapshot_id.lead_id")
    company_id = fields.Many2one(related="snapshot_id.company_id")
    currency_id = fields.Many2one(related="snapshot_id.company_id.currency_id")
    main_grade_id = fields.Many2one(related="snapshot_id.grade_id", string="Grade Then")
    order_amount_12m = MonetaryOrUnknown(related="snapshot_id.order_amount_12m", string="Amount, 12 Months")
    scheme_id = fields.Many2one("grading.scheme", required=True, ondelete="cascade", index=True, readonly=True)
    grade_id = fields.Many2one("grading.grade", string="Segment", ondelete="restrict", readonly=True)
    score = FloatOrUnknown(digits=(16, 2), aggregator="avg", readonly=True)

    _snapshot_scheme_unique = models.UniqueIndex(
        "(snapshot_id, scheme_id)", "A scheme says one thing of a customer or lead in a month."
    )

    @api.model
    def _visible_figures_domain(self):
        """It is seen with its snapshot."""
        visible = self.env["grading.snapshot"]._visible_figures_domain()
        return Domain.TRUE if visible.is_true() else Domain("snapshot_id", "any", visible)


class GradingSnapshot(models.Model):
    _inherit = "grading.snapshot"

    @api.model
    def _take(self, day, profiles=None):
        """Segments are remembered with the month, in one statement."""
        count = super()._take(day, profiles)
        self.env.execute_query(
            SQL(
                """
                INSERT INTO grading_secondary_snapshot (snapshot_id, scheme_id, grade_id, score)
                SELECT taken.id, own.scheme_id, own.grade_id, own.score
                  FROM grading_secondary AS own
                  JOIN grading_snapshot AS taken ON taken.profile_id = own.profile_id AND taken.date = %s
                 WHERE taken.company_id = %s AND taken.backfilled IS NOT TRUE AND %s
                    ON CONFLICT DO NOTHING
                """,
                day,
                self.env.company.id,
                self._among("own.profile_id", profiles),
            )
        )
        return count
