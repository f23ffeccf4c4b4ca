from odoo import api, fields, models
from odoo.fields import Domain

from ..base.fields import FloatOrUnknown, MonetaryOrUnknown
from ..profile.grading_history_reason import NAMED_CRITERIA
from ..score.grading_criterion_hint import format_number


class GradingPreviewLine(models.Model):
    """A customer or lead that would get another grade by a draft: before, after, and the criteria that do it.

    The grade that they would get is the one in the end; where the days of grace hold the fall back, the line says so.
    """

    _name = "grading.preview.line"
    _inherit = ["grading.lead.access.mixin", "grading.prospect.access.mixin"]
    _description = "Would Move"
    _order = "preview_id, order_amount_12m desc, id"
    _log_access = False

    preview_id = fields.Many2one("grading.preview", required=True, ondelete="cascade", index=True, readonly=True)
    profile_id = fields.Many2one("grading.profile", ondelete="set null", index="btree_not_null", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", ondelete="cascade", index="btree_not_null", readonly=True
    )
    lead_id = fields.Many2one("crm.lead", ondelete="cascade", index="btree_not_null", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    from_grade_id = fields.Many2one("grading.grade", string="From", ondelete="cascade", readonly=True)
    to_grade_id = fields.Many2one("grading.grade", string="To", ondelete="cascade", readonly=True)
    direction = fields.Selection(
        [("up", "Up"), ("down", "Down"), ("new", "New"), ("gone", "None any more"), ("same", "Stays")],
        readonly=True,
    )
    is_waiting = fields.Boolean(
        string="After Grace", readonly=True, help="They keep their grade until the days of grace are over."
    )
    score_before = FloatOrUnknown(string="Score before", digits=(16, 2), aggregator="avg", readonly=True)
    score_after = FloatOrUnknown(string="Score after", digits=(16, 2), aggregator="avg", readonly=True)
    points_change = fields.Json(readonly=True, help="Of the criteria that differ: {criterion id: [before, after]}.")
    order_amount_12m = MonetaryOrUnknown(string="Amount, 12 Months", readonly=True)
    expected_amount = MonetaryOrUnknown(string="Forecast Revenue", readonly=True)
    change_text = fields.Char(string="What Changed", compute="_compute_change_text")

    @api.model
    def _prospects_domain(self):
        """The profile says by which lead; those without one may be prospects."""
        return Domain("profile_id", "=", False)

    @api.depends("partner_id", "lead_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line._subject().display_name

    @api.depends("points_change")
    @api.depends_context("lang")
    def _compute_change_text(self):
        ids = {int(key) for line in self for key in line.points_change or {}}
        names = {row.id: row.name for row in self.env["grading.criterion"].sudo().browse(ids).exists()}
        for line in self:
            line.change_text = line._explain(names) or False

    def _explain(self, names):
        """``Orders +6, Payments −2 and 1 more``

        :param dict names: those of the criteria, by id
        """
        scheme = self.preview_id.scheme_id
        if scheme._moves_segments() and scheme.threshold_mode == "filter":  # points decide nothing there
            return self._explain_without_points()
        moves = sorted(
            ((int(key), *points) for key, points in (self.points_change or {}).items()),
            key=lambda move: (-abs(move[2] - move[1]), move[0]),
        )
        words = [
            f"{names.get(key) or self.env._('A removed criterion')} {'+' if after > before else '−'}"
            f"{format_number(self.env, abs(after - before))}"
            for key, before, after in moves[:NAMED_CRITERIA]
        ]
        if not words:
            return self._explain_without_points()
        if rest := len(moves) - len(words):
            return self.env._("%(criteria)s and %(count)s more", criteria=", ".join(words), count=rest)
        return ", ".join(words)

    def _explain_without_points(self):
        """Why the grade is another one although the points are the same, or there are none."""
        scheme, segment = self.preview_id.scheme_id, self.to_grade_id
        if not scheme._moves_segments():
            return self.env._("Other limits of the grades")
        if scheme.threshold_mode != "filter":
            return self.env._("Other limits of the segments")
        if not segment:
            return self.env._("Is not covered, or meets no filter of a segment")
        return self.env._("Meets the filter of “%s”", segment.name)
