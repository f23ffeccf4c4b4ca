import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.base.guarded import guarded, is_id


class GradingSchemePublish(models.TransientModel):
    """Asks, before a draft is published, what has changed and whether plays are to start because of it."""

    _name = "grading.scheme.publish"
    _inherit = ["grading.input.mixin"]
    _description = "Publish a Draft"

    scheme_id = fields.Many2one("grading.scheme", required=True, readonly=True, ondelete="cascade")
    is_outdated = fields.Boolean(related="scheme_id.is_outdated")
    moves_segments = fields.Boolean(compute="_compute_moves_segments", help="No grade moves, so that no play starts.")
    outdated_text = fields.Text(compute="_compute_outdated_text")
    shared_text = fields.Text(string="In Other Companies", compute="_compute_shared_text")
    shown = fields.Char(
        default=lambda wizard: wizard._default_shown(),
        help="Of what the draft and its scheme were when the dialog was opened.",
    )
    note = fields.Char(string="What Has Changed", help="Shown in the list of versions.")
    starts_plays = fields.Boolean(
        string="Start Plays",
        help="Customers whose grade or stage changes because of the new rules start plays, as if they had changed "
        "themselves.",
    )

    @api.depends("scheme_id")
    def _compute_moves_segments(self):
        for wizard in self:
            wizard.moves_segments = bool(wizard.scheme_id) and wizard.scheme_id._moves_segments()

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

    @api.depends("scheme_id.company_id")
    @api.depends_context("company", "lang")
    def _compute_shared_text(self):
        for wizard in self:
            wizard.shared_text = wizard.scheme_id._holds_elsewhere(self.env.company) and self.env._(
                "“%s” holds in all companies: customers of each of them are rescored by it. A preview tells of one "
                "company: for another one, switch to that company and preview the draft there.",
                wizard.scheme_id.name,
            )

    @api.model
    def _default_shown(self):
        """Noted when the dialog is opened: its record is made when the user has decided."""
        draft = self._draft_of(self.env.context.get("default_scheme_id")).exists()
        return self._fingerprint(draft) if draft else False

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if draft := self._draft_of(vals.get("scheme_id") or self.env.context.get("default_scheme_id")):
                draft._check_draft()
                vals.setdefault("shown", self._fingerprint(draft))
        return super().create(vals_list)

    @api.model
    def _draft_of(self, scheme_id):
        """The draft of that number, empty where it is none; it may be gone."""
        return self.env["grading.scheme"].browse(scheme_id if is_id(scheme_id) else ())

    @api.model
    def _fingerprint(self, draft):
        """What tells whether the draft, or the scheme that it is a draft of, has been changed: names and descriptions
        are published as well, although they raise no version."""
        draft.check_access("read")
        contents = [[scheme.version, scheme._content()] for scheme in (draft, draft.draft_of_id) if scheme]
        return hashlib.sha256(json.dumps(contents, sort_keys=True, default=str).encode()).hexdigest()

    def _check_as_shown(self):
        """
        :raise UserError: the draft is gone, or it or its scheme has been changed since the dialog was opened
        """
        if not self.exists():
            raise UserError(self.env["grading.scheme"]._gone_message())
        if self.shown and self.shown != self._fingerprint(self.scheme_id):
            raise UserError(
                self.env._(
                    "“%s” was changed after this window was opened, and that change would be published or undone "
                    "unseen. Close the window, look at the draft, and publish again.",
                    self.scheme_id.name,
                )
            )

    @guarded(one=True, gone=True)
    def action_publish(self):
        """Publish the draft and rescore the customers."""
        self._check_as_shown()
        scheme = self.scheme_id._publish(self.note, self.starts_plays)
        told = scheme._rescore_after_publishing()
        told["params"]["next"] = {**scheme._open_form(), "target": "main"}
        return told

    @guarded(one=True, gone=True)
    def action_start_anew(self):
        """Begin the draft again with the changes that were made to the published scheme."""
        self._check_as_shown()
        self.scheme_id._start_anew()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
