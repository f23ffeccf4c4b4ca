from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import format_datetime

from ..base.context import without_client_keys
from ..base.guarded import guarded


class GradingScheme(models.Model):
    """The draft of a scheme: changed and tried while the scheme goes on grading, then published, or discarded.

    A scheme has one draft at a time, for all who change it. A draft without a scheme that it is a draft of is a new
    scheme.
    """

    _inherit = "grading.scheme"

    draft_ids = fields.One2many("grading.scheme", "draft_of_id", context={"active_test": False}, readonly=True)
    base_version = fields.Integer(
        readonly=True, copy=False, help="The version of the published scheme that this draft began with."
    )
    is_outdated = fields.Boolean(compute="_compute_is_outdated", help="The scheme was changed since the draft began.")
    draft_note = fields.Char(compute="_compute_draft_note")
    silent_version = fields.Integer(
        readonly=True, copy=False, help="No play starts because customers are moved by this version of the rules."
    )
    silent_date = fields.Date(readonly=True, copy=False, help="The day on which that version was published.")

    _draft_unique = models.UniqueIndex(
        "(draft_of_id) WHERE draft_of_id IS NOT NULL", "A scheme has one draft: open that one."
    )

    @api.depends("base_version", "draft_of_id.version")
    def _compute_is_outdated(self):
        for scheme in self:
            scheme.is_outdated = bool(scheme.draft_of_id) and scheme.base_version != scheme.draft_of_id.version

    @api.depends("is_draft", "draft_ids", "write_date", "criterion_ids.write_date", "threshold_ids.write_date")
    @api.depends_context("lang", "tz")
    def _compute_draft_note(self):
        """By which user the draft was last changed, and when: on the draft, and on the scheme that it is a draft of."""
        for scheme in self:
            draft = (scheme if scheme.is_draft else scheme.draft_ids[:1]).sudo()  # not all may read its criteria
            scheme.draft_note = draft._last_change_note() if draft else False

    def _last_change_note(self):
        parts = [
            part
            for part in (self, *self.criterion_ids, *self.criterion_ids.band_ids, *self.threshold_ids)
            if part.write_date
        ]
        if not parts:
            return False
        last = max(parts, key=lambda part: part.write_date)
        return self.env._(
            "Last changed by %(user)s, %(when)s.",
            user=last.write_uid.name or self.env._("a deleted user"),
            when=format_datetime(self.env, last.write_date),
        )

    # ------------------------------------------------------------
    # Drafts
    # ------------------------------------------------------------

    def write(self, vals):
        if "company_id" in vals:
            self._check_company_of_draft(vals["company_id"])
        res = super().write(vals)
        if "company_id" in vals:
            for scheme in self.filtered("draft_ids"):
                scheme.draft_ids.write({"company_id": scheme.company_id.id})
        return res

    def _check_company_of_draft(self, company_id):
        """The company is not part of what a draft brings to its scheme: it is changed there, and the draft follows.

        :raise UserError: it is another one than the scheme's
        """
        for draft in self:
            if draft.draft_of_id and (company_id or False) != draft.draft_of_id.company_id.id:
                raise UserError(
                    self.env._(
                        "A draft is of the company of its scheme: change the company of “%s” itself.",
                        draft.draft_of_id.display_name,
                    )
                )

    def _holds_elsewhere(self, company):
        """Whether the scheme also holds in other companies than this one that have graded customers or leads."""
        self.ensure_one()
        return not self.company_id and bool(self._companies_besides(company))

    @api.model
    def _companies_besides(self, company):
        """The companies other than this one that have graded customers or leads."""
        rows = self.env["grading.profile"].sudo()._read_group([("company_id", "!=", company.id)], ["company_id"])
        return self.env["res.company"].union(*(other for [other] in rows))

    def _draft(self):
        """The draft of this published or archived scheme; a new one, equal to it, if there is none.

        :rtype: grading.scheme
        """
        self.ensure_one()
        self.check_access("write")
        self._check_shared()
        if self.is_draft:
            return self
        # Two users at once: the second one waits, then collides, and is tried again by Odoo.
        self.env.execute_query(SQL("SELECT id FROM grading_scheme WHERE id = %s FOR NO KEY UPDATE", self.id))
        if draft := self.draft_ids[:1]:
            return draft
        values = {"active": False, "is_draft": True, "draft_of_id": self.id, "base_version": self.version}
        draft = without_client_keys(self).copy(values).with_env(self.env)
        draft._write_texts(self._texts(("name", "description"))[self.id])
        return draft

    @guarded(one=True)
    def action_edit_as_draft(self):
        """Open the draft of the scheme; it is made if there is none."""
        return self._draft()._open_form()

    def _check_draft(self):
        """
        :raise UserError: the scheme is no draft, or is gone
        """
        self.ensure_one()
        if not self.exists():
            raise UserError(self._gone_message())
        self.check_access("write")
        if not self.is_draft:
            raise UserError(self.env._("“%s” is no draft: choose “Edit as Draft” first.", self.name))

    @api.model
    def _gone_message(self):
        """What a user reads who still looks at a draft that is gone."""
        return self.env._(
            "The draft is gone: it was published or discarded meanwhile. Close this window and reload the page."
        )

    @guarded(one=True, gone=True)
    def action_discard(self):
        """Delete the draft; the published scheme stays as it is."""
        self._check_draft()
        base = self.draft_of_id
        self.unlink()
        if base:
            return base._open_form()
        return self.env["ir.actions.act_window"]._for_xml_id("customer_grading.grading_scheme_action")

    def _start_anew(self):
        """Begin the draft again with the present content of its scheme; what it was is kept among the versions."""
        self._check_draft()
        base = self.draft_of_id
        if not base:
            raise UserError(self.env._("“%s” is a new scheme: there is nothing to start anew from.", self.name))
        base._keep_draft(self, self.env._("Draft before it was started anew"))
        self._apply_content(base._content())
        self.write({"base_version": base.version, "is_offer": False})

    def _keep_draft(self, draft, note):
        """Keep what a draft consists of, before it is changed to something else; the ``note`` says to what."""
        self.env["grading.scheme.version"].sudo().create(
            {
                "scheme_id": self.id,
                "kind": "draft",
                "version": draft.base_version,
                "user_id": self.env.uid,
                "content": draft._content(),
                "note": note,
            }
        )

    # ------------------------------------------------------------
    # Publishing
    # ------------------------------------------------------------

    @guarded(one=True, gone=True)
    def action_publish(self):
        """Ask what is to be known before the draft is published."""
        self._check_draft()
        self._check_publishable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Publish"),
            "res_model": "grading.scheme.publish",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_scheme_id": self.id},
        }

    def _check_publishable(self):
        if problem := self._incomplete():
            raise UserError(problem)
        self._check_usable()

    def _publish(self, note=None, starts_plays=False):
        """Put the draft in force: its content becomes that of its scheme, which keeps its record and history; a new
        scheme becomes a published one itself. The customers are still to be rescored.

        :param str note: what the version is about
        :param bool starts_plays: customers who are moved by it start plays, as if they had moved themselves
        :return: the published scheme
        :rtype: grading.scheme
        """
        self._check_draft()
        self._check_publishable()
        self.env["grading.scheme"]._close_versions()
        scheme, tried = self.draft_of_id or self, self.version
        tests = self.env["grading.backtest"]._of_schemes(self)
        if scheme != self:
            scheme._apply_content(self._content())
            scheme.active = True
        else:
            scheme.write({"is_draft": False, "active": True})
        tests._pass_on(self, scheme, tried)
        if scheme != self:
            self.unlink()
        scheme._note_version(note)
        if starts_plays:
            scheme.sudo().write({"silent_version": False, "silent_date": False})
        else:
            scheme._silence()
        return scheme

    def _silence(self):
        """No play starts because the present versions of these schemes move customers or leads: they were published, or
        came with an update of the module."""
        for scheme in self.sudo():
            scheme.write({"silent_version": scheme.version, "silent_date": self.env.company._grading_today()})

    def _rescore_after_publishing(self):
        """Rescore the scheme's company, or of a shared one the current company, as a button does, and the others that
        grade customers in the background.

        :return: the action that tells the user
        """
        Run = without_client_keys(self.with_company(self.company_id).env["grading.run"].sudo())
        if not self.company_id and (companies := self._companies_besides(self.env.company)):
            Run._start(companies)
        return Run._rescore_by_button()
