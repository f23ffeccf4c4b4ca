from odoo import api, fields, models
from odoo.fields import Domain

from ..base.fields import SELLERS


class GradingGradedMixin(models.AbstractModel):
    """Contacts and leads show their segments beside the grade."""

    _inherit = "grading.graded.mixin"

    grading_segment_ids = fields.Many2many(
        "grading.secondary",
        string="Segments",
        compute="_compute_grading_segment_ids",
        search="_search_grading_segment_ids",
        groups=SELLERS,
        help="What the schemes beside the grade say, such as RFM.",
    )

    @api.depends("grading_profile_id")
    @api.depends_context("company", "uid")
    def _compute_grading_segment_ids(self):
        profiles = self.grading_profile_id
        rows = self.env["grading.secondary"].search([("profile_id", "in", profiles.ids), ("grade_id", "!=", False)])
        by_profile = rows.grouped("profile_id")
        for record in self:
            record.grading_segment_ids = by_profile.get(record.grading_profile_id, rows.browse())

    def _search_grading_segment_ids(self, operator, value):
        """By rows, by the name of a segment, or ``False`` for none. What a user may not see is not found."""
        known = Domain("grade_id", "!=", False)
        if operator == "in":
            ids = [one for one in value if one]
            found = self._with_segment(known & Domain("id", "in", ids)) if ids else Domain.FALSE
            return found | ~self._with_segment(known) if len(ids) < len(list(value)) else found
        if operator == "any":
            return self._with_segment(known & Domain(value))
        if operator in ("ilike", "like", "=ilike", "=like"):
            return self._with_segment(known & Domain("grade_id", operator, value))
        return NotImplemented

    @api.model
    def _with_segment(self, domain):
        rows = self.env["grading.secondary"]._search(domain)
        return Domain("grading_profile_id.secondary_ids", "any", [("id", "in", rows)])

    @api.model
    def search_panel_select_range(self, field_name, **kwargs):
        """Beside the list there are grades, and no segments."""
        if field_name == "grading_grade_id":
            kwargs["comodel_domain"] = Domain(kwargs.get("comodel_domain") or []) & Domain("is_segment", "=", False)
        return super().search_panel_select_range(field_name, **kwargs)

    @api.model
    def _grading_schemes(self):
        return super()._grading_schemes().filtered(lambda scheme: not scheme.is_secondary)

    @api.model
    def _grading_rules(self):
        """What filters of segments read asks for a new score, too."""
        rules = super()._grading_rules()
        schemes = self.env["grading.scheme"].sudo().search([("active", "=", True), ("threshold_mode", "=", "filter")])
        return (*rules, schemes.threshold_ids)
