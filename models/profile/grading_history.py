from odoo import api, fields, models
from odoo.tools.misc import format_date


class GradingHistory(models.Model):
    """One change of the grade or stage of a customer or lead: when, from what to what, why, and by which user.

    Lines are never edited.
    """

    _name = "grading.history"
    _inherit = ["grading.lead.access.mixin", "grading.figures.access.mixin"]
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
    old_score = fields.Float(digits=(16, 2), aggregator="avg")
    new_score = fields.Float(string="Score", digits=(16, 2), aggregator="avg")
    reason = fields.Selection(
        [
            ("rescore", "Rescoring"),
            ("override", "Override"),
            ("override_end", "End of an override"),
            ("merge", "Merge"),
            ("first_order", "First order"),
        ],
        required=True,
    )
    note = fields.Char()
    user_id = fields.Many2one("res.users", string="By", ondelete="set null")

    _profile_date_index = models.Index("(profile_id, date DESC, id DESC)")

    @api.depends("partner_id", "lead_id", "date")
    def _compute_display_name(self):
        for line in self:
            subject = (line.partner_id or line.lead_id).display_name
            line.display_name = ", ".join(filter(None, (subject, format_date(self.env, line.date))))
