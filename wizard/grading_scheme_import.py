import base64
import binascii

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.base.guarded import guarded


class GradingSchemeImport(models.TransientModel):
    """Asks for the file of a scheme, and makes a draft of it."""

    _name = "grading.scheme.import"
    _inherit = ["grading.input.mixin"]
    _description = "Import a Scheme"

    file = fields.Binary(attachment=False)
    filename = fields.Char()
    with_tag_rules = fields.Boolean(string="Tag Rules", help="They come archived.")
    with_cadences = fields.Boolean(string="Cadences", help="They come archived.")

    @guarded(one=True)
    def action_import(self):
        """Make a draft of the file; all that is wrong with it is named at once.

        :raise UserError: it cannot be imported
        """
        Scheme = self.env["grading.scheme"]
        Scheme.check_access("create")
        try:
            data = base64.b64decode(self.file or b"", validate=True)
        except (binascii.Error, ValueError):
            data = b""
        if not data:
            raise UserError(self.env._("Choose the file of a scheme: it is empty."))
        return Scheme._from_file(data, self.with_tag_rules, self.with_cadences)._open_form()
