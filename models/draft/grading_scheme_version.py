from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.fields import MANAGERS
from ..base.guarded import guarded

# Where the cursor notes the schemes whose present content is to be kept when the transaction ends: {id: user's id}.
NOTED = "customer_grading.noted_versions"


class GradingSchemeVersion(models.Model):
    """The content of a scheme in one of its versions: by which user, when, and what was changed.

    The present version has its row, too. Rows are written by the server alone, one for each transaction that changes
    what decides a score or a grade, and never edited. A draft that was started anew is kept as well, as a *draft*.
    """

    _name = "grading.scheme.version"
    _description = "Version of a Scheme"
    _order = "date desc, id desc"
    _rec_name = "version"

    scheme_id = fields.Many2one("grading.scheme", required=True, ondelete="cascade", index=True, readonly=True)
    kind = fields.Selection(
        [("version", "Version"), ("draft", "Former draft")], default="version", required=True, readonly=True
    )
    version = fields.Integer(required=True, readonly=True, aggregator=None)
    date = fields.Datetime(default=fields.Datetime.now, required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="By", ondelete="set null", readonly=True)
    note = fields.Char(readonly=True)
    content = fields.Json(required=True, readonly=True, help="What the scheme consisted of, see grading.scheme.")
    is_present = fields.Boolean(string="In Force", compute="_compute_is_present")
    change_text = fields.Text(string="Changes", compute="_compute_change_text")

    _version_unique = models.UniqueIndex(
        "(scheme_id, version) WHERE kind = 'version'", "A version of a scheme is kept once."
    )

    @api.depends("scheme_id.version", "version", "kind")
    def _compute_is_present(self):
        for version in self:
            version.is_present = version.kind == "version" and version.version == version.scheme_id.version

    @api.depends("version", "kind", "date")
    def _compute_display_name(self):
        for version in self:
            if version.kind == "draft":
                version.display_name = self.env._("Former draft, %s", fields.Date.to_string(version.date))
            else:
                version.display_name = self.env._("Version %s", version.version)

    @api.depends("content")
    @api.depends_context("lang")
    def _compute_change_text(self):
        """What differs from the version before, in words."""
        for version in self:
            before = self.search(
                [("scheme_id", "=", version.scheme_id.id), ("kind", "=", "version"), ("version", "<", version.version)],
                order="version desc",
                limit=1,
            )
            rows = version.scheme_id._compare_contents(before.content, version.content) if before else []
            version.change_text = version.scheme_id._differences_text(rows)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @guarded(one=True)
    def action_compare(self):
        """Compare this version with the present content."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare Versions"),
            "res_model": "grading.scheme.compare",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_scheme_id": self.scheme_id.id, "default_left_id": self.id},
        }

    @guarded(one=True)
    def action_put_back(self):
        """Make this content the present one, as a new version; that of a former draft becomes the draft, and what was
        the draft is kept in its turn.

        Customers are rescored by the user, as after any other small change; but that moves them back starts no play.
        """
        scheme = self.scheme_id
        scheme.check_access("write")
        if self.is_present:
            raise UserError(self.env._("Version %s is in force already: there is nothing to put back.", self.version))
        if self.kind == "draft":
            draft = scheme._draft()
            if draft._content() != self.content:
                scheme._keep_draft(draft, self.env._("Draft before a former one was put back"))
                draft._apply_content(self.content)
            draft.write({"base_version": self.version, "is_offer": False})
            return draft._open_form()
        self.env["grading.scheme"]._close_versions()
        scheme._apply_content(self.content)
        scheme._note_version(self.env._("Version %s put back", self.version))
        scheme._silence()
        return scheme._open_form()


class GradingScheme(models.Model):
    """Whatever changes what decides a result is kept as a version of its own when the transaction ends."""

    _inherit = "grading.scheme"

    version_ids = fields.One2many(
        "grading.scheme.version", "scheme_id", string="Versions", readonly=True, groups=MANAGERS
    )

    @api.model_create_multi
    def create(self, vals_list):
        schemes = super().create(vals_list)
        schemes._note_version()
        return schemes

    def _raise_version(self):
        result = super()._raise_version()
        self._note_version()
        return result

    def _note_version(self, note=None):
        """Have the present content kept when the transaction ends; of drafts, once they are published.

        :param str note: what is to be said of it
        """
        precommit = self.env.cr.precommit
        if NOTED not in precommit.data:
            precommit.data[NOTED] = {}
            precommit.add(self.env["grading.scheme"].sudo()._keep_versions)
        for scheme in self:
            former = precommit.data[NOTED].get(scheme.id, {})
            precommit.data[NOTED][scheme.id] = {"user_id": self.env.uid, "note": note or former.get("note")}

    @api.model
    def _keep_versions(self):
        """Keep the content of the schemes that were noted."""
        noted = self.env.cr.precommit.data.pop(NOTED, {})
        schemes = self.sudo().browse(noted).exists().filtered(lambda scheme: not scheme.is_draft)
        for scheme in schemes:
            scheme._keep_version(noted[scheme.id])
        if schemes:
            self.env.flush_all()

    def _keep_version(self, values):
        """Keep the present content, or bring what is kept of this version up to date.

        :param dict values: of the version, such as the user and the note
        """
        kept = self.version_ids.filtered(lambda row: row.kind == "version" and row.version == self.version)
        content = self._content()
        if not kept:
            self.version_ids.create({"scheme_id": self.id, "version": self.version, "content": content, **values})
        elif kept.content != content or values.get("note"):
            kept.write({"content": content, **{name: value for name, value in values.items() if value}})

    @api.model
    def _close_versions(self):
        self._keep_versions()
        return super()._close_versions()

    @guarded(one=True)
    def action_view_versions(self):
        """Show the versions of the scheme."""
        self.env["grading.scheme.version"].check_access("read")
        self._keep_versions()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_scheme_version_action")
        return {**action, "domain": [("scheme_id", "=", self.id)], "context": {}}

    def _open_form(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }
