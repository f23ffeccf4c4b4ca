from odoo import api, fields, models
from odoo.fields import Domain

from ..base.fields import FloatOrUnknown, MonetaryOrUnknown
from ..score.grading_criterion_hint import format_number


class GradingSecondary(models.Model):
    """What a secondary scheme says of a customer of a company, or of a lead: their segment, with the score and the
    points that lead there.

    Written by runs alone, in step with the profile; a row is there as long as the scheme covers the profile.
    """

    _name = "grading.secondary"
    _inherit = ["grading.lead.access.mixin", "grading.figures.access.mixin", "grading.amount.sum.mixin"]
    _description = "Segment beside the Grade"
    _order = "scheme_id, score desc, id"
    _log_access = False
    _rec_name = "grade_id"

    profile_id = fields.Many2one("grading.profile", required=True, ondelete="cascade", readonly=True)
    scheme_id = fields.Many2one("grading.scheme", required=True, ondelete="cascade", index=True, readonly=True)
    partner_id = fields.Many2one(related="profile_id.partner_id", string="Customer")
    lead_id = fields.Many2one(related="profile_id.lead_id")
    company_id = fields.Many2one(related="profile_id.company_id")
    currency_id = fields.Many2one(related="profile_id.currency_id")
    grade_id = fields.Many2one("grading.grade", string="Segment", ondelete="restrict", readonly=True)
    color = fields.Integer(related="grade_id.color")
    score = FloatOrUnknown(digits=(16, 2), aggregator="avg", readonly=True)
    points_detail = fields.Json(readonly=True, help="Points by criterion; they add up to the score.")
    since = fields.Date(string="In Segment since", readonly=True, help="Unknown for the first segment.")
    main_grade_id = fields.Many2one(related="profile_id.grade_id", string="Grade")
    order_amount_12m = MonetaryOrUnknown(related="profile_id.order_amount_12m", string="Amount, 12 Months")

    _profile_scheme_unique = models.UniqueIndex(
        "(profile_id, scheme_id)", "A scheme says one thing of a customer or lead."
    )

    @api.model
    def _visible_figures_domain(self):
        """A segment comes from what stands on the profile, and is seen with it."""
        leads = self.env["grading.profile"]._visible_leads_behind()
        visible = super()._visible_figures_domain()
        return visible if leads.is_true() else visible & Domain("profile_id", "any", leads)

    def _glance(self):
        """
        :return: ``scheme``, ``name``, ``title``, ``color``, ``text`` (the score, where points lead to the segment)
        :rtype: dict
        """
        self.ensure_one()
        grade, score = self.grade_id, self.score
        return {
            "scheme": self.scheme_id.name,
            "name": grade.name,
            "title": grade.title or "",
            "color": grade.color,
            "text": "" if score is False else format_number(self.env, score, 1),
        }

    @api.depends("scheme_id", "grade_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.grade_id.name or self.env._("No segment")
