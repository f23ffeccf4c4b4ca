from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.context import ByServer
from ..base.grading_input_mixin import CHAR_LIMIT

# The two sides of a back-test: the field of its scheme, of what is noted of it, and of whether that is gone.
SIDES = {
    "own": ("scheme_id", "own_note", "is_own_gone"),
    "other": ("other_scheme_id", "other_note", "is_other_gone"),
}


class GradingBacktest(models.Model):
    """By which rules, in which version, the figures were found: they stay evidence when the rules change, when a draft
    is published, and when a scheme is deleted."""

    _inherit = "grading.backtest"
    _server_fields = (
        *("run_id", "line_ids", "total_ids", "grade_line_ids", "tenth_line_ids"),
        *("scheme_versions", "own_note", "other_note", "is_own_gone", "is_other_gone"),
    )

    scheme_versions = fields.Json(
        readonly=True, copy=False, help="By which versions it was worked out: {side: {scheme id: version}}."
    )
    own_note = fields.Char(string="Judged by", readonly=True, copy=False)
    other_note = fields.Char(string="Compared with", readonly=True, copy=False)
    is_own_gone = fields.Boolean(
        string="Rules Gone", readonly=True, copy=False, help="The scheme is not there any more as it was tested."
    )
    is_other_gone = fields.Boolean(
        string="Compared Rules Gone",
        readonly=True,
        copy=False,
        help="The scheme compared with is not there any more as it was tested.",
    )
    is_outdated = fields.Boolean(compute="_compute_is_outdated", help="The rules were changed since.")
    rules_name = fields.Char(string="Tested Rules", compute="_compute_rules_names")
    other_name = fields.Char(string="Tested Beside", compute="_compute_rules_names")

    @api.depends("scheme_versions", "scheme_id.version", "other_scheme_id.version")
    def _compute_is_outdated(self):
        for test in self:
            made = test.scheme_versions or {}
            test.is_outdated = bool(made) and any(
                made.get(side, now) != now for side, now in test._versions_now().items()
            )

    @api.depends("scheme_id", "other_scheme_id", "own_note", "other_note", "is_own_gone", "is_other_gone")
    def _compute_rules_names(self):
        for test in self:
            test.rules_name = test._name_of("own") or self.env._("Rules in use")
            test.other_name = test._name_of("other")

    def _name_of(self, side):
        """What was tested on a side, by the name that it has now, or had; False where no scheme was named."""
        scheme, note, is_gone = (self[name] for name in SIDES[side])
        return note if is_gone else scheme.display_name

    def _schemes_in_use(self):
        """Those that grade, where no scheme is named."""
        in_use = [
            ("subject", "=", self.subject),
            ("company_id", "in", (False, self.company_id.id)),
            ("is_secondary", "=", False),
        ]
        return self.env["grading.scheme"].sudo().search(in_use)

    def _schemes_of(self, side):
        """The schemes that judge on a side; none where that is gone."""
        scheme, _note, is_gone = (self[name] for name in SIDES[side])
        if scheme or is_gone or side == "other":
            return scheme.sudo()
        return self._schemes_in_use()

    def _versions_now(self):
        """``{side: {scheme id: version}}`` of the sides that are not gone."""
        return {
            side: {str(scheme.id): scheme.version for scheme in self._schemes_of(side)}
            for side, (_scheme, _note, is_gone) in SIDES.items()
            if not self[is_gone]
        }

    # ------------------------------------------------------------
    # What is noted
    # ------------------------------------------------------------

    def _write_kept(self, vals):
        """Write what changes no figure, although the record of the rules is another one: the figures stay."""
        self.with_context(grading_keeps_figures=ByServer.YES).write(vals)

    def _in_words(self, scheme):
        """A scheme with its version."""
        if scheme.is_draft:
            return self.env._("%s, draft", scheme.display_name)
        return self.env._("%(scheme)s, version %(version)s", scheme=scheme.display_name, version=scheme.version)

    def _note_rules(self):
        """Note by which rules the figures are worked out, before they are."""
        notes = {
            note: ", ".join(map(self._in_words, self._schemes_of(side)))[:CHAR_LIMIT]
            for side, (_scheme, note, _gone) in SIDES.items()
        }
        self.sudo()._write_kept({**notes, "scheme_versions": self._versions_now()})

    def _forget(self):
        result = super()._forget()
        self.sudo()._write_kept(
            {"scheme_versions": False, **{name: False for _scheme, *names in SIDES.values() for name in names}}
        )
        return result

    # ------------------------------------------------------------
    # Schemes that go
    # ------------------------------------------------------------

    @api.model
    def _of_schemes(self, schemes):
        """The back-tests that are about some of the schemes."""
        tests = self.env["grading.backtest"].sudo()
        return tests.search(["|", ("scheme_id", "in", schemes.ids), ("other_scheme_id", "in", schemes.ids)])

    def _lose(self, side):
        """The values that are left on a side whose scheme goes: its name stays."""
        scheme, note, is_gone = SIDES[side]
        return {scheme: False, note: self[note] or self._in_words(self[scheme]), is_gone: True}

    def _keep_without(self, schemes):
        """Keep these back-tests although the ``schemes`` are about to be deleted."""
        self._let_go(schemes)
        for test in self:
            vals = {}
            for side, (name, _note, _gone) in SIDES.items():
                if test[name] in schemes:
                    vals |= test._lose(side)
            test._write_kept(vals)

    def _pass_on(self, draft, scheme, tried):
        """These back-tests of a draft become some of the scheme that it has been published as; what they compared it
        with, where that was the scheme as it was before, stays as a name.

        :param int tried: the version of the draft that was published
        """
        self._let_go(draft)
        for test in self:
            versions, vals = {**(test.scheme_versions or {})}, {}
            for side, (name, note, _gone) in SIDES.items():
                if test[name] == draft:
                    is_current = versions.get(side) == {str(draft.id): tried}
                    vals |= {name: scheme.id, note: test._words_of_published(scheme, is_current)}
                    versions[side] = {str(scheme.id): scheme.version if is_current else 0}
                elif test[name] == scheme:
                    vals |= test._lose(side)
                    versions.pop(side, None)
            test._write_kept({**vals, "scheme_versions": versions if test.scheme_versions else False})
        self.line_ids.filtered(lambda line: line.scheme_id == draft).scheme_id = scheme

    def _words_of_published(self, scheme, is_current):
        if is_current:
            return self._in_words(scheme)
        return self.env._(
            "%(scheme)s, a draft before version %(version)s", scheme=scheme.display_name, version=scheme.version
        )

    def _let_go(self, schemes):
        """The runs of these back-tests do not go on with other rules, and do not go with the ``schemes``."""
        runs = self.run_id
        runs.filtered(lambda run: run.state == "running").state = "stopped"
        runs.filtered(lambda run: run.trial_scheme_id in schemes).trial_scheme_id = False

    def _check_rules_there(self):
        """
        :raise UserError: the scheme that is tested is gone
        """
        if self.is_own_gone:
            raise UserError(
                self.env._(
                    "The rules of this back-test, “%s”, are gone: its figures stay as they are. Create another "
                    "back-test.",
                    self.own_note,
                )
            )
