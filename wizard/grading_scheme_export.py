import base64
import re

from odoo import fields, models

from ..models.base.guarded import guarded


class GradingSchemeExport(models.TransientModel):
    """Asks what goes along with a scheme, and gives the file."""

    _name = "grading.scheme.export"
    _inherit = ["grading.input.mixin"]
    _description = "Export a Scheme"

    scheme_id = fields.Many2one("grading.scheme", required=True, readonly=True, ondelete="cascade")
    with_tag_rules = fields.Boolean(string="Tag Rules")
    with_cadences = fields.Boolean(string="Cadences")
    file = fields.Binary(readonly=True, attachment=False)
    filename = fields.Char(readonly=True)

    @guarded(one=True)
    def action_export(self):
        """Write the file, and have the browser download it."""
        scheme = self.scheme_id
        scheme.check_access("write")
        text = scheme._to_file(self.with_tag_rules, self.with_cadences)
        stem = re.sub(r"[^\w-]+", "_", scheme.name).strip("_")[:60] or "scheme"
        self.write({"file": base64.b64encode(text.encode()), "filename": f"{stem}.json"})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{stem}.json?download=true",
            "target": "download",
        }
