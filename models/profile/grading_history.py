from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..base.fields import FloatOrEmpty


class GradingHistory(models.Model):
    """One change of the grade, stage or score of a customer or lead: when, from what to what, why, and by which user.

    What did not change is on the line as well, before and after: so a line is complete in itself, and lists show where
    the two differ. Lines are never edited.
    """

    _name = "grading.history"
    _inherit = ["grading.lead.access.mixin", "grading.prospect.access.mixin"]
    _description = "Grading History"
    _order = "date desc, id desc"

    profile_id = fields.Many2one("grading.profile", ondelete="set null", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade", index="btree_not_null")
    lead_id = fields.Many2one("crm.lead", ondelete="cascade", index="btree_not_null")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    date = fields.Date(required=True)
    old_grade_id = fields.Many2one("grading.grade", string="From", ondelete="restrict")
    new_grade_id = fields.Many2one("grading.grade", string="To", ondelete="restrict")
    old_lifecycle_id = fields.Many2one("grading.lifecycle", string="From Stage", ondelete="set null")
    new_lifecycle_id = fields.Many2one("grading.lifecycle", string="To Stage", ondelete="set null")
    old_score = FloatOrEmpty(digits=(16, 2), aggregator="avg")
    new_score = FloatOrEmpty(string="Score", digits=(16, 2), aggregator="avg")
    reason = fields.Selection(
        [
            ("rescore", "Rescoring"),
            ("score", "Change of the score"),
            ("override", "Override"),
            ("override_end", "End of an override"),
            ("merge", "Merge"),
            ("first_order", "First order"),
            ("moved", "Contact changed company"),
        ],
        required=True,
    )
    note = fields.Char()
    scheme_id = fields.Many2one("grading.scheme", ondelete="set null", readonly=True)
    scheme_version = fields.Integer(
        readonly=True, aggregator=None, help="By which version of the scheme it came out so."
    )
    is_grade_change = fields.Boolean(
        string="Change of Grade", compute="_compute_is_change", search="_search_is_grade_change"
    )
    is_lifecycle_change = fields.Boolean(
        string="Change of Stage", compute="_compute_is_change", search="_search_is_lifecycle_change"
    )
    user_id = fields.Many2one("res.users", string="By", ondelete="set null")

    _profile_date_index = models.Index("(profile_id, date DESC, id DESC)")

    @api.depends("old_grade_id", "new_grade_id", "old_lifecycle_id", "new_lifecycle_id")
    def _compute_is_change(self):
        for line in self:
            line.is_grade_change = line.old_grade_id != line.new_grade_id
            line.is_lifecycle_change = line.old_lifecycle_id != line.new_lifecycle_id

    def _search_is_grade_change(self, operator, value):
        return self._search_differing("old_grade_id", "new_grade_id", operator, value)

    def _search_is_lifecycle_change(self, operator, value):
        return self._search_differing("old_lifecycle_id", "new_lifecycle_id", operator, value)

    @api.model
    def _search_differing(self, old, new, operator, value):
        """The lines on which the fields ``old`` and ``new`` differ, or do not."""
        if operator != "in":
            return NotImplemented
        differ = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "(%s IS DISTINCT FROM %s)",
                model._field_to_sql(alias, old, query),
                model._field_to_sql(alias, new, query),
            )
        )
        return differ if True in value else ~differ

    @api.depends("partner_id", "lead_id", "date")
    def _compute_display_name(self):
        for line in self:
            subject = line._subject().display_name
            line.display_name = ", ".join(filter(None, (subject, format_date(self.env, line.date))))
