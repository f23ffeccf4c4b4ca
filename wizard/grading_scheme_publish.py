from odoo import api, fields, models

from ..models.base.guarded import guarded


class GradingSchemePublish(models.TransientModel):
    """Asks, before a draft is published, what has changed and whether plays are to start because of it."""

    _name = "grading.scheme.publish"
    _inherit = ["grading.input.mixin"]
    _description = "Publish a Draft"

    scheme_id = fields.Many2one("grading.scheme", required=True, readonly=True, ondelete="cascade")
    is_outdated = fields.Boolean(related="scheme_id.is_outdated")
    outdated_text = fields.Text(compute="_compute_outdated_text")
    note = fields.Char(string="What Has Changed", help="Shown in the list of versions.")
    starts_plays = fields.Boolean(
        string="Start Plays",
        help="Customers whose grade or stage changes because of the new rules start plays, as if they had changed "
        "themselves.",
    )

    @api.depends("scheme_id")
    def _compute_outdated_text(self):
        """What became of the published scheme since the draft was made."""
        for wizard in self:
            draft, scheme = wizard.scheme_id, wizard.scheme_id.draft_of_id
            wizard.outdated_text = False
            if not draft.is_outdated:
                continue
            scheme._keep_versions()
            former = scheme.sudo().version_ids.filtered(
                lambda row, draft=draft: row.kind == "version" and row.version == draft.base_version
            )
            rows = draft._compare_contents(former.content, scheme._content()) if former else []
            changes = draft._differences_text(rows)
            wizard.outdated_text = changes or self.env._("Its place or its company was changed.")

    @guarded(one=True)
    def action_publish(self):
        """Publish the draft and rescore the customers."""
        scheme = self.scheme_id._publish(self.note, self.starts_plays)
        told = scheme._rescore_after_publishing()
        told["params"]["next"] = {**scheme._open_form(), "target": "main"}
        return told

    @guarded(one=True)
    def action_start_anew(self):
        """Begin the draft again with the changes that were made to the published scheme."""
        self.scheme_id._start_anew()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
