from odoo import api, fields, models
from odoo.tools import groupby


class GradingSchemeCompare(models.TransientModel):
    """Two versions of a scheme side by side, in words; without a second one, the first beside the present content."""

    _name = "grading.scheme.compare"
    _inherit = ["grading.input.mixin"]
    _description = "Compare Versions"

    scheme_id = fields.Many2one("grading.scheme", required=True, readonly=True, ondelete="cascade")
    left_id = fields.Many2one(
        "grading.scheme.version", string="Version", required=True, domain="[('scheme_id', '=', scheme_id)]"
    )
    right_id = fields.Many2one(
        "grading.scheme.version",
        string="Compare with",
        domain="[('scheme_id', '=', scheme_id)]",
        help="Empty: the scheme as it is now.",
    )
    only_differences = fields.Boolean(default=True)
    comparison = fields.Html(compute="_compute_comparison", sanitize=False)

    @api.depends("scheme_id", "left_id", "right_id", "only_differences")
    @api.depends_context("lang")
    def _compute_comparison(self):
        for wizard in self:
            if not wizard.left_id or not wizard.scheme_id:
                wizard.comparison = False
                continue
            left, right = wizard.left_id, wizard.right_id
            present = right.content if right else wizard.scheme_id._origin._content()
            rows = wizard.scheme_id._compare_contents(left.content, present)
            shown = [row for row in rows if row["differs"] or not wizard.only_differences]
            wizard.comparison = self.env["ir.qweb"]._render(
                "customer_grading.grading_scheme_comparison",
                {
                    "left": left.display_name,
                    "right": right.display_name if right else self.env._("Now"),
                    "parts": [(part, list(group)) for part, group in groupby(shown, lambda row: row["part"])],
                },
            )
